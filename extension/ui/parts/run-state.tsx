// How a run stands, in a word.

import type { RunState } from '../../../shared/analysis.ts'
import { analysisWords } from '../../words/analysis.ts'
import { Chip } from '../kit/chip.tsx'

export function StateChip({ state }: { state: RunState }) {
  const tone = state === 'failed' ? 'danger' : state === 'running' ? 'accent' : 'plain'
  return <Chip tone={tone}>{analysisWords.runs.states[state]}</Chip>
}

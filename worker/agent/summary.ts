// A session in a few lines, in its own words: what the customer wanted and where it stands.

import type { SessionState, ShownMessage } from '../../shared/session.ts'
import { brief, wordsOf } from './text.ts'

const longestQuote = 240

/** For an operator who takes over, and for whoever reads the session later. Notes are left out. */
export function summarise(state: SessionState): string {
  const messages = state.entries.flatMap((entry) =>
    entry.kind === 'message' && !entry.message.deleted && entry.message.text.trim() !== ''
      ? [entry.message]
      : [],
  )
  const theirs = messages.filter(({ author }) => author.kind === 'customer')
  const wanted = theirs.find(({ text }) => wordsOf(text).length > 3) ?? theirs[0]
  const last = theirs.at(-1)
  const ours = messages.findLast(({ author }) => author.kind !== 'customer')
  const results = Object.entries(state.results).map(([name, value]) => `${name}: ${value}`)
  return [
    wanted && `The customer wrote: «${quoted(wanted)}»`,
    last && last !== wanted && `Last from the customer: «${quoted(last)}»`,
    ours && `Last answer, by ${nameOf(ours)}: «${quoted(ours)}»`,
    results.length > 0 && `Collected: ${brief(results.join(', '), longestQuote)}`,
    state.handover &&
      `Handed over: ${brief(state.handover.reason, longestQuote) || state.handover.cause}`,
  ]
    .filter((line) => typeof line === 'string')
    .join('\n')
}

function quoted({ text }: ShownMessage): string {
  return brief(text, longestQuote)
}

function nameOf({ author }: ShownMessage): string {
  if (author.kind === 'operator') return author.person.name
  return author.kind === 'agent' ? author.name : 'the customer'
}

// The history of a record: every change with its source, and the merges it has come from.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $merges, closeMerges, loadMerges, undoMerge } from '../../core/merging.ts'
import {
  $history,
  closeHistory,
  loadHistory,
  olderHistory,
  revertChange,
} from '../../core/record.ts'
import { $may } from '../../core/sign-in.ts'
import { $times } from '../../core/time.ts'
import type { MergeRow } from '../../../shared/merge.ts'
import type { HistoryRow } from '../../../shared/record.ts'
import { recordWords } from '../../words/record.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { harmless } from '../kit/harmless.ts'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import './history-dialog.css'

export function HistoryDialog({ onClose }: { onClose: () => void }) {
  const history = useStore($history)
  const merges = useStore($merges).value ?? []
  const [trouble, setTrouble] = useState<string>()

  useEffect(() => {
    void loadHistory()
    void loadMerges()
    return () => {
      closeHistory()
      closeMerges()
    }
  }, [])

  const { value, state, sentence } = history
  return (
    <Dialog title={recordWords.historyTitle} closeLabel={words.close} onClose={onClose}>
      {trouble && <Trouble text={trouble} />}
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadHistory()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {merges.length > 0 && (
        <ul role="list" class="history" aria-label={recordWords.merges}>
          {merges.map((one) => (
            <MergeView key={one.id} merge={one} />
          ))}
        </ul>
      )}
      {!value && state === 'loading' && <Skeleton label={words.loading} count={3} />}
      {value?.rows.length === 0 && merges.length === 0 && <Empty text={recordWords.historyEmpty} />}
      <ul role="list" class="history">
        {value?.rows.map((one) => (
          <ChangeView key={one.id} change={one} trouble={setTrouble} />
        ))}
      </ul>
      {value?.more && <Button onClick={() => void olderHistory()}>{recordWords.more}</Button>}
    </Dialog>
  )
}

interface ChangeProps {
  readonly change: HistoryRow
  readonly trouble: (sentence: string | undefined) => void
}

function ChangeView({ change, trouble }: ChangeProps) {
  const times = useStore($times)
  const can = useStore($may('customers.edit'))
  const [busy, setBusy] = useState(false)
  const { id, title, value, before, source, operator, at } = change

  async function revert(): Promise<void> {
    setBusy(true)
    trouble(await revertChange(id))
    setBusy(false)
  }

  return (
    <li>
      <div class="spread">
        <strong>{title}</strong> {before !== '' && <del>{harmless(before)}</del>}{' '}
        {value === '' ? <span class="dim">{recordWords.cleared}</span> : harmless(value)}
        <p class="small-text dim">
          {recordWords.by(operator?.name ?? words.profile.sources[source], times.marker(at))}
        </p>
      </div>
      <Button small reason={can.reason} busy={busy} onClick={() => void revert()}>
        {recordWords.revert}
      </Button>
    </li>
  )
}

function MergeView({ merge }: { merge: MergeRow }) {
  const times = useStore($times)
  const can = useStore($may('customers.merge'))
  const { id, merged, at, undoneAt, blockedBy } = merge

  return (
    <li>
      <div class="spread">
        <strong>{recordWords.mergedFrom(harmless(merged.name))}</strong>
        <p class="small-text dim">{times.marker(at)}</p>
      </div>
      {undoneAt === null ? (
        <Button
          small
          reason={can.reason ?? (blockedBy ? recordWords.blocked : undefined)}
          onClick={() => void undoMerge(id)}
        >
          {recordWords.undo}
        </Button>
      ) : (
        <Chip>{recordWords.undone}</Chip>
      )}
    </li>
  )
}

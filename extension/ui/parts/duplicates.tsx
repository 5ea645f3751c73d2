// Possible duplicates: looked at, merged after a preview, or said not to be the same.

import { useStore } from '@nanostores/preact'
import { useState } from 'preact/hooks'

import { $merging, dismissDuplicate, previewMerge } from '../../core/merging.ts'
import { go, hrefOf } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import { identityTitles, type PossibleDuplicate } from '../../../shared/customer.ts'
import { recordWords } from '../../words/record.ts'
import { words } from '../../words.ts'
import { Button, ButtonLink } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { inPlace } from '../kit/in-place.ts'
import { lazy } from '../kit/lazy.tsx'
import { Trouble } from '../kit/states.tsx'

const MergeDialog = lazy(async () => (await import('./merge-dialog.tsx')).MergeDialog, {
  loading: words.loading,
  failed: words.somethingBroke,
  retry: words.retry,
})

/** Records that may be the same person, and why they are two (F057). */
export function PossibleDuplicates({ duplicates }: { duplicates: readonly PossibleDuplicate[] }) {
  const merging = useStore($merging)
  const [trouble, setTrouble] = useState<string>()
  if (duplicates.length === 0) return merging ? <MergeDialog /> : null

  return (
    <section class="duplicates" aria-label={words.profile.duplicates}>
      <header class="row">
        <Icon name="people" small />
        <h2 class="spread">{words.profile.duplicates}</h2>
        <Chip tone="note" icon="question" hint={words.profile.duplicatesHelp}>
          {words.profile.why}
        </Chip>
      </header>
      {trouble && <Trouble text={trouble} />}
      <ul role="list">
        {duplicates.map((one) => (
          <Pair key={one.customer.id + one.kind + one.value} pair={one} trouble={setTrouble} />
        ))}
      </ul>
      {merging && <MergeDialog />}
    </section>
  )
}

interface PairProps {
  readonly pair: PossibleDuplicate
  readonly trouble: (sentence: string | undefined) => void
}

function Pair({ pair, trouble }: PairProps) {
  const { customer, kind, value } = pair
  const can = useStore($may('customers.merge'))
  const [busy, setBusy] = useState(false)
  const place = { name: 'customer', customerId: customer.id, tab: 'summary' } as const

  async function dismiss(): Promise<void> {
    setBusy(true)
    trouble(await dismissDuplicate(customer.id))
    setBusy(false)
  }

  return (
    <li class="row">
      <span class="spread">
        <strong>{harmless(customer.name)}</strong>{' '}
        <span class="dim">{words.profile.shares(identityTitles[kind], harmless(value))}</span>
      </span>
      <span class="row">
        <Button small reason={can.reason} onClick={() => void previewMerge(customer.id)}>
          {recordWords.duplicates.merge}
        </Button>
        <Button small kind="ghost" reason={can.reason} busy={busy} onClick={() => void dismiss()}>
          {recordWords.duplicates.dismiss}
        </Button>
        <ButtonLink small kind="ghost" href={hrefOf(place)} onClick={inPlace(() => go(place))}>
          {words.open}
        </ButtonLink>
      </span>
    </li>
  )
}

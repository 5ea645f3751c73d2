// What merging two records would give, field by field, before it is done.

import { useStore } from '@nanostores/preact'

import { $merging, chooseSide, closeMerge, merge, type Merging } from '../../core/merging.ts'
import { $times } from '../../core/time.ts'
import { identityTitles } from '../../../shared/customer.ts'
import type { MergeField, MergePreview, MergeSide } from '../../../shared/merge.ts'
import { recordWords } from '../../words/record.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { Dialog } from '../kit/dialog.tsx'
import '../kit/field.css'
import { harmless } from '../kit/harmless.ts'
import { Trouble } from '../kit/states.tsx'
import './merge-dialog.css'

const { duplicates: says } = recordWords

export function MergeDialog() {
  const merging = useStore($merging)
  if (!merging) return null
  const { preview, sentence, busy } = merging

  return (
    <Dialog kind="wide" title={says.title} closeLabel={words.cancel} onClose={closeMerge}>
      {preview.state === 'loading' && <p role="status">{says.loading}</p>}
      {preview.state === 'failed' && <Trouble text={preview.sentence ?? words.somethingBroke} />}
      {preview.value && <Preview merging={merging} preview={preview.value} />}
      {sentence && <Trouble text={sentence} />}
      <div class="dialog-actions">
        <Button onClick={closeMerge}>{words.cancel}</Button>
        <Button
          kind="primary"
          busy={busy}
          reason={reasonOf(preview.value)}
          onClick={() => void merge()}
        >
          {says.action}
        </Button>
      </div>
    </Dialog>
  )
}

function reasonOf(preview: MergePreview | undefined): string | undefined {
  if (!preview) return says.loading
  return preview.refusal === null ? undefined : says.refused[preview.refusal]
}

function Preview({ merging, preview }: { merging: Merging; preview: MergePreview }) {
  const { survivor, merged, identities, fields, sharedCampaigns, refusal } = preview

  return (
    <>
      {refusal && <Trouble text={says.refused[refusal]} />}
      <p>{says.lead(harmless(survivor.name))}</p>
      <div class="merge-table" role="table" aria-label={says.title}>
        <div class="merge-row head" role="row">
          <span role="columnheader">{says.field}</span>
          <Side title={says.older} side={survivor} />
          <Side title={says.younger} side={merged} />
        </div>
        {fields.map((field) => (
          <FieldRow key={field.field} field={field} choice={merging.choices[field.field]} />
        ))}
      </div>
      {identities.length > 0 && (
        <section>
          <h3>{says.addresses}</h3>
          <ul role="list" class="merge-addresses">
            {identities.map(({ kind, value }) => (
              <li key={kind + value}>
                <Chip>
                  {identityTitles[kind]}: {harmless(value)}
                </Chip>
              </li>
            ))}
          </ul>
        </section>
      )}
      {sharedCampaigns.length > 0 && (
        <p class="small-text dim">{says.shared(sharedCampaigns.map(({ name }) => name))}</p>
      )}
    </>
  )
}

function Side({ title, side }: { title: string; side: MergePreview['survivor'] }) {
  const times = useStore($times)
  const { name, createdAt, sessions, campaigns } = side

  return (
    <span role="columnheader">
      {harmless(name)}
      <span class="merge-side">
        {title} · {times.date(createdAt)} · {says.sessions(sessions)} · {says.campaigns(campaigns)}
      </span>
    </span>
  )
}

function FieldRow({ field, choice }: { field: MergeField; choice: MergeSide | undefined }) {
  const { title, conflict, reason } = field
  const winner = choice ?? field.winner

  return (
    <div class="merge-row" role="row">
      <span role="rowheader">
        {title}
        <span class="merge-side">{says.why[choice ? 'chosen' : reason]}</span>
      </span>
      {(['survivor', 'merged'] as const).map((side) => {
        const value = field[side]
        return (
          <span
            key={side}
            role="cell"
            class={value && winner === side ? 'merge-value wins' : 'merge-value'}
          >
            {conflict && value ? (
              <label class="check">
                <input
                  type="radio"
                  name={`merge-${field.field}`}
                  checked={winner === side}
                  onChange={() => chooseSide(field.field, side)}
                />
                <span>{harmless(value.value)}</span>
              </label>
            ) : (
              harmless(value?.value ?? '')
            )}
            {value && !value.verified && <Chip tone="note">{says.unverified}</Chip>}
          </span>
        )
      })}
    </div>
  )
}

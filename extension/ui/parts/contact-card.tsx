// The Contact info card: what is known, where it comes from, and everything that changes it.

import { useStore } from '@nanostores/preact'
import { useState } from 'preact/hooks'

import {
  $form,
  answerSuggestion,
  beginEditing,
  closeForm,
  confirmValue,
} from '../../core/record.ts'
import { go, hrefOf } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import { $times } from '../../core/time.ts'
import type { CustomerProfile, FieldValue, Suggestion } from '../../../shared/customer.ts'
import { recordWords } from '../../words/record.ts'

import { words } from '../../words.ts'
import { Button, ButtonLink } from '../kit/button.tsx'
import { Card, Term, Terms } from '../kit/card.tsx'
import { Chip } from '../kit/chip.tsx'
import { CopyButton } from '../kit/copy-button.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { inPlace } from '../kit/in-place.ts'
import { lazy } from '../kit/lazy.tsx'
import { Menu } from '../kit/menu.tsx'
import { Trouble } from '../kit/states.tsx'
import { valueText } from './value-text.ts'

const lazyWords = { loading: words.loading, failed: words.somethingBroke, retry: words.retry }
const ContactForm = lazy(async () => (await import('./contact-form.tsx')).ContactForm, lazyWords)
const HistoryDialog = lazy(
  async () => (await import('./history-dialog.tsx')).HistoryDialog,
  lazyWords,
)
const DeleteDialog = lazy(async () => (await import('./delete-dialog.tsx')).DeleteDialog, lazyWords)

export function ContactInfo({ profile }: { profile: CustomerProfile }) {
  const { fields, anonymous, suggestions, id } = profile
  const form = useStore($form)
  const can = useStore($may('customers.edit'))
  const [dialog, setDialog] = useState<'history' | 'delete'>()
  const [trouble, setTrouble] = useState<string>()
  const isEditing = form?.of === id

  return (
    <Card
      title={words.profile.contactInfo}
      aside={
        !isEditing && (
          <>
            <Button small icon="edit" reason={can.reason} onClick={beginEditing}>
              {recordWords.edit}
            </Button>
            <More open={setDialog} />
          </>
        )
      }
    >
      {trouble && <Trouble text={trouble} />}
      {isEditing ? (
        <div class="card-form">
          <ContactForm action={recordWords.save} onDone={closeForm} onCancel={closeForm} />
        </div>
      ) : (
        <>
          {anonymous && <p class="card-note">{words.profile.noContactInfo}</p>}
          <Terms>
            {fields
              .filter(({ value }) => value !== '')
              .map((field) => (
                <FieldView key={field.field + field.value} field={field} trouble={setTrouble} />
              ))}
          </Terms>
          <Suggestions suggestions={suggestions} trouble={setTrouble} />
        </>
      )}
      {dialog === 'history' && <HistoryDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'delete' && <DeleteDialog onClose={() => setDialog(undefined)} />}
    </Card>
  )
}

function More({ open }: { open: (dialog: 'history' | 'delete') => void }) {
  const { reason } = useStore($may('customers.delete'))

  return (
    <Menu
      small
      label={recordWords.moreActions}
      items={[
        { title: recordWords.history, icon: 'history', onSelect: () => open('history') },
        { title: recordWords.delete, icon: 'trash', reason, onSelect: () => open('delete') },
      ]}
    />
  )
}

interface FieldViewProps {
  readonly field: FieldValue
  readonly trouble: (sentence: string | undefined) => void
}

function FieldView({ field, trouble }: FieldViewProps) {
  const from = useOrigin(field)
  const { field: name, title, type, value, verified, pinned, neverContacted, sessionId } = field
  const place = sessionId && ({ name: 'session', sessionId } as const)

  return (
    <Term term={title} code={name === 'external_id' || name === 'visitor_id'}>
      <span class="value marked">
        <span tabIndex={0} data-hint={from}>
          {harmless(valueText(value, type))}
        </span>
        {pinned && (
          <span
            tabIndex={0}
            role="img"
            aria-label={recordWords.pinned}
            data-hint={recordWords.pinnedBy}
          >
            <Icon name="pin" small />
          </span>
        )}
        <CopyButton text={value} label={words.profile.copy(title)} done={words.copied} />
        {!verified && (
          <Chip tone="note" hint={`${words.profile.unverifiedHelp}\n${from}`}>
            {words.profile.unverified}
          </Chip>
        )}
        {neverContacted && (
          <Chip hint={recordWords.neverContactedHelp}>{recordWords.neverContacted}</Chip>
        )}
        {(!verified || neverContacted) && <ConfirmButton field={field} trouble={trouble} />}
        {!verified && place && (
          <ButtonLink
            small
            kind="ghost"
            icon="chat"
            label={recordWords.inSession}
            href={hrefOf(place)}
            onClick={inPlace(() => go(place))}
          />
        )}
      </span>
    </Term>
  )
}

function ConfirmButton({ field, trouble }: FieldViewProps) {
  const can = useStore($may('customers.edit'))
  const [busy, setBusy] = useState(false)

  async function confirm(): Promise<void> {
    setBusy(true)
    trouble(await confirmValue(field.field, field.value))
    setBusy(false)
  }

  return (
    <Button
      small
      reason={can.reason}
      hint={recordWords.confirmHelp}
      busy={busy}
      onClick={() => void confirm()}
    >
      {recordWords.confirm}
    </Button>
  )
}

interface SuggestionsProps {
  readonly suggestions: readonly Suggestion[]
  readonly trouble: (sentence: string | undefined) => void
}

/** What feeds would have written over what a person wrote. */
function Suggestions({ suggestions, trouble }: SuggestionsProps) {
  if (suggestions.length === 0) return null

  return (
    <ul role="list" class="suggestions" aria-label={recordWords.suggestions}>
      {suggestions.map((one) => (
        <SuggestionView key={one.field + one.raw} suggestion={one} trouble={trouble} />
      ))}
    </ul>
  )
}

function SuggestionView({
  suggestion,
  trouble,
}: {
  suggestion: Suggestion
  trouble: SuggestionsProps['trouble']
}) {
  const can = useStore($may('customers.edit'))
  const from = useOrigin(suggestion)
  const { field, title, value, raw } = suggestion
  const answer = async (given: 'accept' | 'dismiss') =>
    trouble(await answerSuggestion({ field, value: raw, answer: given }))

  return (
    <li class="row">
      <span class="spread" tabIndex={0} data-hint={from}>
        {recordWords.suggestion(title, harmless(value))}
      </span>
      <Button small reason={can.reason} onClick={() => void answer('accept')}>
        {recordWords.accept}
      </Button>
      <Button small kind="ghost" reason={can.reason} onClick={() => void answer('dismiss')}>
        {recordWords.dismiss}
      </Button>
    </li>
  )
}

function useOrigin({ source, at }: Pick<FieldValue, 'source' | 'at'>): string {
  const times = useStore($times)
  return words.profile.from(words.profile.sources[source], `${times.marker(at)} ${times.zone(at)}`)
}

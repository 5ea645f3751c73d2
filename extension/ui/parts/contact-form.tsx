// The form of a customer, made from the tenant's fields: to add one, and to edit one in place.

import { useStore } from '@nanostores/preact'
import { useRef } from 'preact/hooks'

import { $fields, isAddress, isEditable } from '../../core/fields.ts'
import {
  $form,
  closeForm,
  settleConflict,
  submitForm,
  valuesOf,
  writeField,
  type Form,
} from '../../core/record.ts'
import { go, hrefOf } from '../../core/route.ts'
import type { Field as FieldSpec } from '../../../shared/fields.ts'
import { recordWords } from '../../words/record.ts'
import { words } from '../../words.ts'
import { Button, ButtonLink } from '../kit/button.tsx'
import { Field, Input, Select, type Ties } from '../kit/field.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { Skeleton, Trouble } from '../kit/states.tsx'
import './contact-form.css'

export interface ContactFormProps {
  readonly action: string
  readonly onDone: () => void
  readonly onCancel: () => void
}

export function ContactForm({ action, onDone, onCancel }: ContactFormProps) {
  const form = useStore($form)
  const { value: all, state, sentence } = useStore($fields)
  const frame = useRef<HTMLFormElement>(null)

  if (!form) return null
  if (!all) {
    return state === 'failed' ? (
      <Trouble text={sentence ?? words.somethingBroke} />
    ) : (
      <Skeleton shape="profile" label={words.loading} count={5} />
    )
  }
  const fields = all.filter(isEditable)
  const whole = form.errors['']

  return (
    <form
      ref={frame}
      class="contact-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submitForm(fields).then((done) => (done ? onDone() : focusFirstError(frame.current)))
      }}
    >
      {fields.map((field) => (
        <FormField key={field.name} field={field} form={form} />
      ))}
      {whole && <Trouble text={whole} />}
      {form.of && <p class="field-help">{recordWords.pinnedHelp}</p>}
      <div class="dialog-actions">
        <Button
          onClick={() => {
            closeForm()
            onCancel()
          }}
        >
          {recordWords.cancel}
        </Button>
        <Button
          submit
          kind="primary"
          busy={form.busy}
          reason={form.theirs ? recordWords.chooseFirst : undefined}
        >
          {action}
        </Button>
      </div>
    </form>
  )
}

function focusFirstError(form: HTMLElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
}

function FormField({ field, form }: { field: FieldSpec; form: Form }) {
  const { name, title } = field
  const values = form.values[name] ?? []
  const clash = form.clash?.field === name ? form.clash : undefined
  const error = clash ? <Clash clash={clash} /> : form.errors[name]
  const lines = isAddress(name) && values.length > 1 ? values : [values[0] ?? '']
  const put = (at: number, text: string) => writeField(name, lines.with(at, text))

  return (
    <div class="form-field">
      {lines.map((text, at) => (
        <Field
          key={at}
          label={at === 0 ? title : recordWords.another(title)}
          error={at === 0 ? error : undefined}
        >
          {(ties) => (
            <span class="row">
              <Control field={field} ties={ties} text={text} put={(next) => put(at, next)} />
              {at > 0 && (
                <Button
                  small
                  kind="ghost"
                  icon="close"
                  label={recordWords.removeValue(title)}
                  onClick={() => writeField(name, lines.toSpliced(at, 1))}
                />
              )}
            </span>
          )}
        </Field>
      ))}
      {isAddress(name) && lines.every((text) => text.trim() !== '') && (
        <Button small kind="ghost" icon="plus" onClick={() => writeField(name, [...lines, ''])}>
          {recordWords.another(title)}
        </Button>
      )}
      {form.theirs?.fields.includes(name) && <Conflict field={field} form={form} />}
    </div>
  )
}

interface ControlProps {
  readonly field: FieldSpec
  readonly ties: Ties
  readonly text: string
  readonly put: (text: string) => void
}

function Control({ field, ties, text, put }: ControlProps) {
  const { type, options, name } = field
  if (type === 'boolean') {
    const choices = [
      { value: '', title: recordWords.notSet },
      { value: 'true', title: recordWords.yes },
      { value: 'false', title: recordWords.no },
    ]
    return <Select {...ties} value={text} options={choices} onSelect={put} />
  }
  if (type === 'enum') {
    // An option that was taken away since still stands where it was chosen.
    const known = options.includes(text) || text === '' ? options : [...options, text]
    const choices = known.map((value) => ({ value, title: value }))
    return (
      <Select
        {...ties}
        value={text}
        options={[{ value: '', title: recordWords.notSet }, ...choices]}
        onSelect={put}
      />
    )
  }
  const kind =
    type === 'date' ? 'date' : name === 'email' ? 'email' : name === 'phone' ? 'tel' : 'text'
  return <Input {...ties} type={kind} value={text} onText={put} />
}

function Clash({ clash }: { clash: NonNullable<Form['clash']> }) {
  const place = { name: 'customer', customerId: clash.id, tab: 'summary' } as const

  return (
    <span class="clash">
      {recordWords.clashLead}{' '}
      <ButtonLink
        small
        href={hrefOf(place)}
        onClick={inPlace(() => {
          closeForm()
          go(place)
        })}
      >
        {recordWords.clashOpen(harmless(clash.name) || words.nothing)}
      </ButtonLink>
    </span>
  )
}

/** A colleague's change beside mine. */
function Conflict({ field, form }: { field: FieldSpec; form: Form }) {
  const { name } = field
  if (!form.theirs) return null
  const theirs = valuesOf(form.theirs.profile)[name] ?? []
  const shown = (values: readonly string[]) => harmless(values.join(', ')) || recordWords.empty

  return (
    <div class="conflict" role="alert">
      <p>{recordWords.conflict}</p>
      <dl class="terms">
        <dt>{recordWords.mine}</dt>
        <dd>{shown(form.values[name] ?? [])}</dd>
        <dt>{recordWords.theirs}</dt>
        <dd>{shown(theirs)}</dd>
      </dl>
      <div class="row">
        <Button small onClick={() => settleConflict(name, 'mine')}>
          {recordWords.keepMine}
        </Button>
        <Button small onClick={() => settleConflict(name, 'theirs')}>
          {recordWords.takeTheirs}
        </Button>
      </div>
    </div>
  )
}

// One field of the settings: made, changed, or deleted with the count of what goes with it.

import { useEffect, useState } from 'preact/hooks'

import { addField, changeField, deleteField, usageOf } from '../../core/fields.ts'
import type { Field as FieldSpec, FieldType } from '../../../shared/fields.ts'
import { fold } from '../../../shared/fold.ts'
import { tableWords } from '../../words/table.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Check, Field, Input, Select } from '../kit/field.tsx'
import { Trouble } from '../kit/states.tsx'

const { settings: says } = tableWords
const namePattern = /^[a-z][a-z0-9_]{0,59}$/

interface Draft {
  readonly title: string
  readonly name: string
  readonly type: FieldType
  readonly options: string
  readonly column: boolean
}

export function FieldEditor({ field, onDone }: { field?: FieldSpec; onDone: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(field))
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const { title, name, type, options } = draft
  const listed = options
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  const wrong = wrongOf(draft, listed)
  const put = (to: Partial<Draft>) => setDraft({ ...draft, ...to })

  async function submit(): Promise<void> {
    if (wrong || busy) return
    setBusy(true)
    const own = type === 'enum' ? { options: listed } : {}
    const sentence = field
      ? await changeField(name, { title, ...(field.builtin ? {} : own) })
      : await addField({ name, title, type, column: draft.column, ...own })
    setBusy(false)
    if (sentence) setError(sentence)
    else onDone()
  }

  return (
    <form
      class="field-editor"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Field label={says.name}>
        {(ties) => (
          <Input
            {...ties}
            autofocus
            value={title}
            onText={(text) =>
              put({ title: text, ...(field ? {} : { name: nameFor(text, draft) }) })
            }
          />
        )}
      </Field>
      <Field
        label={says.fieldName}
        help={says.fieldNameHelp}
        error={name !== '' && !namePattern.test(name) ? says.fieldNameWrong : undefined}
      >
        {(ties) =>
          field ? (
            <code>{name}</code>
          ) : (
            <Input {...ties} value={name} onText={(text) => put({ name: text })} />
          )
        }
      </Field>
      <Field label={says.type}>
        {(ties) =>
          field ? (
            <span>{says.types[type]}</span>
          ) : (
            <Select
              {...ties}
              value={type}
              options={Object.entries(says.types).map(([value, text]) => ({ value, title: text }))}
              // Safe: the options are the types.
              onSelect={(value) => put({ type: value as FieldType })}
            />
          )
        }
      </Field>
      {type === 'enum' && !field?.builtin && (
        <Field label={says.options} help={says.optionsHelp}>
          {(ties) => (
            <textarea
              {...ties}
              class="control"
              value={options}
              onInput={(event) => put({ options: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      {!field && (
        <Check label={says.column} checked={draft.column} onCheck={(column) => put({ column })} />
      )}
      {error && <Trouble text={error} />}
      <div class="dialog-actions">
        <Button onClick={onDone}>{words.cancel}</Button>
        <Button submit kind="primary" busy={busy} reason={wrong}>
          {field ? says.save : says.create}
        </Button>
      </div>
    </form>
  )
}

export function DeleteField({ field, onDone }: { field: FieldSpec; onDone: () => void }) {
  const [count, setCount] = useState<number | string>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    void usageOf(field.name).then(setCount)
  }, [])

  async function remove(): Promise<void> {
    setBusy(true)
    const sentence = await deleteField(field.name)
    setBusy(false)
    if (sentence) setError(sentence)
    else onDone()
  }

  return (
    <div class="field-editor" role="group" aria-label={says.removeTitle(field.title)}>
      <h3>{says.removeTitle(field.title)}</h3>
      {count === undefined && <p role="status">{says.counting}</p>}
      {typeof count === 'number' && <p role="status">{says.removeText(count)}</p>}
      {typeof count === 'string' && <Trouble text={count} />}
      {error && <Trouble text={error} />}
      <div class="dialog-actions">
        <Button onClick={onDone}>{words.cancel}</Button>
        <Button
          kind="danger"
          busy={busy}
          reason={typeof count === 'number' ? undefined : says.counting}
          onClick={() => void remove()}
        >
          {says.remove(field.title)}
        </Button>
      </div>
    </div>
  )
}

function draftOf(field: FieldSpec | undefined): Draft {
  return {
    title: field?.title ?? '',
    name: field?.name ?? '',
    type: field?.type ?? 'text',
    options: field?.options.join('\n') ?? '',
    column: true,
  }
}

/** The Field Name follows the title until somebody writes it. */
function nameFor(title: string, { title: before, name }: Draft): string {
  return name === slug(before) ? slug(title) : name
}

function slug(title: string): string {
  return fold(title)
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '')
    .slice(0, 60)
}

function wrongOf({ title, name, type }: Draft, options: readonly string[]): string | undefined {
  if (title.trim() === '') return says.titleMissing
  if (!namePattern.test(name)) return says.fieldNameWrong
  return type === 'enum' && options.length === 0 ? says.optionsMissing : undefined
}

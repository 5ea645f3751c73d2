// One metric: made, with its id for ever, or changed.

import { useStore } from '@nanostores/preact'
import { useState } from 'preact/hooks'

import { $metrics, addMetric, changeMetric } from '../../core/analysis.ts'
import { $fields, isEditable } from '../../core/fields.ts'
import type { Metric } from '../../../shared/analysis.ts'
import type { Field as FieldSpec, FieldType } from '../../../shared/fields.ts'
import { analysisWords } from '../../words/analysis.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field, Input, Select } from '../kit/field.tsx'
import { harmless } from '../kit/harmless.ts'
import { Trouble } from '../kit/states.tsx'

const { metrics: says } = analysisWords
const idPattern = /^[a-z][a-z0-9_]{0,59}$/

interface Draft {
  readonly id: string
  readonly title: string
  readonly prompt: string
  readonly type: FieldType
  readonly options: string
}

export function MetricEditor({ metric, onClose }: { metric?: Metric; onClose: () => void }) {
  const taken = useStore($metrics).value ?? []
  const fields = (useStore($fields).value ?? []).filter(isEditable)
  const [draft, setDraft] = useState<Draft>(() => draftOf(metric))
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const { id, title, prompt } = draft
  const field = fields.find(({ name }) => name === id)
  const isTaken = !metric && taken.some((one) => one.id === id)
  const wrong = isTaken ? says.idTaken : wrongOf(draft, field)
  const put = (to: Partial<Draft>) => setDraft({ ...draft, ...to })

  async function submit(): Promise<void> {
    if (wrong || busy) return
    setBusy(true)
    const sentence = await save(draft, field, metric)
    setBusy(false)
    if (sentence) setError(sentence)
    else onClose()
  }

  return (
    <Dialog
      kind="wide"
      title={metric ? says.editTitle : says.new}
      closeLabel={words.cancel}
      onClose={onClose}
    >
      {!metric && <ChooseField draft={draft} fields={fields} put={put} />}
      <div class="run-fields">
        <IdField draft={draft} metric={metric} field={field} isTaken={isTaken} put={put} />
        <Field label={says.name}>
          {(ties) => <Input {...ties} value={title} onText={(text) => put({ title: text })} />}
        </Field>
      </div>
      <Field label={says.prompt} help={says.promptHelp}>
        {(ties) => (
          <textarea
            {...ties}
            class="control"
            maxLength={4000}
            value={prompt}
            onInput={(event) => put({ prompt: event.currentTarget.value })}
          />
        )}
      </Field>
      <TypeFields draft={draft} metric={metric} field={field} put={put} />
      {error && <Trouble text={error} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>{words.cancel}</Button>
        <Button kind="primary" busy={busy} reason={wrong} onClick={() => void submit()}>
          {metric ? says.save : says.create}
        </Button>
      </div>
    </Dialog>
  )
}

interface PartProps {
  readonly draft: Draft
  readonly metric: Metric | undefined
  readonly field: FieldSpec | undefined
  readonly put: (to: Partial<Draft>) => void
}

/** A field brings its Field Name, its title, its type. */
function ChooseField({
  draft,
  fields,
  put,
}: Pick<PartProps, 'draft' | 'put'> & { fields: readonly FieldSpec[] }) {
  const chosen = fields.find(({ name }) => name === draft.id)

  return (
    <Field label={says.field}>
      {(ties) => (
        <Select
          {...ties}
          value={chosen?.name ?? ''}
          options={[
            { value: '', title: says.noField },
            ...fields.map(({ name, title }) => ({ value: name, title: `${title} (${name})` })),
          ]}
          onSelect={(name) => {
            const next = fields.find((one) => one.name === name)
            const keepsTitle = draft.title !== '' && draft.title !== chosen?.title
            put({
              id: name,
              title: keepsTitle ? draft.title : (next?.title ?? ''),
              ...(next ? { type: next.type, options: next.options.join('\n') } : {}),
            })
          }}
        />
      )}
    </Field>
  )
}

function IdField({ draft, metric, field, isTaken, put }: PartProps & { isTaken: boolean }) {
  const { id } = draft
  const error = isTaken ? says.idTaken : id !== '' && !idPattern.test(id) ? says.idWrong : undefined

  return (
    <Field label={says.id} help={metric ? undefined : says.idHelp} error={error}>
      {(ties) => (
        <>
          {metric ? (
            <output {...ties}>
              <code>{id}</code>
            </output>
          ) : (
            <Input {...ties} value={id} onText={(text) => put({ id: text })} />
          )}
          <span role="status">
            {field && (
              <Chip tone="accent" icon="check">
                {says.feeds(harmless(field.title))}
              </Chip>
            )}
            {!field && !error && id !== '' && (
              <Chip tone="note" icon="warning">
                {says.feedsNothing}
              </Chip>
            )}
          </span>
        </>
      )}
    </Field>
  )
}

/** Of a field's metric the field says what a value is. */
function TypeFields({ draft, metric, field, put }: PartProps) {
  const { type, options } = draft
  const shown = field?.type ?? type

  return (
    <div class="run-fields">
      <Field label={says.type} help={field ? says.ofField : undefined}>
        {(ties) =>
          field || metric ? (
            <output {...ties}>{analysisWords.types[shown]}</output>
          ) : (
            <Select
              {...ties}
              value={type}
              options={Object.entries(analysisWords.types).map(([value, title]) => ({
                value,
                title,
              }))}
              // Safe: the options are the types.
              onSelect={(value) => put({ type: value as FieldType })}
            />
          )
        }
      </Field>
      {shown === 'enum' && (
        <Field label={says.options} help={field ? says.ofField : says.optionsHelp}>
          {(ties) =>
            field ? (
              <output {...ties}>{harmless(field.options.join(', '))}</output>
            ) : (
              <textarea
                {...ties}
                class="control"
                value={options}
                onInput={(event) => put({ options: event.currentTarget.value })}
              />
            )
          }
        </Field>
      )}
    </div>
  )
}

function save(
  draft: Draft,
  field: FieldSpec | undefined,
  metric: Metric | undefined,
): Promise<string | undefined> {
  const { id, title, prompt } = draft
  const type = metric?.type ?? field?.type ?? draft.type
  const options = field?.type === 'enum' ? [...field.options] : linesOf(draft.options)
  const body = {
    title: title.trim(),
    prompt: prompt.trim(),
    ...(type === 'enum' && options.length > 0 ? { options } : {}),
  }
  return metric ? changeMetric(id, body) : addMetric({ id, type, ...body })
}

function draftOf(metric: Metric | undefined): Draft {
  return {
    id: metric?.id ?? '',
    title: metric?.title ?? '',
    prompt: metric?.prompt ?? '',
    type: metric?.type ?? 'text',
    options: metric?.options.join('\n') ?? '',
  }
}

function wrongOf(
  { id, title, prompt, type, options }: Draft,
  field: FieldSpec | undefined,
): string | undefined {
  if (!idPattern.test(id)) return says.idWrong
  if (title.trim() === '') return says.nameMissing
  if (prompt.trim() === '') return says.promptMissing
  const needsOptions = (field?.type ?? type) === 'enum'
  const given = field ? field.options : linesOf(options)
  return needsOptions && given.length === 0 ? says.optionsMissing : undefined
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

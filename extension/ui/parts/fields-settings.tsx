// Fields settings: which fields there are, which are columns, in what order.

import { useStore } from '@nanostores/preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { $fields, changeField, loadFields, moveField } from '../../core/fields.ts'
import { $may } from '../../core/sign-in.ts'
import type { Field } from '../../../shared/fields.ts'
import { tableWords } from '../../words/table.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Check } from '../kit/field.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { Skeleton, Trouble } from '../kit/states.tsx'
import { DeleteField, FieldEditor } from './field-editor.tsx'
import './fields-settings.css'

const { settings: says } = tableWords
type Editing =
  | { readonly what: 'new' }
  | { readonly what: 'edit' | 'delete'; readonly field: Field }

export function FieldsSettings({ onClose }: { onClose: () => void }) {
  const { value, state, sentence } = useStore($fields)
  const can = useStore($may('fields.manage'))
  const [editing, setEditing] = useState<Editing>()
  const [trouble, setTrouble] = useState<string>()
  const done = () => setEditing(undefined)

  useEffect(() => void loadFields(), [])

  return (
    <Dialog kind="wide" title={says.title} closeLabel={words.close} onClose={onClose}>
      <p class="dim">{says.lead}</p>
      {trouble && <Trouble text={trouble} />}
      {state === 'failed' && <Trouble text={sentence ?? words.somethingBroke} />}
      {!value && state === 'loading' && <Skeleton label={words.loading} />}
      {editing?.what === 'new' && <FieldEditor onDone={done} />}
      {editing?.what === 'edit' && <FieldEditor field={editing.field} onDone={done} />}
      {editing?.what === 'delete' && <DeleteField field={editing.field} onDone={done} />}
      {!editing && (
        <div class="row">
          <Button icon="plus" reason={can.reason} onClick={() => setEditing({ what: 'new' })}>
            {says.new}
          </Button>
        </div>
      )}
      {value && !editing && (
        <FieldList fields={value} reason={can.reason} edit={setEditing} trouble={setTrouble} />
      )}
    </Dialog>
  )
}

interface ListProps {
  readonly fields: readonly Field[]
  /** Why nothing can be changed. */
  readonly reason: string | undefined
  readonly edit: (editing: Editing) => void
  readonly trouble: (sentence: string | undefined) => void
}

function FieldList({ fields, reason, edit, trouble }: ListProps) {
  const list = useRef<HTMLUListElement>(null)
  const [dragged, setDragged] = useState<string>()
  const [over, setOver] = useState<number>()
  const run = async (work: Promise<string | undefined>) => trouble(await work)

  async function move(name: string, to: number): Promise<void> {
    await run(moveField(name, to))
    list.current?.querySelector<HTMLElement>(`[data-field="${name}"]`)?.focus()
  }

  return (
    <div class="fields-list">
      <div class="fields-row head" aria-hidden="true">
        <span />
        <span>{says.name}</span>
        <span>{says.fieldName}</span>
        <span>{says.type}</span>
        <span>{says.column}</span>
        <span>{says.shown}</span>
        <span />
      </div>
      <ul ref={list} role="list">
        {fields.map((field, place) => (
          <li
            key={field.name}
            class={over === place && dragged ? 'fields-row over' : 'fields-row'}
            draggable={!reason && dragged === field.name}
            onDragOver={(event) => {
              event.preventDefault()
              setOver(place)
            }}
            onDrop={(event) => {
              event.preventDefault()
              if (dragged) void move(dragged, place)
            }}
            onDragEnd={() => {
              setDragged(undefined)
              setOver(undefined)
            }}
          >
            <button
              type="button"
              class="grip"
              data-field={field.name}
              aria-disabled={reason ? true : undefined}
              aria-label={says.move(field.title, place + 1, fields.length)}
              data-hint={reason}
              onPointerDown={() => setDragged(field.name)}
              onKeyDown={(event) => {
                const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
                if (!step || reason) return
                event.preventDefault()
                void move(field.name, place + step)
              }}
            >
              <Icon name="grip" small />
            </button>
            <span>{harmless(field.title)}</span>
            <code class="one-line">{field.name}</code>
            <span class="dim">{says.types[field.type]}</span>
            <Check
              bare
              label={`${says.column}: ${field.title}`}
              checked={field.column}
              disabled={Boolean(reason)}
              onCheck={(column) => void run(changeField(field.name, { column }))}
            />
            <Check
              bare
              label={`${says.shown}: ${field.title}`}
              checked={!field.hidden}
              disabled={Boolean(reason)}
              onCheck={(shown) => void run(changeField(field.name, { hidden: !shown }))}
            />
            <FieldActions field={field} reason={reason} edit={edit} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function FieldActions({
  field,
  reason,
  edit,
}: Pick<ListProps, 'reason' | 'edit'> & { field: Field }) {
  return (
    <span class="row">
      <Button
        small
        kind="ghost"
        icon="edit"
        label={says.edit(field.title)}
        reason={reason}
        onClick={() => edit({ what: 'edit', field })}
      />
      {field.builtin ? (
        <Chip hint={says.builtIn} icon="lock">
          {''}
        </Chip>
      ) : (
        <Button
          small
          kind="ghost"
          icon="trash"
          label={says.remove(field.title)}
          reason={reason}
          onClick={() => edit({ what: 'delete', field })}
        />
      )}
    </span>
  )
}

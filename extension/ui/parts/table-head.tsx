// The head of the table: titles that sort, and under each the quick filter of its column.

import { useStore } from '@nanostores/preact'
import { useId, useRef } from 'preact/hooks'

import { $columns } from '../../core/fields.ts'
import { isUnderstood } from '../../core/list-state.ts'
import { $types } from '../../core/saved-filters.ts'
import { $listState, sortBy, writeQuick } from '../../core/table.ts'
import type { Field } from '../../../shared/fields.ts'
import { kindOf, type Kind } from '../../../shared/filters.ts'
import { tableWords } from '../../words/table.ts'
import { Button } from '../kit/button.tsx'
import { Field as Labelled, Input, Select } from '../kit/field.tsx'
import { Icon } from '../kit/icon.tsx'
import { useChoices } from './filter-choices.ts'

/** The built-in fields that have an order: of others a customer may have several. */
const ordered: ReadonlySet<string> = new Set([
  'name',
  'email',
  'phone',
  'linkedin',
  'created_at',
  'last_communication',
])

export function TableHead() {
  const columns = useStore($columns)
  const { sort, quick } = useStore($listState)

  return (
    <div class="table-head" role="rowgroup">
      <div class="table-titles" role="row" aria-rowindex={1}>
        {columns.map((field) => (
          <Title key={field.name} field={field} sort={sort} />
        ))}
        <span role="columnheader" aria-hidden="true" />
      </div>
      <div class="table-quick" role="row" aria-rowindex={2}>
        {columns.map((field) => (
          <span key={field.name} role="gridcell">
            <Quick field={field} text={quick[field.name] ?? ''} />
          </span>
        ))}
      </div>
    </div>
  )
}

function Title({ field, sort }: { field: Field; sort: string }) {
  const { name, title } = field
  const isSorted = sort === name || sort === `-${name}`
  const isDown = sort === `-${name}`
  const isSortable = !field.builtin || ordered.has(name)

  return (
    <span
      role="columnheader"
      aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : undefined}
    >
      {isSortable ? (
        <button type="button" data-hint={tableWords.sortBy(title)} onClick={() => sortBy(name)}>
          <span class="one-line">{title}</span>
          {isSorted && <Icon name={isDown ? 'down' : 'up'} small />}
        </button>
      ) : (
        <span class="small-text dim one-line">{title}</span>
      )}
    </span>
  )
}

interface QuickProps {
  readonly field: Field
  readonly text: string
}

function Quick({ field, text }: QuickProps) {
  const kind = kindOf(field.name, useStore($types))
  if (!kind) return null
  if (kind === 'date') return <QuickDays field={field} text={text} />
  if (kind === 'text' || kind === 'number' || kind === 'anything') {
    return <QuickText field={field} text={text} kind={kind} />
  }
  return <QuickChoice field={field} text={text} kind={kind} />
}

function QuickText({ field, text, kind }: QuickProps & { kind: Kind }) {
  const { name, title } = field
  const isWrong = !isUnderstood(name, kind, text)

  return (
    <input
      class={text === '' ? 'control' : 'control set'}
      type="search"
      aria-label={tableWords.quick(title)}
      aria-invalid={isWrong || undefined}
      data-hint={isWrong ? tableWords.notUnderstood : undefined}
      placeholder={tableWords.search}
      value={text}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => writeQuick(name, event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('[data-table]')?.focus()
      }}
    />
  )
}

function QuickChoice({ field, text, kind }: QuickProps & { kind: Kind }) {
  const { name, title } = field
  const choices = useChoices(name, kind)

  return (
    <span class={text === '' ? undefined : 'quick-set'}>
      <Select
        label={tableWords.quick(title)}
        value={text}
        options={[{ value: '', title: tableWords.any }, ...choices]}
        onSelect={(value) => writeQuick(name, value)}
      />
    </span>
  )
}

function QuickDays({ field, text }: QuickProps) {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const { name, title } = field
  const [from = '', to = ''] = text.split('..')
  const shown = text === '' ? tableWords.anyTime : `${from || '…'} – ${to || '…'}`
  const write = (first: string, last: string) =>
    writeQuick(name, first || last ? `${first}..${last}` : '')

  return (
    <>
      <button
        type="button"
        class={text === '' ? 'control' : 'control set'}
        aria-label={`${tableWords.quick(title)}: ${shown}`}
        popovertarget={id}
      >
        <span class="one-line">{shown}</span>
      </button>
      <div ref={box} id={id} class="menu date-range" popover="auto">
        <Labelled label={tableWords.from}>
          {(ties) => <Input {...ties} type="date" value={from} onText={(day) => write(day, to)} />}
        </Labelled>
        <Labelled label={tableWords.to}>
          {(ties) => <Input {...ties} type="date" value={to} onText={(day) => write(from, day)} />}
        </Labelled>
        <Button
          small
          onClick={() => {
            write('', '')
            box.current?.hidePopover()
          }}
        >
          {tableWords.clear}
        </Button>
      </div>
    </>
  )
}

// The table of 360 View: of a million rows, those near the eye are drawn.

import { useStore } from '@nanostores/preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

import { $columns } from '../../core/fields.ts'
import { positionOf, stretch, type Pages } from '../../core/pages.ts'
import { hrefOf } from '../../core/route.ts'
import {
  $listLoad,
  $listRound,
  $newAbove,
  $pages,
  $selected,
  $total,
  keepPlace,
  listScroll,
  openRow,
  seenAbove,
  selectRow,
  show,
} from '../../core/table.ts'
import type { CustomerRow } from '../../../shared/customer.ts'
import type { Field } from '../../../shared/fields.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { tableWords } from '../../words/table.ts'
import { words } from '../../words.ts'
import { Button, ButtonLink } from '../kit/button.tsx'
import { inPlace } from '../kit/in-place.ts'
import { Cell, widthOf } from './customer-cell.tsx'
import './customer-table.css'
import { useTableKeys } from './table-keys.ts'

/** A million rows must stay below the highest box a browser draws. */
const rowPx = 33
/** The drawn rows begin and end at a multiple of this: scrolling within it draws nothing anew. */
const stepRows = 8
const restMs = 400
const openPx = 44

export function CustomerTable({ head }: { head: ComponentChildren }) {
  const pages = useStore($pages)
  const columns = useStore($columns)
  const total = useStore($total).value
  const selected = useStore($selected)
  const isWaiting = useStore($listLoad).state === 'loading'
  const scroll = useRef<HTMLDivElement>(null)
  const [from, to] = useDrawn(scroll, pages)
  useTableKeys(scroll, rowPx)
  const widths = columns.map(widthOf)
  const template = widths.map(([least, share]) => `minmax(${least}px, ${share}fr)`).join(' ')
  const wide = widths.reduce((sum, [least]) => sum + least, openPx)

  return (
    <div class="table-frame">
      <div
        ref={scroll}
        class={isWaiting ? 'table-scroll waiting' : 'table-scroll'}
        role="grid"
        tabIndex={0}
        data-table
        aria-label={words.customers.title}
        aria-describedby="table-help"
        aria-rowcount={total === undefined ? -1 : total + 2}
        aria-colcount={columns.length + 1}
        aria-activedescendant={selected}
        aria-busy={isWaiting}
        style={{
          '--columns': `${template} ${openPx}px`,
          '--wide': `${wide}px`,
          '--row': `${rowPx}px`,
        }}
      >
        {head}
        <div
          class="table-body"
          role="rowgroup"
          style={{ height: `${(pages.length + (pages.next === undefined ? 0 : 3)) * rowPx}px` }}
        >
          <div
            class="table-window"
            role="presentation"
            style={{ transform: `translateY(${from * rowPx}px)` }}
          >
            {stretch(pages, from, to).map((row, index) =>
              row ? (
                <Row
                  key={row.id}
                  row={row}
                  index={from + index}
                  columns={columns}
                  chosen={row.id === selected}
                />
              ) : (
                <Bones key={index} columns={columns.length} />
              ),
            )}
            {pages.next !== undefined &&
              to >= pages.length &&
              [0, 1, 2].map((key) => <Bones key={`more ${key}`} columns={columns.length} />)}
          </div>
        </div>
      </div>
      <p id="table-help" class="heard">
        {tableWords.rowHelp}
      </p>
      <NewAbove scroll={() => scroll.current?.scrollTo({ top: 0, behavior: 'smooth' })} />
    </div>
  )
}

/** Which rows are drawn, as the reader scrolls; where the reader is stays where it is. */
function useDrawn(
  scroll: { readonly current: HTMLDivElement | null },
  pages: Pages,
): readonly [number, number] {
  const [drawn, setDrawn] = useState<readonly [number, number]>([0, 40])
  const round = useStore($listRound)
  const anchor = useRef<{ id: CustomerId; position: number } | undefined>(undefined)
  const isPut = useRef(-1)

  const look = () => {
    const box = scroll.current
    if (!box) return
    const first = Math.floor(box.scrollTop / rowPx)
    const last = Math.ceil((box.scrollTop + box.clientHeight) / rowPx)
    const id = stretch($pages.get(), first, first + 1)[0]?.id
    anchor.current = id && { id, position: first }
    listScroll.top = box.scrollTop
    show(first, last)
    const from = Math.max(0, Math.floor(first / stepRows) - 1) * stepRows
    const to = Math.min($pages.get().length, (Math.ceil(last / stepRows) + 1) * stepRows)
    setDrawn((now) => (now[0] === from && now[1] === to ? now : [from, to]))
  }

  // Rows that came or went above move what is being read, unless the table moves with them.
  useLayoutEffect(() => {
    const box = scroll.current
    if (!box || pages.length === 0) return
    if (isPut.current !== round) {
      isPut.current = round
      box.scrollTop = listScroll.top
    } else if (anchor.current && box.scrollTop > 0) {
      const { id, position } = anchor.current
      const moved = (positionOf(pages, id) ?? position) - position
      if (moved !== 0) box.scrollTop += moved * rowPx
    }
    look()
  }, [pages, round])

  useEffect(() => {
    const box = scroll.current
    if (!box) return undefined
    let rest: ReturnType<typeof setTimeout> | undefined
    const follow = () => {
      look()
      if (box.scrollTop < rowPx) seenAbove()
      clearTimeout(rest)
      rest = setTimeout(() => void keepPlace(), restMs)
    }
    const sizes = new ResizeObserver(look)
    sizes.observe(box)
    box.addEventListener('scroll', follow, { passive: true })
    return () => {
      clearTimeout(rest)
      sizes.disconnect()
      box.removeEventListener('scroll', follow)
    }
  }, [])

  return [drawn[0], Math.min(drawn[1], pages.length)]
}

interface RowProps {
  readonly row: CustomerRow
  readonly index: number
  readonly columns: readonly Field[]
  readonly chosen: boolean
}

// Not memoised: a kept vnode would hold on to every list it was ever drawn in.
function Row({ row, index, columns, chosen }: RowProps) {
  const place = { name: 'customer', customerId: row.id, tab: 'summary' } as const

  return (
    <div
      id={row.id}
      class="table-row"
      role="row"
      aria-rowindex={index + 3}
      aria-selected={chosen}
      onClick={() => selectRow(row.id)}
      onDblClick={() => openRow(row.id)}
    >
      {columns.map((field) => (
        <div key={field.name} role="gridcell" class={field.name === 'name' ? '' : 'dim'}>
          <Cell row={row} field={field} />
        </div>
      ))}
      <div role="gridcell" class="table-open">
        <ButtonLink
          small
          kind="ghost"
          icon="right"
          label={words.customers.openNamed(row.name)}
          href={hrefOf(place)}
          onClick={inPlace(() => openRow(row.id))}
        />
      </div>
    </div>
  )
}

/** The shape of a row that is on its way. */
function Bones({ columns }: { columns: number }) {
  return (
    <div class="table-row bones" aria-hidden="true">
      {Array.from({ length: columns }, (_, index) => (
        <div key={index}>
          <i />
        </div>
      ))}
    </div>
  )
}

function NewAbove({ scroll }: { scroll: () => void }) {
  const count = useStore($newAbove)
  if (count === 0) return null

  return (
    <div class="table-new">
      <Button small kind="primary" icon="up" onClick={scroll}>
        {tableWords.newAbove(count)}
      </Button>
    </div>
  )
}

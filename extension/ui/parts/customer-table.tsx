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
import { kept } from '../kit/kept.ts'
import { Cell, widthOf } from './customer-cell.tsx'
import './customer-table.css'
import { useTableKeys } from './table-keys.ts'

/** A million rows must stay below the highest box a browser draws. */
const rowPx = 33
/** The drawn rows begin at a multiple of this: scrolling within it draws nothing anew. */
const stepRows = 4
/** Rows are numbered from one, and two of the head come before them. */
const firstRow = 3
/** Rows on their way that stand for all that is not loaded. */
const bonesAfter = 3
const restMs = 400
const openPx = 44

export function CustomerTable({ head }: { head: ComponentChildren }) {
  const pages = useStore($pages)
  const columns = useStore($columns)
  const total = useStore($total).value
  const selected = useStore($selected)
  const isWaiting = useStore($listLoad).state === 'loading'
  const scroll = useRef<HTMLDivElement>(null)
  const { from, count, base } = useDrawn(scroll, pages)
  const length = pages.length + (pages.next === undefined ? 0 : bonesAfter)
  const rows = stretch(pages, from, from + count)
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
        <div class="table-body" role="rowgroup" style={{ height: `${length * rowPx}px` }}>
          {Array.from({ length: count }, (_, at) => {
            const index = from + rest(base + at - from, count)
            const row = rows[index - from]
            return index < length ? (
              <Row
                // The row that leaves on one side becomes the one that comes on the other.
                key={index % count}
                row={row}
                index={index}
                columns={columns}
                chosen={row !== undefined && row.id === selected}
              />
            ) : null
          })}
        </div>
      </div>
      <p id="table-help" class="heard">
        {tableWords.rowHelp}
      </p>
      <NewAbove scroll={() => scroll.current?.scrollTo({ top: 0, behavior: 'smooth' })} />
    </div>
  )
}

interface Drawn {
  readonly from: number
  readonly count: number
  /**
   * The row that is the first in the document. While it is scrolled nothing moves there, and rows
   * change what they show; when it rests they are put in order, for those who hear or tab.
   */
  readonly base: number
}

/** Which rows are drawn, as the reader scrolls; where the reader is stays where it is. */
function useDrawn(scroll: { readonly current: HTMLDivElement | null }, pages: Pages): Drawn {
  const [drawn, setDrawn] = useState<Drawn>({ from: 0, count: 10 * stepRows, base: 0 })
  const round = useStore($listRound)
  const anchor = useRef<{ id: CustomerId; position: number } | undefined>(undefined)
  const isPut = useRef(-1)
  const height = useRef(0)

  const look = () => {
    const box = scroll.current
    if (!box) return
    const top = box.scrollTop
    const first = Math.floor(top / rowPx)
    const seen = Math.ceil(height.current / rowPx)
    const id = stretch($pages.get(), first, first + 1)[0]?.id
    anchor.current = id && { id, position: first }
    listScroll.top = top
    show(first, first + seen)
    const from = Math.max(0, Math.floor(first / stepRows) - 1) * stepRows
    const count = (Math.ceil(seen / stepRows) + 3) * stepRows
    keepFocus(box, from, from + count)
    setDrawn((now) => (now.from === from && now.count === count ? now : { ...now, from, count }))
  }

  // Rows that came or went above move what is being read, unless the table moves with them.
  useLayoutEffect(() => {
    const box = scroll.current
    if (!box || pages.length === 0) return
    const { id, position = 0 } = anchor.current ?? {}
    const moved = id && listScroll.top > 0 ? (positionOf(pages, id) ?? position) - position : 0
    if (isPut.current !== round) {
      isPut.current = round
      box.scrollTop = listScroll.top
    } else if (moved !== 0) {
      box.scrollTop += moved * rowPx
    } else if (id) {
      // A page that came changes nothing here: to look would have it all laid out at once.
      return
    }
    look()
  }, [pages, round])

  useEffect(() => {
    const box = scroll.current
    if (!box) return undefined
    const settle = () => {
      setDrawn((now) => (now.base === now.from ? now : { ...now, base: now.from }))
      void keepPlace()
    }
    const sizes = new ResizeObserver(() => {
      height.current = box.clientHeight
      look()
    })
    sizes.observe(box)
    const stop = follow(box, look, settle)
    return () => {
      stop()
      sizes.disconnect()
    }
  }, [])

  return drawn
}

function follow(box: HTMLElement, look: () => void, settle: () => void): () => void {
  let resting: ReturnType<typeof setTimeout> | undefined
  const onScroll = () => {
    look()
    if (listScroll.top < rowPx) seenAbove()
    clearTimeout(resting)
    resting = setTimeout(settle, restMs)
  }
  box.addEventListener('scroll', onScroll, { passive: true })
  return () => {
    clearTimeout(resting)
    box.removeEventListener('scroll', onScroll)
  }
}

/** A row that is scrolled away shows another customer soon: what was focused in it is not there. */
function keepFocus(box: HTMLElement, from: number, to: number): void {
  const row = document.activeElement?.closest('.table-row')
  const index = Number(row?.getAttribute('aria-rowindex')) - firstRow
  if (row && (index < from || index >= to)) box.focus({ preventScroll: true })
}

/** What is left of a division, never below zero. */
function rest(n: number, by: number): number {
  return ((n % by) + by) % by
}

interface RowProps {
  /** Nothing while it is on its way. */
  readonly row: CustomerRow | undefined
  readonly index: number
  readonly columns: readonly Field[]
  readonly chosen: boolean
}

const Row = kept(({ row, index, columns, chosen }: RowProps) => {
  const top = `${index * rowPx}px`
  if (!row) return <Bones top={top} columns={columns.length} />
  const { id, name } = row

  return (
    <div
      id={id}
      class="table-row"
      role="row"
      aria-rowindex={index + firstRow}
      aria-selected={chosen}
      style={{ top }}
      onClick={() => selectRow(id)}
      onDblClick={() => openRow(id)}
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
          label={words.customers.openNamed(name)}
          href={hrefOf({ name: 'customer', customerId: id, tab: 'summary' })}
          onClick={inPlace(() => openRow(id))}
        />
      </div>
    </div>
  )
})

/** The shape of a row that is on its way. */
function Bones({ top, columns }: { top: string; columns: number }) {
  return (
    <div class="table-row bones" aria-hidden="true" style={{ top }}>
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

// A list of a million rows of which only what is near the eye is held: pages by their cursors.

import type { CustomerRow } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'

/** A page keeps its cursor and its size when its rows are let go: it is asked for again by them. */
export interface Page {
  /** Where it begins; the first page begins at the beginning. */
  readonly cursor: string | undefined
  readonly size: number
  readonly rows: readonly CustomerRow[] | undefined
}

export interface Pages {
  readonly all: readonly Page[]
  /** Where the next page begins; undefined: there is none. */
  readonly next: string | undefined
  /** How many rows all pages have together. */
  readonly length: number
}

export const noPages: Pages = { all: [], next: undefined, length: 0 }

/** Which row stands before which, by the order of the list. */
export type Order = (one: CustomerRow, other: CustomerRow) => number

/**
 * Puts a page's rows in. When it ends elsewhere than it did, what was known to come after it is no
 * longer true and goes.
 */
export function putPage(
  pages: Pages,
  index: number,
  rows: readonly CustomerRow[],
  next: string | undefined,
): Pages {
  const cursor = index === 0 ? undefined : (pages.all[index]?.cursor ?? pages.next)
  const page: Page = { cursor, size: rows.length, rows }
  const after = pages.all[index + 1]
  const known = after ? after.cursor : pages.next
  const isSame = index < pages.all.length && known === next
  const rest = isSame ? pages.all.slice(index + 1) : []
  const above = withoutRows(pages.all.slice(0, index), rows)
  return of([...above, page, ...withoutRows(rest, rows)], isSame ? pages.next : next)
}

/** Lets go of the rows of every page but those between two, both kept. */
export function keepOnly(pages: Pages, from: number, to: number): Pages {
  if (!pages.all.some((page, index) => page.rows && (index < from || index > to))) return pages
  const all = pages.all.map((page, index) =>
    index < from || index > to ? { ...page, rows: undefined } : page,
  )
  return { ...pages, all }
}

/** The page a position lies in, or the last one. */
export function pageAt(pages: Pages, position: number): number {
  let end = 0
  for (const [index, { size }] of pages.all.entries()) {
    end += size
    if (position < end) return index
  }
  return Math.max(0, pages.all.length - 1)
}

/** The rows of a stretch; a row that is not held just now is undefined. */
export function stretch(pages: Pages, from: number, to: number): (CustomerRow | undefined)[] {
  const found: (CustomerRow | undefined)[] = []
  let start = 0
  for (const { rows, size } of pages.all) {
    if (start >= to) break
    const first = Math.max(from, start)
    const last = Math.min(to, start + size)
    for (let position = first; position < last; position += 1) found.push(rows?.[position - start])
    start += size
  }
  return found
}

/** Where a customer stands among the rows that are held. */
export function positionOf(pages: Pages, id: CustomerId): number | undefined {
  let start = 0
  for (const { rows, size } of pages.all) {
    const index = rows?.findIndex((row) => row.id === id) ?? -1
    if (index !== -1) return start + index
    start += size
  }
  return undefined
}

export function rowOf(pages: Pages, id: CustomerId): CustomerRow | undefined {
  for (const { rows } of pages.all) {
    const row = rows?.find((one) => one.id === id)
    if (row) return row
  }
  return undefined
}

export function withoutRow(pages: Pages, id: CustomerId): Pages {
  const all = pages.all.map((page) => {
    const rows = page.rows?.filter((row) => row.id !== id)
    return rows && rows.length < page.size ? { ...page, rows, size: rows.length } : page
  })
  return of(all, pages.next)
}

/**
 * Puts a row where the order wants it. One that belongs below all that has been loaded, or into
 * a page that was let go, is not put in: it comes with its page.
 */
export function placeRow(pages: Pages, row: CustomerRow, order: Order): Pages {
  const cleared = withoutRow(pages, row.id)
  const { all } = cleared
  for (const [index, page] of all.entries()) {
    const { rows } = page
    if (!rows) continue
    const place = rows.findIndex((one) => order(row, one) < 0)
    // Before the first row of a page it may as well belong to the page above, that is not held.
    if (place === 0 && index > 0 && !all[index - 1]?.rows) return cleared
    const isLast = index === all.length - 1
    if (place === -1 && !(isLast && cleared.next === undefined)) continue
    const at = place === -1 ? rows.length : place
    const put = { ...page, rows: rows.toSpliced(at, 0, row), size: page.size + 1 }
    return of(all.with(index, put), cleared.next)
  }
  if (all.length > 0) return cleared
  return of([{ cursor: undefined, size: 1, rows: [row] }], undefined)
}

function withoutRows(pages: readonly Page[], gone: readonly CustomerRow[]): Page[] {
  const ids = new Set(gone.map(({ id }) => id))
  return pages.map((page) => {
    const rows = page.rows?.filter(({ id }) => !ids.has(id))
    return rows && rows.length < page.size ? { ...page, rows, size: rows.length } : page
  })
}

function of(all: readonly Page[], next: string | undefined): Pages {
  return { all, next, length: all.reduce((sum, { size }) => sum + size, 0) }
}

// The list: page after page in one order, those whose address was typed before all others.

import * as z from 'zod/mini'

import { fromUrlText, toUrlText } from '../../../shared/url-text.ts'
import type { Db } from '../../base/db.ts'
import { meantBy, partsOf, type Finding, type Meant } from './finding.ts'
import { planFor } from './plan.ts'
import { countOf, pageOf, type Found, type Sort, type Stretch } from './queries.ts'

export interface Order {
  readonly sort: Sort
  readonly order: Stretch['order']
}

/** Where a page begins: after this row, among those with or without what they are sorted by. */
const Place = z.tuple([z.boolean(), z.nullable(z.union([z.string(), z.number()])), z.string()])
export type Place = z.infer<typeof Place>

export interface Page {
  readonly rows: readonly Found[]
  readonly next: Place | undefined
}

/** Who has the very address that was typed: all of them are on the first page. */
const mostFirst = 200

/** One page of who is meant. */
export async function listPage(
  db: Db,
  finding: Finding,
  wish: Order & { readonly limit: number; readonly after?: Place | undefined },
): Promise<Page> {
  const { after, limit } = wish
  const { first, rest } = partsOf(finding)
  const exact = first && !after ? await (await walkOf(db, first, wish))(mostFirst) : []
  // All the exact ones are on the first page, and one more row at least to tell where the next begins.
  const room = Math.max(1, limit - exact.length)
  const walk = await walkOf(db, rest, wish)
  const rows = await walk(room + 1, after)
  const page = rows.slice(0, room)
  return {
    rows: [...exact, ...page],
    next: rows.length > room ? placeOf(page.at(-1), wish.sort) : undefined,
  }
}

/** All who are meant, a page at a time. What is read of the filter is read once. */
export async function* allPages(
  db: Db,
  finding: Finding,
  wish: Order & { readonly length: number },
): AsyncGenerator<readonly Found[]> {
  const { length } = wish
  const walk = await walkOf(db, meantBy(finding), wish)
  let after: Place | undefined
  for (;;) {
    const rows = await walk(length, after)
    if (rows.length > 0) yield rows
    if (rows.length < length) return
    after = placeOf(rows.at(-1), wish.sort)
  }
}

/** Exactly how many are meant. */
export async function countAll(db: Db, finding: Finding): Promise<number> {
  const { predicate, anonymous } = meantBy(finding)
  return countOf(db, await planFor(db, predicate), anonymous)
}

/**
 * Goes through the sorted list: first those that have what it is sorted by, in their order, then
 * those that don't, whichever way it is sorted.
 */
async function walkOf(db: Db, { predicate, anonymous }: Meant, { sort, order }: Order) {
  const plan = await planFor(db, predicate)
  return async (length: number, after?: Place): Promise<readonly Found[]> => {
    const rows: Found[] = []
    for (const filled of after?.[0] === false ? [false] : [true, false]) {
      if (rows.length === length) break
      const isInside = after !== undefined && after[0] === filled
      const from = isInside ? { after: { place: after[1], id: after[2] } } : {}
      const limit = length - rows.length
      rows.push(...(await pageOf(db, plan, { sort, order, filled, ...from }, { anonymous, limit })))
    }
    return rows
  }
}

function placeOf(row: Found | undefined, { by }: Sort): Place | undefined {
  if (!row) return undefined
  const { place, id } = row
  const filled = place !== null && (by === 'value' || place !== '')
  return [filled, filled ? place : null, id]
}

/** The place as a text for the client to hand back. */
export function cursorOf(place: Place): string {
  return toUrlText(place)
}

export function placeFrom(cursor: string | undefined): Place | 'unknown' | undefined {
  if (cursor === undefined) return undefined
  const place = z.safeParse(Place, fromUrlText(cursor))
  return place.success ? place.data : 'unknown'
}

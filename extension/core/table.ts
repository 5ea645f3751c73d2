// 360 View: which customers, in what order, and how many; pages near the eye, live rows in their place.

import { atom, computed } from 'nanostores'

import type { CustomerRow } from '../../shared/customer.ts'
import type { Filter } from '../../shared/filters.ts'
import type { CustomerId, FilterId } from '../../shared/ids.ts'
import { call, sentenceOf } from './api.ts'
import { environment, personal } from './environment.ts'
import { $columns, $fields, needFields } from './fields.ts'
import { findingOf, firstState, readState, writeState, type ListState } from './list-state.ts'
import { watchRows } from './live-rows.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { orderOf } from './order.ts'
import {
  keepOnly,
  noPages,
  pageAt,
  placeRow,
  positionOf,
  putPage,
  rowOf,
  withoutRow,
  type Pages,
} from './pages.ts'
import { $place, go, rememberCustomers, replace } from './route.ts'

/** A page is a few screens; so many to either side of the eye are held. */
const pageSize = 100
const heldPages = 4
/** How far before the end of what is loaded the next page is asked for. */
const aheadRows = 60
const debounceMs = 200
const addressMs = 150

export const $listState = atom<ListState>(firstState)
export const $pages = atom<Pages>(noPages)
export const $isEmpty = computed($pages, ({ length }) => length === 0)
/** `loading` while the first page of another list is on its way: what stood there stays, dimmed. */
export const $listLoad = atom<Loadable<true>>(idle)
/** How many match, exactly; without a value while they are counted. */
export const $total = atom<Loadable<number>>(idle)
/** Rows that came in above the eye while it was elsewhere. */
export const $newAbove = atom(0)
export const $selected = computed($listState, ({ row }) => row)

/** Raised when another list has begun: the table goes to `listScroll.top`. */
export const $listRound = atom(0)

/** Where the table was scrolled to, in pixels: it opens there again. */
export const listScroll = { top: 0 }

let round = new AbortController()
let counting = new AbortController()
let shownKey: string | undefined
let shownList: string | undefined
let typing: ReturnType<typeof setTimeout> | undefined
let addressing: ReturnType<typeof setTimeout> | undefined
let wanted = { from: 0, to: 0 }
const asked = new Set<number>()

personal(() => {
  forget()
  $listState.set(firstState)
  rememberCustomers({ name: 'customers' })
})

/** The screen is there: follows the address and the news until the given back is called. */
export function openTable(): () => void {
  needFields()
  const stops = [
    $place.subscribe(followAddress),
    // The columns and the kinds of the quick filters may only be known now.
    $fields.listen(() => void refind()),
    watchRows({ take: takeRow, gone: dropRow, many: refreshList, rowOf: askRow }),
  ]
  return () => {
    for (const stop of stops) stop()
    clearTimeout(typing)
    clearTimeout(addressing)
  }
}

// --- What is asked for

export function writeListQuery(q: string): void {
  change({ q }, 'typed')
}

export function writeQuick(field: string, text: string): void {
  const { [field]: _before, ...others } = $listState.get().quick
  change({ quick: text === '' ? others : { ...others, [field]: text } }, 'typed')
}

/** The first click sorts one way, the next the other. */
export function sortBy(field: string): void {
  const { sort } = $listState.get()
  change({ sort: sort === field ? `-${field}` : field })
}

export function setShowAnonymous(anonymous: boolean): void {
  change({ anonymous })
}

/** Puts an advanced filter in force; with nothing, takes it away. */
export function applyFilter(advanced: Filter | undefined, saved?: FilterId): void {
  change({ advanced, saved })
}

export function setFilterPanel(panel: boolean): void {
  change({ panel })
}

/** Everybody again, in the order that was. */
export function clearFilters(): void {
  change({ q: '', quick: {}, advanced: undefined, saved: undefined })
}

export function selectRow(row: CustomerId | undefined): void {
  if ($listState.get().row === row) return
  $listState.set({ ...$listState.get(), row })
  clearTimeout(addressing)
  addressing = setTimeout(writeAddress, addressMs)
}

export function openRow(customerId: CustomerId): void {
  selectRow(customerId)
  writeAddress()
  go({ name: 'customer', customerId, tab: 'summary' })
}

/** Whether anything keeps rows away. */
export const $isFiltered = computed($listState, ({ q, quick, advanced }) =>
  Boolean(q.trim() || Object.keys(quick).length > 0 || advanced),
)

function change(to: Partial<ListState>, how?: 'typed'): void {
  $listState.set({ ...$listState.get(), ...to })
  clearTimeout(typing)
  if (how === 'typed') {
    typing = setTimeout(settle, debounceMs)
  } else {
    settle()
  }
}

function settle(): void {
  writeAddress()
  void refind()
}

function writeAddress(): void {
  clearTimeout(addressing)
  const list = writeState($listState.get())
  shownList = list
  const place = { name: 'customers', ...(list === '' ? {} : { list }) } as const
  rememberCustomers(place)
  if ($place.get().name === 'customers') replace(place)
}

function followAddress(place: ReturnType<typeof $place.get>): void {
  if (place.name !== 'customers') return
  const list = place.list ?? ''
  if (list === shownList) return void refind()
  shownList = list
  rememberCustomers(place)
  $listState.set(readState(list))
  void refind()
}

// --- Rows and their number

/** The list that is asked for; asking again for the same changes nothing. */
async function refind(): Promise<void> {
  // Without the fields nobody knows what kind of values a quick filter has.
  if ($fields.get().value === undefined && $fields.get().state === 'loading') return
  const key = keyOf()
  if (key === shownKey) return
  const isFirst = shownKey === undefined
  shownKey = key
  $total.set(idle)
  if (!isFirst) listScroll.top = 0
  await reload(isFirst ? await keptPlace(key) : undefined)
}

/** Asks for the list again from the beginning, and counts. */
export async function reloadList(): Promise<void> {
  shownKey = keyOf()
  await reload()
}

async function reload(kept?: Pages): Promise<void> {
  round.abort()
  round = new AbortController()
  asked.clear()
  $newAbove.set(0)
  $listRound.set($listRound.get() + 1)
  $listLoad.set(loading($listLoad.get()))
  void count()
  if (kept) {
    $pages.set(kept)
    $listLoad.set(ready(true))
    ask()
    return
  }
  wanted = { from: 0, to: 0 }
  await page(0, round.signal)
}

/** The rows between two positions are wanted on the screen. */
export function show(from: number, to: number): void {
  wanted = { from, to }
  ask()
}

function ask(): void {
  const pages = $pages.get()
  // What stands there while another list is on its way is asked for no more.
  if (pages.all.length === 0 || $listLoad.get().state === 'loading') return
  const first = pageAt(pages, wanted.from)
  const last = pageAt(pages, wanted.to)
  const held = keepOnly(pages, first - heldPages, last + heldPages)
  if (held !== pages) $pages.set(held)
  for (
    let index = Math.max(0, first - 1);
    index <= Math.min(last + 1, held.all.length - 1);
    index += 1
  ) {
    if (!held.all[index]?.rows) void page(index, round.signal)
  }
  const isNearEnd = wanted.to + aheadRows >= pages.length
  if (isNearEnd && pages.next !== undefined) void page(pages.all.length, round.signal)
}

async function page(index: number, signal: AbortSignal): Promise<void> {
  if (asked.has(index)) return
  asked.add(index)
  const { all, next } = $pages.get()
  const cursor = index === 0 ? undefined : (all[index]?.cursor ?? next)
  const answer = await call('GET /api/customers', {
    query: { ...asking(), limit: pageSize, ...(cursor ? { cursor } : {}) },
    signal,
  })
  if (signal.aborted) return
  asked.delete(index)
  if (!answer.ok) {
    $listLoad.set(failed($listLoad.get(), sentenceOf(answer.refusal)))
    return
  }
  const { rows, total } = answer.answer
  const isFresh = index === 0 && $listLoad.get().state === 'loading'
  $pages.set(
    putPage(isFresh ? noPages : $pages.get(), index, rows, answer.answer.next ?? undefined),
  )
  $listLoad.set(ready(true))
  if (total !== null && index === 0) takeTotal(total)
  void keepPlace()
  ask()
}

async function count(): Promise<void> {
  counting.abort()
  counting = new AbortController()
  const { signal } = counting
  const { q, filter, anonymous } = finding()
  const answer = await call('GET /api/customers/count', {
    query: { anonymous, ...(q ? { q } : {}), ...(filter ? { filter } : {}) },
    signal,
  })
  if (signal.aborted) return
  if (answer.ok) takeTotal(answer.answer.total)
  else $total.set(failed($total.get(), sentenceOf(answer.refusal)))
}

function takeTotal(total: number): void {
  $total.set(ready(total))
}

/** After a failure, or a break of the line: what is on the screen is asked for again, in place. */
export function refreshList(): void {
  if (shownKey === undefined) return
  round.abort()
  round = new AbortController()
  asked.clear()
  void count()
  const pages = $pages.get()
  if (pages.all.length === 0) {
    $listLoad.set(loading($listLoad.get()))
    void page(0, round.signal)
    return
  }
  const first = pageAt(pages, wanted.from)
  const last = pageAt(pages, wanted.to)
  $pages.set(keepOnly(pages, first, last))
  for (let index = first; index <= last; index += 1) void page(index, round.signal)
}

// --- Live rows

async function askRow(customerId: CustomerId, signal: AbortSignal) {
  const { sort: _sort, ...query } = asking()
  return call('GET /api/customers/:customerId/row', { params: { customerId }, query, signal })
}

/** A customer has changed: the row goes where the order wants it, or away. */
function takeRow(row: CustomerRow, matches: boolean): void {
  const pages = $pages.get()
  const before = rowOf(pages, row.id)
  if (!before && !matches) return void count()
  if (!before || !matches) void count()
  if (!matches) {
    $pages.set(withoutRow(pages, row.id))
    return
  }
  const order = orderOf($listState.get().sort, $fields.get().value ?? [])
  const next = placeRow(pages, row, order)
  const position = positionOf(next, row.id)
  if (position !== undefined && position < wanted.from && !before) {
    $newAbove.set($newAbove.get() + 1)
  }
  $pages.set(next)
}

function dropRow(id: CustomerId): void {
  void count()
  $pages.set(withoutRow($pages.get(), id))
}

/** The eye is at the top of the list again. */
export function seenAbove(): void {
  if ($newAbove.get() > 0) $newAbove.set(0)
}

// --- Where the eye was, kept over a reload of the page

const placeKey = 'list:place'
const keptPages = 500

interface KeptPlace {
  readonly key: string
  readonly top: number
  readonly pages: Pages
}

/** Keeps where the table is scrolled to, until the browser closes. */
export async function keepPlace(): Promise<void> {
  const { all, next, length } = $pages.get()
  if (shownKey === undefined || all.length > keptPages) return
  const pages = { all: all.map(({ cursor, size }) => ({ cursor, size })), next, length }
  await environment().storage.session.set(placeKey, { key: shownKey, top: listScroll.top, pages })
}

async function keptPlace(key: string): Promise<Pages | undefined> {
  // Safe: nobody else writes under this key.
  const kept = (await environment().storage.session.get(placeKey)) as KeptPlace | undefined
  if (kept?.key !== key || kept.top === 0) return undefined
  listScroll.top = kept.top
  return kept.pages
}

// --- Helpers

function finding() {
  return findingOf($listState.get(), $fields.get().value ?? [])
}

function asking() {
  const columns = $columns.get().map(({ name }) => name)
  return { ...finding(), sort: $listState.get().sort, columns: columns.join(',') }
}

function keyOf(): string {
  return JSON.stringify(asking())
}

function forget(): void {
  round.abort()
  counting.abort()
  clearTimeout(typing)
  clearTimeout(addressing)
  shownKey = undefined
  shownList = undefined
  listScroll.top = 0
  asked.clear()
  $pages.set(noPages)
  $listLoad.set(idle)
  $total.set(idle)
  $newAbove.set(0)
}

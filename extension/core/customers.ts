// Who: the search box, the list of 360 View, and the profile in view.

import { atom } from 'nanostores'

import type { CustomerProfile, CustomerRow } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { call, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { onNews, onReturn } from './news.ts'
import { rememberCustomer } from './recent.ts'

export interface Found {
  readonly rows: readonly CustomerRow[]
  readonly total: number
  /** What was asked for; what is being typed may be ahead of it. */
  readonly query: string
}
export interface CustomerList {
  readonly rows: readonly CustomerRow[]
  readonly total: number
  readonly more: boolean
}

const debounceMs = 200
const searchSize = 20
const pageSize = 50
/** What the worker takes. */
const longestQuery = 254

export const $query = atom('')
export const $search = atom<Loadable<Found>>(idle)
export const $listQuery = atom('')
export const $showAnonymous = atom(false)
export const $list = atom<Loadable<CustomerList>>(idle)
export const $customerId = atom<CustomerId | undefined>()
export const $profile = atom<Loadable<CustomerProfile>>(idle)

const searching = turns()
const listing = turns()
let next: string | null = null
let profileRound = 0

personal(() => {
  clearSearch()
  listing.cancel()
  next = null
  $listQuery.set('')
  $showAnonymous.set(false)
  $list.set(idle)
  closeCustomer()
})

/** Hears of changed customers, and asks again for the one in view. */
export function startCustomers(): () => void {
  const stops = [
    onNews((news) => {
      if (news.type === 'customer' && news.id === $customerId.get()) void reloadProfile()
    }),
    onReturn(() => void reloadProfile()),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

// --- The search box

/** Types into the search box; it asks when the typing pauses. */
export function writeQuery(text: string): void {
  $query.set(text)
  if (text.trim() === '') {
    searching.cancel()
    $search.set(idle)
    return
  }
  searching.soon(search)
}

/** Asks at once. */
export function searchNow(): Promise<void> {
  if ($query.get().trim() === '') return Promise.resolve()
  return searching.now(search)
}

export function clearSearch(): void {
  searching.cancel()
  $query.set('')
  $search.set(idle)
}

async function search(signal: AbortSignal): Promise<void> {
  const query = $query.get().trim()
  $search.set(loading($search.get()))
  const answer = await call('GET /api/customers', {
    query: { q: query.slice(0, longestQuery), anonymous: 'show', limit: searchSize },
    signal,
  })
  if (signal.aborted) return
  if (answer.ok) {
    const { rows, total } = answer.answer
    $search.set(ready({ rows, total, query }))
  } else {
    $search.set(failed($search.get(), sentenceOf(answer.refusal)))
  }
}

// --- The list

export function writeListQuery(text: string): void {
  $listQuery.set(text)
  listing.soon((signal) => list(signal))
}

export function setShowAnonymous(show: boolean): void {
  $showAnonymous.set(show)
  void loadList()
}

export function loadList(): Promise<void> {
  return listing.now((signal) => list(signal))
}

export async function loadMoreCustomers(): Promise<void> {
  const cursor = next
  if (!cursor || $list.get().state !== 'ready') return
  await listing.now((signal) => list(signal, cursor))
}

async function list(signal: AbortSignal, cursor?: string): Promise<void> {
  const before = $list.get()
  $list.set(loading(before))
  const q = $listQuery.get().trim().slice(0, longestQuery)
  const answer = await call('GET /api/customers', {
    query: {
      limit: pageSize,
      anonymous: $showAnonymous.get() ? 'show' : 'hide',
      ...(q === '' ? {} : { q }),
      ...(cursor ? { cursor } : {}),
    },
    signal,
  })
  if (signal.aborted) return
  if (!answer.ok) {
    $list.set(failed($list.get(), sentenceOf(answer.refusal)))
    return
  }
  const { rows, total } = answer.answer
  next = answer.answer.next
  const above = cursor ? (before.value?.rows ?? []) : []
  // A customer who has moved up meanwhile would stand there twice.
  const shown = new Set(above.map(({ id }) => id))
  const all = [...above, ...rows.filter(({ id }) => !shown.has(id))]
  $list.set(ready({ rows: all, total, more: next !== null }))
}

// --- The profile

export function openCustomer(id: CustomerId): void {
  if ($customerId.get() === id) return
  closeCustomer()
  $customerId.set(id)
  void reloadProfile()
}

export function closeCustomer(): void {
  profileRound += 1
  $customerId.set(undefined)
  $profile.set(idle)
}

export async function reloadProfile(): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId) return
  profileRound += 1
  const mine = profileRound
  $profile.set(loading($profile.get()))
  const answer = await call('GET /api/customers/:customerId', { params: { customerId } })
  if (mine !== profileRound) return
  if (answer.ok) {
    $profile.set(ready(answer.answer))
    rememberCustomer(answer.answer)
  } else if (answer.refusal.refusal === 'not-found') {
    $profile.set({ state: 'missing' })
  } else {
    $profile.set(failed($profile.get(), sentenceOf(answer.refusal)))
  }
}

/** Who asks again no longer waits for the answer before: it is cancelled, and ignored if it comes. */
function turns() {
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn: AbortController | undefined

  function cancel(): void {
    clearTimeout(timer)
    turn?.abort()
    turn = undefined
  }
  function now(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    cancel()
    turn = new AbortController()
    return work(turn.signal)
  }
  function soon(work: (signal: AbortSignal) => Promise<void>): void {
    clearTimeout(timer)
    timer = setTimeout(() => void now(work), debounceMs)
  }
  return { cancel, now, soon }
}

// Who: the search box, and the profile in view.

import { atom } from 'nanostores'

import type { CustomerProfile, CustomerRow } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { call, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { onNews, onReturn } from './news.ts'
import { forgetCustomer, rememberCustomer } from './recent.ts'
import { $route, replace } from './route.ts'

export interface Found {
  readonly rows: readonly CustomerRow[]
  /** Exactly, where it is known without counting. */
  readonly total: number | undefined
  /** What was asked for; what is being typed may be ahead of it. */
  readonly query: string
}

const debounceMs = 200
const searchSize = 20
/** What the worker takes. */
const longestQuery = 254

export const $query = atom('')
export const $search = atom<Loadable<Found>>(idle)
export const $customerId = atom<CustomerId | undefined>()
export const $profile = atom<Loadable<CustomerProfile>>(idle)

const searching = turns()
let profileRound = 0

personal(() => {
  clearSearch()
  closeCustomer()
})

/** Hears of changed customers, and asks again for the one in view. */
export function startCustomers(): () => void {
  const stops = [
    onNews((news) => {
      if (news.type === 'customer' && news.id === $customerId.get()) void reloadProfile()
      if (news.type === 'removed') forget(news.id)
    }),
    onReturn(() => void reloadProfile()),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Deleted, by whomever: shown nowhere from now on. */
function forget(id: CustomerId): void {
  forgetCustomer(id)
  const { value, ...found } = $search.get()
  const rows = value?.rows.filter((row) => row.id !== id)
  if (value && rows && rows.length < value.rows.length) {
    const total = value.total === undefined ? undefined : value.total - 1
    $search.set({ ...found, value: { ...value, rows, total } })
  }
  if (id !== $customerId.get()) return
  profileRound += 1
  $profile.set({ state: 'missing' })
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
    const all = total ?? (answer.answer.next === null ? rows.length : undefined)
    $search.set(ready({ rows, total: all, query }))
    if (all === undefined) void countFound(query, signal)
  } else {
    $search.set(failed($search.get(), sentenceOf(answer.refusal)))
  }
}

async function countFound(query: string, signal: AbortSignal): Promise<void> {
  const answer = await call('GET /api/customers/count', {
    query: { q: query.slice(0, longestQuery), anonymous: 'show' },
    signal,
  })
  const found = $search.get()
  if (signal.aborted || !answer.ok || found.value?.query !== query) return
  $search.set({ ...found, value: { ...found.value, total: answer.answer.total } })
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
    const { id } = answer.answer
    const route = $route.get()
    // The record was merged into another: the address becomes the one it lives at now.
    if (id !== customerId) $customerId.set(id)
    $profile.set(ready(answer.answer))
    rememberCustomer(answer.answer)
    if (id !== customerId && route.name === 'customer') {
      replace({ name: 'customer', customerId: id, tab: route.tab })
    }
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

// What is open: the views of the inbox, live by each row's `seq`, and the bell for a new handover.

import { atom, computed } from 'nanostores'

import type { SessionId } from '../../shared/ids.ts'
import { belongsTo, type InboxView, type SessionRow } from '../../shared/inbox.ts'
import { words } from '../words.ts'
import { call, sentenceOf } from './api.ts'
import { environment, personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { onNews, onReturn } from './news.ts'
import { $presence } from './people.ts'
import { $me } from './sign-in.ts'

export interface Counts {
  readonly incoming: number
  readonly mine: number
  readonly open: number
}

const views: readonly InboxView[] = ['incoming', 'mine', 'open']
const pageSize = 50
const recountMs = 400
/** How old a handover may be that still rings: what waited before we came is on the badge. */
const ringsForMs = 300_000
const rangPrefix = 'rang:'
const rings = new Set<string>()

export const $view = atom<InboxView>('incoming')
export const $counts = atom<Counts>({ incoming: 0, mine: 0, open: 0 })
/** Every row heard of, the newest of each; the views are cut from here. */
const $known = atom<ReadonlyMap<SessionId, SessionRow>>(new Map())
/** How far the view has been paged. */
const $load = atom<Loadable<{ readonly next: string | null }>>(idle)
/** Rows that came in since the list was last seen at its top: «3 new». */
export const $fresh = atom<ReadonlySet<SessionId>>(new Set())
/** The time, each second, for the waiting clocks. */
export const $clock = atom(0)

export const $inbox = computed(
  [$load, $known, $view, $me],
  (load, known, view, me): Loadable<readonly SessionRow[]> => {
    const { value: _page, ...rest } = load
    if (!me || load.value === undefined) return rest
    const rows = [...known.values()].filter((row) => belongsTo(view, row, me.operator.id))
    return { ...rest, value: rows.sort(byWaiting) }
  },
)
export const $hasMore = computed($load, (load) => typeof load.value?.next === 'string')

let round = 0
/** Rows heard of while a page was on its way: it may be older than they are. */
const heard = new Set<SessionId>()
let recount: ReturnType<typeof setTimeout> | undefined

personal(() => {
  round += 1
  heard.clear()
  rings.clear()
  clearTimeout(recount)
  $view.set('incoming')
  $known.set(new Map())
  $load.set(idle)
  $fresh.set(new Set())
  setCounts({ incoming: 0, mine: 0, open: 0 })
})

/** Begins to follow the inbox: loads it, then hears of each change. */
export function startInbox(): () => void {
  tick()
  const timer = setInterval(tick, 1000)
  const stops = [
    onNews((news) => {
      if (news.type === 'rows') hear(news.rows)
      if (news.type === 'removed') forget(news.sessions)
    }),
    onReturn(() => void reloadInbox()),
    () => clearInterval(timer),
  ]
  void reloadInbox()
  return () => {
    for (const stop of stops) stop()
  }
}

function tick(): void {
  $clock.set(environment().now())
}

export function setView(view: InboxView): void {
  if (view === $view.get()) return
  $view.set(view)
  $load.set(idle)
  $fresh.set(new Set())
  void reloadInbox()
}

export async function reloadInbox(): Promise<void> {
  round += 1
  heard.clear()
  $load.set(loading($load.get()))
  await load(round)
}

export async function loadMore(): Promise<void> {
  const { state, value } = $load.get()
  if (state === 'loading' || typeof value?.next !== 'string') return
  $load.set(loading($load.get()))
  await load(round, value.next)
}

/** The operator has seen the top of the list. */
export function seenFresh(): void {
  if ($fresh.get().size > 0) $fresh.set(new Set())
}

/** How long the customer has waited for a person; undefined: nobody has to come. */
export function waitingMs(row: SessionRow, now: number): number | undefined {
  return row.waitingSince === null ? undefined : Math.max(0, now - row.waitingSince)
}

async function load(mine: number, cursor?: string): Promise<void> {
  const view = $view.get()
  const query = { view, limit: pageSize, ...(cursor ? { cursor } : {}) }
  const answer = await call('GET /api/inbox', { query })
  if (mine !== round) return
  if (!answer.ok) {
    $load.set(failed($load.get(), sentenceOf(answer.refusal)))
    return
  }
  const { rows, next, counts } = answer.answer
  if (!cursor) forgetUnlisted(view, rows)
  remember(rows)
  setCounts(counts)
  if (heard.size > 0) countSoon()
  $load.set(ready({ next }))
  ring(rows)
}

/** What a fresh list leaves out has gone from here while we didn't listen. */
function forgetUnlisted(view: InboxView, rows: readonly SessionRow[]): void {
  const me = $me.get()?.operator.id
  if (!me) return
  const stays = new Set([...rows.map(({ id }) => id), ...heard])
  const left = [...$known.get()].filter(([id, row]) => stays.has(id) || !belongsTo(view, row, me))
  $known.set(new Map(left))
}

/** News: keeps the newer of each row, counts, and rings for who has just begun to wait. */
function hear(rows: readonly SessionRow[]): void {
  const me = $me.get()?.operator.id
  if (!me) return
  const known = $known.get()
  const counts = { ...$counts.get() }
  let unsure = false
  const fresh = new Set($fresh.get())
  for (const row of rows) {
    const before = known.get(row.id)
    if (before && before.seq >= row.seq) continue
    heard.add(row.id)
    // Whether a row never seen was counted before, only the worker knows.
    unsure ||= before === undefined
    for (const view of views) {
      const was = before !== undefined && belongsTo(view, before, me)
      const is = belongsTo(view, row, me)
      if (before !== undefined) counts[view] += Number(is) - Number(was)
      if (view === $view.get() && is && !was) fresh.add(row.id)
    }
  }
  remember(rows)
  $fresh.set(fresh)
  setCounts(counts)
  ring(rows)
  if (unsure) countSoon()
}

/** Sessions that were deleted with their customer. */
function forget(ids: readonly SessionId[]): void {
  const known = new Map($known.get())
  for (const id of ids) known.delete(id)
  if (known.size === $known.get().size) return
  $known.set(known)
  $fresh.set(new Set([...$fresh.get()].filter((id) => !ids.includes(id))))
  countSoon()
}

function remember(rows: readonly SessionRow[]): void {
  const known = new Map($known.get())
  for (const row of rows) {
    const before = known.get(row.id)
    if (!before || before.seq < row.seq) known.set(row.id, row)
  }
  $known.set(known)
}

/** Several unknown rows at once ask once. */
function countSoon(): void {
  clearTimeout(recount)
  recount = setTimeout(() => void countAgain(), recountMs)
}

async function countAgain(): Promise<void> {
  const mine = round
  const answer = await call('GET /api/inbox', { query: { view: 'incoming', limit: 1 } })
  if (answer.ok && mine === round) setCounts(answer.answer.counts)
}

function setCounts(counts: Counts): void {
  $counts.set(counts)
  environment().badge(counts.incoming)
}

/** Rings once for each handover, on whichever surface is quicker. */
function ring(rows: readonly SessionRow[]): void {
  const me = $me.get()?.operator.id
  if (!me || $presence.get() === 'away') return
  const now = environment().now()
  for (const row of rows) {
    if (row.waitingSince === null || !belongsTo('incoming', row, me)) continue
    if (now - row.waitingSince > ringsForMs) continue
    const id = `${row.id}:${row.waitingSince}`
    if (rings.has(id)) continue
    rings.add(id)
    void ringOnce(id, row)
  }
}

async function ringOnce(id: string, row: SessionRow): Promise<void> {
  const { storage, notify } = environment()
  if (await storage.session.get(rangPrefix + id)) return
  await storage.session.set(rangPrefix + id, true)
  const body = row.handover?.reason || row.lastText
  notify({ id, title: words.notices.handover(row.customer.name), body, sessionId: row.id })
}

function byWaiting(a: SessionRow, b: SessionRow): number {
  if (a.waitingSince !== b.waitingSince) {
    if (a.waitingSince === null) return 1
    if (b.waitingSince === null) return -1
    return a.waitingSince - b.waitingSince
  }
  return (b.lastMessageAt ?? b.startedAt) - (a.lastMessageAt ?? a.startedAt)
}

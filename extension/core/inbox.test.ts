import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { SessionRow } from '../../shared/inbox.ts'
import type { Fake } from './fake-environment.ts'
import { ada, meAs, noon, rowOf, settle, signedIn, waitingRow } from './fake-worker.ts'
import { $counts, $fresh, $hasMore, $inbox, loadMore, setView, waitingMs } from './inbox.ts'
import { $line } from './news.ts'
import { $people, $viewers, setPresence } from './people.ts'
import { $me } from './sign-in.ts'

const patient = waitingRow({ seq: 4, waitingSince: noon - 60_000 })
const hasty = waitingRow({ seq: 4, waitingSince: noon - 1000 })
let fake: Fake
let stop: () => Promise<void>
let rows: SessionRow[]
let counts: { incoming: number; mine: number; open: number }

beforeEach(async () => {
  rows = [patient, hasty]
  counts = { incoming: 2, mine: 0, open: 5 }
  const made = await signedIn({ 'GET /api/inbox': () => ({ rows, next: null, counts }) })
  fake = made.fake
  stop = made.stop
  fake.newest('/api/live').open()
})
afterEach(async () => stop())

const ids = () => $inbox.get().value?.map(({ id }) => id)
const news = (...changed: SessionRow[]) =>
  fake.newest('/api/live').hears({ type: 'rows', rows: changed })

it('lists the longest waiting first, with counts and a badge', () => {
  expect(ids()).toEqual([patient.id, hasty.id])
  expect($counts.get()).toEqual({ incoming: 2, mine: 0, open: 5 })
  expect(fake.badges.at(-1)).toBe(2)
  expect(waitingMs(patient, noon)).toBe(60_000)
})

it('moves a row between views as it changes, and counts along', () => {
  news({ ...patient, seq: 5, operator: ada, waitingSince: null })

  expect(ids()).toEqual([hasty.id])
  expect($counts.get()).toEqual({ incoming: 1, mine: 1, open: 5 })
})

it('takes no older row for news, however late it comes', () => {
  news({ ...patient, seq: 9, finishedAt: noon })
  news({ ...patient, seq: 8 })

  expect(ids()).toEqual([hasty.id])
  expect($counts.get().open).toBe(4)
})

it('asks for the counts when it hears of a row it never saw', async () => {
  const stranger = waitingRow({ waitingSince: noon })
  counts = { incoming: 3, mine: 0, open: 6 }
  news(stranger)
  expect(ids()).toContain(stranger.id)
  expect($fresh.get().has(stranger.id)).toBe(true)
  await vi.advanceTimersByTimeAsync(500)

  expect($counts.get()).toEqual(counts)
})

it('rings once for each handover', async () => {
  const late = waitingRow({
    seq: 3,
    waitingSince: noon,
    customer: { ...patient.customer, name: 'Rui' },
  })
  fake.notices.length = 0
  news(late)
  news({ ...late, seq: 4, lastText: 'Hello?' })
  await settle()
  expect(fake.notices).toMatchObject([{ title: 'Rui asks for a person', sessionId: late.id }])

  news({ ...late, seq: 5, operator: ada, waitingSince: null })
  news({ ...late, seq: 6, waitingSince: noon + 1 })
  await settle()
  expect(fake.notices).toHaveLength(2)
})

it('rings not for what another page has rung for', async () => {
  const late = waitingRow({ waitingSince: noon })
  fake.kept.session.set(`rang:${late.id}:${noon}`, true)
  fake.notices.length = 0
  news(late)
  await settle()

  expect(fake.notices).toEqual([])
})

it('rings not while away', async () => {
  setPresence('away')
  fake.notices.length = 0
  news(waitingRow())
  await settle()

  expect(fake.notices).toEqual([])
  expect(fake.newest('/api/live').sent).toContain('{"type":"presence","presence":"away"}')
})

it('after a break forgets what ended meanwhile', async () => {
  rows = [hasty]
  fake.newest('/api/live').drops()
  expect($line.get()).toBe('offline')
  await vi.advanceTimersByTimeAsync(1000)
  fake.newest('/api/live').open()
  await settle()

  expect(ids()).toEqual([hasty.id])
})

it('after a break knows of another role', async () => {
  fake.answers({ 'GET /api/me': () => meAs('viewer') })
  fake.newest('/api/live').drops()
  await vi.advanceTimersByTimeAsync(1000)
  fake.newest('/api/live').open()
  await settle()

  expect($me.get()?.role).toBe('viewer')
})

it('keeps what it heard while a page was on its way', async () => {
  const page = Promise.withResolvers<object>()
  fake.answers({ 'GET /api/inbox': () => page.promise })
  setView('open')
  const quick = rowOf({ seq: 2 })
  news(quick)
  page.resolve({ rows: [patient], next: null, counts })
  await settle()

  expect(ids()).toContain(quick.id)
})

it('pages on from where the worker says', async () => {
  fake.answers({
    'GET /api/inbox': (call) =>
      call.path.includes('cursor=c1')
        ? { rows: [hasty], next: null, counts }
        : { rows: [patient], next: 'c1', counts },
  })
  setView('open')
  await settle()
  expect($hasMore.get()).toBe(true)
  await loadMore()

  expect($hasMore.get()).toBe(false)
  expect(ids()).toEqual([patient.id, hasty.id])
})

it('knows who is here', () => {
  const people = [{ person: ada, presence: 'online', viewing: [] }]
  fake.newest('/api/live').hears({ type: 'hello', people })

  expect($people.get()).toEqual(people)
  expect($viewers.get()).toEqual([])
})

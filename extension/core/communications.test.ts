import { afterEach, beforeEach, expect, it } from 'vitest'

import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import type { Fact } from '../../shared/session.ts'
import {
  $communications,
  $continueRefusal,
  $details,
  $hasOlder,
  continueInHumanAgent,
  loadOlder,
  lookAt,
  retryEpisode,
} from './communications.ts'
import { $profile } from './customers.ts'
import { refusing, type Fake } from './fake-environment.ts'
import { grace, maria, noon, opened, rowOf, said, settle, signedIn } from './fake-worker.ts'
import { go } from './route.ts'
import { $toasts } from './toasts.ts'

const older = rowOf({
  startedAt: noon - 86_400_000,
  finishedAt: noon - 80_000_000,
  status: 'resolved',
})
const newer = rowOf({ seq: 2, startedAt: noon })
let fake: Fake
let stop: () => Promise<void>
let facts: Fact[]

beforeEach(async () => {
  facts = [opened, said(2, 'Hello')]
  const made = await signedIn({
    'GET /api/customers/*': () => ({ ...maria, participations: [] }),
    'GET /api/customers/*/sessions': (call) =>
      call.path.includes('cursor=c1')
        ? { rows: [older], next: null }
        : { rows: [newer], next: 'c1' },
    'GET /api/sessions/*/facts': (call) => {
      const after = Number(new URLSearchParams(call.path.split('?')[1]).get('after'))
      return { facts: facts.filter((fact) => fact.seq > after) }
    },
    'POST /api/sessions/*/takeover': () => ({ assigned: true }),
  })
  fake = made.fake
  stop = made.stop
  fake.newest('/api/live').open()
  go({ name: 'customer', customerId: maria.id, tab: 'communications' })
  await settle()
})
afterEach(async () => stop())

const ids = () => $communications.get().value?.map(({ row }) => row.id)
const news = (...rows: SessionRow[]) => fake.newest('/api/live').hears({ type: 'rows', rows })

it('shows the newest session whole, and older ones on demand above it', async () => {
  expect(ids()).toEqual([newer.id])
  expect($communications.get().value?.[0]).toMatchObject({ load: 'ready', session: { seq: 2 } })
  expect($hasOlder.get()).toBe(true)
  await loadOlder()
  await settle()

  expect(ids()).toEqual([older.id, newer.id])
  expect($hasOlder.get()).toBe(false)
})

it('shows the details of the session the reader is at', async () => {
  await loadOlder()
  expect($details.get()?.row.id).toBe(newer.id)
  lookAt(older.id)

  expect($details.get()?.row.id).toBe(older.id)
})

it('follows live: what was said, and a session that begins', async () => {
  facts.push(said(3, 'Still there?'))
  const fresh = rowOf({ startedAt: noon + 1000 })
  news({ ...newer, seq: 3 }, fresh, rowOf({ customer: { ...maria, id: newId('cus') } }))
  await settle()

  expect(ids()).toEqual([newer.id, fresh.id])
  expect($communications.get().value?.[0]?.session.seq).toBe(3)
})

it('says which session could not be read, and reads it again', async () => {
  fake.answers({ 'GET /api/sessions/*/facts': () => refusing(429, 'too-many') })
  await loadOlder()
  await settle()
  expect($communications.get().value?.[0]?.load).toBe('failed')
  fake.answers({ 'GET /api/sessions/*/facts': () => ({ facts: [opened] }) })
  retryEpisode(older.id)
  await settle()

  expect($communications.get().value?.[0]?.load).toBe('ready')
})

it('continues in Human Agents, in a tab of its own', async () => {
  await continueInHumanAgent()

  expect(fake.tabs).toEqual([`/human-agents/${newer.id}`])
  expect($toasts.get().at(-1)?.text).toBe('Continue communication at Human Agents tab')
})

it('says why it could not continue', async () => {
  fake.answers({
    'POST /api/sessions/*/takeover': () => refusing(409, 'taken-by-another', grace.name),
  })
  await continueInHumanAgent()

  expect($continueRefusal.get()).toBe('Grace has taken this session.')
  expect(fake.tabs).toEqual([])
})

it('asks for the profile again when the record has changed', async () => {
  const before = fake.calls.length
  fake.answers({
    'GET /api/customers/*': () => ({ ...maria, name: 'Maria L.', participations: [] }),
  })
  fake.newest('/api/live').hears({ type: 'customer', id: maria.id })
  await settle()

  expect(fake.calls.length).toBe(before + 1)
  expect($profile.get().value?.name).toBe('Maria L.')
})

it('forgets one customer’s sessions with the next', async () => {
  fake.answers({ 'GET /api/customers/*/sessions': () => ({ rows: [], next: null }) })
  go({ name: 'customer', customerId: newId('cus'), tab: 'summary' })
  expect($communications.get().value).toBeUndefined()
  await settle()

  expect(ids()).toEqual([])
})

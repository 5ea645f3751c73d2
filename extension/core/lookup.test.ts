import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { CustomerRow } from '../../shared/customer.ts'
import { newId } from '../../shared/new-id.ts'
import { $query, $search, writeQuery } from './customers.ts'
import { refusing, type Fake } from './fake-environment.ts'
import { maria, noon, settle, signedIn } from './fake-worker.ts'
import { $lookup, normalise } from './lookup.ts'
import { $route } from './route.ts'

const mariaRow: CustomerRow = {
  ...maria,
  email: 'maria@example.com',
  phone: '',
  channels: [],
  active: 0,
  lastCommunicationAt: noon,
  values: {},
  createdAt: noon,
}
let fake: Fake
let stop: () => Promise<void>
let rows: CustomerRow[]

beforeEach(async () => {
  rows = [mariaRow]
  const made = await signedIn({
    'GET /api/customers': () => ({ rows, next: null, total: rows.length }),
  })
  fake = made.fake
  stop = made.stop
})
afterEach(async () => stop())

const asked = () =>
  fake.calls.filter((one) => one.name === 'GET /api/customers').map((one) => one.path)

describe('a look-up', () => {
  it('opens the only hit', async () => {
    fake.intend({ text: ' maria@example.com ', at: noon })
    await settle()

    expect($route.get()).toMatchObject({ name: 'customer', customerId: maria.id })
    expect($query.get()).toBe('')
    expect(asked()).toEqual(['/api/customers?q=maria%40example.com&anonymous=show&limit=20'])
  })

  it('shows several, with the query in the box', async () => {
    rows = [mariaRow, { ...mariaRow, id: newId('cus') }]
    fake.intend({ text: 'Maria', at: noon })
    await settle()

    expect($route.get().name).toBe('home')
    expect($lookup.get().state).toBe('several')
    expect($query.get()).toBe('Maria')
    expect($search.get().value?.rows).toHaveLength(2)
  })

  it('says when there is nobody, and when nobody could be asked', async () => {
    rows = []
    fake.intend({ text: 'Nobody', at: noon })
    await settle()
    expect($lookup.get()).toMatchObject({
      state: 'none',
      sentence: expect.stringContaining('Nobody'),
    })

    fake.answers({ 'GET /api/customers': () => refusing(429, 'too-many') })
    fake.intend({ text: 'Maria', at: noon })
    await settle()
    expect($lookup.get().state).toBe('failed')
  })

  it('does not take away who has typed something else meanwhile', async () => {
    const slow = Promise.withResolvers<object>()
    fake.answers({ 'GET /api/customers': () => slow.promise })
    fake.intend({ text: 'maria', at: noon })
    await settle()
    writeQuery('rui')
    slow.resolve({ rows, next: null, total: 1 })
    await settle()

    expect($route.get().name).toBe('home')
    expect($query.get()).toBe('rui')
  })

  it('is forgotten after a while', async () => {
    fake.intend({ text: 'Maria', at: noon - 600_000 })
    await settle()

    expect(asked()).toEqual([])
  })
})

describe('the search box', () => {
  it('asks when the typing pauses, and ignores a stale answer', async () => {
    const slow = Promise.withResolvers<object>()
    fake.answers({
      'GET /api/customers': (call) =>
        call.path.includes('q=mar&') ? slow.promise : { rows, next: null, total: 1 },
    })
    writeQuery('m')
    writeQuery('mar')
    await vi.advanceTimersByTimeAsync(250)
    writeQuery('maria')
    await vi.advanceTimersByTimeAsync(250)
    slow.resolve({ rows: [], next: null, total: 0 })
    await settle()

    expect(asked()).toHaveLength(2)
    expect($search.get().value).toMatchObject({ query: 'maria', total: 1 })
  })

  it('keeps what was found when the next question fails', async () => {
    writeQuery('maria')
    await vi.advanceTimersByTimeAsync(250)
    fake.answers({ 'GET /api/customers': () => refusing(429, 'too-many') })
    writeQuery('maria l')
    await vi.advanceTimersByTimeAsync(250)

    expect($search.get()).toMatchObject({ state: 'failed', value: { total: 1 } })
  })
})

describe('normalise', () => {
  it.each([
    ['  Maria\n Lopes ', 'Maria Lopes'],
    ['\u200Bmaria@\u2060example.com\u202E', 'maria@example.com'],
    ['mailto:maria@example.com', 'maria@example.com'],
    ['“@maria_l”,', '@maria_l'],
    ['(+351) 912 345 678', '+351) 912 345 678'],
    ['\u0000', ''],
  ])('%j → %j', (text, query) => {
    expect(normalise(text)).toBe(query)
  })

  it('caps what it takes', () => {
    expect(normalise('a'.repeat(10_000))).toHaveLength(254)
  })
})

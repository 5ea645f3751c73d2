import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { CustomerRow } from '../../shared/customer.ts'
import { decodeFilter } from '../../shared/filter-url.ts'
import { newId } from '../../shared/new-id.ts'
import { refusing, type Fake, type FakeCall } from './fake-environment.ts'
import { meAs, noon, settle, signedIn } from './fake-worker.ts'
import { stretch } from './pages.ts'
import { $place, back, go } from './route.ts'
import {
  $listLoad,
  $listState,
  $newAbove,
  $pages,
  $total,
  applyFilter,
  openRow,
  openTable,
  reloadList,
  selectRow,
  show,
  sortBy,
  writeListQuery,
  writeQuick,
} from './table.ts'

const customers = Array.from({ length: 250 }, (_, at) => rowAt(at))
let fake: Fake
let stop: () => Promise<void>
let closeTable: () => void

function rowAt(at: number): CustomerRow {
  return {
    id: newId('cus'),
    name: `Customer ${at}`,
    email: '',
    phone: '',
    channels: [],
    active: 0,
    lastCommunicationAt: noon - at * 1000,
    createdAt: noon,
    values: {},
  }
}

function pageOf(call: FakeCall) {
  const query = new URLSearchParams(call.path.split('?')[1])
  const at = Number(query.get('cursor') ?? 0)
  const limit = Number(query.get('limit'))
  const found = query.get('q') ? customers.slice(0, 3) : customers
  const next = at + limit < found.length ? String(at + limit) : null
  return { rows: found.slice(at, at + limit), next, total: null }
}

function lists(): FakeCall[] {
  return fake.calls.filter(({ name }) => name === 'GET /api/customers')
}

const names = (from: number, to: number) => stretch($pages.get(), from, to).map((row) => row?.name)

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await settle()
}

async function news(row: CustomerRow, matches = true): Promise<void> {
  fake.answers({ [`GET /api/customers/${row.id}/row`]: () => ({ row, matches }) })
  fake.newest('/api/live').hears({ type: 'customer', id: row.id })
  await pass(350)
}

beforeEach(async () => {
  ;({ fake, stop } = await signedIn(
    {
      'GET /api/fields': () => ({ fields: [] }),
      'GET /api/customers': pageOf,
      'GET /api/customers/count': () => ({ total: 250 }),
    },
    meAs('admin'),
  ))
  fake.newest('/api/live').open()
  go({ name: 'customers' })
  closeTable = openTable()
  await settle()
})

afterEach(async () => {
  closeTable()
  await stop()
})

describe('the list', () => {
  it('shows its first page and counts beside it', () => {
    expect(names(0, 2)).toEqual(['Customer 0', 'Customer 1'])
    expect($total.get()).toEqual({ state: 'ready', value: 250 })
  })

  it('does not wait for the counter, which shows nothing meanwhile', async () => {
    const counted = Promise.withResolvers<unknown>()
    fake.answers({ 'GET /api/customers/count': () => counted.promise })

    writeListQuery('cus')
    await pass(250)

    expect($listLoad.get().state).toBe('ready')
    expect($pages.get().length).toBe(3)
    expect($total.get().value).toBeUndefined()
    counted.resolve({ total: 3 })
    await settle()
    expect($total.get().value).toBe(3)
  })

  it('never shows the count of the filter before', async () => {
    const slow = Promise.withResolvers<unknown>()
    fake.answers({ 'GET /api/customers/count': () => slow.promise })
    writeListQuery('first')
    await pass(250)
    fake.answers({ 'GET /api/customers/count': () => ({ total: 2 }) })

    writeListQuery('second')
    await pass(250)
    slow.resolve({ total: 99 })
    await settle()

    expect($total.get().value).toBe(2)
  })

  it('asks once when typing pauses, with what stands under the headers', async () => {
    const before = lists().length

    writeQuick('name', 'd')
    writeQuick('name', 'da')
    await pass(250)

    expect(lists()).toHaveLength(before + 1)
    const filter = new URLSearchParams(lists().at(-1)?.path.split('?')[1]).get('filter')
    expect(decodeFilter(filter ?? '')).toEqual({ field: 'name', op: 'contains', values: ['da'] })
  })

  it('loads on while the eye comes near the end, and no more than that', async () => {
    expect($pages.get().length).toBe(100)

    show(60, 90)
    await settle()
    expect($pages.get().length).toBe(200)

    show(150, 199)
    await settle()
    show(220, 249)
    await settle()
    expect($pages.get().length).toBe(250)
    expect($pages.get().next).toBeUndefined()
    expect(names(249, 250)).toEqual(['Customer 249'])
  })

  it('turns the order round on the second click', async () => {
    sortBy('name')
    await settle()
    expect(lists().at(-1)?.path).toContain('sort=name')

    sortBy('name')
    await settle()
    expect(lists().at(-1)?.path).toContain('sort=-name')
  })

  it('says what went wrong and keeps what was there', async () => {
    fake.answers({ 'GET /api/customers': () => refusing(403, 'not-permitted') })

    void reloadList()
    await pass(5000)

    expect($listLoad.get().state).toBe('failed')
    expect(names(0, 1)).toEqual(['Customer 0'])
  })
})

describe('the address', () => {
  it('holds filters, order and selection, and back brings them again', async () => {
    const [first] = customers as [CustomerRow]
    applyFilter({ all: [{ field: 'name', op: 'contains', values: ['a'] }] })
    sortBy('name')
    await settle()
    openRow(first.id)
    await settle()
    expect($place.get().name).toBe('customer')
    closeTable()
    const asked = lists().length

    back()
    closeTable = openTable()
    await settle()

    expect($listState.get()).toMatchObject({ sort: 'name', row: first.id })
    expect($listState.get().advanced).toBeDefined()
    expect(lists()).toHaveLength(asked)
  })

  it('of somebody else is shown as it is', async () => {
    closeTable()
    go({ name: 'customers', list: 'f.name=olive&sort=name' })
    closeTable = openTable()
    await settle()

    expect($listState.get()).toMatchObject({ quick: { name: 'olive' }, sort: 'name' })
    expect(lists().at(-1)?.path).toContain('sort=name')
  })

  it('is written a moment after the selection moves', async () => {
    const [, second] = customers as [CustomerRow, CustomerRow]
    selectRow(second.id)
    await pass(200)

    expect($place.get()).toMatchObject({ list: `row=${second.id}` })
  })
})

describe('live rows', () => {
  it('take the place the order gives them', async () => {
    const [, , third] = customers as [CustomerRow, CustomerRow, CustomerRow]
    await news({ ...third, lastCommunicationAt: noon + 5000 })

    expect(names(0, 3)).toEqual(['Customer 2', 'Customer 0', 'Customer 1'])
    expect($pages.get().length).toBe(100)
  })

  it('go when the filter no longer lets them through, and the counter knows', async () => {
    fake.answers({ 'GET /api/customers/count': () => ({ total: 249 }) })
    await news(customers[0] as CustomerRow, false)

    expect(names(0, 1)).toEqual(['Customer 1'])
    expect($total.get().value).toBe(249)
  })

  it('are told where the eye can not see them', async () => {
    show(40, 70)
    await settle()
    await news({ ...rowAt(0), name: 'Newcomer', lastCommunicationAt: noon + 9000 })

    expect(names(0, 1)).toEqual(['Newcomer'])
    expect($newAbove.get()).toBe(1)
  })

  it('go when the customer was deleted', async () => {
    const [first] = customers as [CustomerRow]
    fake.answers({ [`GET /api/customers/${first.id}/row`]: () => refusing(404, 'not-found') })
    fake.newest('/api/live').hears({ type: 'customer', id: first.id })
    await pass(350)

    expect(names(0, 1)).toEqual(['Customer 1'])
  })

  it('that came while the list was away are made up for', async () => {
    const [, second] = customers as [CustomerRow, CustomerRow]
    closeTable()
    const row = { ...second, lastCommunicationAt: noon + 100 }
    fake.answers({ [`GET /api/customers/${second.id}/row`]: () => ({ row, matches: true }) })
    fake.newest('/api/live').hears({ type: 'customer', id: second.id })
    await pass(350)
    expect(names(0, 1)).toEqual(['Customer 0'])

    closeTable = openTable()
    await pass(350)

    expect(names(0, 1)).toEqual(['Customer 1'])
  })
})

import { describe, expect, it } from 'vitest'

import type { CustomerRow } from '../../shared/customer.ts'
import { newId } from '../../shared/new-id.ts'
import { keepOnly, noPages, pageAt, placeRow, positionOf, putPage, stretch } from './pages.ts'

const byName = (one: CustomerRow, other: CustomerRow) => (one.name < other.name ? -1 : 1)

function row(name: string): CustomerRow {
  return {
    id: newId('cus'),
    name,
    email: '',
    phone: '',
    channels: [],
    active: 0,
    lastCommunicationAt: null,
    createdAt: 0,
    values: {},
  }
}

const [ada, bob, cleo, dora, emil] = ['Ada', 'Bob', 'Cleo', 'Dora', 'Emil'].map(row) as [
  CustomerRow,
  CustomerRow,
  CustomerRow,
  CustomerRow,
  CustomerRow,
]
const two = putPage(putPage(noPages, 0, [ada, cleo], 'c1'), 1, [dora, emil], undefined)
const names = (rows: readonly (CustomerRow | undefined)[]) => rows.map((one) => one?.name)

describe('pages', () => {
  it('stand one after the other', () => {
    expect(two.length).toBe(4)
    expect(names(stretch(two, 1, 3))).toEqual(['Cleo', 'Dora'])
    expect(pageAt(two, 1)).toBe(0)
    expect(pageAt(two, 2)).toBe(1)
  })

  it('let go of rows and keep their place', () => {
    const kept = keepOnly(two, 1, 1)

    expect(kept.length).toBe(4)
    expect(names(stretch(kept, 0, 4))).toEqual([undefined, undefined, 'Dora', 'Emil'])
    expect(kept.all[1]?.cursor).toBe('c1')
  })

  it('take a page in again where it was', () => {
    const again = putPage(keepOnly(two, 1, 1), 0, [ada, cleo], 'c1')

    expect(names(stretch(again, 0, 4))).toEqual(['Ada', 'Cleo', 'Dora', 'Emil'])
  })

  it('forget what comes after a page that ends elsewhere now', () => {
    const again = putPage(two, 0, [ada, bob], 'c2')

    expect(names(stretch(again, 0, 9))).toEqual(['Ada', 'Bob'])
    expect(again.next).toBe('c2')
  })

  it('never show one customer twice', () => {
    const moved = putPage(putPage(noPages, 0, [ada, cleo], 'c1'), 1, [ada, dora], undefined)

    expect(names(stretch(moved, 0, 9))).toEqual(['Cleo', 'Ada', 'Dora'])
  })
})

describe('a live row', () => {
  it('goes where the order wants it', () => {
    expect(names(stretch(placeRow(two, bob, byName), 0, 9))).toEqual([
      'Ada',
      'Bob',
      'Cleo',
      'Dora',
      'Emil',
    ])
  })

  it('moves when it is there already', () => {
    const renamed = { ...ada, name: 'Zoe' }

    const placed = placeRow(two, renamed, byName)

    expect(names(stretch(placed, 0, 9))).toEqual(['Cleo', 'Dora', 'Emil', 'Zoe'])
    expect(positionOf(placed, ada.id)).toBe(3)
  })

  it('waits for its page below what is loaded', () => {
    const first = putPage(noPages, 0, [ada, bob], 'c1')

    expect(names(stretch(placeRow(first, cleo, byName), 0, 9))).toEqual(['Ada', 'Bob'])
  })

  it('is not put at the edge of a page that was let go', () => {
    const below = keepOnly(two, 1, 1)

    expect(placeRow(below, bob, byName).length).toBe(4)
  })

  it('is the first of an empty list', () => {
    expect(names(stretch(placeRow(noPages, ada, byName), 0, 9))).toEqual(['Ada'])
  })
})

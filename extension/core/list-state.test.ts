import { describe, expect, it } from 'vitest'

import { decodeFilter } from '../../shared/filter-url.ts'
import type { Field } from '../../shared/fields.ts'
import type { Filter } from '../../shared/filters.ts'
import { newId } from '../../shared/new-id.ts'
import {
  conditionsIn,
  findingOf,
  firstState,
  isUnderstood,
  readState,
  writeState,
  type ListState,
} from './list-state.ts'

const premium: Filter = {
  all: [
    { field: 'plan', op: 'is', values: ['Premium'] },
    { any: [{ field: 'name', op: 'contains', values: ['João & Co'] }] },
  ],
}
const debt: Field = {
  name: 'debt',
  title: 'Debt',
  type: 'number',
  options: [],
  builtin: false,
  hidden: false,
  column: true,
  position: 20,
}

describe('the state of the list', () => {
  it('comes back from an address as it was', () => {
    const state: ListState = {
      q: 'd&a',
      quick: { name: 'x=y', last_communication: '2026-01-01..' },
      advanced: premium,
      saved: newId('flt'),
      sort: 'name',
      anonymous: true,
      row: newId('cus'),
      panel: true,
    }

    expect(readState(writeState(state))).toEqual(state)
  })

  it('is no part of the address while nothing was asked', () => {
    expect(writeState(firstState)).toBe('')
    expect(readState('')).toEqual(firstState)
  })

  it('leaves out what somebody has written wrongly', () => {
    const state = readState('sort=1;drop&filter=%25%25&row=ses_1&saved=x&anonymous=1')

    expect(state).toEqual(firstState)
  })
})

describe('what is asked of the worker', () => {
  it('is quick and advanced filters together', () => {
    const { filter } = findingOf({ ...firstState, quick: { debt: '5..10' }, advanced: premium }, [
      debt,
    ])

    expect(decodeFilter(filter ?? '')).toEqual({
      all: [{ field: 'debt', op: 'between', values: [5, 10] }, premium],
    })
  })

  it('is nothing but the anonymous when there is no filter', () => {
    expect(findingOf(firstState, [])).toEqual({ anonymous: 'hide' })
  })

  it('leaves out a filter of a column nobody knows any more', () => {
    expect(findingOf({ ...firstState, quick: { gone: 'x' } }, []).filter).toBeUndefined()
  })
})

it('a quick filter says when it is not understood', () => {
  expect(isUnderstood('debt', 'number', '12')).toBe(true)
  expect(isUnderstood('debt', 'number', 'twelve')).toBe(true)
  expect(isUnderstood('last_communication', 'date', '')).toBe(true)
})

it('conditions are counted through all groups', () => {
  expect(conditionsIn(premium)).toBe(2)
  expect(conditionsIn(undefined)).toBe(0)
})

// The language of filters: what it refuses, how it goes through a URL, and what its days are.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { filter } from '../worker/customer/find/testing.ts'
import { spanOfDay, spanOfLastDays } from './days.ts'
import { decodeFilter, encodeFilter, quickFilter } from './filter-url.ts'
import {
  allOf,
  noFilter,
  operators,
  operatorsFor,
  parseFilter,
  type Filter,
  type Kind,
} from './filters.ts'
import { evaluate, prepare, type Facts } from './predicate.ts'
import { isRefusal } from './refusal.ts'
import { toUrlText } from './url-text.ts'

const name: Filter = { field: 'name', op: 'contains', values: ['dana'] }

describe('a filter in a URL', () => {
  it('comes back as it went, and needs no escaping', () => {
    fc.assert(
      fc.property(filter, (tree) => {
        const text = encodeFilter(tree)
        expect(encodeURIComponent(text)).toBe(text)
        const back = decodeFilter(text)
        // Halves of characters don't survive; everything else does.
        if (JSON.stringify(tree).includes('\\ud')) return
        expect(JSON.stringify(isRefusal(back) ? undefined : encodeFilter(back))).toBe(
          JSON.stringify(text),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('is nothing for everybody', () => {
    expect(encodeFilter({ all: [{ all: [] }] })).toBe('')
    expect(decodeFilter('')).toEqual(noFilter)
  })

  it('never throws, whatever the URL says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue().map(toUrlText)), (text) => {
        const back = decodeFilter(text)
        expect(isRefusal(back) || parseFilter(back)).toEqual(isRefusal(back) || back)
      }),
    )
  })

  it('may be nested as deep as anybody likes to write it', () => {
    let deep: unknown = ['name', 'equals', ['x']]
    for (let level = 0; level < 2000; level += 1) deep = ['&', deep]

    expect(decodeFilter(toUrlText(deep))).toMatchObject({
      refusal: 'invalid',
      detail: '5 levels at most',
    })
  })
})

describe('what is joined', () => {
  it('leaves out those that let everybody through', () => {
    expect(allOf([noFilter, name, { all: [] }])).toEqual(name)
    expect(allOf([])).toEqual(noFilter)
    expect(allOf([name, name])).toEqual({ all: [name, name] })
  })

  it.each<[string, Kind, unknown]>([
    ['  da ', 'text', { field: 'f', op: 'contains', values: ['da'] }],
    ['5', 'number', { field: 'f', op: 'eq', values: [5] }],
    ['1,5..9', 'number', { field: 'f', op: 'between', values: [1.5, 9] }],
    ['..9', 'number', { field: 'f', op: 'lte', values: [9] }],
    ['few', 'number', { field: 'f', op: 'eq', values: ['few'] }],
    [
      '2027-01-01..2027-02-01',
      'date',
      { field: 'f', op: 'between', values: ['2027-01-01', '2027-02-01'] },
    ],
    ['Pro', 'enum', { field: 'f', op: 'is', values: ['Pro'] }],
    ['true', 'boolean', { field: 'f', op: 'is', values: [true] }],
    ['web', 'channel', { field: 'f', op: 'has', values: ['web'] }],
    ['\u200b', 'text', noFilter],
    ['   ', 'number', noFilter],
  ])('reads «%s» under a %s column', (text, kind, wanted) => {
    expect(quickFilter({ f: text }, () => kind)).toEqual(wanted)
  })
})

describe('the operators', () => {
  it('are there for every kind of field', () => {
    const kinds: Kind[] = [
      'text',
      'number',
      'date',
      'enum',
      'boolean',
      'channel',
      'campaign',
      'anything',
    ]
    for (const kind of kinds) expect(operatorsFor(kind).length).toBeGreaterThan(1)
    expect(kinds.flatMap(operatorsFor)).toEqual(expect.arrayContaining(Object.keys(operators)))
  })
})

const dana: Facts = {
  id: 'cus_1',
  anonymous: false,
  nameKey: 'dana muller',
  searchText: 'dana muller\ndana@example.com\n13125550142',
  createdAt: Date.UTC(2027, 2, 14, 4, 59),
  lastCommunicationAt: null,
  addresses: [
    { kind: 'email', value: 'dana@example.com' },
    { kind: 'email', value: 'd@work.example' },
    { kind: 'phone', value: '+13125550142' },
  ],
  values: [
    { field: 'score', value: '5', key: '5', num: 5 },
    { field: 'born', value: '1990-05-01', key: '1990-05-01', num: Date.UTC(1990, 4, 1) },
  ],
  channels: ['web'],
  participations: [
    { campaignId: 'a', status: 'active', stage: 'Lead' },
    { campaignId: 'b', status: 'pending', stage: null },
  ],
  served: true,
}

describe('a customer with several values', () => {
  const reading = {
    customFields: { score: 'number', born: 'date' },
    timeZone: 'America/New_York',
    now: Date.UTC(2027, 2, 15, 3),
  } as const
  it.each<[string, boolean, object]>([
    ['any value may pass', true, { field: 'email', op: 'equals', values: ['D@Work.Example'] }],
    ['a negation means none', false, { field: 'email', op: 'not_contains', values: ['work'] }],
    ['a negation is true of nothing', true, { field: 'linkedin', op: 'not_equals', values: ['x'] }],
    ['a number in any format', true, { field: 'phone', op: 'contains', values: ['(312) 555-01'] }],
    [
      'the zero of a number dialled at home',
      true,
      { field: 'phone', op: 'contains', values: ['+1 (0)312 555'] },
    ],
    [
      'a number with its prefix',
      true,
      { field: 'phone', op: 'equals', values: ['001 312 555 0142'] },
    ],
    ['letters are in no number', false, { field: 'phone', op: 'contains', values: ['abc'] }],
    ['folded', true, { field: 'name', op: 'starts_with', values: ['DÁNA M'] }],
    ['never spoken with', true, { field: 'last_communication', op: 'empty', values: [] }],
    [
      'and so not before either',
      false,
      { field: 'last_communication', op: 'before', values: ['2099-01-01'] },
    ],
    ['the day of the company', true, { field: 'created_at', op: 'on', values: ['2027-03-13'] }],
    ['not the day of Greenwich', false, { field: 'created_at', op: 'on', values: ['2027-03-14'] }],
    ['today and yesterday', true, { field: 'created_at', op: 'last_days', values: [2] }],
    ['today alone', false, { field: 'created_at', op: 'last_days', values: [1] }],
    ['a date is a day everywhere', true, { field: 'born', op: 'on', values: ['1990-05-01'] }],
    [
      'status of one campaign',
      false,
      { field: 'campaign_status', op: 'is', values: ['active'], campaign: 'b' },
    ],
    ['status of any campaign', true, { field: 'campaign_status', op: 'is', values: ['active'] }],
    ['Customer Service', true, { field: 'campaign', op: 'in', values: ['customer-service'] }],
    ['in none of them', false, { field: 'campaign', op: 'not_in', values: ['c', 'a'] }],
    ['any column', true, { field: '*', op: 'contains', values: ['EXAMPLE.com'] }],
    ['between, ends included', true, { field: 'score', op: 'between', values: [5, 5] }],
    ['not equal', false, { field: 'score', op: 'ne', values: [5] }],
  ])('%s: %s', (_, wanted, condition) => {
    const parsed = parseFilter(condition)
    if (isRefusal(parsed)) throw new Error(parsed.detail)
    const predicate = prepare(parsed, reading)
    if (isRefusal(predicate)) throw new Error(predicate.detail)

    expect(evaluate(predicate, dana)).toBe(wanted)
  })
})

const hours = (day: string, zone: string) => {
  const span = spanOfDay(day, zone)!
  return (span.to + 1 - span.from) / 3_600_000
}

describe('a day', () => {
  it.each([
    ['2027-03-14', 'America/New_York', 23],
    ['2027-11-07', 'America/New_York', 25],
    ['2027-06-01', 'America/New_York', 24],
    ['2027-06-01', 'Asia/Kathmandu', 24],
    // The clock goes forward at midnight: the day begins at one.
    ['2024-09-08', 'America/Santiago', 23],
    ['2024-04-06', 'America/Santiago', 25],
    ['2011-12-31', 'Pacific/Apia', 24],
  ])('%s in %s has %i hours', (day, zone, wanted) => {
    expect(hours(day, zone)).toBe(wanted)
  })

  it('begins where the one before it ends, all year round', () => {
    for (const zone of ['Europe/Lisbon', 'America/Santiago', 'Australia/Lord_Howe', 'UTC']) {
      let end = spanOfDay('2025-12-31', zone)!.to
      for (let n = 0; n < 365; n += 1) {
        const day = new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)
        const span = spanOfDay(day, zone)!
        expect(span.from, `${day} ${zone}`).toBe(end + 1)
        end = span.to
      }
    }
  })

  it('is none when the calendar has none', () => {
    for (const day of ['2027-02-29', '2027-13-01', '27-01-01', '', '2027-1-1', 'today']) {
      expect(spanOfDay(day, 'UTC')).toBeUndefined()
    }
  })

  it('ends the last days with today', () => {
    const now = Date.UTC(2027, 2, 15, 3)

    expect(spanOfLastDays(1, now, 'America/New_York')).toEqual(
      spanOfDay('2027-03-14', 'America/New_York'),
    )
    expect(spanOfLastDays(7, now, 'UTC').from).toBe(Date.UTC(2027, 2, 9))
  })
})

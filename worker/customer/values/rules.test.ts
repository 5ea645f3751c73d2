// Values are written in one way only, and what is worth less never takes another's place.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { FieldType } from '../../../shared/fields.ts'
import { fold } from '../../../shared/fold.ts'
import { newId } from '../../../shared/new-id.ts'
import { givesWay, parseValue, trust, type Standing } from './rules.ts'

const noon = Date.UTC(2027, 1, 3, 12)

function read(type: FieldType, raw: string | number | boolean, timeZone?: string) {
  return parseValue({ type, options: ['Gold', 'Silber', 'Größe L'] }, raw, timeZone)?.value
}

function last(all: readonly Standing[]): Standing {
  return all.reduce((held, one) => (givesWay(held, one) ? one : held))
}

describe('a value', () => {
  it.each<[FieldType, string | number | boolean, string | undefined]>([
    ['text', '  Dana \u202e Whitfield\u0000 ', 'Dana   Whitfield'],
    ['text', 'two\r\nlines', 'two\nlines'],
    ['text', '   ', undefined],
    ['text', 'x'.repeat(2_001), undefined],
    ['text', 7, '7'],
    ['text', false, 'false'],
    ['number', ' 1250.50 ', '1250.5'],
    ['number', -0, '0'],
    ['number', '1e3', '1000'],
    ['number', '.5', '0.5'],
    ['number', '1,250', undefined],
    ['number', '0x10', undefined],
    ['number', 'Infinity', undefined],
    ['number', '9'.repeat(39), undefined],
    ['number', Number.NaN, undefined],
    ['number', true, undefined],
    ['date', '2027-02-03', '2027-02-03'],
    ['date', '2028-02-29', '2028-02-29'],
    ['date', '2027-02-29', undefined],
    ['date', '2027-02-31T10:00:00', undefined],
    ['date', '03.02.2027', undefined],
    ['date', '2027-02-03T09:30:00', '2027-02-03'],
    ['date', '2027-02-03T99:30:00Z', undefined],
    ['date', 1_800_000_000_000, undefined],
    ['enum', 'gold', 'Gold'],
    ['enum', 'GROSSE l', 'Größe L'],
    ['enum', 'Bronze', undefined],
    ['boolean', 'Yes', 'true'],
    ['boolean', 0, 'false'],
    ['boolean', true, 'true'],
    ['boolean', 'perhaps', undefined],
  ])('of type %s: %j is %j', (type, raw, value) => {
    expect(read(type, raw)).toBe(value)
  })

  it('of a moment is the day it was where the tenant is', () => {
    expect(read('date', '2027-02-03T23:30:00Z', 'Asia/Tokyo')).toBe('2027-02-04')
    expect(read('date', '2027-02-03T23:30:00Z', 'America/New_York')).toBe('2027-02-03')
    expect(read('date', '2027-02-03T01:30:00+02:00', 'UTC')).toBe('2027-02-02')
  })

  it('written again is the same, whatever was written', () => {
    const type = fc.constantFrom<FieldType>('text', 'number', 'date', 'enum', 'boolean')
    const raw = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
      fc.constantFrom('gold', 'SILBER', 'yes', '0'),
    )
    fc.assert(
      fc.property(type, raw, (one, value) => {
        const field = { type: one, options: ['Gold', 'Silber'] }
        const kept = parseValue(field, value, 'Europe/Lisbon')
        if (!kept) return
        expect(parseValue(field, kept.value, 'Asia/Tokyo')).toEqual(kept)
        expect(kept.value).not.toBe('')
        expect(kept.key).toBe(fold(kept.value))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is ordered by its number as it is meant', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const [one, two] = [a, b].map((raw) => parseValue({ type: 'number', options: [] }, raw))
        if (!one || !two) return
        expect(Math.sign((one.num ?? 0) - (two.num ?? 0))).toBe(Math.sign(a - b) + 0)
      }),
    )
    const days = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    fc.assert(
      fc.property(days, days, (a, b) => {
        const [one, two] = [a, b].map((day) =>
          parseValue({ type: 'date', options: [] }, day.toISOString().slice(0, 10)),
        )
        expect((one?.num ?? 0) < (two?.num ?? 0)).toBe((one?.value ?? '') < (two?.value ?? ''))
      }),
    )
  })
})

describe('a value that is held', () => {
  const standing = (more: Partial<Standing>): Standing => ({
    field: 'plan',
    source: 'parameter',
    pinned: false,
    sessionId: null,
    at: noon,
    ...more,
  })

  it.each<[string, Partial<Standing>, Partial<Standing>, boolean]>([
    ['a person’s stays', { source: 'operator', pinned: true }, { at: noon + 1 }, false],
    ['a pinned one stays', { pinned: true }, { source: 'upload', at: noon + 1 }, false],
    ['an upload’s stays', { source: 'upload' }, { at: noon + 1 }, false],
    ['a claim goes before a parameter', { source: 'conversation' }, { at: noon - 1 }, true],
    ['an older one goes', {}, { source: 'analysis', at: noon + 1 }, true],
    ['a newer one stays', { at: noon + 1 }, {}, false],
    ['the very same stays', {}, {}, false],
    [
      'a display name goes before what is said',
      { field: 'name', source: 'channel' },
      { field: 'name', source: 'conversation', at: noon - 1 },
      true,
    ],
  ])('%s', (_what, held, news, gives) => {
    expect(givesWay(standing(held), standing(news))).toBe(gives)
  })

  it('ends the same in whatever order feeds write', () => {
    const sources = Object.keys(trust) as (keyof typeof trust)[]
    const news = fc.record({
      field: fc.constant('plan'),
      source: fc.constantFrom(...sources.filter((one) => one !== 'operator')),
      pinned: fc.constant(false),
      at: fc.integer({ min: 0, max: 5 }),
      sessionId: fc.constantFrom(newId('ses'), newId('ses'), newId('ses')),
    })
    const order = fc.array(news, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(order, fc.infiniteStream(fc.nat()), (all, seeds) => {
        const shuffled = all.toSorted(() => ((seeds.next().value ?? 0) % 3) - 1)
        const [one, two] = [last(all), last(shuffled)]
        expect([trust[one.source], one.at, one.sessionId]).toEqual([
          trust[two.source],
          two.at,
          two.sessionId,
        ])
      }),
    )
  })
})

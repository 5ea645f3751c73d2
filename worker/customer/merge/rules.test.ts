// What a merge makes of two records, and that taking it back gives them again.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import { fold } from '../../../shared/fold.ts'
import type { MergeId } from '../../../shared/merge.ts'
import { columnsOf } from '../rules.ts'
import {
  areBarred,
  identityKey,
  isContactOf,
  merge,
  verdictsOf,
  type OwnSession,
  type OwnValue,
  type Whole,
} from './rules.ts'
import { undo } from './undo.ts'

const noon = Date.UTC(2027, 1, 3, 12)
const mergeId = `mrg_${'0'.repeat(26)}` as MergeId
const runs = Number(process.env['DEEP_RUNS'] ?? 0) || 300

function idOf(name: string): CustomerId {
  return `cus_${name.padEnd(26, '0')}` as CustomerId
}

function value(field: string, text: string, more: Partial<OwnValue> = {}): OwnValue {
  return {
    field,
    value: text,
    key: fold(text),
    num: null,
    verified: true,
    source: 'upload',
    sessionId: null,
    pinned: false,
    at: noon,
    ...more,
  }
}

/** A record whose columns are what its rows say, as the product keeps them. */
function record(name: string, rows: Partial<Omit<Whole, 'customer'>> = {}): Whole {
  const whole = {
    identities: [],
    values: [],
    suggestions: [],
    changes: [],
    participants: [],
    products: [],
    duplicates: [],
    aliases: [],
    sessions: [],
    ...rows,
  }
  const called = whole.values.find(({ field }) => field === 'name')?.value ?? `+1 ${name}`
  const proven = [...whole.identities].sort(
    (a, b) => a.createdAt - b.createdAt || (a.value < b.value ? -1 : 1),
  )
  const said = whole.values.map(({ field, value: text }) => ({ kind: field, value: text }))
  return {
    ...whole,
    customer: {
      id: idOf(name),
      name: called,
      anonymous: false,
      version: 1,
      createdAt: noon + name.charCodeAt(0),
      lastCommunicationAt: whole.sessions.reduce((at, { lastAt }) => Math.max(at, lastAt), noon),
      ...columnsOf(called, [...proven, ...said]),
    },
  }
}

function session(id: string, contact: string, startedAt: number): OwnSession {
  return { id: id as SessionId, connectionId: 'con_a', contact, startedAt, lastAt: startedAt + 1 }
}

const texts = fc.constantFrom('Ada', 'Grace', 'Linus')
const someValues = fc.uniqueArray(
  fc
    .record({
      field: fc.constantFrom('name', 'company', 'tier', 'email'),
      text: texts,
      verified: fc.boolean(),
      at: fc.integer({ min: noon, max: noon + 9 }),
    })
    .map(({ field, text, ...more }) => value(field, text, more)),
  { selector: ({ field }) => field },
)

/** Any record. What belongs to one record alone (sessions, history) is named after it. */
function anyRecord(name: string): fc.Arbitrary<Whole> {
  const identity = fc.record({
    kind: fc.constantFrom('email' as const, 'phone' as const, 'external' as const),
    value: fc.constantFrom('a@acme.example', '+13125550142', 'A1', 'B2'),
    scope: fc.constant(''),
    proof: fc.constantFrom('channel' as const, 'upload' as const),
    createdAt: fc.integer({ min: noon, max: noon + 5 }),
  })
  const participant = fc.record({
    campaignId: fc.constantFrom('cmp_a', 'cmp_b'),
    status: fc.constantFrom('pending' as const, 'active' as const, 'completed' as const),
    stage: fc.constantFrom(null, 'Call', 'Won'),
    data: fc.dictionary(fc.constantFrom('seat', 'row'), texts, { maxKeys: 2 }),
    summary: fc.constantFrom(null, 'Asked'),
    loadedAt: fc.integer({ min: noon, max: noon + 5 }),
  })
  const product = fc.record({
    campaignId: fc.constantFrom('cmp_a', ''),
    key: fc.constantFrom('plan', 'router'),
    name: texts,
    attributes: fc.dictionary(fc.constant('tier'), texts),
    at: fc.constant(noon),
  })
  const duplicate = fc.record({
    otherId: fc.constantFrom(idOf('y'), idOf('z')),
    kind: fc.constantFrom('email' as const, 'phone' as const),
    value: texts,
    dismissed: fc.boolean(),
    at: fc.constant(noon),
  })
  return fc
    .record({
      identities: fc.uniqueArray(identity, { selector: identityKey, maxLength: 3 }),
      values: someValues,
      participants: fc.uniqueArray(participant, { selector: ({ campaignId }) => campaignId }),
      products: fc.uniqueArray(product, { selector: ({ campaignId, key }) => campaignId + key }),
      duplicates: fc.uniqueArray(duplicate, {
        selector: (one) => one.otherId + one.kind + one.value,
        maxLength: 3,
      }),
      sessions: fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
      aliases: fc.uniqueArray(fc.constantFrom(idOf(`${name}1`), idOf(`${name}2`))),
    })
    .map(({ sessions, ...rows }) =>
      record(name, {
        ...rows,
        sessions: sessions.map((n) => session(`ses_${name}${n}`, `${name}${n}`, noon + n)),
        changes: sessions.map((n) => ({ id: `chg_${name}${n}`, sessionId: null })),
      }),
    )
}

/** The same rows whatever their order. */
function sorted(whole: Whole): Record<string, unknown> {
  const { customer, ...rows } = whole
  const { version: _version, ...rest } = customer
  const lists = Object.entries(rows).map(([key, list]) => [
    key,
    list.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort(),
  ])
  return {
    customer: { ...rest, searchText: rest.searchText.split('\n').sort() },
    ...Object.fromEntries(lists),
  }
}

const choices = fc.dictionary(
  fc.constantFrom('name', 'company', 'tier'),
  fc.constantFrom('survivor' as const, 'merged' as const),
)

describe('a merge', () => {
  it('loses no identity, session, campaign, product or look-alike', () => {
    fc.assert(
      fc.property(anyRecord('a'), anyRecord('b'), choices, (survivor, merged, chosen) => {
        const one = merge({ survivor, merged, choices: chosen })

        const all = <Key>(keys: (of: Whole) => Key[]) => [
          new Set(keys(one)),
          new Set([...keys(survivor), ...keys(merged)]),
        ]
        for (const [got, wanted] of [
          all((of) => of.identities.map(identityKey)),
          all((of) => of.sessions.map(({ id }) => id as string)),
          all((of) => of.participants.map(({ campaignId }) => campaignId)),
          all((of) => of.products.map(({ campaignId, key }) => campaignId + key)),
          all((of) => of.values.map(({ field }) => field)),
          all((of) => of.duplicates.map(({ otherId }) => otherId as string)),
        ]) {
          expect(got).toEqual(wanted)
        }
      }),
      { numRuns: runs },
    )
  }, 300_000)

  it('taken back at once gives both records as they were', () => {
    fc.assert(
      fc.property(anyRecord('a'), anyRecord('b'), choices, (survivor, merged, chosen) => {
        const snapshot = { survivor, merged, choices: chosen }
        const one = merge(snapshot)

        const back = undo(snapshot, one, mergeId)

        expect(sorted(back.survivor)).toEqual(sorted(survivor))
        expect(sorted(back.merged)).toEqual(sorted(merged))
      }),
      { numRuns: runs },
    )
  }, 300_000)
})

describe('the value that stays', () => {
  const cases = [
    ['the only one', undefined, value('tier', 'gold'), undefined, 'merged', 'only'],
    ['the older record’s', value('tier', 'a'), value('tier', 'b'), undefined, 'survivor', 'older'],
    [
      'the one that is sure',
      value('tier', 'a', { verified: false }),
      value('tier', 'b'),
      undefined,
      'merged',
      'confirmed',
    ],
    [
      'the one a person chose',
      value('tier', 'a'),
      value('tier', 'b'),
      'merged',
      'merged',
      'chosen',
    ],
    [
      'either when they are the same',
      value('tier', 'a'),
      value('tier', 'a'),
      undefined,
      'survivor',
      'same',
    ],
  ] as const

  it.each(cases)('is %s', (_, one, other, chosen, winner, reason) => {
    const verdicts = verdictsOf(
      record('a', { values: one ? [one] : [] }),
      record('b', { values: other ? [other] : [] }),
      chosen ? { tier: chosen } : {},
    )

    expect(verdicts).toMatchObject([{ field: 'tier', winner, reason }])
  })
})

describe('External IDs', () => {
  const withIds = (...ids: string[]) =>
    record('a', {
      identities: ids.map((id) => ({
        kind: 'external',
        value: id,
        scope: '',
        proof: 'upload',
        createdAt: noon,
      })),
    })

  it.each([
    [['A1'], ['B2'], true],
    [['A1'], ['A1'], false],
    [['A1'], [], false],
    [[], [], false],
  ])('%j and %j are barred: %s', (one, other, barred) => {
    expect(areBarred(withIds(...one), withIds(...other))).toBe(barred)
  })
})

describe('what came since', () => {
  const survivor = record('a', {
    identities: [
      { kind: 'phone', value: '+13125550142', scope: '', proof: 'channel', createdAt: noon },
    ],
    values: [value('company', 'Acme')],
    sessions: [session('ses_1', '+1 312 555 0142', noon + 1)],
  })
  const merged = record('b', {
    identities: [
      {
        kind: 'email',
        value: 'dana@acme.example',
        scope: '',
        proof: 'channel',
        createdAt: noon + 2,
      },
    ],
    values: [value('company', 'Northpeak'), value('tier', 'gold')],
    sessions: [session('ses_2', 'dana@acme.example', noon + 3)],
  })
  const snapshot = { survivor, merged, choices: {} }
  const one = merge(snapshot)

  it('goes by the line it came over, and by the address it names', () => {
    const since = [
      session('ses_3', 'dana@acme.example', noon + 10),
      session('ses_4', '+1 312 555 0142', noon + 11),
      session('ses_5', 'somebody new', noon + 12),
    ]

    const back = undo(snapshot, { ...one, sessions: [...one.sessions, ...since] }, mergeId)

    expect(back.merged.sessions.map(({ id }) => id)).toEqual(['ses_2', 'ses_3'])
    expect(back.survivor.sessions.map(({ id }) => id)).toEqual(['ses_1', 'ses_4', 'ses_5'])
  })

  it('a value learnt in a session goes with it; one a person wrote stays', () => {
    const sessions = [...one.sessions, session('ses_3', 'dana@acme.example', noon + 10)]
    const learnt = value('name', 'Dana', {
      source: 'conversation',
      verified: false,
      sessionId: 'ses_3' as SessionId,
    })
    const written = value('tier', 'silver', { source: 'operator', pinned: true })
    const values = [...one.values.filter(({ field }) => field !== 'tier'), learnt, written]

    const back = undo(snapshot, { ...one, sessions, values }, mergeId)

    expect(back.merged.values.map(({ field, value: text }) => [field, text])).toEqual([
      ['company', 'Northpeak'],
      ['tier', 'gold'],
      ['name', 'Dana'],
    ])
    expect(back.merged.customer.name).toBe('Dana')
    expect(back.survivor.values.map(({ field, value: text }) => [field, text])).toEqual([
      ['company', 'Acme'],
      ['tier', 'silver'],
    ])
  })

  it('an address proven since goes with the session that began right after', () => {
    const proven = {
      kind: 'telegram-id',
      value: '77',
      scope: '',
      proof: 'channel',
      createdAt: noon + 9,
    } as const
    const now = {
      ...one,
      identities: [...one.identities, proven],
      sessions: [...one.sessions, session('ses_3', 'dana@acme.example', noon + 10)],
    }

    const back = undo(snapshot, now, mergeId)

    expect(back.merged.identities.map(({ kind }) => kind)).toEqual(['email', 'telegram-id'])
    expect(back.survivor.identities.map(({ kind }) => kind)).toEqual(['phone'])
  })
})

describe('a contact', () => {
  it.each([
    ['+1 312 555 0142', 'phone', '+13125550142', true],
    ['@Dana_W', 'telegram-username', 'dana_w', true],
    ['Dana@Acme.example', 'email', 'dana@acme.example', true],
    ['dana@acme.example', 'email', 'other@acme.example', false],
  ] as const)('%s names %s %s: %s', (contact, kind, text, names) => {
    expect(isContactOf(contact, { kind, value: text })).toBe(names)
  })
})

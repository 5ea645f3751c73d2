// What entries of a form change on a record.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isRefusal } from '../../../shared/refusal.ts'
import { fieldsFrom, type FieldRow } from '../fields/rules.ts'
import { changesOf, heldFrom, standIn, textOfHeld, type RecordNow, type Standing } from './rules.ts'

const noon = Date.UTC(2027, 1, 3, 12)
const by = { defaultCountry: 'US', timeZone: 'UTC', now: noon }
const nobody: RecordNow = { identities: [], values: [] }

function custom(name: string, more: Partial<FieldRow> = {}): FieldRow {
  const usual = { title: name, type: 'text', hidden: false, column: false } as const
  return { name, position: 100, options: [], ...usual, ...more }
}

const fields = fieldsFrom([
  custom('plan', { type: 'enum', options: ['Gold', 'Silver'] }),
  custom('seats', { type: 'number' }),
])

const dana: RecordNow = {
  identities: [
    { kind: 'phone', value: '+13125550142', proof: 'channel' },
    { kind: 'external', value: 'A1', proof: 'upload' },
  ],
  values: [
    {
      field: 'email',
      value: 'dana@example.com',
      source: 'conversation',
      sessionId: null,
      at: noon,
    },
    { field: 'plan', value: 'Gold', source: 'parameter', sessionId: null, at: noon },
  ],
}

describe('entries', () => {
  it('become changes in the one way each value is written', async () => {
    const changes = await changesOf(
      nobody,
      fields,
      {
        name: ' Dana  W ',
        phone: '(312) 555-0142',
        email: 'Dana@Example.com',
        seats: '07',
        plan: 'gold',
      },
      by,
    )

    expect(changes).toMatchObject([
      { field: 'name', after: { value: 'Dana W' } },
      { field: 'phone', kind: 'phone', after: [{ value: '+13125550142', standing: 'operator' }] },
      { field: 'email', after: [{ value: 'dana@example.com' }] },
      { field: 'seats', after: { value: '7', num: 7 } },
      { field: 'plan', after: { value: 'Gold' } },
    ])
  })

  it('of what stands there already change nothing, in any spelling', async () => {
    expect(
      await changesOf(
        dana,
        fields,
        { phone: '+1 312 555 0142', external_id: ['A1'], linkedin: null, seats: null },
        by,
      ),
    ).toEqual([])
  })

  it('pin what they repeat of a feed', async () => {
    expect(await changesOf(dana, fields, { plan: 'Gold' }, by)).toMatchObject([
      { field: 'plan', before: 'Gold', after: { value: 'Gold' }, source: 'operator' },
    ])
  })

  it('confirm what the customer has said, keep the proof of what is kept, drop the rest', async () => {
    const entries = { email: ['dana@example.com', 'd@work.example'], phone: ['+49 171 5550142'] }

    expect(await changesOf(dana, fields, entries, by)).toMatchObject([
      {
        before: [{ value: 'dana@example.com', standing: 'said' }],
        after: [
          { value: 'dana@example.com', standing: 'confirmed' },
          { value: 'd@work.example', standing: 'operator' },
        ],
      },
      {
        before: [{ value: '+13125550142', standing: 'channel' }],
        after: [{ value: '+491715550142', standing: 'operator' }],
      },
    ])
  })

  it.each([
    [{ email: 'at example dot com' }, 'email'],
    [{ phone: '12' }, 'phone'],
    [{ telegram_username: 'a b' }, 'telegram_username'],
    [{ external_id: ['A1', 'B2'] }, 'external_id'],
    [{ seats: 'many' }, 'seats'],
    [{ plan: 'Bronze' }, 'plan'],
    [{ plan: ['Gold'] }, 'plan'],
    [{ name: '\u200b' }, 'name'],
    [{ telegram_id: '7' }, 'telegram_id'],
    [{ created_at: '2027-02-03' }, 'created_at'],
    [{ no_such_field: 'x' }, 'no_such_field'],
  ])('%j is refused at its field', async (entries, at) => {
    expect(await changesOf(dana, fields, entries, by)).toMatchObject({ refusal: 'invalid', at })
  })

  it('made once more change nothing', async () => {
    const text = fc.constantFrom('a@example.com', 'B@example.com', '+13125550142', 'Gold', '7', '')
    const entry = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(null))
    const entries = fc.dictionary(
      fc.constantFrom('email', 'phone', 'external_id', 'linkedin', 'seats', 'plan'),
      entry,
    )
    await fc.assert(
      fc.asyncProperty(entries, async (all) => {
        const changes = await changesOf(dana, fields, all, by)
        if (isRefusal(changes)) return
        const identities = [...dana.identities]
        const values = [...dana.values]
        const after = changes.reduce<RecordNow>(
          (record, change) => {
            if (change.what === 'value') {
              const others = record.values.filter(({ field }) => field !== change.field)
              const { field, after: kept } = change
              const mine = {
                field,
                value: kept?.value ?? '',
                source: 'operator',
                at: noon,
              } as const
              return {
                ...record,
                values: kept ? [...others, { ...mine, sessionId: null }] : others,
              }
            }
            const { kind, field } = change
            return {
              identities: [
                ...record.identities.filter((one) => one.kind !== kind),
                ...change.after.map(({ value, standing }) => ({
                  kind,
                  value,
                  proof: standing as Exclude<Standing, 'said'>,
                })),
              ],
              values: record.values.filter((one) => one.field !== field),
            }
          },
          { identities, values },
        )
        const again = await changesOf(after, fields, all, by)
        if (isRefusal(again)) throw new Error(again.refusal)
        // A value written again is pinned again; it is the same value.
        expect(again.filter((one) => one.what === 'addresses')).toEqual([])
        const pinned = again.filter((one) => one.what === 'value')
        expect(pinned.every((one) => one.after?.value === one.before)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('addresses in the history', () => {
  it('come back as they were', () => {
    const standing = fc.constantFrom<Standing>('channel', 'operator', 'confirmed', 'said')
    const held = fc.array(fc.record({ value: fc.string(), standing }))
    fc.assert(
      fc.property(held, (all) => {
        expect(heldFrom(textOfHeld(all)) ?? []).toEqual(all)
      }),
    )
    expect(heldFrom('dana@example.com')).toBeUndefined()
  })

  it('give a name to who has none', () => {
    expect(standIn([{ kind: 'telegram-username', value: 'dana' }])).toBe('@dana')
    expect(standIn([])).toBe('No name')
  })
})

// For tests: customers and filters of every kind at random, with texts nobody would type.

import * as fc from 'fast-check'

import type { IdentityKind } from '../../../shared/customer.ts'
import { builtInFields, type BuiltInName, type FieldType } from '../../../shared/fields.ts'
import { anything, kindOf, operators, operatorsFor, type Filter } from '../../../shared/filters.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { newId } from '../../../shared/new-id.ts'
import type { Db } from '../../base/db.ts'
import { rowsFrom } from '../../base/rows.ts'
import {
  customers,
  fields,
  fieldValues,
  identities,
  participants,
  sessions,
} from '../../base/schema.ts'
import { columnsOf } from '../rules.ts'
import { parseValue } from '../values/rules.ts'

export const customFields = {
  city: 'text',
  score: 'number',
  born: 'date',
  plan: 'enum',
  vip: 'boolean',
  // Named like kinds of identity, which they are not.
  external: 'text',
  visitor: 'text',
} as const satisfies Record<string, FieldType>

const options = ['Pro', 'pro plus', 'Gratis', 'Ünïque', "o'neil"]
const campaigns = ['cmp_spring', 'cmp_autumn', "cmp_o'brien"]
const stages = ['Lead', 'lead 2', 'Wörk', 'DONE', "'"]
const atoms = [
  'Dana',
  'DÁNA',
  'dana ',
  'Müller',
  'Straße',
  '张伟',
  '李',
  '김민준',
  'ОЛЬГА',
  'Ёлка',
  'ΟΔΥΣΣΕΥΣ',
  'İstanbul',
  'ﬁn',
  '℡',
  "O'Brien",
  '"quoted"',
  "'; drop table customer; --",
  '" OR 1',
  'AND',
  'NEAR(',
  '%',
  '_',
  '*',
  '\\',
  'null',
  '😀',
  'x\u{10ffff}y',
  'a\u0301',
  '\u200b',
  'tab\there',
  'two\nlines',
  '  two  spaces ',
  '1',
  '0',
  '312',
  '+1',
  '@',
  '.',
  'example.com',
]

export const atom = fc.constantFrom(...atoms)
const text = fc
  .array(fc.oneof(atom, fc.string({ unit: 'grapheme', maxLength: 3 })), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''))
const number = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.constantFrom(0.1, 0.30000000000000004, 1e15, -1e-7, 1 / 3, 2.5),
)
const day = fc.integer({ min: 0, max: 40 }).map((n) => dayAt(noon + (n - 20) * 86_400_000))
const phone = fc
  .integer({ min: 0, max: 60 })
  .map((n) => `+1312555${String(n * 37).padStart(4, '0')}`)
const email = fc
  .tuple(fc.constantFrom('dana', 'o.brien', 'müller', 'x', '"q"'), fc.integer({ min: 0, max: 9 }))
  .map(([name, n]) => `${name}${n}@example.com`)
const external = fc
  .tuple(fc.constantFrom('A', 'a', 'Ä', '%', "'"), fc.integer({ min: 0, max: 20 }))
  .map(([letter, n]) => `${letter}${n}`)

export const noon = Date.UTC(2027, 2, 14, 12)

function dayAt(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** A word a filter may ask for: pieces of what customers have, and what nobody has. */
const wanted = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 2, arbitrary: atom },
  email,
  phone,
  external,
  fc.constantFrom('a', 'an', 'dan', 'mull', '312-555', '(312) 555 00', '555', '0', '\0', 'a\0b'),
  fc.constantFrom(...options, ...stages, 'dan\ud800'),
  fc.string({ unit: 'binary', maxLength: 5 }),
)

const asked = [
  anything,
  ...(Object.keys(builtInFields) as BuiltInName[]),
  ...Object.keys(customFields),
]

/** A condition on any field with any operator it has; some of their values are none for it. */
const condition: fc.Arbitrary<Filter> = fc.constantFrom(...asked).chain((field) => {
  const kind = kindOf(field, customFields) ?? 'text'
  return fc.constantFrom(...operatorsFor(kind)).chain((op): fc.Arbitrary<Filter> => {
    const value = op === 'last_days' ? fc.integer({ min: 1, max: 30 }) : valueOf(field, kind)
    const count = { none: [0, 0], one: [1, 1], two: [2, 2], many: [1, 3] }[operators[op].takes]
    return fc.record(
      {
        field: fc.constant(field),
        op: fc.constant(op),
        values: fc.array(value, { minLength: count[0]!, maxLength: count[1]! }),
        ...(field.startsWith('campaign_') ? { campaign: fc.constantFrom(...campaigns) } : {}),
      },
      { requiredKeys: ['field', 'op', 'values'] },
    ) as fc.Arbitrary<Filter>
  })
})

function valueOf(field: string, kind: string): fc.Arbitrary<string | number | boolean> {
  switch (kind) {
    case 'number':
      return number
    case 'boolean':
      return fc.boolean()
    case 'date':
      return day
    case 'channel':
      return fc.constantFrom('web', 'telegram', 'email', "'")
    case 'campaign':
      return fc.constantFrom(...campaigns, 'customer-service')
    case 'enum':
      return field === 'campaign_status'
        ? fc.constantFrom('pending', 'active', 'completed', 'Active')
        : fc.oneof(fc.constantFrom(...options, 'PRO', 'unique'), text)
  }
  return wanted
}

export const filter: fc.Arbitrary<Filter> = fc.letrec<{ node: Filter }>((tie) => {
  const children = fc.array(tie('node'), { minLength: 1, maxLength: 4 })
  return {
    node: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'filter' },
      condition,
      children.map((all): Filter => ({ all })),
      children.map((any): Filter => ({ any })),
    ),
  }
}).node

interface Person {
  readonly name: string
  readonly anonymous: boolean
  readonly createdAt: number
  readonly spoken: number | null
  readonly addresses: readonly { readonly kind: IdentityKind; readonly value: string }[]
  readonly learnt: readonly { readonly field: 'email' | 'phone'; readonly value: string }[]
  readonly values: Readonly<
    Partial<Record<keyof typeof customFields | 'linkedin', string | number | boolean>>
  >
  readonly channels: readonly string[]
  readonly served: boolean
  readonly takesPart: readonly {
    readonly campaign: string
    readonly status: string
    readonly stage: string | null
  }[]
}

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })
const time = fc
  .integer({ min: -20 * 24, max: 20 * 24 })
  .map((hours) => noon + hours * 3_600_000 - (hours % 3))

export const person: fc.Arbitrary<Person> = fc.record({
  name: text,
  anonymous: fc.boolean(),
  createdAt: time,
  spoken: fc.option(time),
  addresses: fc.array(
    fc.oneof(
      email.map((value) => ({ kind: 'email' as const, value })),
      phone.map((value) => ({ kind: 'phone' as const, value })),
      external.map((value) => ({ kind: 'external' as const, value })),
      external.map((value) => ({ kind: 'visitor' as const, value })),
      fc
        .constantFrom('dana', 'dana_w')
        .map((value) => ({ kind: 'telegram-username' as const, value })),
    ),
    { maxLength: 4 },
  ),
  learnt: fc.uniqueArray(
    fc.oneof(
      email.map((value) => ({ field: 'email' as const, value })),
      phone.map((value) => ({ field: 'phone' as const, value })),
    ),
    { maxLength: 2, selector: ({ field }) => field },
  ),
  values: fc.record(
    {
      city: text,
      score: number,
      born: day,
      plan: fc.constantFrom(...options),
      vip: fc.boolean(),
      external: text,
      visitor: text,
      linkedin: text,
    },
    { requiredKeys: [] },
  ),
  channels: fc.array(fc.constantFrom('web', 'telegram', 'email'), { maxLength: 3 }),
  served: fc.boolean(),
  takesPart: fc.uniqueArray(
    fc.record({
      campaign: fc.constantFrom(...campaigns),
      status: fc.constantFrom('pending', 'active', 'completed'),
      stage: maybe(fc.constantFrom(...stages)).map((one) => one ?? null),
    }),
    { maxLength: 2, selector: ({ campaign }) => campaign },
  ),
})

function sessionOf(customerId: CustomerId, channel: string, served: boolean) {
  const counts = { seq: 1, messageCount: 1, startedAt: noon, hasAttachments: false }
  const texts = { customerName: '', contact: '', connectionId: '', agentId: '', agentName: '' }
  const more = { mode: 'ai', lastText: '', status: '', parameters: {}, results: {} }
  const campaignId = served ? null : 'cmp_spring'
  return { id: newId('ses'), customerId, channel, campaignId, ...counts, ...texts, ...more }
}

/** Writes the people down, with the tenant's fields. Gives their ids. */
export async function settle(db: Db, people: readonly Person[]): Promise<CustomerId[]> {
  const ids = people.map(() => newId('cus'))
  const of = <Row>(make: (one: Person, customerId: CustomerId) => readonly Row[]) =>
    JSON.stringify(people.flatMap((one, at) => make(one, ids[at]!)))
  const valuesOfOne = (one: Person) =>
    Object.entries(one.values).flatMap(([field, raw]) => {
      const type = field === 'linkedin' ? 'text' : customFields[field as keyof typeof customFields]
      const kept = parseValue({ type, options }, raw)
      return kept ? [{ field, ...kept }] : []
    })
  const learntOf = (one: Person) =>
    one.learnt.flatMap(({ field, value }) => {
      const kept = parseValue({ type: 'text', options: [] }, value)
      return kept ? [{ field, ...kept }] : []
    })
  const usual = { verified: true, source: 'operator', pinned: false, at: noon }
  const at = { createdAt: noon, proof: 'operator', scope: '' }
  const rows = {
    customers: of((one, id) => [
      {
        id,
        name: one.name,
        anonymous: one.anonymous,
        version: 1,
        createdAt: one.createdAt,
        lastCommunicationAt: one.spoken,
        ...columnsOf(one.name, [
          ...one.addresses,
          ...[...learntOf(one), ...valuesOfOne(one)].map(({ field, value }) => ({
            kind: field,
            value,
          })),
        ]),
      },
    ]),
    identities: of((one, customerId) => one.addresses.map((it) => ({ ...it, ...at, customerId }))),
    values: of((one, customerId) =>
      [...learntOf(one), ...valuesOfOne(one)].map((it) => ({ ...it, ...usual, customerId })),
    ),
    sessions: of((one, id) => one.channels.map((channel) => sessionOf(id, channel, one.served))),
    participants: of((one, customerId) =>
      one.takesPart.map(({ campaign, ...it }) => ({
        ...it,
        campaignId: campaign,
        customerId,
        data: {},
        loadedAt: noon,
      })),
    ),
  }
  const { orm, tenantId } = db
  const custom = Object.entries(customFields).map(([name, type], position) => ({
    tenantId,
    name,
    title: name,
    type,
    options: type === 'enum' ? options : [],
    hidden: false,
    column: false,
    position,
    createdAt: noon,
  }))
  for (const one of custom) await orm.insert(fields).values(one).onConflictDoNothing()
  await orm.batch([
    orm.insert(customers).select(rowsFrom(customers, rows.customers, { tenantId })),
    orm
      .insert(identities)
      .select(rowsFrom(identities, rows.identities, { tenantId }))
      .onConflictDoNothing(),
    orm.insert(fieldValues).select(rowsFrom(fieldValues, rows.values, { tenantId })),
    orm.insert(sessions).select(rowsFrom(sessions, rows.sessions, { tenantId })),
    orm.insert(participants).select(rowsFrom(participants, rows.participants, { tenantId })),
  ])
  return ids
}

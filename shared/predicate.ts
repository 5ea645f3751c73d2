// What a filter means: made ready once (fields looked up, texts folded, days turned into milliseconds),
// it is asked of one customer in memory here, and of the database in `worker/customer/filters.ts`.

import type { IdentityKind } from './customer.ts'
import { spanOfDay, spanOfLastDays, type Span } from './days.ts'
import { builtInFields, isBuiltIn, type FieldType } from './fields.ts'
import {
  kindOf,
  operators,
  operatorsFor,
  serviceId,
  type Condition,
  type Filter,
  type Kind,
  type Operand,
  type Operator,
} from './filters.ts'
import { digitsOf, fold } from './fold.ts'
import { refuse, type Refusal } from './refusal.ts'

/** What a filter is read by: the tenant's own fields by name, its days, and the time. */
export interface Reading {
  readonly customFields: Readonly<Record<string, FieldType>>
  readonly timeZone: string
  readonly now: number
}

/** Where the values are that a condition looks at. A customer may have several of each. */
export type Holder =
  | {
      readonly kind:
        | 'self'
        | 'known'
        | 'name'
        | 'anything'
        | 'created'
        | 'spoken'
        | 'channel'
        | 'campaign'
    }
  | { readonly kind: 'address'; readonly identity: IdentityKind }
  | { readonly kind: 'value'; readonly field: string; readonly numeric: boolean }
  | { readonly kind: 'status' | 'stage'; readonly campaign?: string }

/** What is asked of a value. `within` is asked of numbers and times, the others of texts. */
export type Test =
  | { readonly is: 'among'; readonly texts: readonly string[] }
  | { readonly is: 'contains' | 'starts'; readonly text: string }
  | {
      readonly is: 'within'
      readonly above?: number
      readonly from?: number
      readonly to?: number
      readonly below?: number
    }
  | { readonly is: 'there' }

/** Some value passes the test; negated: none does. */
export interface Check {
  readonly holder: Holder
  readonly test: Test
  readonly negated: boolean
}
export type Predicate =
  | { readonly all: readonly Predicate[] }
  | { readonly any: readonly Predicate[] }
  | Check

/** A value to compare with, as a text and as a span of numbers: a day is all of its milliseconds. */
type Given = Span & { readonly text: string }

interface Meaning {
  readonly test: (given: readonly Given[]) => Test
  readonly negated?: true
}

const none: Given = { text: '', from: Number.NaN, to: Number.NaN }
const first = ([one = none]: readonly Given[]) => one
const among = (given: readonly Given[]): Test => ({
  is: 'among',
  texts: given.map(({ text }) => text),
})
const same = (given: readonly Given[]): Test => {
  const { from, to } = first(given)
  return Number.isNaN(from) ? among(given) : { is: 'within', from, to }
}
const contains = (given: readonly Given[]): Test => ({ is: 'contains', text: first(given).text })
const there = (): Test => ({ is: 'there' })

/** What each operator asks. A negation is the same question, to be answered by no. */
const meanings: Readonly<Record<Operator, Meaning>> = {
  equals: { test: among },
  not_equals: { test: among, negated: true },
  contains: { test: contains },
  not_contains: { test: contains, negated: true },
  starts_with: { test: (given) => ({ is: 'starts', text: first(given).text }) },
  eq: { test: same },
  ne: { test: same, negated: true },
  gt: { test: (given) => ({ is: 'within', above: first(given).to }) },
  lt: { test: (given) => ({ is: 'within', below: first(given).from }) },
  gte: { test: (given) => ({ is: 'within', from: first(given).from }) },
  lte: { test: (given) => ({ is: 'within', to: first(given).to }) },
  before: { test: (given) => ({ is: 'within', below: first(given).from }) },
  after: { test: (given) => ({ is: 'within', above: first(given).to }) },
  on: { test: same },
  between: { test: ([a = none, b = none]) => ({ is: 'within', from: a.from, to: b.to }) },
  last_days: { test: same },
  is: { test: same },
  is_not: { test: same, negated: true },
  any_of: { test: among },
  has: { test: among },
  has_not: { test: among, negated: true },
  in: { test: among },
  not_in: { test: among, negated: true },
  empty: { test: there, negated: true },
  not_empty: { test: there },
}

/** Makes a filter ready. A field there is not, or a value that is none for it, is refused with its place. */
export function prepare(
  filter: Filter,
  reading: Reading,
  place: readonly string[] = [],
): Predicate | Refusal {
  for (const key of ['all', 'any'] as const) {
    if (!(key in filter)) continue
    const ready: Predicate[] = []
    // Safe: the key has just been found in it.
    const children = (filter as Record<typeof key, readonly Filter[]>)[key]
    for (const [at, child] of children.entries()) {
      const one = prepare(child, reading, [...place, key, String(at)])
      if ('refusal' in one) return one
      ready.push(one)
    }
    return key === 'all' ? { all: ready } : { any: ready }
  }
  // Safe: it is no group.
  return check(filter as Condition, reading, place)
}

function check(condition: Condition, reading: Reading, place: readonly string[]): Check | Refusal {
  const { field, op, values } = condition
  const invalid = (what: string, detail: string) =>
    refuse('invalid', { at: [...place, what].join('.'), detail })
  const kind = kindOf(field, reading.customFields)
  if (!kind) return invalid('field', `There is no field «${field}»`)
  if (!operatorsFor(kind).includes(op)) {
    return invalid('op', `«${operators[op].title}» is not for this field`)
  }
  const holder = holderOf(condition, kind)
  const given: Given[] = []
  for (const [at, value] of values.entries()) {
    const one = read(value, op, { holder, kind, reading })
    if (typeof one === 'string') return invalid(`values.${at}`, one)
    given.push(one)
  }
  const { test, negated = false } = meanings[op]
  return { holder, test: possible(test(given)), negated }
}

function holderOf({ field, campaign }: Condition, kind: Kind): Holder {
  if (kind === 'anything' || kind === 'channel' || kind === 'campaign') return { kind }
  switch (field) {
    case 'name':
      return { kind: 'name' }
    case 'created_at':
      return { kind: 'created' }
    case 'last_communication':
      return { kind: 'spoken' }
    case 'campaign_status':
    case 'campaign_stage': {
      const of = field === 'campaign_status' ? 'status' : 'stage'
      return { kind: of, ...(campaign === undefined ? {} : { campaign }) }
    }
  }
  const builtIn = isBuiltIn(field) ? builtInFields[field] : undefined
  if (builtIn && 'identity' in builtIn) return { kind: 'address', identity: builtIn.identity }
  return { kind: 'value', field, numeric: kind !== 'text' && kind !== 'enum' }
}

interface Reader {
  readonly holder: Holder
  readonly kind: Kind
  readonly reading: Reading
}

/** A value as its field is compared by, or what it should have been. */
function read(value: Operand, op: Operator, { holder, kind, reading }: Reader): Given | string {
  if (op === 'last_days') {
    const isCount = typeof value === 'number' && Number.isInteger(value)
    if (!isCount || value < 1 || value > 36_500) return 'Give a number of days'
    return { text: '', ...spanOfLastDays(value, reading.now, zoneOf(holder, reading)) }
  }
  switch (kind) {
    case 'number':
      if (typeof value !== 'number') return 'Give a number'
      return { text: '', from: value, to: value }
    case 'boolean':
      if (typeof value !== 'boolean') return 'Give yes or no'
      return { text: '', from: Number(value), to: Number(value) }
    case 'date': {
      const day = typeof value === 'string' && spanOfDay(value, zoneOf(holder, reading))
      return day ? { text: '', ...day } : 'Give a day, like 2027-02-03'
    }
    default: {
      const text = typeof value === 'string' ? written(value.toWellFormed(), op, holder) : ''
      return text === '' ? 'Give a text to look for' : { ...none, text }
    }
  }
}

/** A date somebody wrote into a field is a day everywhere; what the product noted is a moment. */
function zoneOf(holder: Holder, { timeZone }: Reading): string {
  return holder.kind === 'value' ? 'UTC' : timeZone
}

/** A text in the way the field's values are kept. */
function written(text: string, op: Operator, holder: Holder): string {
  const isWhole = op !== 'contains' && op !== 'not_contains' && op !== 'starts_with'
  switch (holder.kind) {
    case 'name':
    case 'anything':
    case 'value':
      return fold(text)
    case 'address':
      if (holder.identity === 'phone') return phone(text, op)
      if (holder.identity === 'email') return text.trim().toLowerCase()
      if (holder.identity === 'telegram-username') {
        return text.trim().toLowerCase().replace(/^@/, '')
      }
      return isWhole ? text.trim() : lower(text.trim())
    default:
      return isWhole ? text : lower(text)
  }
}

/** Digits, however they are set; without what is only dialled. A text without any matches no number. */
function phone(text: string, op: Operator): string {
  const digits = digitsOf(text).replace(/^0+(?=\d)/, '')
  if (digits === '') return text.trim() === '' ? '' : impossible
  return op === 'contains' || op === 'not_contains' ? digits : `+${digits}`
}

/** No text that is kept has it. */
const impossible = '\0'

/** A database takes a text to end at this character; nothing passes such a test in memory either. */
function possible(test: Test): Test {
  if (test.is === 'among') {
    return { is: 'among', texts: test.texts.filter((text) => !text.includes(impossible)) }
  }
  const isImpossible = 'text' in test && test.text.includes(impossible)
  return isImpossible ? { is: 'among', texts: [] } : test
}

/** Capital letters of ASCII made small: what SQLite does too. */
function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Everything of one customer a filter may ask about, as the tables hold it. */
export interface Facts {
  readonly id: string
  /** A visitor who has shared no contact detail. */
  readonly anonymous: boolean
  readonly nameKey: string
  readonly searchText: string
  readonly createdAt: number
  readonly lastCommunicationAt: number | null
  readonly addresses: readonly { readonly kind: IdentityKind; readonly value: string }[]
  readonly values: readonly {
    readonly field: string
    readonly value: string
    readonly key: string
    readonly num: number | null
  }[]
  readonly channels: readonly string[]
  readonly participations: readonly {
    readonly campaignId: string
    readonly status: string
    readonly stage: string | null
  }[]
  /** Has spoken with us outside campaigns. */
  readonly served: boolean
}

/** Whether a customer is meant. Says of every customer what the database says. */
export function evaluate(predicate: Predicate, facts: Facts): boolean {
  if ('all' in predicate) return predicate.all.every((one) => evaluate(one, facts))
  if ('any' in predicate) return predicate.any.some((one) => evaluate(one, facts))
  const { holder, test, negated } = predicate
  const passes =
    test.is === 'within'
      ? numbersOf(holder, facts).some((number) => isWithin(number, test))
      : test.is === 'there' && isNumeric(holder)
        ? numbersOf(holder, facts).length > 0
        : textsOf(holder, facts).some((text) => passesText(text, test, holder))
  return passes !== negated
}

function isNumeric(holder: Holder): boolean {
  return (
    holder.kind === 'created' ||
    holder.kind === 'spoken' ||
    (holder.kind === 'value' && holder.numeric)
  )
}

function isWithin(number: number, test: Extract<Test, { is: 'within' }>): boolean {
  const { above, from, to, below } = test
  return (
    (above === undefined || number > above) &&
    (from === undefined || number >= from) &&
    (to === undefined || number <= to) &&
    (below === undefined || number < below)
  )
}

function passesText(
  text: string,
  test: Exclude<Test, { is: 'within' }>,
  { kind }: Holder,
): boolean {
  if (test.is === 'there') return text !== ''
  if (test.is === 'among') return test.texts.includes(text)
  const shown = kind === 'address' || kind === 'stage' ? lower(text) : text
  return test.is === 'contains' ? shown.includes(test.text) : shown.startsWith(test.text)
}

function numbersOf(holder: Holder, facts: Facts): number[] {
  if (holder.kind === 'created') return [facts.createdAt]
  if (holder.kind === 'spoken') return numbers([facts.lastCommunicationAt])
  if (holder.kind !== 'value') return []
  return numbers(facts.values.filter(({ field }) => field === holder.field).map(({ num }) => num))
}

function numbers(some: readonly (number | null)[]): number[] {
  return some.filter((one) => one !== null)
}

function textsOf(holder: Holder, facts: Facts): readonly string[] {
  switch (holder.kind) {
    case 'self':
      return [facts.id]
    case 'known':
      return facts.anonymous ? [] : ['known']
    case 'name':
      return [facts.nameKey]
    case 'anything':
      return [facts.searchText]
    case 'address':
      return [
        ...facts.addresses.filter(({ kind }) => kind === holder.identity),
        ...facts.values.filter(({ field }) => isLearnt(holder) && field === holder.identity),
      ].map(({ value }) => value)
    case 'value':
      return facts.values.filter(({ field }) => field === holder.field).map(({ key }) => key)
    case 'channel':
      return facts.channels
    case 'campaign':
      return [
        ...facts.participations.map(({ campaignId }) => campaignId),
        ...(facts.served ? [serviceId] : []),
      ]
    case 'status':
      return taking(holder.campaign, facts).map(({ status }) => status)
    case 'stage':
      return taking(holder.campaign, facts).flatMap(({ stage }) => (stage === null ? [] : [stage]))
    default:
      return []
  }
}

/** What was learnt in a conversation is an email or a phone too, if an unproven one. */
export function isLearnt({ identity }: Extract<Holder, { kind: 'address' }>): boolean {
  return identity === 'email' || identity === 'phone'
}

function taking(campaign: string | undefined, { participations }: Facts) {
  return campaign === undefined
    ? participations
    : participations.filter(({ campaignId }) => campaignId === campaign)
}

// What a request asks to find: its search box and its filter made ready, the order, the columns.

import type { Field, FieldType } from '../../../shared/fields.ts'
import { decodeFilter } from '../../../shared/filter-url.ts'
import { digitsOf, fold } from '../../../shared/fold.ts'
import type { IdentityKind } from '../../../shared/customer.ts'
import { prepare, type Check, type Predicate } from '../../../shared/predicate.ts'
import { isRefusal, refuse, type Refusal } from '../../../shared/refusal.ts'
import type { Db } from '../../base/db.ts'
import { tenantSettings } from '../../tenant/settings.ts'
import { fieldsOf } from '../fields/queries.ts'
import { normalise } from '../rules.ts'
import { withAddress, type Anonymous, type Sort } from './queries.ts'

/** The query of every route that finds. */
export interface FindingQuery {
  readonly q?: string | undefined
  readonly filter?: string | undefined
  readonly anonymous?: Anonymous | undefined
  readonly sort?: string | undefined
  readonly columns?: string | undefined
  /** What is downloaded has the tenant's columns, named or not. */
  readonly format?: string | undefined
}

export interface Finding {
  /** The filter alone. */
  readonly filter: Predicate
  /** What the search box looks for in any column; nothing when it is empty. */
  readonly words: Predicate | undefined
  /** Who has the very address that was typed: they are found, and first. */
  readonly exact: readonly string[]
  readonly anonymous: Anonymous
  readonly fields: readonly Field[]
  readonly timeZone: string
}

const exactKinds: readonly IdentityKind[] = [
  'external',
  'email',
  'phone',
  'telegram-username',
  'telegram-id',
  'whatsapp-user',
  'visitor',
]
/** Who shares one address, at most. */
const mostExact = 50
/** Digits with what people put between them. */
const likePhone = /^[+\d\s().\-/]+$/
const fewestDigits = 3
/** Further words are left out: they would make a query of any length. */
const mostWords = 10

export async function findingOf(
  db: Db,
  query: FindingQuery,
  now: number,
): Promise<Finding | Refusal> {
  const decoded = decodeFilter(query.filter ?? '')
  if (isRefusal(decoded)) return within('filter', decoded)
  const [fields, { timeZone, defaultCountry }] = await Promise.all([
    asksForFields(query) ? fieldsOf(db) : [],
    tenantSettings(db),
  ])
  const filter = prepare(decoded, { customFields: typesOf(fields), timeZone, now })
  if (isRefusal(filter)) return within('filter', filter)
  const q = query.q?.trim().toWellFormed() ?? ''
  return {
    filter,
    words: wordsOf(q),
    exact: q === '' ? [] : await withAddress(db, await addressesOf(q, defaultCountry), mostExact),
    anonymous: query.anonymous ?? 'hide',
    fields,
    timeZone,
  }
}

/** Most look-ups and pages need no field of the tenant's own, and so no reading of them. */
function asksForFields({ filter, sort, columns, format }: FindingQuery): boolean {
  return [filter, columns, format].some(Boolean) || !isOwnColumn(sort)
}

function within(place: string, refusal: Refusal): Refusal {
  return { ...refusal, at: [place, refusal.at].filter(Boolean).join('.') }
}

function typesOf(fields: readonly Field[]): Record<string, FieldType> {
  return Object.fromEntries(
    fields.filter(({ builtin }) => !builtin).map(({ name, type }) => [name, type]),
  )
}

/** The addresses a text may be, whole. */
export async function addressesOf(text: string, defaultCountry: string) {
  const found = await Promise.all(
    exactKinds
      .filter((kind) => mayBe(kind, text))
      .map(async (kind) => ({ kind, value: await normalise(kind, text, defaultCountry) })),
  )
  return found.flatMap(({ kind, value }) => (value ? [{ kind, value }] : []))
}

/** By its look alone. To read a text as a number takes longer than to find it. */
function mayBe(kind: IdentityKind, text: string): boolean {
  if (kind === 'phone') return !text.includes('@') && !/^(?!tel:)[a-z]/i.test(text)
  if (kind === 'visitor' || kind === 'whatsapp-user') return !/[@\s]/.test(text)
  return kind !== 'telegram-id' || /^\d+$/.test(text)
}

/** All words anywhere in a record, in any order; or the digits of a number however it is written. */
function wordsOf(q: string): Predicate | undefined {
  const words = fold(q).split(' ').filter(Boolean).slice(0, mostWords)
  if (words.length === 0) return q === '' ? undefined : { any: [] }
  const all = { all: words.map(anywhere) }
  const digits = numbersIn(q).filter((one) => words.length > 1 || one !== words[0])
  return digits.length > 0 ? { any: [all, ...digits.map(anywhere)] } : all
}

function anywhere(text: string): Check {
  const test = text.includes('\0')
    ? ({ is: 'among', texts: [] } as const)
    : ({ is: 'contains', text } as const)
  return { holder: { kind: 'anything' }, test, negated: false }
}

/** The digits of a number or of a piece of one, with and without what is only dialled. */
function numbersIn(text: string): string[] {
  const digits = digitsOf(text)
  if (!likePhone.test(text) || digits.length < fewestDigits) return []
  const significant = digits.replace(/^0+/, '')
  return significant.length < fewestDigits ? [digits] : [...new Set([digits, significant])]
}

/** Who is meant, and whether anonymous visitors may be among them. */
export interface Meant {
  readonly predicate: Predicate
  readonly anonymous: Anonymous
}

/** Everybody who is meant: by the filter and, where something is searched for, by that. */
export function meantBy({ filter, words, exact, anonymous }: Finding): Meant {
  if (!words) return { predicate: filter, anonymous }
  if (exact.length === 0) return { predicate: { all: [filter, words] }, anonymous }
  // Whoever has the very address that was typed is meant, were they a visitor without a name.
  const found = anonymous === 'show' ? words : { all: [words, known] }
  return { predicate: { all: [filter, { any: [found, theseOnly(exact)] }] }, anonymous: 'show' }
}

/** Those who go first, and those who come after them. */
export function partsOf(finding: Finding): { first: Meant | undefined; rest: Meant } {
  const { filter, words, exact, anonymous } = finding
  if (!words || exact.length === 0) return { first: undefined, rest: meantBy(finding) }
  const these = theseOnly(exact)
  return {
    first: { predicate: { all: [filter, these] }, anonymous: 'show' },
    rest: { predicate: { all: [filter, words, { ...these, negated: true }] }, anonymous },
  }
}

const known: Check = { holder: { kind: 'known' }, test: { is: 'there' }, negated: false }

function theseOnly(ids: readonly string[]): Check {
  return { holder: { kind: 'self' }, test: { is: 'among', texts: ids }, negated: false }
}

const usualSort = '-last_communication'
const ownColumns = ['name', 'email', 'phone', 'created_at', 'last_communication'] as const
type OwnColumn = (typeof ownColumns)[number]

function ownColumn(sort: string): OwnColumn | undefined {
  return ownColumns.find((one) => one === sort.replace(/^-/, ''))
}

function isOwnColumn(sort = usualSort): boolean {
  return ownColumn(sort) !== undefined
}

/** What a list is sorted by: `name`, `-last_communication`, a field of the tenant's own. */
export function sortOf(
  wish: string | undefined,
  fields: readonly Field[],
): { sort: Sort; order: 'up' | 'down' } | Refusal {
  const text = wish ?? usualSort
  const order = text.startsWith('-') ? 'down' : 'up'
  const own = ownColumn(text)
  if (own) return { sort: { by: own }, order }
  const name = text.replace(/^-/, '')
  const field = fields.find((one) => one.name === name)
  if (!field || (field.builtin && name !== 'linkedin')) {
    return refuse('invalid', { at: 'sort', detail: `The list can’t be sorted by «${name}»` })
  }
  const numeric = field.type !== 'text' && field.type !== 'enum'
  return { sort: { by: 'value', field: name, numeric }, order }
}

/** The fields of the columns that are asked for. Names of none are left out. */
export function columnsOf(wish: string | undefined, fields: readonly Field[]): Field[] {
  return (wish ?? '').split(',').flatMap((name) => fields.find((one) => one.name === name) ?? [])
}

/** Whether everybody is meant. */
export function isForEverybody(finding: Finding): boolean {
  const everybody = (one: Predicate): boolean => 'all' in one && one.all.every(everybody)
  return everybody(meantBy(finding).predicate)
}

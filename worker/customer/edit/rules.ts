// What a person's entries change on a record. Pure but for reading phone numbers.

import type { IdentityKind, Proof, Source } from '../../../shared/customer.ts'
import type { Field } from '../../../shared/fields.ts'
import type { SessionId } from '../../../shared/ids.ts'
import type { Entry } from '../../../shared/record.ts'
import { isRefusal, refuse, type Refusal } from '../../../shared/refusal.ts'
import { identityOf, isEditable } from '../fields/rules.ts'
import { cleanName, normalise } from '../rules.ts'
import { keptText, parseValue, whatIsWanted, type Kept } from '../values/rules.ts'

/** How an address stands on a record: proven some way, or only said. */
export type Standing = Proof | 'said'

export interface Held {
  readonly value: string
  readonly standing: Standing
}

/** What is on a record before a change, as far as a change needs it. */
export interface RecordNow {
  readonly identities: readonly { readonly kind: IdentityKind; value: string; proof: Proof }[]
  readonly values: readonly {
    readonly field: string
    readonly value: string
    readonly source: Source
    readonly sessionId: SessionId | null
    readonly at: number
  }[]
}

/** One change of one field: of the addresses it holds, or of its value. */
export type Change =
  | {
      readonly what: 'addresses'
      readonly field: string
      readonly kind: IdentityKind
      readonly before: readonly Held[]
      readonly after: readonly Held[]
    }
  | {
      readonly what: 'value'
      readonly field: string
      readonly before: string
      /** Nothing: it is cleared. */
      readonly after: Kept | undefined
      readonly source: Source
      readonly sessionId: SessionId | null
      readonly at: number
    }

/** How a tenant reads what is ambiguous. */
export interface Reading {
  readonly defaultCountry: string
  readonly timeZone: string
}

const wanted: Partial<Record<IdentityKind, string>> = {
  email: 'An email address, like dana@example.com',
  phone: 'A phone number, like +1 312 555 0142',
  'telegram-username': 'A username, like @dana',
}

/**
 * The changes that make a record hold the entries, or the field that can't hold its own. What
 * stands there already changes nothing.
 */
export async function changesOf(
  record: RecordNow,
  fields: readonly Field[],
  entries: Readonly<Record<string, Entry>>,
  by: Reading & { readonly now: number },
): Promise<Change[] | Refusal> {
  const changes: Change[] = []
  for (const [name, entry] of Object.entries(entries)) {
    const field = fields.find((one) => one.name === name)
    if (!field || !isEditable(name)) return refuse('invalid', { at: name, detail: 'Not a field' })
    const kind = identityOf(name)
    // One after the other: the first one that is wrong is the one that is named.
    // oxlint-disable-next-line no-await-in-loop
    const change = await (kind
      ? addressChange(record, name, kind, entry, by)
      : valueChange(record, field, entry, by))
    if (isRefusal(change)) return change
    if (change) changes.push(change)
  }
  return changes
}

async function addressChange(
  record: RecordNow,
  field: string,
  kind: IdentityKind,
  entry: Entry,
  { defaultCountry }: Reading,
): Promise<Change | Refusal | undefined> {
  const texts = entry === null ? [] : Array.isArray(entry) ? entry : [String(entry)]
  const before = heldOf(record, field, kind)
  const after: Held[] = []
  for (const text of texts) {
    if (text.trim() === '') continue
    // oxlint-disable-next-line no-await-in-loop -- in the order given
    const value = await normalise(kind, text, defaultCountry)
    if (!value) return refuse('invalid', { at: field, ...detailOf(kind) })
    if (after.some((one) => one.value === value)) continue
    const standing = before.find((one) => one.value === value)?.standing ?? 'operator'
    after.push({ value, standing: standing === 'said' ? 'confirmed' : standing })
  }
  if (kind === 'external' && after.length > 1) {
    return refuse('invalid', { at: field, detail: 'A customer has one External ID' })
  }
  return isSame(before, after) ? undefined : { what: 'addresses', field, kind, before, after }
}

function detailOf(kind: IdentityKind) {
  const detail = wanted[kind]
  return detail ? { detail } : {}
}

/** What a field of addresses holds: those that are proven, and one that was only said. */
export function heldOf(record: RecordNow, field: string, kind: IdentityKind): Held[] {
  const proven = record.identities
    .filter((one) => one.kind === kind)
    .map(({ value, proof }): Held => ({ value, standing: proof }))
  const said = record.values
    .filter((one) => one.field === field && !proven.some(({ value }) => value === one.value))
    .map(({ value }): Held => ({ value, standing: 'said' }))
  return [...proven, ...said]
}

function isSame(one: readonly Held[], other: readonly Held[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ value, standing }) =>
      other.some((two) => two.value === value && two.standing === standing),
    )
  )
}

function valueChange(
  record: RecordNow,
  field: Field,
  entry: Entry,
  { timeZone, now }: Reading & { readonly now: number },
): Change | Refusal | undefined {
  const { name } = field
  const held = record.values.find((one) => one.field === name)
  const common = { what: 'value', field: name, before: held?.value ?? '', at: now } as const
  const change = { ...common, source: 'operator', sessionId: null } as const
  if (Array.isArray(entry)) return refuse('invalid', { at: name, detail: whatIsWanted(field) })
  if (entry === null || entry === '') return held ? { ...change, after: undefined } : undefined
  const after = name === 'name' ? nameOf(String(entry)) : parseValue(field, entry, timeZone)
  if (!after) return refuse('invalid', { at: name, detail: whatIsWanted(field) })
  return { ...change, after }
}

function nameOf(text: string): Kept | undefined {
  const name = cleanName(text)
  return name === '' ? undefined : keptText(name)
}

/** The change that makes one address of a field good, which was said or typed in; or nothing. */
export function confirmedAddress(
  record: RecordNow,
  field: string,
  kind: IdentityKind,
  value: string,
): Change | undefined {
  const before = heldOf(record, field, kind)
  const isOpen = before.some(
    (one) => one.value === value && (one.standing === 'said' || one.standing === 'operator'),
  )
  if (!isOpen) return undefined
  const after = before.map((one): Held =>
    one.value === value ? { value, standing: 'confirmed' } : one,
  )
  return { what: 'addresses', field, kind, before, after }
}

/** What a record is called that nobody has named. */
export function standIn(addresses: readonly { readonly kind: string; value: string }[]): string {
  const order = ['email', 'phone', 'telegram-username', 'external', 'telegram-id', 'visitor']
  const found = order.flatMap((kind) => addresses.find((one) => one.kind === kind) ?? [])[0]
  if (!found) return 'No name'
  return found.kind === 'telegram-username' ? `@${found.value}` : found.value
}

/** A set of addresses as the history keeps it; the text of nothing is empty. */
export function textOfHeld(held: readonly Held[]): string {
  return held.length === 0
    ? ''
    : JSON.stringify(held.map(({ value, standing }) => [value, standing]))
}

/** What `textOfHeld` wrote; nothing when it is a plain value, as feeds write them. */
export function heldFrom(text: string): Held[] | undefined {
  if (!text.startsWith('[[')) return undefined
  // Safe: only `textOfHeld` writes texts that begin so into the history of addresses.
  const pairs = JSON.parse(text) as [string, Standing][]
  return pairs.map(([value, standing]) => ({ value, standing }))
}

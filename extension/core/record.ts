// Changing a customer's record: adding, editing over a version, confirming, taking back, deleting.

import { atom } from 'nanostores'

import type { CustomerProfile } from '../../shared/customer.ts'
import type { Field } from '../../shared/fields.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import type { Entry, HistoryRow, Removal, SuggestionAnswer } from '../../shared/record.ts'
import { words } from '../words.ts'
import { recordWords } from '../words/record.ts'
import { call, sentenceOf, type Answer, type No } from './api.ts'
import { $customerId, $profile } from './customers.ts'
import { personal } from './environment.ts'
import { isAddress, needFields } from './fields.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { go, type Place } from './route.ts'
import { toast } from './toasts.ts'

/** What stands in the form, by field; several addresses of a kind each have their line. */
export type Values = Readonly<Record<string, readonly string[]>>

export interface Form {
  /** Absent: a new contact. */
  readonly of?: CustomerId
  /** What the form began from; only what differs from it is written. */
  readonly before: Values
  readonly values: Values
  readonly version: number
  readonly busy: boolean
  /** By the field it belongs to; `''` is of the whole form. */
  readonly errors: Readonly<Record<string, string>>
  /** The record that has it already. */
  readonly clash?: { readonly field: string; readonly id: CustomerId; readonly name: string }
  /** What a colleague has written into fields that were changed here too. */
  readonly theirs?: { readonly profile: CustomerProfile; readonly fields: readonly string[] }
}

export const $form = atom<Form | undefined>()
export const $history = atom<Loadable<{ rows: readonly HistoryRow[]; more: boolean }>>(idle)
export const $removal = atom<Loadable<Removal>>(idle)

let contactId = newId('cus')
let historyNext: string | null = null

personal(() => {
  $form.set(undefined)
  $history.set(idle)
  $removal.set(idle)
})

// --- The form

export function beginAdding(): void {
  needFields()
  contactId = newId('cus')
  $form.set({ before: {}, values: {}, version: 0, busy: false, errors: {} })
}

export function beginEditing(): void {
  const profile = $profile.get().value
  if (!profile) return
  needFields()
  const before = valuesOf(profile)
  const { id, version } = profile
  $form.set({ of: id, before, values: before, version, busy: false, errors: {} })
}

export function closeForm(): void {
  $form.set(undefined)
}

export function writeField(field: string, values: readonly string[]): void {
  const form = $form.get()
  if (!form) return
  const { [field]: _gone, ...errors } = form.errors
  const { clash, ...rest } = form
  const keeps = clash && clash.field !== field ? { clash } : {}
  $form.set({ ...rest, ...keeps, values: { ...form.values, [field]: values }, errors })
}

/** Writes what has been changed. True: it is kept. */
export async function submitForm(fields: readonly Field[]): Promise<boolean> {
  const form = $form.get()
  if (!form || form.busy) return false
  const entries = entriesOf(form, fields)
  if (form.of && Object.keys(entries).length === 0) {
    closeForm()
    return true
  }
  if (!form.of && Object.values(entries).every((entry) => entry === null)) {
    $form.set({ ...form, errors: { '': recordWords.nothingYet } })
    return false
  }
  const { clash: _before, theirs: _seen, ...clean } = form
  $form.set({ ...clean, busy: true, errors: {} })
  const answer = await write(form, entries)
  const now = $form.get()
  if (!now || now.of !== form.of) return answer.ok
  if (!answer.ok) {
    $form.set(withRefusal({ ...now, busy: false }, answer.refusal))
    return false
  }
  closeForm()
  if (form.of) takeProfile(answer.answer)
  else toast(recordWords.added(answer.answer.name))
  return true
}

function write(form: Form, values: Record<string, Entry>): Promise<Answer<CustomerProfile>> {
  if (!form.of) return call('POST /api/customers', { body: { id: contactId, values } })
  return call('PATCH /api/customers/:customerId', {
    params: { customerId: form.of },
    body: { version: form.version, values },
  })
}

/** Goes on over what the colleague has written: my value for this field, or theirs. */
export function settleConflict(field: string, whose: 'mine' | 'theirs'): void {
  const form = $form.get()
  if (!form?.theirs) return
  const { profile, fields } = form.theirs
  const current = valuesOf(profile)
  const left = fields.filter((one) => one !== field)
  const { theirs: _settled, ...rest } = form
  const values =
    whose === 'theirs' ? { ...form.values, [field]: current[field] ?? [] } : form.values
  $form.set({
    ...rest,
    values,
    before: { ...form.before, [field]: current[field] ?? [] },
    ...(left.length > 0 ? { theirs: { profile, fields: left } } : {}),
  })
}

function withRefusal(form: Form, no: No): Form {
  if (no.refusal === 'offline') return { ...form, errors: { '': sentenceOf(no) } }
  const at = fieldAt(no.at)
  if (no.refusal === 'changed-meanwhile' && no.current) return overCurrent(form, no.current)
  if (no.refusal === 'already-exists' && no.customer) {
    return { ...form, clash: { field: at, ...no.customer } }
  }
  const detail = no.refusal === 'invalid' && no.detail ? no.detail : sentenceOf(no)
  return { ...form, errors: { [at]: detail } }
}

/** A refusal may name `values.email.0`; the form knows `email`. */
function fieldAt(at: string | undefined): string {
  const parts = (at ?? '').split('.')
  return (parts[0] === 'values' ? parts[1] : parts[0]) ?? ''
}

/** What only the colleague has changed is taken over; what both have is to be chosen. */
function overCurrent(form: Form, profile: CustomerProfile): Form {
  const current = valuesOf(profile)
  const names = new Set([...Object.keys(current), ...Object.keys(form.values)])
  const both: string[] = []
  const values: Record<string, readonly string[]> = { ...form.values }
  for (const name of names) {
    const [was, mine, theirs] = [form.before[name], form.values[name], current[name]]
    const theyChanged = !same(was, theirs)
    if (!theyChanged) continue
    if (same(was, mine)) values[name] = theirs ?? []
    else if (!same(mine, theirs)) both.push(name)
  }
  const kept = Object.fromEntries(both.map((name) => [name, form.before[name] ?? []]))
  return {
    ...form,
    values,
    version: profile.version,
    before: { ...current, ...kept },
    ...(both.length > 0 ? { theirs: { profile, fields: both } } : {}),
    errors: both.length > 0 ? {} : { '': recordWords.takenOver },
  }
}

function entriesOf({ before, values }: Form, fields: readonly Field[]): Record<string, Entry> {
  const entries: Record<string, Entry> = {}
  for (const { name, type } of fields) {
    const texts = clean(values[name])
    if (!values[name] || same(clean(before[name]), texts)) continue
    entries[name] = entryOf(name, type, texts)
  }
  return entries
}

function entryOf(name: string, type: Field['type'], texts: readonly string[]): Entry {
  const [text] = texts
  if (text === undefined) return null
  if (isAddress(name)) return [...texts]
  if (type === 'boolean') return text === 'true'
  const number = Number(text.replace(',', '.'))
  // What is no number is sent as it is: the worker says what is wrong with it.
  return type === 'number' && Number.isFinite(number) ? number : text
}

/** What a profile holds, as the form has it. Unverified values are no part of it: they are confirmed. */
export function valuesOf({ name, fields }: CustomerProfile): Values {
  const values: Record<string, string[]> = { name: [name] }
  for (const { field, value, verified } of fields) {
    if (!verified || value === '' || field === 'name') continue
    values[field] = [...(values[field] ?? []), value]
  }
  return values
}

function clean(texts: readonly string[] | undefined): readonly string[] {
  return (texts ?? []).map((text) => text.trim()).filter((text) => text !== '')
}

function same(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return clean(one).join('\n') === clean(other).join('\n')
}

// --- Single values

/** An operator says that a value is right. */
export async function confirmValue(field: string, value: string): Promise<string | undefined> {
  return change((customerId) =>
    call('POST /api/customers/:customerId/confirmations', {
      params: { customerId },
      body: { field, value },
    }),
  )
}

export async function answerSuggestion(body: SuggestionAnswer): Promise<string | undefined> {
  return change((customerId) =>
    call('POST /api/customers/:customerId/suggestions', { params: { customerId }, body }),
  )
}

async function change(
  ask: (customerId: CustomerId) => Promise<Answer<CustomerProfile>>,
): Promise<string | undefined> {
  const customerId = $customerId.get()
  if (!customerId) return undefined
  const answer = await ask(customerId)
  if (!answer.ok) {
    const { refusal } = answer
    return refusal.refusal === 'already-exists' && refusal.customer
      ? recordWords.clash(refusal.customer.name)
      : sentenceOf(refusal)
  }
  takeProfile(answer.answer)
  return undefined
}

function takeProfile(profile: CustomerProfile): void {
  if ($customerId.get() === profile.id) $profile.set(ready(profile))
  if ($history.get().state !== 'idle') void loadHistory()
}

// --- History

export async function loadHistory(): Promise<void> {
  await historyPage()
}

export async function olderHistory(): Promise<void> {
  if (historyNext !== null && $history.get().state === 'ready') await historyPage(historyNext)
}

export function closeHistory(): void {
  historyNext = null
  $history.set(idle)
}

async function historyPage(cursor?: string): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId) return
  $history.set(loading($history.get()))
  const answer = await call('GET /api/customers/:customerId/history', {
    params: { customerId },
    query: { limit: 50, ...(cursor ? { cursor } : {}) },
  })
  if ($customerId.get() !== customerId || $history.get().state !== 'loading') return
  if (!answer.ok) {
    $history.set(failed($history.get(), sentenceOf(answer.refusal)))
    return
  }
  historyNext = answer.answer.next
  const above = cursor ? ($history.get().value?.rows ?? []) : []
  $history.set(ready({ rows: [...above, ...answer.answer.rows], more: historyNext !== null }))
}

export async function revertChange(changeId: string): Promise<string | undefined> {
  return change((customerId) =>
    call('POST /api/customers/:customerId/history/:changeId/revert', {
      params: { customerId, changeId },
    }),
  )
}

// --- Delete

export async function askRemoval(): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId) return
  $removal.set({ state: 'loading' })
  const answer = await call('GET /api/customers/:customerId/removal', { params: { customerId } })
  if (answer.ok) $removal.set(ready(answer.answer))
  else $removal.set(failed(idle, sentenceOf(answer.refusal)))
}

/** Deletes the customer in view for good, and goes to the list. */
export async function removeCustomer(
  typedName: string | undefined,
  to: Place,
): Promise<string | undefined> {
  const customerId = $customerId.get()
  const name = $profile.get().value?.name ?? ''
  if (!customerId) return undefined
  const answer = await call('DELETE /api/customers/:customerId', {
    params: { customerId },
    body: typedName ? { name: typedName } : {},
  })
  if (!answer.ok) return sentenceOf(answer.refusal)
  $removal.set(idle)
  toast(recordWords.deleted(name || words.nothing))
  go(to)
  return undefined
}

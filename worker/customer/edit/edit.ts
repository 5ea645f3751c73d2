// What people do to a record: add, change, confirm, answer a suggestion, take back.

import type { CustomerProfile } from '../../../shared/customer.ts'
import type { CustomerId, OperatorId } from '../../../shared/ids.ts'
import type { Confirmation, Entry, NewCustomer, SuggestionAnswer } from '../../../shared/record.ts'
import { isRefusal, refuse, type Refusal } from '../../../shared/refusal.ts'
import type { Db } from '../../base/db.ts'
import { tenantSettings } from '../../tenant/settings.ts'
import { fieldsOf } from '../fields/queries.ts'
import { identityOf } from '../fields/rules.ts'
import { changeById, dismiss, suggestionOf } from '../history/queries.ts'
import { profileOf } from '../profile.ts'
import { aliasOf } from '../record/queries.ts'
import { cleanName, normalise } from '../rules.ts'
import { keptText, parseValue } from '../values/rules.ts'
import { clashOf, recordOf, saveChanges, saveNew, wantedBy, type RecordRow } from './queries.ts'
import { changesOf, confirmedAddress, heldFrom, heldOf, textOfHeld, type Change } from './rules.ts'

/** A record that changes under one's hands is read again this often. */
const mostTries = 5

/** Who does it, and when. */
export interface Hand {
  readonly operatorId: OperatorId
  readonly now: number
}

/**
 * Adds a contact by hand. An address another record has adds nothing and names that record. The
 * same id again gives the contact that was added.
 */
export async function addCustomer(
  db: Db,
  { id, values }: NewCustomer,
  hand: Hand,
): Promise<CustomerProfile | Refusal> {
  const [known, fields, settings] = await Promise.all([
    profileOf(db, id),
    fieldsOf(db),
    tenantSettings(db),
  ])
  if (known) return known
  const nobody: RecordRow = { id, name: '', version: 0, identities: [], values: [] }
  const changes = await changesOf(nobody, fields, values, { ...settings, ...hand })
  if (isRefusal(changes)) return changes
  const isSomebody = changes.some(({ what, field }) => what === 'addresses' || field === 'name')
  if (!isSomebody) return refuse('invalid', { at: 'name', detail: 'A name or an address' })
  const clash = await refusedFor(db, id, changes)
  if (clash) return clash
  if (!(await saveNew(db, nobody, changes, { ...hand, action: 'customer.add' }))) {
    // Somebody else has just got the address.
    return (await refusedFor(db, id, changes)) ?? refuse('changed-meanwhile')
  }
  return (await profileOf(db, id)) ?? refuse('not-found')
}

/** Changes fields over the version they were read as; a colleague's change goes before. */
export async function editCustomer(
  db: Db,
  id: CustomerId,
  change: { readonly version: number; readonly values: Readonly<Record<string, Entry>> },
  hand: Hand,
): Promise<CustomerProfile | Refusal> {
  const [fields, settings] = await Promise.all([fieldsOf(db), tenantSettings(db)])
  return changing(db, id, { ...hand, action: 'customer.edit' }, async (record) => {
    if (record.version !== change.version) return meanwhile(db, record.id)
    return changesOf(record, fields, change.values, { ...settings, ...hand })
  })
}

/**
 * Confirms what was only said, or an address that was typed in. A confirmed address is one of the
 * customer's, unless another record has it: then they are possibly the same, and no address gets
 * two owners by a click. Whoever has another External ID is surely not the same.
 */
export async function confirmValue(
  db: Db,
  id: CustomerId,
  { field, value }: Confirmation,
  hand: Hand,
): Promise<CustomerProfile | Refusal> {
  const { defaultCountry } = await tenantSettings(db)
  const kind = identityOf(field)
  const given = kind ? await normalise(kind, value, defaultCountry) : value
  return changing(db, id, { ...hand, action: 'customer.confirm' }, (record) => {
    if (kind) {
      const change = confirmedAddress(record, field, kind, given ?? '')
      return change ? [change] : refuse('not-found')
    }
    const held = record.values.find((one) => one.field === field && one.value === given)
    if (!held || held.verified) return refuse('not-found')
    const { value: before, key, num, source, sessionId, at } = held
    const after = { value: before, key, num }
    return [{ what: 'value', field, before, after, source, sessionId, at }]
  })
}

/** Takes a feed's suggestion, which then stands as confirmed by a person, or sends it away. */
export async function answerSuggestion(
  db: Db,
  id: CustomerId,
  { field, value, answer }: SuggestionAnswer,
  hand: Hand,
): Promise<CustomerProfile | Refusal> {
  const home = (await aliasOf(db, id)) ?? id
  const suggested = await suggestionOf(db, home, field)
  if (!suggested) return refuse('not-found')
  if (suggested.value !== value) return meanwhile(db, home)
  if (answer === 'dismiss') {
    if (!(await dismiss(db, home, suggested, hand.operatorId))) return meanwhile(db, home)
    return (await profileOf(db, home)) ?? refuse('not-found')
  }
  const [fields, settings] = await Promise.all([fieldsOf(db), tenantSettings(db)])
  const known = fields.find(({ name }) => name === field)
  const kind = identityOf(field)
  return changing(db, home, { ...hand, action: 'customer.suggestion.accept' }, (record) => {
    if (kind) {
      const before = heldOf(record, field, kind).filter(({ standing }) => standing !== 'said')
      const after = [...before, { value, standing: 'confirmed' } as const]
      return [{ what: 'addresses', field, kind, before: heldOf(record, field, kind), after }]
    }
    const after =
      field === 'name'
        ? keptText(cleanName(value))
        : known && parseValue(known, value, settings.timeZone)
    // The field has got other options since.
    if (!after) return refuse('invalid', { at: field })
    const before = record.values.find((one) => one.field === field)?.value ?? ''
    const { source, sessionId, at } = suggested
    return [{ what: 'value', field, before, after, source, sessionId, at }]
  })
}

/** Takes one change back, if the field still holds what it wrote. */
export async function revertChange(
  db: Db,
  id: CustomerId,
  changeId: string,
  hand: Hand,
): Promise<CustomerProfile | Refusal> {
  const home = (await aliasOf(db, id)) ?? id
  const [change, fields, settings] = await Promise.all([
    changeById(db, home, changeId),
    fieldsOf(db),
    tenantSettings(db),
  ])
  const field = fields.find(({ name }) => name === change?.field)
  if (!change || !field) return refuse('not-found')
  const kind = identityOf(field.name)
  return changing(db, home, { ...hand, action: 'customer.revert' }, (record) => {
    if (kind) {
      const before = heldOf(record, field.name, kind)
      const after = change.before === '' ? [] : (heldFrom(change.before) ?? saidOnly(change.before))
      if (heldFrom(change.value) || change.value === '') {
        if (textOfHeld(before) !== change.value) return meanwhile(db, record.id)
        return [{ what: 'addresses', field: field.name, kind, before, after }]
      }
      // A feed's: only what was said is taken back, and proven addresses stay.
      const isThere = before.some((one) => one.standing === 'said' && one.value === change.value)
      if (!isThere) return meanwhile(db, record.id)
      const proven = before.filter(({ standing }) => standing !== 'said')
      return [{ what: 'addresses', field: field.name, kind, before, after: [...proven, ...after] }]
    }
    const before = record.values.find((one) => one.field === field.name)?.value ?? ''
    if (before !== change.value) return meanwhile(db, record.id)
    const after =
      field.name === 'name' && change.before !== ''
        ? keptText(change.before)
        : change.before === ''
          ? undefined
          : parseValue(field, change.before, settings.timeZone)
    if (change.before !== '' && !after) return refuse('invalid', { at: field.name })
    const by = { source: 'operator', sessionId: null, at: hand.now } as const
    return [{ what: 'value', field: field.name, before, after, ...by }]
  })
}

function saidOnly(value: string) {
  return [{ value, standing: 'said' } as const]
}

/** Reads, decides, writes; and again when the record has changed in between. */
async function changing(
  db: Db,
  asked: CustomerId,
  deed: Hand & { readonly action: string },
  decide: (record: RecordRow) => readonly Change[] | Refusal | Promise<readonly Change[] | Refusal>,
): Promise<CustomerProfile | Refusal> {
  const id = (await aliasOf(db, asked)) ?? asked
  for (let tries = 0; tries < mostTries; tries += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each try begins where the last one ended
    const record = await recordOf(db, id)
    if (!record) return refuse('not-found')
    // oxlint-disable-next-line no-await-in-loop
    const changes = await decide(record)
    if (isRefusal(changes)) return changes
    // oxlint-disable-next-line no-await-in-loop
    const clash = await refusedFor(db, id, changes)
    if (clash) return clash
    // oxlint-disable-next-line no-await-in-loop
    const isDone = changes.length === 0 || (await saveChanges(db, record, changes, deed))
    // oxlint-disable-next-line no-await-in-loop
    if (isDone) return (await profileOf(db, id)) ?? refuse('not-found')
  }
  return meanwhile(db, id)
}

/** The refusal that shows who has an address already. */
async function refusedFor(
  db: Db,
  id: CustomerId,
  changes: readonly Change[],
): Promise<Refusal | undefined> {
  const clash = await clashOf(db, id, wantedBy(changes))
  if (!clash) return undefined
  const { field: at, id: detail, name } = clash
  return refuse('already-exists', { at, detail, customer: { id: clash.id, name } })
}

async function meanwhile(db: Db, id: CustomerId): Promise<Refusal> {
  const current = await profileOf(db, id)
  return current ? refuse('changed-meanwhile', { current }) : refuse('not-found')
}

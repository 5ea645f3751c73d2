// The SQL of a person's changes: one batch that stands or falls, over the very record it was made on.

import { and, asc, eq, sql } from 'drizzle-orm'

import type { IdentityKind } from '../../../shared/customer.ts'
import type { CustomerId, OperatorId } from '../../../shared/ids.ts'
import { newId } from '../../../shared/new-id.ts'
import { audited, type Db } from '../../base/db.ts'
import { isBroken, onlyIf } from '../../base/guard.ts'
import { rowsFrom } from '../../base/rows.ts'
import {
  customers,
  fieldChanges,
  fieldSuggestions,
  fieldValues,
  identities,
  possibleDuplicates,
  sessions,
} from '../../base/schema.ts'
import { reindex } from '../columns/queries.ts'
import { flagShared } from '../record/queries.ts'
import { keptText } from '../values/rules.ts'
import { standIn, textOfHeld, type Change, type Held } from './rules.ts'

/** A record as a change finds it. */
export async function recordOf(db: Db, id: CustomerId) {
  const { orm } = db
  const [[customer], addresses, values] = await orm.batch([
    orm
      .select({ id: customers.id, name: customers.name, version: customers.version })
      .from(customers)
      .where(db.mine(customers, eq(customers.id, id))),
    orm
      .select()
      .from(identities)
      .where(db.mine(identities, eq(identities.customerId, id)))
      .orderBy(asc(identities.createdAt), asc(identities.value)),
    orm
      .select()
      .from(fieldValues)
      .where(db.mine(fieldValues, eq(fieldValues.customerId, id))),
  ])
  return customer && { ...customer, identities: addresses, values }
}
export type RecordRow = NonNullable<Awaited<ReturnType<typeof recordOf>>>

/** Who changes what, and when. */
export interface Deed {
  readonly operatorId: OperatorId
  readonly action: string
  readonly now: number
}

type Addresses = Extract<Change, { what: 'addresses' }>
type Value = Extract<Change, { what: 'value' }>

/**
 * Carries out changes. `false`: the record is not any more what they were made over, or an address
 * has come to somebody else; nothing is written then.
 */
export async function saveChanges(
  db: Db,
  record: RecordRow,
  changes: readonly Change[],
  deed: Deed,
): Promise<boolean> {
  return carryOut(db, record, changes, deed, [])
}

/** Makes a record of a contact that a person has entered. `false`: it can't be any more. */
export async function saveNew(
  db: Db,
  record: RecordRow,
  changes: readonly Change[],
  deed: Deed,
): Promise<boolean> {
  const { id, name, version } = record
  const { tenantId } = db
  const made = db.orm.insert(customers).values({
    tenantId,
    id,
    name,
    nameKey: '',
    searchText: '',
    anonymous: false,
    // The changes that follow raise it to the first.
    version,
    createdAt: deed.now,
  })
  return carryOut(db, record, changes, deed, [made])
}

async function carryOut(
  db: Db,
  record: RecordRow,
  changes: readonly Change[],
  deed: Deed,
  before: readonly ReturnType<typeof audited>[] | readonly unknown[],
): Promise<boolean> {
  const { id } = record
  const { orm } = db
  const addresses = changes.filter((one): one is Addresses => one.what === 'addresses')
  const values = changes.filter((one): one is Value => one.what === 'value')
  const history = historyOf(id, changes, deed)
  const name = nameAfter(record, addresses, values)
  const fields = JSON.stringify(changes.map(({ field }) => field))
  const me = eq(customers.id, id)
  try {
    await orm.batch([
      // Safe: statements of the same handle; the type wants to know how many there are.
      ...(before as [ReturnType<typeof audited>]),
      onlyIf(db, isAsFound(db, record, changes)),
      orm.insert(fieldChanges).select(rowsFrom(fieldChanges, JSON.stringify(history), db)),
      ...changeAddresses(db, id, addresses, deed.now),
      ...changeValues(db, id, values),
      orm
        .delete(fieldSuggestions)
        .where(
          db.mine(
            fieldSuggestions,
            eq(fieldSuggestions.customerId, id),
            sql`${fieldSuggestions.field} in (select value from json_each(${fields}))`,
          ),
        ),
      orm
        .update(customers)
        .set({ version: sql`${customers.version} + 1`, anonymous: false, name })
        .where(db.mine(customers, me)),
      orm
        .update(sessions)
        .set({ customerName: name })
        .where(
          db.mine(sessions, eq(sessions.customerId, id), sql`${sessions.customerName} <> ${name}`),
        ),
      flagShared(db, id, deed.now),
      audited(db, { kind: 'operator', id: deed.operatorId }, deed.action, id, {
        fields: changes.map(({ field }) => field),
        changes: history.map((one) => one.id),
      }),
    ])
  } catch (error) {
    if (isBroken(error)) return false
    throw error
  }
  await reindex(db, [id])
  return true
}

/** The record is the version it was read as, its values are those read, and no address clashes. */
function isAsFound(db: Db, { id, version }: RecordRow, changes: readonly Change[]) {
  const { tenantId } = db
  const expected = JSON.stringify(
    changes.flatMap((one) => (one.what === 'value' ? [[one.field, one.before]] : [])),
  )
  const addresses = changes.filter((one): one is Addresses => one.what === 'addresses')
  // Of `and` with conditions there is always something.
  return sql`(${and(
    sql`exists (select 1 from customer found where found.tenant_id = ${tenantId}
      and found.id = ${id} and found.version = ${version})`,
    sql`not exists (select 1 from json_each(${expected}) read left join field_value held
      on held.tenant_id = ${tenantId} and held.customer_id = ${id}
        and held.field = read.value ->> 0
      where coalesce(held.value, '') <> read.value ->> 1)`,
    sql`not exists (${clashing(db, id, wantedBy(addresses))})`,
  )})`
}

/** Addresses a change adds, with the External ID the record has after it. */
export interface Wanted {
  readonly addresses: readonly { readonly field: string; kind: IdentityKind; value: string }[]
  /** Absent: the change does not speak of it, and what the record has holds. */
  readonly external?: string | null
}

export function wantedBy(changes: readonly Change[]): Wanted {
  const addresses = changes.filter((one): one is Addresses => one.what === 'addresses')
  const external = addresses.find(({ kind }) => kind === 'external')
  return {
    addresses: addresses.flatMap(({ field, kind, before, after }) =>
      after
        .filter(({ value }) => !before.some((one) => one.value === value && isProven(one)))
        .filter(isProven)
        .map(({ value }) => ({ field, kind, value })),
    ),
    ...(external ? { external: external.after[0]?.value ?? null } : {}),
  }
}

function isProven({ standing }: Held): boolean {
  return standing !== 'said'
}

/**
 * Who else has an address, unless they are surely another person: with another External ID the
 * same address may stand on both.
 */
function clashing(db: Db, id: CustomerId, { addresses, external }: Wanted) {
  const { tenantId } = db
  const mine =
    external === undefined
      ? sql`(select own.value from identity own where own.tenant_id = ${tenantId}
          and own.customer_id = ${id} and own.kind = 'external' limit 1)`
      : sql`${external}`
  const theirs = sql`identity theirs where theirs.tenant_id = ${tenantId}
    and theirs.customer_id = other.customer_id and theirs.kind = 'external'`
  return sql`
    select wanted.value ->> 'field' as field, holder.id as id, holder.name as name
    from json_each(${JSON.stringify(addresses)}) wanted
    cross join identity other on other.tenant_id = ${tenantId}
      and other.kind = wanted.value ->> 'kind' and other.value = wanted.value ->> 'value'
      and other.scope = '' and other.customer_id <> ${id}
    cross join customer holder on holder.tenant_id = ${tenantId} and holder.id = other.customer_id
    where not (${mine} is not null and exists (select 1 from ${theirs})
      and not exists (select 1 from ${theirs} and theirs.value = ${mine}))
    order by wanted.key, holder.created_at`
}

/** The first record that has an address wanted for this one, and in which field. */
export async function clashOf(
  db: Db,
  id: CustomerId,
  wanted: Wanted,
): Promise<{ field: string; id: CustomerId; name: string } | undefined> {
  if (wanted.addresses.length === 0) return undefined
  const [found] = await db.orm.all<{ field: string; id: CustomerId; name: string }>(
    sql`${clashing(db, id, wanted)} limit 1`,
  )
  return found
}

function historyOf(customerId: CustomerId, changes: readonly Change[], deed: Deed) {
  const common = { customerId, actor: `operator:${deed.operatorId}`, at: deed.now }
  return changes.map((one) => {
    const { field } = one
    const id = newId('chg')
    return one.what === 'addresses'
      ? {
          ...common,
          id,
          field,
          value: textOfHeld(one.after),
          before: textOfHeld(one.before),
          source: 'operator',
          sessionId: null,
        }
      : {
          ...common,
          id,
          field,
          value: one.after?.value ?? '',
          before: one.before,
          source: one.source,
          sessionId: one.sessionId,
        }
  })
}

function nameAfter(
  { name, identities: held, values: known }: RecordRow,
  addresses: readonly Addresses[],
  values: readonly Value[],
): string {
  const renamed = values.find(({ field }) => field === 'name')
  if (renamed?.after) return renamed.after.value
  const isNamed = !renamed && known.some(({ field }) => field === 'name')
  const left = [
    ...addresses.flatMap(({ kind, after }) => after.map(({ value }) => ({ kind, value }))),
    ...held.filter(({ kind }) => !addresses.some((one) => one.kind === kind)),
  ]
  // A name that only stood in for one follows the address it was made of.
  const stoodIn = !isNamed && (renamed || name === standIn(held))
  return stoodIn ? standIn(left) : name
}

function changeAddresses(
  db: Db,
  customerId: CustomerId,
  changes: readonly Addresses[],
  now: number,
) {
  if (changes.length === 0) return []
  const { orm } = db
  const gone = changes.flatMap(({ kind, field, before, after }) =>
    before
      .filter(({ value }) => !after.some((one) => one.value === value))
      .map(({ value }) => ({ kind, field, value })),
  )
  const kept = changes.flatMap(({ kind, after }) =>
    after.filter(isProven).map(({ value, standing }) => ({
      kind,
      value,
      scope: '',
      customerId,
      proof: standing,
      createdAt: now,
    })),
  )
  const said = changes.flatMap(({ field, after }) =>
    after
      .filter((one) => !isProven(one))
      .map(({ value }) => ({
        customerId,
        field,
        ...keptText(value),
        verified: false,
        source: 'conversation',
        sessionId: null,
        pinned: false,
        at: now,
      })),
  )
  const saidJson = JSON.stringify(said)
  const goneJson = JSON.stringify(gone)
  const fields = JSON.stringify(changes.map(({ field }) => field))
  return [
    orm.delete(identities).where(
      db.mine(
        identities,
        eq(identities.customerId, customerId),
        sql`(${identities.kind}, ${identities.value}) in
            (select value ->> 'kind', value ->> 'value' from json_each(${goneJson}))`,
      ),
    ),
    orm
      .insert(identities)
      .select(rowsFrom(identities, JSON.stringify(kept), db))
      .onConflictDoUpdate({
        target: [
          identities.tenantId,
          identities.kind,
          identities.value,
          identities.scope,
          identities.customerId,
        ],
        set: { proof: sql`excluded.proof` },
      }),
    // What was only said is now an address, or is gone.
    orm.delete(fieldValues).where(
      db.mine(
        fieldValues,
        eq(fieldValues.customerId, customerId),
        sql`${fieldValues.field} in (select value from json_each(${fields}))`,
        sql`(${fieldValues.field}, ${fieldValues.value}) not in
            (select value ->> 'field', value ->> 'value' from json_each(${saidJson}))`,
      ),
    ),
    orm
      .insert(fieldValues)
      .select(rowsFrom(fieldValues, saidJson, db))
      .onConflictDoNothing(),
    // Who looked alike by an address that is gone does not any more.
    orm.delete(possibleDuplicates).where(
      db.mine(
        possibleDuplicates,
        sql`${customerId} in (${possibleDuplicates.customerId}, ${possibleDuplicates.otherId})`,
        eq(possibleDuplicates.dismissed, false),
        sql`(${possibleDuplicates.kind}, ${possibleDuplicates.value}) in
            (select value ->> 'kind', value ->> 'value' from json_each(${goneJson}))`,
      ),
    ),
  ]
}

function changeValues(db: Db, customerId: CustomerId, changes: readonly Value[]) {
  if (changes.length === 0) return []
  const { orm } = db
  const cleared = changes.filter(({ after }) => !after).map(({ field }) => field)
  const written = changes.flatMap(({ field, after, source, sessionId, at }) =>
    after
      ? [{ customerId, field, ...after, verified: true, source, sessionId, pinned: true, at }]
      : [],
  )
  return [
    orm
      .delete(fieldValues)
      .where(
        db.mine(
          fieldValues,
          eq(fieldValues.customerId, customerId),
          sql`${fieldValues.field} in (select value from json_each(${JSON.stringify(cleared)}))`,
        ),
      ),
    orm
      .insert(fieldValues)
      .select(rowsFrom(fieldValues, JSON.stringify(written), db))
      .onConflictDoUpdate({
        target: [fieldValues.tenantId, fieldValues.customerId, fieldValues.field],
        set: {
          value: sql`excluded.value`,
          key: sql`excluded.key`,
          num: sql`excluded.num`,
          verified: sql`excluded.verified`,
          source: sql`excluded.source`,
          sessionId: sql`excluded.session_id`,
          pinned: sql`excluded.pinned`,
          at: sql`excluded.at`,
        },
      }),
  ]
}

/** The customer's sessions that have not ended: what they are called there follows by facts. */
export function openSessionsOf(db: Db, id: CustomerId) {
  return db.orm
    .select({ id: sessions.id })
    .from(sessions)
    .where(db.mine(sessions, eq(sessions.customerId, id), sql`${sessions.finishedAt} is null`))
}

// The SQL that keeps one record per customer: finding, making, enriching, and what it is searched by.

import { asc, eq, inArray, max, sql, type SQL } from 'drizzle-orm'

import type { IdentityKind, Source } from '../../../shared/customer.ts'
import { builtInFields } from '../../../shared/fields.ts'
import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import type { LearntField } from '../../../shared/session.ts'
import { newId } from '../../../shared/new-id.ts'
import type { Db } from '../../base/db.ts'
import { rowsFrom } from '../../base/rows.ts'
import {
  customerAliases,
  customers,
  fieldChanges,
  fieldValues,
  identities,
  possibleDuplicates,
  tombstones,
} from '../../base/schema.ts'
import { reindex } from '../columns/queries.ts'
import { columnsOf, type Address, type Candidate } from '../rules.ts'
import { homeOf, ownerOf, writing } from '../values/queries.ts'
import { keptText } from '../values/rules.ts'

/** What the record is called and by which identities it is known. */
export interface Known extends Candidate {
  readonly name: string
}

/** Records one sender is compared with, at most. An address that more share tells nobody apart. */
const mostCandidates = 50
/** Look-alikes flagged for one address, at most. */
const mostDuplicates = 20
/** Fields that are addresses too: what one record learns may be another's identity. */
const addressFields = sql`('email', 'phone')`

/** Every record that has one of the addresses, with all of its own. One query. */
export async function candidatesOf(db: Db, addresses: readonly Address[]): Promise<Known[]> {
  if (addresses.length === 0) return []
  const wanted = JSON.stringify(addresses.map(({ kind, value, scope }) => [kind, value, scope]))
  const sharing = sql`${customers.id} in (
    select held.customer_id from json_each(${wanted}) wanted
    cross join identity held on held.tenant_id = ${db.tenantId}
      and held.kind = wanted.value ->> 0
      and held.value = wanted.value ->> 1
      and held.scope = wanted.value ->> 2
    group by held.customer_id
    order by min(held.kind <> 'external'), min(held.created_at)
    limit ${mostCandidates})`
  const rows = await db.orm
    .select({
      id: customers.id,
      name: customers.name,
      createdAt: customers.createdAt,
      kind: identities.kind,
      value: identities.value,
      scope: identities.scope,
    })
    .from(customers)
    .innerJoin(identities, db.mine(identities, eq(identities.customerId, customers.id)))
    .where(db.mine(customers, sharing))
    .all()

  const found = new Map<CustomerId, Known & { identities: Candidate['identities'][number][] }>()
  for (const { id, name, createdAt, ...identity } of rows) {
    const record = found.get(id) ?? { id, name, createdAt, identities: [] }
    record.identities.push(identity)
    found.set(id, record)
  }
  return [...found.values()]
}

/** When a customer was deleted, the last time; by their id or the hashes of their addresses. */
export async function goneAt(db: Db, names: readonly string[]): Promise<number | undefined> {
  const found = await db.orm
    .select({ at: max(tombstones.at) })
    .from(tombstones)
    .where(db.mine(tombstones, inArray(tombstones.hash, [...names])))
    .get()
  return found?.at ?? undefined
}

export interface NewRecord {
  readonly id: CustomerId
  readonly name: string
  /** Whether the name is a person's; otherwise it only stands in for one. */
  readonly named: boolean
  readonly anonymous: boolean
  readonly addresses: readonly Address[]
}

/**
 * Makes a record, and what it shares with others known. Made before, it stays as it is; merged since,
 * what is new goes to the record it has become part of.
 */
export async function makeRecord(db: Db, record: NewRecord, now: number): Promise<void> {
  const { id, name, anonymous, addresses } = record
  const { tenantId } = db
  const row = {
    id,
    name,
    anonymous,
    ...columnsOf(name, addresses),
    version: 1,
    createdAt: now,
    lastCommunicationAt: now,
  }
  const isNew = sql`not exists (select 1 from customer_alias alias
    where alias.tenant_id = ${tenantId} and alias.alias_id = ${id})`
  const [made] = await db.orm.batch([
    db.orm
      .insert(customers)
      .select(rowsFrom(customers, JSON.stringify([row]), { tenantId, where: isNew }))
      .onConflictDoNothing(),
    ...(record.named ? [nameByChannel(db, id, name, now)] : []),
    ...addAddresses(db, id, addresses, now),
    flagShared(db, homeOf(tenantId, sql`${id}`), now),
  ])
  // It was there before, and may just have got an address more.
  if (made.meta.changes === 0) await reindex(db, [id])
}

/**
 * Adds what a known sender brings: new addresses, and a name where the record had none. Gives
 * the name it has then. A record merged since it was read is found where it is now.
 */
export async function adopt(
  db: Db,
  id: CustomerId,
  news: { readonly addresses: readonly Address[]; readonly name: string },
  now: number,
): Promise<string> {
  const { addresses, name } = news
  const { tenantId } = db
  const home = homeOf(tenantId, sql`${id}`)
  const lacksName = sql`not exists (select 1 from field_value held where held.tenant_id = ${tenantId}
    and held.customer_id = ${customers.id} and held.field = 'name')`
  const isContact = name !== '' || addresses.some(({ kind }) => kind !== 'visitor')
  const [[record]] = await db.orm.batch([
    db.orm
      .update(customers)
      .set({
        ...(name
          ? { name: sql`case when ${lacksName} then ${name} else ${customers.name} end` }
          : {}),
        anonymous: isContact ? false : sql`${customers.anonymous}`,
      })
      .where(db.mine(customers, sql`${customers.id} = ${home}`))
      .returning({ id: customers.id, name: customers.name }),
    ...(name ? [nameByChannel(db, id, name, now)] : []),
    ...noteAddresses(db, id, addresses, now),
    ...addAddresses(db, id, addresses, now),
    flagShared(db, home, now),
  ])
  if (record) await reindex(db, [record.id])
  return record?.name ?? name
}

/**
 * The history of a record that a channel gives an address. As a plain value: what was proven can't be
 * reverted, as sets of addresses that people wrote can.
 */
function noteAddresses(db: Db, id: CustomerId, addresses: readonly Address[], now: number) {
  const { tenantId: t } = db
  const rows = addresses.flatMap(({ kind, value, scope, proof }) => {
    const field = fieldOfKind(kind)
    const source: Source = proof === 'signed' ? 'parameter' : 'channel'
    return field ? [{ id: newId('chg'), field, kind, value, scope, source }] : []
  })
  if (rows.length === 0) return []
  const changes = sql`
    select ${t}, one.value ->> 'id', home.id, one.value ->> 'field', one.value ->> 'value', '',
      one.value ->> 'source', 'system', null, ${now}
    from json_each(${JSON.stringify(rows)}) one
    join customer home on home.tenant_id = ${t} and home.id = ${homeOf(t, sql`${id}`)}
    where not exists (select 1 from identity held
      where held.tenant_id = ${t} and held.customer_id = home.id and held.kind = one.value ->> 'kind'
        and (held.kind = 'external'
          or (held.value = one.value ->> 'value' and held.scope = one.value ->> 'scope')))`
  return [db.orm.insert(fieldChanges).select(changes)]
}

/** The field that shows identities of a kind. */
function fieldOfKind(kind: IdentityKind): string | undefined {
  const fields = Object.entries(builtInFields)
  return fields.find(([, field]) => 'identity' in field && field.identity === kind)?.[0]
}

/** A second External ID is never added, whatever was read before. */
function addAddresses(db: Db, id: CustomerId, addresses: readonly Address[], now: number) {
  if (addresses.length === 0) return []
  const { tenantId: t } = db
  const rows = sql`
    select ${t}, one.value ->> 'kind', one.value ->> 'value', one.value ->> 'scope', home.id,
      one.value ->> 'proof', ${now}
    from json_each(${JSON.stringify(addresses)}) one
    join customer home on home.tenant_id = ${t} and home.id = ${homeOf(t, sql`${id}`)}
    where one.value ->> 'kind' <> 'external' or not exists (select 1 from identity held
      where held.tenant_id = ${t} and held.customer_id = home.id and held.kind = 'external')`
  return [db.orm.insert(identities).select(rows).onConflictDoNothing()]
}

function nameByChannel(db: Db, id: CustomerId, name: string, at: number) {
  const { tenantId: t } = db
  const { value, key, num } = keptText(name)
  const row = sql`
    select ${t}, home.id, 'name', ${value}, ${key}, ${num}, 1, 'channel', null, 0, ${at}
    from customer home where home.tenant_id = ${t} and home.id = ${homeOf(t, sql`${id}`)}`
  return db.orm.insert(fieldValues).select(row).onConflictDoNothing()
}

/**
 * Notes, both ways, every record that has an address of this one, be it proven or learnt. It runs
 * in the batch that writes the address: of two records written at once, the second sees the first.
 */
export function flagShared(db: Db, record: CustomerId | SQL, now: number) {
  const { tenantId } = db
  const id = sql`${record}`
  const both = sql`
    with mine as (
      select kind, value, scope from identity where tenant_id = ${tenantId} and customer_id = ${id}
      union
      select field, value, '' from field_value
      where tenant_id = ${tenantId} and customer_id = ${id} and field in ${addressFields}
    ),
    shared as (
      select other.customer_id, mine.kind, mine.value from mine
      cross join identity other on other.tenant_id = ${tenantId} and other.kind = mine.kind
        and other.value = mine.value and other.scope = mine.scope
      where other.customer_id <> ${id}
      union
      select other.customer_id, mine.kind, mine.value from mine
      cross join field_value other on other.tenant_id = ${tenantId} and other.field = mine.kind
        and other.value = mine.value
      where mine.kind in ${addressFields} and other.customer_id <> ${id}
      limit ${mostDuplicates}
    )
    select ${tenantId}, ${id}, customer_id, kind, value, 0, ${now} from shared
    union all
    select ${tenantId}, customer_id, ${id}, kind, value, 0, ${now} from shared where true`
  return db.orm.insert(possibleDuplicates).select(both).onConflictDoNothing()
}

export interface Learnt {
  readonly field: LearntField
  readonly value: string
  readonly sessionId: SessionId
  readonly at: number
}

/**
 * Writes a learnt value, unless what is there is newer or worth more. Gives the record's name
 * when it is this value that gave it; the same when asked again.
 */
export async function saveLearnt(
  db: Db,
  customerId: CustomerId,
  learnt: Learnt,
): Promise<string | undefined> {
  const { orm, tenantId } = db
  const { field, value, sessionId, at } = learnt
  const owner = ownerOf(tenantId, sql`${customerId}`, sql`${sessionId}`)
  const home = sql`${customers.id} = ${owner}`
  const held = sql`exists (select 1 from field_value held where held.tenant_id = ${tenantId}
    and held.customer_id = ${customers.id} and held.field = ${field} and held.value = ${value}
    and held.session_id = ${sessionId} and held.at = ${at})`
  const write = {
    customerId,
    field,
    ...keptText(value),
    source: 'conversation',
    sessionId,
    at,
  } as const
  const answers = await orm.batch([
    ...writing(db, [write], 'agent'),
    orm
      .update(customers)
      .set({ anonymous: false })
      .where(db.mine(customers, home, eq(customers.anonymous, true))),
    flagShared(db, owner, at),
    orm
      .select({
        id: customers.id,
        name: sql<
          string | null
        >`case when ${field} = 'name' and ${held} then ${customers.name} end`.as('given'),
      })
      .from(customers)
      .where(db.mine(customers, home)),
  ])
  const record = answers[6][0]
  if (!record) return undefined
  await reindex(db, [record.id])
  return record.name ?? undefined
}

/** What is known, proven and confirmed or merely said, by field. A proven address goes first. */
export async function valuesOf(
  db: Db,
  id: CustomerId,
  trust: 'verified' | 'unverified',
): Promise<Record<string, string>> {
  const verified = trust === 'verified'
  const [proven, fields] = await db.orm.batch([
    db.orm
      .select({ field: identities.kind, value: identities.value })
      .from(identities)
      .where(
        db.mine(
          identities,
          eq(identities.customerId, id),
          sql`${identities.kind} in ${addressFields}`,
        ),
      ),
    db.orm
      .select({ field: fieldValues.field, value: fieldValues.value })
      .from(fieldValues)
      .where(
        db.mine(fieldValues, eq(fieldValues.customerId, id), eq(fieldValues.verified, verified)),
      ),
  ])
  const rows = verified ? [...fields, ...proven] : fields
  return Object.fromEntries(rows.map(({ field, value }) => [field, value]))
}

/** Whether there is such a record, be it under another id by now. */
export async function isKnown(db: Db, id: CustomerId): Promise<boolean> {
  const record = await db.orm
    .select({ id: customers.id })
    .from(customers)
    .where(db.mine(customers, eq(customers.id, id)))
    .get()
  return record !== undefined || (await aliasOf(db, id)) !== undefined
}

/** The record a merged one is part of now; nothing for a record that was never merged away. */
export async function aliasOf(db: Db, id: CustomerId): Promise<CustomerId | undefined> {
  const alias = await db.orm
    .select({ home: customerAliases.customerId })
    .from(customerAliases)
    .where(db.mine(customerAliases, eq(customerAliases.aliasId, id)))
    .get()
  return alias?.home
}

/** Records that look like this one, with what they share. */
export function duplicatesOf(db: Db, id: CustomerId) {
  return db.orm
    .select({
      id: sql<CustomerId>`${possibleDuplicates.otherId}`.as('other'),
      name: customers.name,
      kind: sql<IdentityKind>`${possibleDuplicates.kind}`.as('shared_kind'),
      value: possibleDuplicates.value,
    })
    .from(possibleDuplicates)
    .innerJoin(customers, db.mine(customers, eq(customers.id, possibleDuplicates.otherId)))
    .where(
      db.mine(
        possibleDuplicates,
        eq(possibleDuplicates.customerId, id),
        // Somebody has looked at the two and said no, whatever else they turn out to share.
        sql`not exists (select 1 from possible_duplicate told where told.tenant_id = ${db.tenantId}
          and told.customer_id = ${id} and told.other_id = ${possibleDuplicates.otherId}
          and told.dismissed)`,
      ),
    )
    .orderBy(asc(possibleDuplicates.at), asc(possibleDuplicates.otherId))
}

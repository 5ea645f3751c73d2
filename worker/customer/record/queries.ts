// The SQL that keeps one record per customer: finding, making, enriching, and what it is searched by.

import { asc, eq, sql } from 'drizzle-orm'

import type { IdentityKind } from '../../../shared/customer.ts'
import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import type { LearntField } from '../../../shared/session.ts'
import type { Db } from '../../base/db.ts'
import { customers, fieldValues, identities, possibleDuplicates } from '../../base/schema.ts'
import { searchTextOf, type Address, type Candidate } from '../rules.ts'

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

export interface NewRecord {
  readonly id: CustomerId
  readonly name: string
  /** Whether the name is a person's; otherwise it only stands in for one. */
  readonly named: boolean
  readonly anonymous: boolean
  readonly addresses: readonly Address[]
}

/** Makes a record, and what it shares with others known. Made before, it stays as it is. */
export async function makeRecord(db: Db, record: NewRecord, now: number): Promise<void> {
  const { id, name, anonymous, addresses } = record
  const { tenantId } = db
  await db.orm.batch([
    db.orm
      .insert(customers)
      .values({
        tenantId,
        id,
        name,
        anonymous,
        searchText: searchTextOf(name, addresses),
        createdAt: now,
        lastCommunicationAt: now,
      })
      .onConflictDoNothing(),
    ...(record.named ? [nameByChannel(db, id, name, now)] : []),
    ...addAddresses(db, id, addresses, now),
    flagShared(db, id, now),
  ])
}

/**
 * Adds what a known sender brings: new addresses, and a name where the record had none. Gives
 * the name it has then.
 */
export async function adopt(
  db: Db,
  id: CustomerId,
  news: { readonly addresses: readonly Address[]; readonly name: string },
  now: number,
): Promise<string> {
  const { addresses, name } = news
  const lacksName = sql`not exists (select 1 from field_value held where held.tenant_id = ${db.tenantId}
    and held.customer_id = ${id} and held.field = 'name')`
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
      .where(db.mine(customers, eq(customers.id, id)))
      .returning({ name: customers.name }),
    ...(name ? [nameByChannel(db, id, name, now)] : []),
    ...addAddresses(db, id, addresses, now),
    flagShared(db, id, now),
  ])
  await reindex(db, id)
  return record?.name ?? name
}

function addAddresses(db: Db, customerId: CustomerId, addresses: readonly Address[], now: number) {
  const { tenantId } = db
  const rows = addresses.map((one) => ({ tenantId, ...one, customerId, createdAt: now }))
  return rows.length > 0 ? [db.orm.insert(identities).values(rows).onConflictDoNothing()] : []
}

function nameByChannel(db: Db, customerId: CustomerId, value: string, at: number) {
  const { tenantId } = db
  return db.orm
    .insert(fieldValues)
    .values({ tenantId, customerId, field: 'name', value, verified: true, source: 'channel', at })
    .onConflictDoNothing()
}

/**
 * Notes, both ways, every record that has an address of this one, be it proven or learnt. It runs
 * in the batch that writes the address: of two records written at once, the second sees the first.
 */
function flagShared(db: Db, id: CustomerId, now: number) {
  const { tenantId } = db
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
    select ${tenantId}, ${id}, customer_id, kind, value, ${now} from shared
    union all
    select ${tenantId}, customer_id, ${id}, kind, value, ${now} from shared where true`
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
  const { tenantId, orm } = db
  const { field, value, sessionId, at } = learnt
  // A channel's display name is self-chosen too: what the customer says goes before it.
  const givesWay = sql`field_value.source = 'channel' or (field_value.source = 'conversation'
    and not field_value.verified
    and (excluded.at, excluded.session_id) > (field_value.at, field_value.session_id))`
  const held = sql`select 1 from field_value held where held.tenant_id = ${tenantId}
    and held.customer_id = ${customerId} and held.field = ${field} and held.value = ${value}
    and held.session_id = ${sessionId} and held.at = ${at}`
  const me = eq(customers.id, customerId)
  // From the customer's row: a record that has gone meanwhile gets no values.
  const row = sql`
    select tenant_id, id, ${field}, ${value}, 0, 'conversation', ${sessionId}, ${at}
    from customer where tenant_id = ${tenantId} and id = ${customerId}`
  const [, , , , [named]] = await orm.batch([
    orm
      .insert(fieldValues)
      .select(row)
      .onConflictDoUpdate({
        target: [fieldValues.tenantId, fieldValues.customerId, fieldValues.field],
        set: {
          value: sql`excluded.value`,
          verified: sql`excluded.verified`,
          source: sql`excluded.source`,
          sessionId: sql`excluded.session_id`,
          at: sql`excluded.at`,
        },
        setWhere: givesWay,
      }),
    orm
      .update(customers)
      .set({ anonymous: false })
      .where(db.mine(customers, me, eq(customers.anonymous, true))),
    orm
      .update(customers)
      .set({ name: value })
      .where(db.mine(customers, me, sql`${field} = 'name'`, sql`exists (${held})`)),
    flagShared(db, customerId, at),
    orm
      .select({ name: customers.name })
      .from(customers)
      .where(db.mine(customers, me, sql`${field} = 'name'`, sql`exists (${held})`)),
  ])
  await reindex(db, customerId)
  return named?.name
}

/**
 * Writes anew what the search box looks through. It is written only over what it was read beside:
 * of two writers at once the later reads again, and has everything.
 */
async function reindex(db: Db, id: CustomerId): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    const { record, values } = await searchable(db, id)
    if (!record) return
    const searchText = searchTextOf(record.name, values)
    if (searchText === record.searchText) return
    const { meta } = await db.orm
      .update(customers)
      .set({ searchText })
      .where(db.mine(customers, eq(customers.id, id), eq(customers.searchText, record.searchText)))
    if (meta.changes > 0) return
  }
  throw new Error(`search text of ${id} keeps changing`)
}

async function searchable(db: Db, id: CustomerId) {
  const { orm } = db
  const [[record], proven, learnt] = await orm.batch([
    orm
      .select({ name: customers.name, searchText: customers.searchText })
      .from(customers)
      .where(db.mine(customers, eq(customers.id, id))),
    orm
      .select({ kind: identities.kind, value: identities.value })
      .from(identities)
      .where(db.mine(identities, eq(identities.customerId, id)))
      .orderBy(asc(identities.kind), asc(identities.value)),
    orm
      .select({ kind: fieldValues.field, value: fieldValues.value })
      .from(fieldValues)
      .where(db.mine(fieldValues, eq(fieldValues.customerId, id)))
      .orderBy(asc(fieldValues.field)),
  ])
  return { record, values: [...proven, ...learnt] }
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
    .where(db.mine(possibleDuplicates, eq(possibleDuplicates.customerId, id)))
    .orderBy(asc(possibleDuplicates.at), asc(possibleDuplicates.otherId))
}

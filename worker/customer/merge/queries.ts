// The SQL of merges. A merge is one batch that takes what is there when it commits: what was read
// before only decides that it is wanted.

import { desc, eq, getTableColumns, or, sql, type SQL } from 'drizzle-orm'

import type { CustomerId } from '../../../shared/ids.ts'
import type { MergeChoices, MergeId } from '../../../shared/merge.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { onlyIf } from '../../base/guard.ts'
import { rowAsJson, rowsAgain, rowsAsJson } from '../../base/rows.ts'
import {
  campaigns,
  customerAliases,
  customers,
  fieldChanges,
  fieldSuggestions,
  fieldValues,
  identities,
  merges,
  participants,
  possibleDuplicates,
  productFetches,
  products,
  sessions,
} from '../../base/schema.ts'
import type { Write } from '../../tenant/queries.ts'
import type { Whole } from './rules.ts'

/** A merge that is wanted. Which of the two is older is said by whoever has read them. */
export interface MergeOrder {
  readonly mergeId: MergeId
  readonly survivor: CustomerId
  readonly merged: CustomerId
  readonly choices: MergeChoices
  readonly actor: Actor
  readonly cause: 'operator' | 'upload'
  readonly at: number
}

/** A record with all that hangs on it; nothing when there is no such record. */
export async function readWhole(
  db: Db,
  id: CustomerId,
): Promise<{ whole: Whole; text: string } | undefined> {
  const row = await db.orm
    .select({ text: wholeAsJson(db, id) })
    .from(customers)
    .where(db.mine(customers, eq(customers.id, id)))
    .get()
  // Safe: it is written from rows of these very types.
  return row && { text: row.text, whole: JSON.parse(row.text) as Whole }
}

/** `Whole` as JSON: an expression. The same record gives the same text. */
export function wholeAsJson(db: Db, id: CustomerId): SQL<string> {
  // What triggers keep is theirs.
  const { ord: _ord, channels: _channels, active: _active, ...customer } = own(customers)
  const all = (
    table: typeof identities | typeof fieldValues | typeof participants | typeof products,
    order: SQL,
  ) => rowsAsJson(own(table), { table, where: db.mine(table, eq(table.customerId, id)), order })
  const parts = {
    customer: sql`(select ${rowAsJson(customer)} from ${customers}
      where ${db.mine(customers, eq(customers.id, id))})`,
    identities: all(
      identities,
      sql`${identities.createdAt}, ${identities.kind}, ${identities.value}, ${identities.scope}`,
    ),
    values: all(fieldValues, sql`${fieldValues.field}`),
    suggestions: rowsAsJson(own(fieldSuggestions), {
      table: fieldSuggestions,
      where: db.mine(fieldSuggestions, eq(fieldSuggestions.customerId, id)),
      order: sql`${fieldSuggestions.field}`,
    }),
    changes: rowsAsJson(
      { id: fieldChanges.id, sessionId: fieldChanges.sessionId },
      {
        table: fieldChanges,
        where: db.mine(fieldChanges, eq(fieldChanges.customerId, id)),
        order: sql`${fieldChanges.at}, ${fieldChanges.id}`,
      },
    ),
    participants: all(participants, sql`${participants.campaignId}`),
    products: all(products, sql`${products.campaignId}, ${products.key}`),
    duplicates: rowsAsJson(own(possibleDuplicates), {
      table: possibleDuplicates,
      where: db.mine(possibleDuplicates, eq(possibleDuplicates.customerId, id)),
      order: sql`${possibleDuplicates.otherId}, ${possibleDuplicates.kind}, ${possibleDuplicates.value}`,
    }),
    aliases: sql`(select json_group_array(one) from (select ${customerAliases.aliasId} as one
      from ${customerAliases} where ${db.mine(customerAliases, eq(customerAliases.customerId, id))}
      order by 1))`,
    sessions: rowsAsJson(
      {
        id: sessions.id,
        connectionId: sessions.connectionId,
        contact: sessions.contact,
        startedAt: sessions.startedAt,
        lastAt: sql`coalesce(${sessions.lastMessageAt}, ${sessions.startedAt})`,
      },
      {
        table: sessions,
        where: db.mine(sessions, eq(sessions.customerId, id)),
        order: sql`${sessions.startedAt}, ${sessions.id}`,
      },
    ),
  }
  const pairs = Object.entries(parts).map(
    ([key, part]) => sql`${sql`${key}`.inlineParams()}, json(${part})`,
  )
  return sql<string>`json_object(${sql.join(pairs, sql`, `)})`
}

/** A table's columns without those that say whose the row is. */
function own<Table extends Parameters<typeof getTableColumns>[0]>(table: Table) {
  const { tenantId: _tenant, customerId: _customer, ...rest } = getTableColumns(table)
  return rest
}

/**
 * The statements of one merge, for a batch. The first ends the batch unless both records are there,
 * the survivor is the older, and no two External IDs would be combined.
 */
export function merging(db: Db, order: MergeOrder): Write[] {
  const { mergeId, survivor, merged, actor, cause } = order
  return [
    mayBeMerged(db, survivor, merged),
    kept(db, order),
    ...joinRecord(db, order),
    ...moveValues(db, order),
    ...moveRows(db, order),
    ...moveDuplicates(db, order),
    db.orm
      .update(customerAliases)
      .set({ customerId: survivor })
      .where(db.mine(customerAliases, eq(customerAliases.customerId, merged))),
    db.orm
      .insert(customerAliases)
      .values({ tenantId: db.tenantId, aliasId: merged, customerId: survivor }),
    db.orm.delete(customers).where(db.mine(customers, eq(customers.id, merged))),
    audited(db, actor, 'customer.merge', survivor, { merged, merge: mergeId, cause }),
  ]
}

function mayBeMerged(db: Db, survivor: CustomerId, merged: CustomerId): Write {
  const { tenantId: t } = db
  const external = (id: CustomerId) => sql`select value from identity
    where tenant_id = ${t} and customer_id = ${id} and kind = 'external'`
  return onlyIf(
    db,
    sql`exists (
      select 1 from customer older join customer newer on newer.tenant_id = older.tenant_id
      where older.tenant_id = ${t} and older.id = ${survivor} and newer.id = ${merged}
        and (older.created_at, older.id) < (newer.created_at, newer.id))
    and ${areNotDeleted(db, [survivor, merged])}
    and (not exists (${external(survivor)}) or not exists (${external(merged)})
      or exists (${external(survivor)} intersect ${external(merged)}))`,
  )
}

/** Whether no deletion of these records has begun: what belongs to them is on its way out. */
export function areNotDeleted({ tenantId }: Db, ids: readonly CustomerId[]): SQL {
  return sql`not exists (select 1 from tombstone gone where gone.tenant_id = ${tenantId}
    and gone.hash in (select value from json_each(${JSON.stringify(ids)})))`
}

/** Both records as they are, and when: later than any other merge into this survivor. */
function kept(db: Db, { mergeId, survivor, merged, choices, actor, cause, at }: MergeOrder): Write {
  const { tenantId: t } = db
  const snapshot = sql`json_object('survivor', json(${wholeAsJson(db, survivor)}),
    'merged', json(${wholeAsJson(db, merged)}), 'choices', json(${JSON.stringify(choices)}))`
  const later = sql`max(${at}, coalesce((select max(at) + 1 from merge
    where tenant_id = ${t} and survivor_id = ${survivor}), 0))`
  return db.orm.insert(merges).select(sql`
    select ${t}, ${mergeId}, ${survivor}, ${merged}, ${nameOf(actor)}, ${cause}, ${snapshot},
      ${later}, null, null`)
}

/** The record itself. Before the values move: they say whose name it is called by. */
function joinRecord(db: Db, order: MergeOrder): Write[] {
  const { tenantId: t } = db
  const { survivor, merged } = order
  const name = sql`from field_value named
    where named.tenant_id = ${t} and named.field = 'name' and named.customer_id =`
  const theirs = sql`case
    when not exists (select 1 ${name} ${merged}) then not exists (select 1 ${name} ${survivor})
      and ${customers.anonymous} and not newer.anonymous
    when not exists (select 1 ${name} ${survivor}) then 1
    else 'name' in (${winning(db, order)}) end`
  return [
    db.orm
      .update(customers)
      .set({
        name: sql`case when ${theirs} then newer.name else ${customers.name} end`,
        nameKey: sql`case when ${theirs} then newer.name_key else ${customers.nameKey} end`,
        email: sql`case ${customers.email} when '' then newer.email else ${customers.email} end`,
        phone: sql`case ${customers.phone} when '' then newer.phone else ${customers.phone} end`,
        anonymous: sql`min(${customers.anonymous}, newer.anonymous)`,
        searchText: sql`${customers.searchText} || char(10) || newer.search_text`,
        version: sql`max(${customers.version}, newer.version) + 1`,
        lastCommunicationAt: sql`coalesce(
          max(${customers.lastCommunicationAt}, newer.last_communication_at),
          ${customers.lastCommunicationAt}, newer.last_communication_at)`,
      })
      .from(sql`customer newer`)
      .where(
        db.mine(
          customers,
          eq(customers.id, survivor),
          sql`newer.tenant_id = ${t} and newer.id = ${merged}`,
        ),
      ),
  ]
}

/** The fields both have whose value is taken from the merged record. The same as `verdictsOf`. */
function winning({ tenantId: t }: Db, { survivor, merged, choices }: MergeOrder): SQL {
  const chosen = (side: string) =>
    JSON.stringify(Object.keys(choices).filter((field) => choices[field] === side))
  return sql`select newer.field from field_value newer
    join field_value older on older.tenant_id = newer.tenant_id and older.field = newer.field
      and older.customer_id = ${survivor}
    where newer.tenant_id = ${t} and newer.customer_id = ${merged}
      and (newer.field in (select value from json_each(${chosen('merged')}))
        or (newer.verified and not older.verified
          and newer.field not in (select value from json_each(${chosen('survivor')}))))`
}

function moveValues(db: Db, order: MergeOrder): Write[] {
  const { tenantId: t } = db
  const { mergeId, survivor, merged, actor, at } = order
  const older = eq(fieldValues.customerId, survivor)
  const newer = eq(fieldValues.customerId, merged)
  return [
    db.orm.insert(fieldChanges).select(sql`
      select ${t}, ${mergeId} || '.' || newer.field, ${survivor}, newer.field, newer.value,
        coalesce(older.value, ''), newer.source, ${nameOf(actor)}, newer.session_id, ${at}
      from field_value newer
      left join field_value older on older.tenant_id = newer.tenant_id
        and older.field = newer.field and older.customer_id = ${survivor}
      where newer.tenant_id = ${t} and newer.customer_id = ${merged}
        and (older.field is null
          or (older.value <> newer.value and newer.field in (${winning(db, order)})))`),
    db.orm
      .delete(fieldValues)
      .where(db.mine(fieldValues, older, sql`${fieldValues.field} in (${winning(db, order)})`)),
    db.orm
      .insert(fieldValues)
      .select(rowsAgain(fieldValues, to(survivor), db.mine(fieldValues, newer)))
      .onConflictDoNothing(),
    db.orm.delete(fieldValues).where(db.mine(fieldValues, newer)),
    db.orm
      .insert(fieldSuggestions)
      .select(
        rowsAgain(
          fieldSuggestions,
          to(survivor),
          db.mine(fieldSuggestions, eq(fieldSuggestions.customerId, merged)),
        ),
      )
      .onConflictDoNothing(),
    db.orm
      .delete(fieldSuggestions)
      .where(db.mine(fieldSuggestions, eq(fieldSuggestions.customerId, merged))),
    db.orm
      .update(fieldChanges)
      .set({ customerId: survivor })
      .where(db.mine(fieldChanges, eq(fieldChanges.customerId, merged))),
  ]
}

function to(id: CustomerId): { customerId: SQL } {
  return { customerId: sql`${id}` }
}

/** Identities, sessions, campaigns and products. Of a campaign both took part in: `mergeParticipants`. */
function moveRows(db: Db, { survivor, merged }: MergeOrder): Write[] {
  const further = sql`instr('pending active completed', excluded.status)
    > instr('pending active completed', ${participants.status})`
  const theirs = {
    identities: db.mine(identities, eq(identities.customerId, merged)),
    participants: db.mine(participants, eq(participants.customerId, merged)),
    products: db.mine(products, eq(products.customerId, merged)),
  }
  return [
    db.orm
      .insert(identities)
      .select(rowsAgain(identities, to(survivor), theirs.identities))
      .onConflictDoNothing(),
    db.orm.delete(identities).where(theirs.identities),
    db.orm
      .update(sessions)
      .set({ customerId: survivor })
      .where(db.mine(sessions, eq(sessions.customerId, merged))),
    db.orm
      .insert(participants)
      .select(rowsAgain(participants, to(survivor), theirs.participants))
      .onConflictDoUpdate({
        target: [participants.tenantId, participants.campaignId, participants.customerId],
        set: {
          status: sql`case when ${further} then excluded.status else ${participants.status} end`,
          stage: sql`case when ${further} then excluded.stage else ${participants.stage} end`,
          data: sql`json_patch(excluded.data, ${participants.data})`,
          summary: sql`coalesce(${participants.summary}, excluded.summary)`,
          loadedAt: sql`min(${participants.loadedAt}, excluded.loaded_at)`,
        },
      }),
    db.orm.delete(participants).where(theirs.participants),
    db.orm
      .insert(products)
      .select(rowsAgain(products, to(survivor), theirs.products))
      .onConflictDoNothing(),
    db.orm.delete(products).where(theirs.products),
    db.orm
      .delete(productFetches)
      .where(db.mine(productFetches, eq(productFetches.customerId, merged))),
  ]
}

/** The pair is resolved; look-alikes of the merged record are now the survivor's, on both sides. */
function moveDuplicates(db: Db, { survivor, merged }: MergeOrder): Write[] {
  const { customerId, otherId } = possibleDuplicates
  const again = (changed: Readonly<Record<string, SQL>>, where: SQL) =>
    db.orm
      .insert(possibleDuplicates)
      .select(rowsAgain(possibleDuplicates, changed, where))
      .onConflictDoUpdate({
        target: [
          possibleDuplicates.tenantId,
          customerId,
          otherId,
          possibleDuplicates.kind,
          possibleDuplicates.value,
        ],
        set: { dismissed: sql`max(${possibleDuplicates.dismissed}, excluded.dismissed)` },
      })
  const mine = (...more: SQL[]) => db.mine(possibleDuplicates, ...more)
  return [
    again(to(survivor), mine(eq(customerId, merged), sql`${otherId} <> ${survivor}`)),
    again(
      { otherId: sql`${survivor}` },
      mine(eq(otherId, merged), sql`${customerId} <> ${survivor}`),
    ),
    db.orm.delete(possibleDuplicates).where(mine(eq(customerId, merged))),
    db.orm.delete(possibleDuplicates).where(mine(eq(otherId, merged))),
  ]
}

export function nameOf(actor: Actor): string {
  return actor.kind === 'system' ? 'system' : `${actor.kind}:${actor.id}`
}

/** What both sides of a merge were called, without the rest of the snapshot. */
const merge = {
  id: merges.id,
  at: merges.at,
  actor: merges.actor,
  cause: merges.cause,
  survivorId: merges.survivorId,
  mergedId: merges.mergedId,
  survivorName: sql<string>`${merges.snapshot} ->> '$.survivor.customer.name'`.as('survivor_name'),
  mergedName: sql<string>`${merges.snapshot} ->> '$.merged.customer.name'`.as('merged_name'),
  undoneAt: merges.undoneAt,
}

/** The merges a record has been in, newest first, each with the later one that stands before its undo. */
export async function mergesOf(db: Db, id: CustomerId, limit: number) {
  return db.orm
    .select({ ...merge, blockedBy: blocking(db).as('blocked_by') })
    .from(merges)
    .where(db.mine(merges, or(eq(merges.survivorId, id), eq(merges.mergedId, id))))
    .orderBy(desc(merges.at), desc(merges.id))
    .limit(limit)
}

/** The newest merge on top of this one: another into its survivor, or of its survivor into a third. */
export function blocking({ tenantId: t }: Db): SQL<MergeId | null> {
  return sql<MergeId | null>`(select later.id from merge later
    where later.tenant_id = ${t} and later.undone_at is null and (later.merged_id = merge.survivor_id
      or (later.survivor_id = merge.survivor_id and later.at > merge.at))
    order by later.at desc limit 1)`
}

/** Campaigns both take part in, by name. */
export async function sharedCampaigns(db: Db, ids: readonly string[]) {
  if (ids.length === 0) return []
  return db.orm
    .select({ id: campaigns.id, name: campaigns.name })
    .from(campaigns)
    .where(
      db.mine(
        campaigns,
        sql`${campaigns.id} in (select value from json_each(${JSON.stringify(ids)}))`,
      ),
    )
}

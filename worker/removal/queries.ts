// The SQL of deleting a customer: what goes with them, and the two batches around it.

import { count, eq, or, sql } from 'drizzle-orm'

import type { CustomerId, OperatorId, SessionId } from '../../shared/ids.ts'
import type { Removal } from '../../shared/record.ts'
import { audited, type Db } from '../base/db.ts'
import {
  customerAliases,
  customers,
  fieldChanges,
  fieldSuggestions,
  fieldValues,
  files,
  identities,
  merges,
  participants,
  possibleDuplicates,
  productFetches,
  products,
  sessions,
  tombstones,
  uploadLines,
} from '../base/schema.ts'
import { tombstoneOf } from '../customer/tombstone.ts'

/** What deleting a customer takes with it; nothing when there is no such customer. */
export async function removalOf(db: Db, id: CustomerId): Promise<Removal | undefined> {
  const { orm } = db
  const [[customer], [spoken], [held]] = await orm.batch([
    orm
      .select({ name: customers.name })
      .from(customers)
      .where(db.mine(customers, eq(customers.id, id))),
    orm
      .select({
        sessions: count(),
        messages: sql<number>`coalesce(sum(${sessions.messageCount}), 0)`,
        active: sql<number>`coalesce(sum(${sessions.finishedAt} is null), 0)`,
      })
      .from(sessions)
      .where(db.mine(sessions, eq(sessions.customerId, id))),
    orm
      .select({ files: count() })
      .from(files)
      .where(
        db.mine(
          files,
          sql`${files.sessionId} in (select id from session where tenant_id = ${db.tenantId}
            and customer_id = ${id})`,
        ),
      ),
  ])
  if (!customer || !spoken || !held) return undefined
  // A session is what stands behind a communication.
  return { ...customer, ...spoken, communications: spoken.sessions, ...held }
}

/**
 * Cuts the record off: nobody who writes from now on is taken for this customer, and no session that
 * D1 has not heard of yet can be theirs. The record's ids and hashes of the addresses stay, so that the
 * person's next record is another one. Done again, it adds nothing.
 */
export async function unlink(
  db: Db,
  id: CustomerId,
  removal: Removal,
  by: { readonly operatorId: OperatorId; readonly now: number },
): Promise<void> {
  const { orm, tenantId } = db
  const held = await orm
    .select()
    .from(identities)
    .where(db.mine(identities, eq(identities.customerId, id)))
  const aliases = await orm
    .select({ id: customerAliases.aliasId })
    .from(customerAliases)
    .where(db.mine(customerAliases, eq(customerAliases.customerId, id)))
  const hashes = await Promise.all(held.map((one) => tombstoneOf(db, one)))
  const names = JSON.stringify([id, ...aliases.map((alias) => alias.id), ...hashes])
  const { sessions: spoken, communications, messages, files: kept } = removal
  const isFirst = await isUntouched(db, id)
  await orm.batch([
    orm.delete(identities).where(db.mine(identities, eq(identities.customerId, id))),
    orm
      .insert(tombstones)
      .select(sql`select ${tenantId}, value, ${by.now} from json_each(${names}) where true`)
      .onConflictDoUpdate({
        target: [tombstones.tenantId, tombstones.hash],
        set: { at: sql`excluded.at` },
      }),
    ...(isFirst
      ? [
          audited(db, { kind: 'operator', id: by.operatorId }, 'customer.delete', id, {
            sessions: spoken,
            communications,
            messages,
            files: kept,
          }),
        ]
      : []),
  ])
}

/** Whether the deletion of a record has not begun yet. */
async function isUntouched(db: Db, id: CustomerId): Promise<boolean> {
  const begun = await db.orm
    .select({ at: tombstones.at })
    .from(tombstones)
    .where(db.mine(tombstones, eq(tombstones.hash, id)))
    .get()
  return begun === undefined
}

/** Some of the customer's sessions: those that are still there. */
export async function sessionsLeft(db: Db, id: CustomerId, limit: number): Promise<SessionId[]> {
  const rows = await db.orm
    .select({ id: sessions.id })
    .from(sessions)
    .where(db.mine(sessions, eq(sessions.customerId, id)))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** Deletes the rows of sessions whose objects and files have gone. */
export async function deleteSessions(db: Db, ids: readonly SessionId[]): Promise<void> {
  const list = sql`(select value from json_each(${JSON.stringify(ids)}))`
  await db.orm.delete(sessions).where(db.mine(sessions, sql`${sessions.id} in ${list}`))
}

/** Deletes the record with all that speaks of it. The last step. */
export async function deleteRecord(db: Db, id: CustomerId): Promise<void> {
  const { orm } = db
  // Under every id the record has had.
  const ids = sql`select ${id} as id union select alias.alias_id from customer_alias alias
    where alias.tenant_id = ${db.tenantId} and alias.customer_id = ${id}`
  await orm.batch([
    orm.delete(identities).where(db.mine(identities, eq(identities.customerId, id))),
    orm.delete(fieldValues).where(db.mine(fieldValues, eq(fieldValues.customerId, id))),
    orm.delete(fieldChanges).where(db.mine(fieldChanges, eq(fieldChanges.customerId, id))),
    orm
      .delete(fieldSuggestions)
      .where(db.mine(fieldSuggestions, eq(fieldSuggestions.customerId, id))),
    orm
      .delete(possibleDuplicates)
      .where(
        db.mine(
          possibleDuplicates,
          or(eq(possibleDuplicates.customerId, id), eq(possibleDuplicates.otherId, id)),
        ),
      ),
    orm.delete(participants).where(db.mine(participants, eq(participants.customerId, id))),
    orm.delete(products).where(db.mine(products, eq(products.customerId, id))),
    orm.delete(productFetches).where(db.mine(productFetches, eq(productFetches.customerId, id))),
    // The report keeps its counts; the line that names the customer goes.
    orm.delete(uploadLines).where(db.mine(uploadLines, sql`${uploadLines.customerId} in (${ids})`)),
    // Of lines of others, which say whom they were kept apart from, the words go.
    orm
      .update(uploadLines)
      .set({ detail: 'Not combined with a record that has been deleted since' })
      .where(
        db.mine(
          uploadLines,
          eq(uploadLines.outcome, 'conflict'),
          sql`exists (select 1 from (${ids}) gone where instr(${uploadLines.detail}, gone.id) > 0)`,
        ),
      ),
    // Those of records that were merged into this one keep what it was made of, too.
    orm.delete(merges).where(db.mine(merges, sql`${merges.survivorId} in (${ids})`)),
    orm.delete(merges).where(db.mine(merges, eq(merges.mergedId, id))),
    orm
      .delete(customerAliases)
      .where(
        db.mine(
          customerAliases,
          or(eq(customerAliases.customerId, id), eq(customerAliases.aliasId, id)),
        ),
      ),
    orm.delete(customers).where(db.mine(customers, eq(customers.id, id))),
  ])
}

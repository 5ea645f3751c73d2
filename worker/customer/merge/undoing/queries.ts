// The SQL that takes a merge back. What goes where is decided beside the record as it was read; the
// batch writes it only over that very record, and only the last merge of a record is taken back.

import { eq, inArray, or, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

import type { CustomerId } from '../../../../shared/ids.ts'
import type { MergeId } from '../../../../shared/merge.ts'
import { audited, type Actor, type Db } from '../../../base/db.ts'
import { onlyIf } from '../../../base/guard.ts'
import { rowsFrom } from '../../../base/rows.ts'
import {
  customerAliases,
  customers,
  fieldChanges,
  fieldSuggestions,
  fieldValues,
  identities,
  merges,
  participants,
  possibleDuplicates,
  products,
  sessions,
} from '../../../base/schema.ts'
import type { Write } from '../../../tenant/queries.ts'
import { flagShared } from '../../record/queries.ts'
import { homeOf } from '../../values/queries.ts'
import { areNotDeleted, blocking, nameOf, wholeAsJson } from '../queries.ts'
import type { Snapshot, Whole } from '../rules.ts'
import type { Undone } from '../undo.ts'

export interface KeptMerge {
  readonly id: MergeId
  readonly survivorId: CustomerId
  readonly mergedId: CustomerId
  readonly undoneAt: number | null
  readonly snapshot: Snapshot
  /** The merge that has to be undone before this one. */
  readonly blockedBy: MergeId | null
}

export async function readMerge(db: Db, id: MergeId): Promise<KeptMerge | undefined> {
  const row = await db.orm
    .select({
      survivorId: merges.survivorId,
      mergedId: merges.mergedId,
      undoneAt: merges.undoneAt,
      snapshot: merges.snapshot,
      blockedBy: blocking(db).as('blocked_by'),
    })
    .from(merges)
    .where(db.mine(merges, eq(merges.id, id)))
    .get()
  // Safe: a merge writes its snapshot from rows of these very types.
  return row && { ...row, id, snapshot: row.snapshot as unknown as Snapshot }
}

export interface UndoOrder {
  readonly merge: KeptMerge
  /** The survivor as `undone` was decided beside. */
  readonly before: string
  readonly undone: Undone
  readonly actor: Actor
  readonly at: number
}

/** The statements that take a merge back, for a batch. */
export function undoing(db: Db, order: UndoOrder): Write[] {
  const { merge, undone, actor, at } = order
  const { survivor, merged } = undone
  return [
    mayBeUndone(db, order),
    db.orm
      .update(merges)
      .set({ undoneAt: at, undoneBy: nameOf(actor) })
      .where(db.mine(merges, eq(merges.id, merge.id))),
    ...writeRecords(db, undone),
    ...replace(db, identities, undone, ({ identities: rows }) => rows),
    ...replace(db, fieldValues, undone, ({ values }) => values),
    ...replace(db, fieldSuggestions, undone, ({ suggestions }) => suggestions),
    ...replace(db, participants, undone, ({ participants: rows }) => rows),
    ...replace(db, products, undone, ({ products: rows }) => rows),
    ...returnHistory(db, merge, undone),
    db.orm
      .update(sessions)
      .set({ customerId: merged.customer.id })
      .where(db.mine(sessions, among(sessions.id, idsOf(merged.sessions)))),
    db.orm
      .delete(customerAliases)
      .where(db.mine(customerAliases, eq(customerAliases.aliasId, merge.mergedId))),
    db.orm
      .update(customerAliases)
      .set({ customerId: merged.customer.id })
      .where(db.mine(customerAliases, among(customerAliases.aliasId, merged.aliases))),
    ...rewriteDuplicates(db, undone, at),
    audited(db, actor, 'customer.unmerge', survivor.customer.id, {
      restored: merged.customer.id,
      merge: merge.id,
    }),
  ]
}

function mayBeUndone(db: Db, { merge, before }: UndoOrder): Write {
  const { tenantId: t } = db
  return onlyIf(
    db,
    sql`exists (select 1 from ${merges} where ${db.mine(merges, eq(merges.id, merge.id))}
      and ${merges.undoneAt} is null and ${blocking(db)} is null)
    and ${areNotDeleted(db, [merge.survivorId, merge.mergedId])}
    and not exists (select 1 from customer taken
      where taken.tenant_id = ${t} and taken.id = ${merge.mergedId})
    and exists (select 1 from customer there
      where there.tenant_id = ${t} and there.id = ${merge.survivorId})
    and ${wholeAsJson(db, merge.survivorId)} = ${before}`,
  )
}

function writeRecords(db: Db, { survivor, merged }: Undone): Write[] {
  const { id, createdAt: _made, ...changes } = survivor.customer
  return [
    db.orm
      .update(customers)
      .set(changes)
      .where(db.mine(customers, eq(customers.id, id))),
    db.orm.insert(customers).values({ ...merged.customer, tenantId: db.tenantId }),
  ]
}

type OwnedTable = SQLiteTable & {
  readonly tenantId: SQLiteColumn
  readonly customerId: SQLiteColumn
}

/** The rows of both records in one table, in place of those the survivor has now. */
function replace(
  db: Db,
  table: OwnedTable,
  undone: Undone,
  rowsOf: (whole: Whole) => readonly object[],
): Write[] {
  const { survivor, merged } = undone
  const rows = [survivor, merged].flatMap((whole) =>
    rowsOf(whole).map((row) => ({ ...row, customerId: whole.customer.id })),
  )
  return [
    db.orm.delete(table).where(db.mine(table, eq(table.customerId, survivor.customer.id))),
    db.orm.insert(table).select(rowsFrom(table, JSON.stringify(rows), db)),
  ]
}

/** The lines of the history go back with their sessions; those the merge wrote go altogether. */
function returnHistory(db: Db, merge: KeptMerge, { merged }: Undone): Write[] {
  const mine = (...more: SQL[]) => db.mine(fieldChanges, ...more)
  return [
    db.orm
      .delete(fieldChanges)
      .where(
        mine(
          eq(fieldChanges.customerId, merge.survivorId),
          sql`instr(${fieldChanges.id}, ${`${merge.id}.`}) = 1`,
        ),
      ),
    db.orm
      .update(fieldChanges)
      .set({ customerId: merged.customer.id })
      .where(mine(among(fieldChanges.id, idsOf(merged.changes)))),
  ]
}

/** Pairs as they were, on both sides; then what the two records share with anyone now. */
function rewriteDuplicates(db: Db, { survivor, merged }: Undone, at: number): Write[] {
  const { tenantId: t } = db
  const { customerId, otherId } = possibleDuplicates
  const pairs = [survivor, merged].flatMap(({ customer: { id }, duplicates }) =>
    duplicates.flatMap((row) => [
      { ...row, customerId: id },
      { ...row, customerId: row.otherId, otherId: id },
    ]),
  )
  const home = (id: SQL) => homeOf(t, id)
  // Look-alikes may have been merged or deleted meanwhile.
  const again = sql`
    select ${t}, one.id, other.id, pair.value ->> 'kind', pair.value ->> 'value',
      pair.value ->> 'dismissed', pair.value ->> 'at'
    from json_each(${JSON.stringify(pairs)}) pair
    join customer one on one.tenant_id = ${t} and one.id = ${home(sql`pair.value ->> 'customerId'`)}
    join customer other on other.tenant_id = ${t} and other.id = ${home(sql`pair.value ->> 'otherId'`)}
    where one.id <> other.id`
  const gone = eq(customerId, survivor.customer.id)
  return [
    db.orm
      .delete(possibleDuplicates)
      .where(db.mine(possibleDuplicates, or(gone, eq(otherId, survivor.customer.id)))),
    db.orm.insert(possibleDuplicates).select(again).onConflictDoNothing(),
    flagShared(db, survivor.customer.id, at),
    flagShared(db, merged.customer.id, at),
  ]
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id)
}

function among(column: SQLiteColumn, ids: readonly string[]): SQL {
  // One parameter for any number of ids: a statement takes a hundred.
  return inArray(column, sql`(select value from json_each(${JSON.stringify(ids)}))`)
}

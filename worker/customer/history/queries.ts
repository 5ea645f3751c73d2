// The SQL of what was and what might be: the history of a record's values, and what feeds suggest.

import { desc, eq, sql } from 'drizzle-orm'

import type { CustomerId, OperatorId } from '../../../shared/ids.ts'
import { audited, type Db } from '../../base/db.ts'
import { fieldChanges, fieldSuggestions, operators } from '../../base/schema.ts'

/** What a feed suggests for a field of a record. */
export function suggestionOf(db: Db, id: CustomerId, field: string) {
  return db.orm
    .select()
    .from(fieldSuggestions)
    .where(
      db.mine(
        fieldSuggestions,
        eq(fieldSuggestions.customerId, id),
        eq(fieldSuggestions.field, field),
      ),
    )
    .get()
}

/** Takes a suggestion away. `false`: another one has taken its place meanwhile. */
export async function dismiss(
  db: Db,
  id: CustomerId,
  suggestion: { readonly field: string; readonly value: string },
  operatorId: OperatorId,
): Promise<boolean> {
  const { field, value } = suggestion
  const [gone] = await db.orm.batch([
    db.orm
      .delete(fieldSuggestions)
      .where(
        db.mine(
          fieldSuggestions,
          eq(fieldSuggestions.customerId, id),
          eq(fieldSuggestions.field, field),
          eq(fieldSuggestions.value, value),
        ),
      )
      .returning({ field: fieldSuggestions.field }),
    audited(db, { kind: 'operator', id: operatorId }, 'customer.suggestion.dismiss', id, { field }),
  ])
  return gone.length > 0
}

/** One page of a record's history, newest first, with who did it. */
export function historyPage(
  db: Db,
  id: CustomerId,
  page: { readonly after?: { readonly at: number; readonly id: string }; readonly limit: number },
) {
  const { after, limit } = page
  return db.orm
    .select({ change: fieldChanges, operatorId: operators.id, operatorName: operators.name })
    .from(fieldChanges)
    .leftJoin(operators, sql`${fieldChanges.actor} = 'operator:' || ${operators.id}`)
    .where(
      db.mine(
        fieldChanges,
        eq(fieldChanges.customerId, id),
        after && sql`(${fieldChanges.at}, ${fieldChanges.id}) < (${after.at}, ${after.id})`,
      ),
    )
    .orderBy(desc(fieldChanges.at), desc(fieldChanges.id))
    .limit(limit)
}

export function changeById(db: Db, customerId: CustomerId, id: string) {
  return db.orm
    .select()
    .from(fieldChanges)
    .where(db.mine(fieldChanges, eq(fieldChanges.customerId, customerId), eq(fieldChanges.id, id)))
    .get()
}

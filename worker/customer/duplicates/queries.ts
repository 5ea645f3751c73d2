// The SQL of possible duplicates that somebody has looked at.

import { and, eq, or, sql } from 'drizzle-orm'

import type { CustomerId } from '../../../shared/ids.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { possibleDuplicates } from '../../base/schema.ts'

/**
 * Notes that two records are not the same: neither suggests the other again. `false`: nothing
 * suggested it.
 */
export async function dismissDuplicate(
  db: Db,
  pair: readonly [CustomerId, CustomerId],
  actor: Actor,
): Promise<boolean> {
  const [one, other] = pair
  const { customerId, otherId, dismissed } = possibleDuplicates
  const rows = db.mine(
    possibleDuplicates,
    or(and(eq(customerId, one), eq(otherId, other)), and(eq(customerId, other), eq(otherId, one))),
  )
  const known = await db.orm
    .select({ open: sql<number>`sum(not ${dismissed})` })
    .from(possibleDuplicates)
    .where(rows)
    .get()
  if (known?.open === null || known === undefined) return false
  if (known.open === 0) return true
  await db.orm.batch([
    db.orm.update(possibleDuplicates).set({ dismissed: true }).where(rows),
    audited(db, actor, 'duplicate.dismiss', one, { other }),
  ])
  return true
}

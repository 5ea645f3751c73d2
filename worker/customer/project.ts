// What a session's projection changes on its customer.

import { sql, type SQL } from 'drizzle-orm'

import type { CustomerId } from '../../shared/ids.ts'
import type { Db } from '../base/db.ts'
import { onlyIf } from '../base/guard.ts'
import { customers } from '../base/schema.ts'
import { homeOf } from './values/queries.ts'

/**
 * Moves the time of the last communication forward, never back. For the projection's batch. A record
 * that has been merged is found where it is now.
 */
export function projectCustomer(db: Db, id: CustomerId | SQL, at: number) {
  const isLater = sql`coalesce(${customers.lastCommunicationAt}, -1) < ${at}`
  return db.orm
    .update(customers)
    .set({ lastCommunicationAt: at })
    .where(db.mine(customers, sql`${customers.id} = ${homeOf(db.tenantId, sql`${id}`)}`, isLater))
}

/** Breaks the batch of a session's first row when its customer's deletion has begun: under whatever id. */
export function isNotDeleted(db: Db, id: CustomerId) {
  return onlyIf(
    db,
    sql`not exists (select 1 from tombstone gone where gone.tenant_id = ${db.tenantId}
      and gone.hash in (${id}, ${homeOf(db.tenantId, sql`${id}`)}))`,
  )
}

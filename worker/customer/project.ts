// What a session's projection changes on its customer.

import { eq, sql } from 'drizzle-orm'

import type { CustomerId } from '../../shared/ids.ts'
import type { Db } from '../base/db.ts'
import { customers } from '../base/schema.ts'

/** Moves the time of the last communication forward, never back. For the projection's batch. */
export function projectCustomer(db: Db, id: CustomerId, at: number) {
  const isLater = sql`coalesce(${customers.lastCommunicationAt}, -1) < ${at}`
  return db.orm
    .update(customers)
    .set({ lastCommunicationAt: at })
    .where(db.mine(customers, eq(customers.id, id), isLater))
}

// A condition inside a batch: D1 has no transaction that can be looked into and then left.

import { sql, type SQL } from 'drizzle-orm'

import type { Db } from './db.ts'

/**
 * A statement that breaks its batch, and so undoes all of it, unless the condition holds at that
 * moment. The condition names its tenant itself.
 */
export function onlyIf(db: Db, condition: SQL) {
  // What is no JSON is an error of the statement: the one a SELECT can be made to have.
  const held = sql`case when ${condition} then 1 else json('the condition') end`
  return db.orm.select({ held }).from(sql`(select 1)`)
}

/** Whether a batch was broken by `onlyIf`. */
export function isBroken(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one.message.includes('malformed JSON')) return true
  }
  return false
}

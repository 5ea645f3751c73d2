// What a record's row repeats of its values: the keys it is sorted by, and what it is searched by.

import { asc, sql } from 'drizzle-orm'

import type { CustomerId } from '../../../shared/ids.ts'
import type { Db } from '../../base/db.ts'
import { customers, fieldValues, identities } from '../../base/schema.ts'
import { columnsOf } from '../rules.ts'

const mostTries = 10

/**
 * Writes anew what the rows repeat. It is written only over what it was read beside: of two
 * writers at once the later reads again, and has everything.
 */
export async function reindex(db: Db, ids: readonly CustomerId[]): Promise<void> {
  let left = ids
  for (let tries = 0; left.length > 0; tries += 1) {
    if (tries === mostTries) throw new Error(`columns of ${left.length} records keep changing`)
    const stale = await staleOf(db, left)
    if (stale.length === 0) return
    const written = await db.orm
      .update(customers)
      .set({
        nameKey: sql`news.name_key`,
        email: sql`news.email`,
        phone: sql`news.phone`,
        searchText: sql`news.search_text`,
      })
      // The limit makes it a table of its own, read once: else all the tenant's records are, for each.
      .from(
        sql`(select value ->> 'id' as id, value ->> 'name' as name, value ->> 'before' as before,
          value ->> 'nameKey' as name_key, value ->> 'email' as email, value ->> 'phone' as phone,
          value ->> 'searchText' as search_text
          from json_each(${JSON.stringify(stale)}) limit -1) news`,
      )
      .where(
        db.mine(
          customers,
          sql`${customers.id} = news.id`,
          sql`${customers.name} = news.name`,
          sql`${customers.searchText} = news.before`,
        ),
      )
      .returning({ id: customers.id })
    const done = new Set(written.map(({ id }) => id))
    left = stale.map(({ id }) => id).filter((id) => !done.has(id))
  }
}

/** The records whose columns are not what they should be, with what they should be. */
async function staleOf(db: Db, ids: readonly CustomerId[]) {
  const { orm } = db
  const list = JSON.stringify(ids)
  const among = (column: typeof customers.id | typeof identities.customerId) =>
    sql`${column} in (select value from json_each(${list}))`
  const [records, proven, others] = await orm.batch([
    orm
      .select({
        id: customers.id,
        name: customers.name,
        nameKey: customers.nameKey,
        email: customers.email,
        phone: customers.phone,
        searchText: customers.searchText,
      })
      .from(customers)
      .where(db.mine(customers, among(customers.id))),
    orm
      .select({ id: identities.customerId, kind: identities.kind, value: identities.value })
      .from(identities)
      .where(db.mine(identities, among(identities.customerId)))
      .orderBy(asc(identities.createdAt), asc(identities.value)),
    orm
      .select({ id: fieldValues.customerId, kind: fieldValues.field, value: fieldValues.value })
      .from(fieldValues)
      .where(
        db.mine(
          fieldValues,
          sql`${fieldValues.customerId} in (select value from json_each(${list}))`,
          // Nobody looks for a yes or a no among texts.
          sql`(${fieldValues.num} is null or ${fieldValues.key} not in ('true', 'false'))`,
        ),
      )
      .orderBy(asc(fieldValues.field)),
  ])
  const values = Map.groupBy([...proven, ...others], ({ id }) => id)
  return records.flatMap(({ id, ...record }) => {
    const wanted = columnsOf(record.name, values.get(id) ?? [])
    const isRight =
      wanted.nameKey === record.nameKey &&
      wanted.email === record.email &&
      wanted.phone === record.phone &&
      wanted.searchText === record.searchText
    return isRight ? [] : [{ id, name: record.name, before: record.searchText, ...wanted }]
  })
}

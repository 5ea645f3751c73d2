// The one way feeds write values: what is worth less does not overwrite, it is suggested; every
// change leaves its row in the history.

import { sql, type SQL } from 'drizzle-orm'

import type { Source } from '../../../shared/customer.ts'
import { isBuiltIn } from '../../../shared/fields.ts'
import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import { newId } from '../../../shared/new-id.ts'
import type { Db } from '../../base/db.ts'
import { customers, fieldChanges, fieldSuggestions, fieldValues } from '../../base/schema.ts'
import { reindex } from '../columns/queries.ts'
import { isKnown, trust, type Kept } from './rules.ts'

/** One value on its way to a record. `source: 'operator'` is not for here: people use `edit`. */
export interface Write extends Kept {
  readonly customerId: CustomerId
  readonly field: string
  readonly source: Exclude<Source, 'operator'>
  readonly sessionId: SessionId | null
  readonly at: number
}

/** Writes values of feeds, and makes the records' columns and search follow. Safe to repeat. */
export async function writeValues(db: Db, writes: readonly Write[], actor: string): Promise<void> {
  if (writes.length === 0) return
  await db.orm.batch(writing(db, writes, actor))
  await reindex(db, await ownersOf(db, writes))
}

/** The records the values have gone to. */
async function ownersOf(db: Db, writes: readonly Write[]): Promise<CustomerId[]> {
  const pairs = JSON.stringify(writes.map(({ customerId, sessionId }) => [customerId, sessionId]))
  const owner = ownerOf(db.tenantId, sql`w.value ->> 0`, sql`w.value ->> 1`)
  const rows = await db.orm
    .select({ id: customers.id })
    .from(customers)
    .where(db.mine(customers, sql`${customers.id} in (select ${owner} from json_each(${pairs}) w)`))
  return rows.map(({ id }) => id)
}

/**
 * The statements that write any number of values, for a batch. A merged record's value goes to
 * where the record is now; a record or a custom field that has gone gets none. `reindex` belongs
 * after the batch.
 */
export function writing(db: Db, writes: readonly Write[], actor: string) {
  const { tenantId, orm } = db
  const rows = JSON.stringify(
    writes.map((one) => ({
      ...one,
      id: newId('chg'),
      // As numbers: SQLite has no other booleans.
      builtin: isBuiltIn(one.field) ? 1 : 0,
      verified: isKnown(one.source) ? 1 : 0,
    })),
  )
  const news = sql`news as (
    select home.id as customer_id, w.value ->> 'id' as id, w.value ->> 'field' as field,
      w.value ->> 'value' as value, w.value ->> 'key' as key, w.value ->> 'num' as num,
      w.value ->> 'verified' as verified, w.value ->> 'source' as source,
      w.value ->> 'sessionId' as session_id, w.value ->> 'at' as at
    from json_each(${rows}) w
    cross join customer home on home.tenant_id = ${tenantId}
      and home.id = ${ownerOf(tenantId, sql`w.value ->> 'customerId'`, sql`w.value ->> 'sessionId'`)}
    where w.value ->> 'builtin' or exists (
      select 1 from field custom
      where custom.tenant_id = ${tenantId} and custom.name = w.value ->> 'field'))`
  const held = sql`left join field_value held on held.tenant_id = ${tenantId}
    and held.customer_id = news.customer_id and held.field = news.field`
  const wins = sql`(held.field is null or ${isBeaten(sql`held`, sql`news`)})`

  const history = orm.insert(fieldChanges).select(sql`
    with ${news}
    select ${tenantId}, news.id, news.customer_id, news.field, news.value, coalesce(held.value, ''),
      news.source, ${actor}, news.session_id, news.at
    from news ${held} where ${wins} and coalesce(held.value, '') <> news.value`)
  const suggestions = orm
    .insert(fieldSuggestions)
    .select(
      sql`
    with ${news}
    select ${tenantId}, news.customer_id, news.field, news.value, news.source, news.session_id, news.at
    from news ${held}
    where not ${wins} and held.value <> news.value and news.at > held.at`,
    )
    .onConflictDoUpdate({
      target: [fieldSuggestions.tenantId, fieldSuggestions.customerId, fieldSuggestions.field],
      set: {
        value: sql`excluded.value`,
        source: sql`excluded.source`,
        sessionId: sql`excluded.session_id`,
        at: sql`excluded.at`,
      },
      setWhere: sql`excluded.at > field_suggestion.at`,
    })
  const values = orm
    .insert(fieldValues)
    .select(
      sql`
    with ${news}
    select ${tenantId}, news.customer_id, news.field, news.value, news.key, news.num,
      news.verified, news.source, news.session_id, 0, news.at
    from news where true`,
    )
    .onConflictDoUpdate({
      target: [fieldValues.tenantId, fieldValues.customerId, fieldValues.field],
      set: {
        value: sql`excluded.value`,
        key: sql`excluded.key`,
        num: sql`excluded.num`,
        verified: sql`excluded.verified`,
        source: sql`excluded.source`,
        sessionId: sql`excluded.session_id`,
        at: sql`excluded.at`,
      },
      setWhere: isBeaten(sql`field_value`, sql`excluded`),
    })
  return [history, suggestions, values, renaming(db, rows)] as const
}

/** A record is called what its name field says. */
function renaming(db: Db, rows: string) {
  const { tenantId } = db
  const named = sql`(select named.value from field_value named where named.tenant_id = ${tenantId}
    and named.customer_id = ${customers.id} and named.field = 'name')`
  return db.orm
    .update(customers)
    .set({ name: sql`coalesce(${named}, ${customers.name})` })
    .where(
      db.mine(
        customers,
        sql`${customers.id} in (select ${ownerOf(tenantId, sql`w.value ->> 'customerId'`, sql`w.value ->> 'sessionId'`)}
          from json_each(${rows}) w where w.value ->> 'field' = 'name')`,
        sql`${customers.name} <> ${named}`,
      ),
    )
}

/** Where a record is now that may have been merged into another. */
export function homeOf(tenantId: string, id: SQL): SQL {
  return sql`coalesce((select alias.customer_id from customer_alias alias
    where alias.tenant_id = ${tenantId} and alias.alias_id = ${id}), ${id})`
}

/**
 * Whose a value is that a session has brought: the session's row says it, whatever record the session
 * was opened under. Records are merged, and parted again.
 */
export function ownerOf(tenantId: string, id: SQL, sessionId: SQL): SQL {
  return sql`coalesce((select spoken.customer_id from session spoken
    where spoken.tenant_id = ${tenantId} and spoken.id = ${sessionId}), ${homeOf(tenantId, id)})`
}

/** The same as `givesWay` in `rules.ts`. */
function isBeaten(held: SQL, news: SQL): SQL {
  const [old, next] = [worthOf(held), worthOf(news)]
  return sql`(not ${held}.pinned and (${next} > ${old} or (${next} = ${old}
    and (${news}.at, coalesce(${news}.session_id, '')) > (${held}.at, coalesce(${held}.session_id, '')))))`
}

function worthOf(row: SQL): SQL {
  return sql`case when ${row}.field = 'name' and ${row}.source = 'channel' then 0
    else ${JSON.stringify(trust)} ->> ${row}.source end`
}

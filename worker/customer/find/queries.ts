// The SQL of finding: probes, pages, counts, and what the rows of a page show.

import { sql, type SQL } from 'drizzle-orm'

import type { IdentityKind } from '../../../shared/customer.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import type { Check, Facts, Predicate } from '../../../shared/predicate.ts'
import type { Db } from '../../base/db.ts'
import { conditionOf, newBinds, sourceOf, trigramsOf } from '../filters.ts'
import type { Plan } from './plan.ts'

/** What an index knows of a condition: the statement, and the ids it gives as far as it was asked. */
export interface Source {
  readonly statement: SQL
  readonly ids: readonly string[]
  /** What the search index is asked, where it is that one. */
  readonly match: string | undefined
}

/** Whether visitors who have shared no contact detail are meant too. */
export type Anonymous = 'hide' | 'show'

/** The ids of either statement. Two by two: a statement may have five parts at most. */
export function eitherOf(statements: readonly SQL[]): SQL | undefined {
  const [first, ...others] = statements
  const rest = others.length > 0 ? eitherOf(others) : undefined
  return rest && first ? sql`select id from (${first}) union select id from (${rest})` : first
}

/** Asks the index behind each condition for its records, up to a number. One trip. */
export async function probe(
  db: Db,
  predicate: Predicate,
  most: number,
): Promise<ReadonlyMap<Predicate, Source>> {
  const statements = new Map<Check, SQL>()
  for (const one of checksOf(predicate)) {
    const statement = sourceOf(one, db.tenantId)
    if (statement) statements.set(one, statement)
  }
  const asked = Array.from(statements.values(), (statement) =>
    db.orm
      .select({ id: sql<string>`id` })
      .from(sql`(${statement})`)
      .limit(most),
  )
  const [first, ...others] = asked
  const found = first ? await db.orm.batch([first, ...others]) : []
  return new Map(
    Array.from(statements, ([check, statement], at) => {
      const ids = found[at]?.map(({ id }) => id) ?? []
      return [check, { statement, ids, match: trigramsOf(check) }] as const
    }),
  )
}

function checksOf(predicate: Predicate): Check[] {
  if ('all' in predicate) return predicate.all.flatMap(checksOf)
  if ('any' in predicate) return predicate.any.flatMap(checksOf)
  return [predicate]
}

/** How many are meant. Everybody is counted by one read. */
export async function countOf(db: Db, plan: Plan, anonymous: Anonymous): Promise<number> {
  const { tenantId, orm } = db
  if (isEverybody(plan.predicate)) {
    const known = await orm.get<{ total: number }>(sql`select coalesce(sum(n), 0) as total
      from customer_count where tenant_id = ${tenantId} and anonymous ${among(anonymous)}`)
    return known.total
  }
  const binds = newBinds()
  const condition = conditionOf(plan.predicate, binds)
  const narrow = await narrowestOf(db, plan.wide)
  const { from, meeting } = narrow
    ? through(narrow, tenantId)
    : { from: amongFew(plan, tenantId), meeting: sql`1` }
  const counted = await orm.get<{ total: number }>(sql`${binds.given()}
    select count(*) as total from ${from} where ${meeting} and customer.tenant_id = ${tenantId}
      and customer.anonymous ${among(anonymous)} and ${condition}`)
  return counted.total
}

function isEverybody(predicate: Predicate): boolean {
  return 'all' in predicate && predicate.all.every(isEverybody)
}

/** An equality, where it can be: an index is sorted by what stands behind it. */
function among(anonymous: Anonymous): SQL {
  return anonymous === 'show' ? sql`in (0, 1)` : sql`= 0`
}

/** More than so many are found no sooner one by one than by looking at everybody. */
const mostFound = 150_000

/** The source that leaves the fewest, if any leaves few enough to begin with. */
async function narrowestOf({ orm }: Db, sources: readonly Source[]): Promise<Source | undefined> {
  const [first, ...others] = sources.map(({ statement, match }) => {
    const found =
      match === undefined
        ? statement
        : sql`select 1 from customer_search where customer_search match ${match}`
    return orm
      .select({ n: sql<number>`count(*)` })
      .from(sql`(select 1 from (${found}) limit ${mostFound + 1})`)
  })
  if (!first) return undefined
  const counts = (await orm.batch([first, ...others])).map(([row]) => row?.n ?? 0)
  const least = Math.min(...counts)
  return least > mostFound ? undefined : sources[counts.indexOf(least)]
}

/** What a count goes through where an index leaves many: each record once. */
function through({ statement, match }: Source, tenantId: string) {
  if (match === undefined) {
    return {
      from: firstly(sql`(select distinct id from (${statement}))`, tenantId),
      meeting: sql`1`,
    }
  }
  return {
    from: sql`customer_search cross join customer on customer.ord = customer_search.rowid`,
    meeting: sql`customer_search match ${match}`,
  }
}

/** The records a statement goes through: the few that can pass, or all of the tenant's. */
function amongFew({ candidates }: Plan, tenantId: string): SQL {
  return candidates
    ? firstly(sql`(select value as id from json_each(${JSON.stringify(candidates)}))`, tenantId)
    : sql`customer`
}

/** From ids to their records: a cross join is gone through from left to right, whatever the planner believes. */
function firstly(ids: SQL, tenantId: string): SQL {
  return sql`${ids} first cross join customer on customer.tenant_id = ${tenantId}
    and customer.id = first.id`
}

/** A record as the list has it. `place` is what it is sorted by. */
export interface Found {
  readonly id: CustomerId
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly createdAt: number
  readonly lastCommunicationAt: number | null
  readonly place: string | number | null
  /** A JSON list of the channels they have spoken in; nothing for those who never have. */
  readonly channels: string | null
  /** How many sessions are open. */
  readonly active: number | null
}

/** What the list is sorted by: a column of the record, or the values of a field. */
export type Sort =
  | { readonly by: 'name' | 'email' | 'phone' | 'created_at' | 'last_communication' }
  | { readonly by: 'value'; readonly field: string; readonly numeric: boolean }

/** A stretch of the sorted list: those that have what it is sorted by, and after them the others. */
export interface Stretch {
  readonly sort: Sort
  readonly order: 'up' | 'down'
  readonly filled: boolean
  /** Begins after this one. */
  readonly after?: { readonly place: string | number | null; readonly id: string }
}

const record = {
  id: sql<CustomerId>`customer.id`,
  name: sql<string>`customer.name`,
  email: sql<string>`customer.email`,
  phone: sql<string>`customer.phone`,
  createdAt: sql<number>`customer.created_at`,
  lastCommunicationAt: sql<number | null>`customer.last_communication_at`,
  channels: sql<string | null>`customer.channels`,
  active: sql<number | null>`customer.active`,
}
const recordColumns = sql`customer.id, customer.name, customer.email, customer.phone,
  customer.created_at as createdAt, customer.last_communication_at as lastCommunicationAt,
  customer.channels, customer.active`

const columns = {
  name: { column: sql`customer.name_key`, index: sql`customer_name` },
  email: { column: sql`customer.email`, index: sql`customer_email` },
  phone: { column: sql`customer.phone`, index: sql`customer_phone` },
  created_at: { column: sql`customer.created_at`, index: sql`customer_created` },
  last_communication: { column: sql`customer.last_communication_at`, index: sql`customer_recent` },
} as const

/** The next rows of a stretch. */
export function pageOf(
  db: Db,
  plan: Plan,
  stretch: Stretch,
  wish: { readonly anonymous: Anonymous; readonly limit: number },
): Promise<Found[]> {
  const binds = newBinds()
  const { sort } = stretch
  const statement =
    sort.by === 'value'
      ? valuePage(db, plan, { ...stretch, sort }, wish, binds)
      : columnPage(db, plan, { ...stretch, sort }, wish, binds)
  return db.orm.all<Found>(statement)
}

type Wish = Parameters<typeof pageOf>[3]
type Binds = ReturnType<typeof newBinds>

function columnPage(
  { tenantId }: Db,
  plan: Plan,
  stretch: Stretch & { readonly sort: { readonly by: keyof typeof columns } },
  { anonymous, limit }: Wish,
  binds: Binds,
): SQL {
  const { sort, order, filled } = stretch
  const { column, index } = columns[sort.by]
  const isNumber = sort.by === 'created_at' || sort.by === 'last_communication'
  const there = isNumber ? sql`${column} is not null` : sql`${column} > ''`
  const missing = isNumber ? sql`${column} is null` : sql`${column} = ''`
  const from = plan.candidates ? amongFew(plan, tenantId) : sql`customer indexed by ${index}`
  const page = (known: SQL, condition: SQL) => sql`
    select ${recordColumns}, ${column} as place from ${from}
    where customer.tenant_id = ${tenantId} and ${known} and ${begun(column, stretch, filled ? there : missing)}
      and ${condition}
    order by ${filled ? sql`${column} ${way(order)},` : sql``} customer.id ${way(order)}
    limit ${limit}`
  const condition = conditionOf(plan.predicate, binds)
  if (anonymous === 'hide')
    return sql`${binds.given()} ${page(sql`customer.anonymous = 0`, condition)}`
  if (plan.candidates) return sql`${binds.given()} ${page(sql`1`, condition)}`
  // The index has the known first and then the anonymous: each is walked by itself, and both are merged.
  const others = conditionOf(plan.predicate, binds)
  return sql`${binds.given()}
    select * from (select * from (${page(sql`customer.anonymous = 0`, condition)})
      union all select * from (${page(sql`customer.anonymous = 1`, others)}))
    order by place ${way(order)}, id ${way(order)} limit ${limit}`
}

function valuePage(
  { tenantId }: Db,
  plan: Plan,
  stretch: Stretch & { readonly sort: Extract<Sort, { by: 'value' }> },
  { anonymous, limit }: Wish,
  binds: Binds,
): SQL {
  const { sort, order, filled } = stretch
  const column = sort.numeric ? sql`sorted.num` : sql`sorted.key`
  const there = sort.numeric ? sql`sorted.num is not null` : sql`sorted.key > ''`
  const index = sort.numeric ? sql`field_value_num` : sql`field_value_key`
  const mine = sql`sorted.tenant_id = ${tenantId} and sorted.field = ${sort.field}`
  const condition = conditionOf(plan.predicate, binds)
  const wanted = sql`customer.tenant_id = ${tenantId}
    and customer.anonymous ${among(anonymous)} and ${condition}`
  if (!filled) {
    const from = plan.candidates ? amongFew(plan, tenantId) : sql`customer indexed by customer_id`
    return sql`${binds.given()} select ${recordColumns}, null as place from ${from}
      where ${wanted} and ${begun(column, stretch, sql`1`)}
        and not exists (select 1 from field_value sorted
          where ${mine} and ${there} and sorted.customer_id = customer.id)
      order by customer.id ${way(order)} limit ${limit}`
  }
  const from = plan.candidates
    ? sql`${amongFew(plan, tenantId)} cross join field_value sorted
        on sorted.tenant_id = ${tenantId} and sorted.customer_id = customer.id`
    : sql`field_value sorted indexed by ${index} cross join customer
        on customer.tenant_id = ${tenantId} and customer.id = sorted.customer_id`
  return sql`${binds.given()} select ${recordColumns}, ${column} as place from ${from}
    where ${mine} and ${begun(column, stretch, there, sql`sorted.customer_id`)}
      and ${wanted}
    order by ${column} ${way(order)}, sorted.customer_id ${way(order)} limit ${limit}`
}

function way(order: Stretch['order']): SQL {
  return order === 'up' ? sql`asc` : sql`desc`
}

/**
 * From where a stretch goes on. In one comparison: taken apart into «or», or beside another of the
 * same column, it would have the list read from its beginning.
 */
function begun(
  column: SQL,
  { order, filled, after }: Stretch,
  inside: SQL,
  id: SQL = sql`customer.id`,
): SQL {
  if (!after) return inside
  const than = order === 'up' ? sql`>` : sql`<`
  if (!filled) return sql`${inside} and ${id} ${than} ${after.id}`
  const beyond = sql`(${column}, ${id}) ${than} (${after.place}, ${after.id})`
  // Upwards everything beyond is inside; downwards the stretch has another end.
  return order === 'up' ? beyond : sql`${inside} and ${beyond}`
}

/** What stands in other columns than every record's own. */
export type Shown = Awaited<ReturnType<typeof shownOf>>

/** The other columns of some records: of each kind only what is asked for. One trip. */
export async function shownOf(
  db: Db,
  ids: readonly string[],
  wanted: {
    readonly fields: readonly string[]
    readonly kinds: readonly IdentityKind[]
    readonly campaigns: 'hide' | 'show'
  },
) {
  const named = (names: readonly string[]) =>
    sql`in (select value from json_each(${JSON.stringify(names)}))`
  const id = sql<string>`held.customer_id`
  const value = sql<string>`held.value`
  const theirs = ofThem(db, ids)
  const [values, addresses, participations] = await db.orm.batch([
    db.orm
      .select({ id, field: sql<string>`held.field`, value })
      .from(theirs(sql`field_value`))
      .where(sql`held.field ${named(wanted.fields)}`),
    db.orm
      .select({ id, kind: sql<IdentityKind>`held.kind`, value })
      .from(theirs(sql`identity`))
      .where(sql`held.kind ${named(wanted.kinds)}`)
      .orderBy(sql`held.created_at, held.value`),
    db.orm
      .select({ id, ...participation })
      .from(participating(theirs(sql`participant`)))
      .where(wanted.campaigns === 'show' ? sql`1` : sql`0`)
      .orderBy(sql`held.loaded_at`),
  ])
  return { values, addresses, participations }
}

/** A customer's part in a campaign, by the campaign's name. */
export const participation = {
  name: sql<string>`campaign.name`,
  status: sql<string>`held.status`,
  stage: sql<string | null>`held.stage`,
}
export function participating(held: SQL): SQL {
  return sql`${held}
    join campaign on campaign.tenant_id = held.tenant_id and campaign.id = held.campaign_id`
}

/** From some customers to what a table holds of them, whatever way the planner would go. */
export function ofThem({ tenantId }: Db, ids: readonly string[]) {
  const list = JSON.stringify(ids)
  return (table: SQL, by: SQL = sql``) => sql`json_each(${list}) them cross join ${table} held ${by}
    on held.tenant_id = ${tenantId} and held.customer_id = them.value`
}

/** Who has one of the addresses, at most so many. */
export async function withAddress(
  { tenantId, orm }: Db,
  addresses: readonly { readonly kind: IdentityKind; readonly value: string }[],
  most: number,
): Promise<string[]> {
  if (addresses.length === 0) return []
  const wanted = JSON.stringify(addresses.map(({ kind, value }) => [kind, value]))
  const rows = await orm.all<{ id: string }>(sql`
    select distinct held.customer_id as id from json_each(${wanted}) wanted
    cross join identity held on held.tenant_id = ${tenantId}
      and held.kind = wanted.value ->> 0 and held.value = wanted.value ->> 1 limit ${most}`)
  return rows.map(({ id }) => id)
}

/** Who has one of the addresses, as rows. One statement that reads them and nothing else. */
export async function lookUp(
  { tenantId, orm }: Db,
  addresses: readonly { readonly kind: IdentityKind; readonly value: string }[],
  most: number,
): Promise<Found[]> {
  // One by one: of lists the database would walk through the kinds as well.
  const theirs = addresses.map(
    ({ kind, value }) =>
      sql`(held.tenant_id = ${tenantId} and held.kind = ${kind} and held.value = ${value})`,
  )
  const rows = await orm.all<Found>(sql`
    select ${recordColumns}, null as place from identity held cross join customer
      on customer.tenant_id = held.tenant_id and customer.id = held.customer_id
    where ${sql.join(theirs, sql` or `)} limit ${most}`)
  return [...new Map(rows.map((row) => [row.id, row])).values()].sort(
    (a, b) => (b.lastCommunicationAt ?? 0) - (a.lastCommunicationAt ?? 0),
  )
}

/** Everything a filter may ask about one customer, and the record; a merged id gives the survivor. */
export async function factsOf(
  { tenantId, orm }: Db,
  asked: CustomerId,
): Promise<{ found: Found; facts: Facts } | undefined> {
  const home = sql`coalesce((select alias.customer_id from customer_alias alias
    where alias.tenant_id = ${tenantId} and alias.alias_id = ${asked}), ${asked})`
  const mine = sql`tenant_id = ${tenantId} and customer_id = ${home}`
  const [[row], addresses, values, spoken, participations] = await orm.batch([
    orm
      .select({
        ...record,
        nameKey: sql<string>`customer.name_key`,
        searchText: sql<string>`customer.search_text`,
        anonymous: sql<boolean>`customer.anonymous`.mapWith(Boolean),
      })
      .from(sql`customer`)
      .where(sql`customer.tenant_id = ${tenantId} and customer.id = ${home}`),
    orm
      .select({ kind: sql<IdentityKind>`kind`, value: sql<string>`value` })
      .from(sql`identity`)
      .where(mine),
    orm
      .select({
        field: sql<string>`field`,
        value: sql<string>`value`,
        key: sql<string>`key`,
        num: sql<number | null>`num`,
      })
      .from(sql`field_value`)
      .where(mine),
    orm
      .select({ channel: sql<string>`channel`, served: sql<number>`max(campaign_id is null)` })
      .from(sql`session indexed by session_customer`)
      .where(mine)
      .groupBy(sql`channel`),
    orm
      .select({
        campaignId: sql<string>`campaign_id`,
        status: sql<string>`status`,
        stage: sql<string | null>`stage`,
      })
      .from(sql`participant`)
      .where(mine),
  ])
  if (!row) return undefined
  const { nameKey, searchText, anonymous, ...rest } = row
  const found = { ...rest, place: null }
  const { id, createdAt, lastCommunicationAt } = found
  const channels = spoken.map(({ channel }) => channel)
  const served = spoken.some((one) => one.served === 1)
  return {
    found,
    facts: {
      id,
      anonymous,
      nameKey,
      searchText,
      createdAt,
      lastCommunicationAt,
      addresses,
      values,
      channels,
      participations,
      served,
    },
  }
}

// What the screens read of customers: the list and its search, the profile, a customer's sessions.

import { and, asc, count, desc, eq, isNotNull, isNull, sql, type SQL } from 'drizzle-orm'

import type { ChannelKind } from '../../shared/channel.ts'
import type { CustomerId, SessionId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { Db } from '../base/db.ts'
import { customers, fieldValues, identities, sessions } from '../base/schema.ts'
import { rowOf } from '../base/session-row.ts'
import type { Search } from './filters.ts'
import { duplicatesOf } from './record/queries.ts'

/** Where a page begins: after the row of this time and id. */
export interface Place<Id, At = number> {
  readonly at: At
  readonly id: Id
}

export interface ListWish {
  readonly search?: Search
  /** Whether visitors without any contact detail are listed too. */
  readonly anonymous: 'hide' | 'show'
  readonly after?: Place<CustomerId, number | null>
  readonly limit: number
}

/** Who has the very address that was typed goes first, however many there are up to this. */
const mostExact = 50

const record = {
  id: customers.id,
  name: customers.name,
  anonymous: customers.anonymous,
  createdAt: customers.createdAt,
  lastCommunicationAt: customers.lastCommunicationAt,
}
export type CustomerRecord = Pick<typeof customers.$inferSelect, keyof typeof record>

/** One page of the list, last spoken with first, and how many there are in all. */
export async function listCustomers(
  db: Db,
  wish: ListWish,
): Promise<{ rows: CustomerRecord[]; more: boolean; total: number }> {
  const { search, anonymous, after, limit } = wish
  const exact = await withAddress(db, search?.exact ?? [])
  const ids = JSON.stringify(exact.map(({ id }) => id))
  const wanted = db.mine(
    customers,
    anonymous === 'hide' ? eq(customers.anonymous, false) : undefined,
    search?.matches,
    exact.length > 0
      ? sql`${customers.id} not in (select value from json_each(${ids}))`
      : undefined,
  )
  // All the exact ones are on the first page, and one more row at least to tell where the next begins.
  const room = after ? limit : Math.max(1, limit - exact.length)
  const [counted, rest] = await Promise.all([
    db.orm.select({ total: count() }).from(customers).where(wanted).get(),
    pageOf(db, wanted, room + 1, after),
  ])
  return {
    rows: [...(after ? [] : exact), ...rest.slice(0, room)],
    more: rest.length > room,
    total: exact.length + (counted?.total ?? 0),
  }
}

/**
 * Those never spoken with come last, by a query of their own: a time that is not there can't be
 * compared with one that is.
 */
async function pageOf(
  db: Db,
  wanted: SQL,
  length: number,
  after: ListWish['after'],
): Promise<CustomerRecord[]> {
  const rows: CustomerRecord[] = []
  for (const dated of after?.at === null ? [false] : [true, false]) {
    if (rows.length === length) break
    const last = customers.lastCommunicationAt
    const page = await db.orm
      .select(record)
      .from(customers)
      .where(
        and(
          wanted,
          dated ? isNotNull(last) : isNull(last),
          after && (after.at !== null) === dated ? beyond(after) : undefined,
        ),
      )
      .orderBy(desc(last), desc(customers.id))
      .limit(length - rows.length)
    rows.push(...page)
  }
  return rows
}

function beyond({ at, id }: Place<CustomerId, number | null>) {
  return at === null
    ? sql`${customers.id} < ${id}`
    : sql`(${customers.lastCommunicationAt}, ${customers.id}) < (${at}, ${id})`
}

async function withAddress(db: Db, addresses: Search['exact']): Promise<CustomerRecord[]> {
  if (addresses.length === 0) return []
  const wanted = JSON.stringify(addresses.map(({ kind, value }) => [kind, value]))
  const having = sql`${customers.id} in (
    select held.customer_id from json_each(${wanted}) wanted
    cross join identity held on held.tenant_id = ${db.tenantId}
      and held.kind = wanted.value ->> 0 and held.value = wanted.value ->> 1)`
  return db.orm
    .select(record)
    .from(customers)
    .where(db.mine(customers, having))
    .orderBy(desc(customers.lastCommunicationAt), desc(customers.id))
    .limit(mostExact)
}

/** What the rows of a page show besides the records: addresses, channels, open sessions. */
export function detailsOf(db: Db, ids: readonly CustomerId[]) {
  const list = JSON.stringify(ids)
  const among = (column: typeof sessions.customerId | typeof identities.customerId) =>
    sql`${column} in (select value from json_each(${list}))`
  return db.orm.batch([
    db.orm
      .select({ id: identities.customerId, kind: identities.kind, value: identities.value })
      .from(identities)
      .where(
        db.mine(
          identities,
          among(identities.customerId),
          sql`${identities.kind} in ('email', 'phone')`,
        ),
      )
      .orderBy(asc(identities.createdAt), asc(identities.value)),
    db.orm
      .select({ id: fieldValues.customerId, kind: fieldValues.field, value: fieldValues.value })
      .from(fieldValues)
      .where(
        db.mine(
          fieldValues,
          sql`${fieldValues.customerId} in (select value from json_each(${list}))`,
          sql`${fieldValues.field} in ('email', 'phone')`,
        ),
      ),
    db.orm
      .select({
        id: sessions.customerId,
        channel: sessions.channel,
        active: sql<number>`sum(${sessions.finishedAt} is null)`,
      })
      .from(sessions)
      .where(db.mine(sessions, among(sessions.customerId)))
      .groupBy(sessions.customerId, sessions.channel)
      .orderBy(sql`min(${sessions.startedAt})`),
  ])
}

/** The sessions of one customer in one channel under one address, counted. */
export interface Spoken {
  readonly channel: ChannelKind
  readonly contact: string
  /** Whether they belong to a campaign; the others make up Customer Service. */
  readonly campaign: boolean
  readonly communications: number
  readonly active: number
  readonly firstAt: number
  readonly lastAt: number
}

/** Everything a profile is made of, in one trip. */
export async function profileRecords(db: Db, id: CustomerId) {
  const { orm } = db
  const inCampaign = sql<number>`${sessions.campaignId} is not null`
  const [[customer], addresses, values, spoken, [last], duplicates] = await orm.batch([
    orm
      .select(record)
      .from(customers)
      .where(db.mine(customers, eq(customers.id, id))),
    orm
      .select()
      .from(identities)
      .where(db.mine(identities, eq(identities.customerId, id)))
      .orderBy(asc(identities.createdAt), asc(identities.kind), asc(identities.value)),
    orm
      .select()
      .from(fieldValues)
      .where(db.mine(fieldValues, eq(fieldValues.customerId, id))),
    orm
      .select({
        channel: sessions.channel,
        contact: sessions.contact,
        campaign: sql<boolean>`${inCampaign}`.mapWith(Boolean).as('campaign'),
        communications: sql<number>`count(*)`.as('communications'),
        active: sql<number>`sum(${sessions.finishedAt} is null)`.as('active'),
        firstAt: sql<number>`min(${sessions.startedAt})`.as('first_at'),
        lastAt: sql<number>`max(coalesce(${sessions.lastMessageAt}, ${sessions.startedAt}))`.as(
          'last_at',
        ),
      })
      .from(sessions)
      .where(db.mine(sessions, eq(sessions.customerId, id)))
      .groupBy(inCampaign, sessions.channel, sessions.contact)
      .orderBy(sql`first_at`),
    orm
      .select({ summary: sessions.summary })
      .from(sessions)
      .where(
        db.mine(
          sessions,
          eq(sessions.customerId, id),
          isNull(sessions.campaignId),
          sql`${sessions.summary} is not null`,
        ),
      )
      .orderBy(desc(sessions.startedAt), desc(sessions.id))
      .limit(1),
    duplicatesOf(db, id),
  ])
  if (!customer) return undefined
  return { customer, addresses, values, spoken, summary: last?.summary ?? null, duplicates }
}

/** A customer's sessions, newest first; nothing when there is no such customer. */
export async function sessionsOf(
  db: Db,
  id: CustomerId,
  wish: { readonly campaign?: string; readonly after?: Place<SessionId>; readonly limit: number },
): Promise<{ rows: SessionRow[]; more: boolean } | undefined> {
  const { campaign, after, limit } = wish
  const [known, page] = await db.orm.batch([
    db.orm
      .select({ id: customers.id })
      .from(customers)
      .where(db.mine(customers, eq(customers.id, id))),
    db.orm
      .select()
      .from(sessions)
      .where(
        db.mine(
          sessions,
          eq(sessions.customerId, id),
          campaign === undefined ? undefined : ofCampaign(campaign),
          after && sql`(${sessions.startedAt}, ${sessions.id}) < (${after.at}, ${after.id})`,
        ),
      )
      .orderBy(desc(sessions.startedAt), desc(sessions.id))
      .limit(limit + 1),
  ])
  if (known.length === 0) return undefined
  return { rows: page.slice(0, limit).map(rowOf), more: page.length > limit }
}

/** The name `customer-service` stands for the virtual campaign: the sessions of none. */
function ofCampaign(campaign: string) {
  return campaign === 'customer-service'
    ? isNull(sessions.campaignId)
    : eq(sessions.campaignId, campaign)
}

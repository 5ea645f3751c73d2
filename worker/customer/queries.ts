// What the screens read of customers: the list and its search, the profile, a customer's sessions.

import { asc, desc, eq, isNull, sql } from 'drizzle-orm'

import type { ChannelKind } from '../../shared/channel.ts'
import type { CustomerId, SessionId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { Db } from '../base/db.ts'
import {
  campaigns,
  customers,
  fieldSuggestions,
  fieldValues,
  identities,
  participants,
  sessions,
} from '../base/schema.ts'
import { rowOf } from '../base/session-row.ts'
import { selectFields } from './fields/queries.ts'
import { fieldsFrom } from './fields/rules.ts'
import { duplicatesOf } from './record/queries.ts'

/** Where a page begins: after the row of this time and id. */
export interface Place<Id, At = number> {
  readonly at: At
  readonly id: Id
}

const record = {
  id: customers.id,
  name: customers.name,
  anonymous: customers.anonymous,
  createdAt: customers.createdAt,
  lastCommunicationAt: customers.lastCommunicationAt,
}

/** The sessions of one customer in one channel under one address, counted. */
export interface Spoken {
  readonly channel: ChannelKind
  readonly contact: string
  /** The sessions of none make up Customer Service. */
  readonly campaignId: string | null
  readonly communications: number
  readonly active: number
  readonly firstAt: number
  readonly lastAt: number
}

/** Everything a profile is made of, in one trip. */
export async function profileRecords(db: Db, id: CustomerId) {
  const { orm } = db
  const [[customer], addresses, values, spoken, [last], duplicates, rows, suggestions, taking] =
    await orm.batch([
      orm
        .select({ ...record, version: customers.version })
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
          campaignId: sessions.campaignId,
          communications: sql<number>`count(*)`.as('communications'),
          active: sql<number>`sum(${sessions.finishedAt} is null)`.as('active'),
          firstAt: sql<number>`min(${sessions.startedAt})`.as('first_at'),
          lastAt: sql<number>`max(coalesce(${sessions.lastMessageAt}, ${sessions.startedAt}))`.as(
            'last_at',
          ),
        })
        .from(sessions)
        .where(db.mine(sessions, eq(sessions.customerId, id)))
        .groupBy(sessions.campaignId, sessions.channel, sessions.contact)
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
      selectFields(db),
      orm
        .select()
        .from(fieldSuggestions)
        .where(db.mine(fieldSuggestions, eq(fieldSuggestions.customerId, id)))
        .orderBy(asc(fieldSuggestions.field)),
      orm
        .select({
          campaignId: participants.campaignId,
          name: sql<string>`${campaigns.name}`.as('campaign_name'),
          status: participants.status,
          stage: participants.stage,
          data: participants.data,
          summary: participants.summary,
          loadedAt: participants.loadedAt,
        })
        .from(participants)
        .innerJoin(campaigns, db.mine(campaigns, eq(campaigns.id, participants.campaignId)))
        .where(db.mine(participants, eq(participants.customerId, id)))
        .orderBy(desc(participants.loadedAt), desc(participants.campaignId)),
    ])
  if (!customer) return undefined
  const fields = fieldsFrom(rows)
  const summary = last?.summary ?? null
  return { customer, addresses, values, spoken, summary, duplicates, fields, suggestions, taking }
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

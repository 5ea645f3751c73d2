// The SQL of campaigns and who takes part in them.

import { and, desc, eq, sql } from 'drizzle-orm'

import type {
  CampaignChange,
  NewCampaign,
  ParticipantChange,
  ParticipantStatus,
} from '../../shared/campaign.ts'
import type { ChannelKind } from '../../shared/channel.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { audited, type Actor, type Db } from '../base/db.ts'
import {
  campaigns,
  customers,
  participants,
  sessions,
  uploadLines,
  uploads,
} from '../base/schema.ts'
import { homeOf } from '../customer/values/queries.ts'

/** Every campaign with how many of each status take part, newest first. */
export async function listCampaigns(db: Db) {
  const [rows, counts] = await db.orm.batch([
    db.orm
      .select()
      .from(campaigns)
      .where(db.mine(campaigns))
      .orderBy(desc(campaigns.createdAt), desc(campaigns.id)),
    db.orm
      .select({
        campaignId: participants.campaignId,
        status: participants.status,
        n: sql<number>`count(*)`.as('n'),
      })
      .from(participants)
      .where(db.mine(participants))
      .groupBy(participants.campaignId, participants.status),
  ])
  return rows.map((row) => ({ ...row, counts: counts.filter((one) => one.campaignId === row.id) }))
}

/** How many customers have spoken outside campaigns, by whether they still do. */
export async function serviceCounts(db: Db): Promise<{ active: number; completed: number }> {
  const row = await db.orm
    .select({
      active: sql<number>`count(distinct case when ${sessions.finishedAt} is null then ${sessions.customerId} end)`,
      all: sql<number>`count(distinct ${sessions.customerId})`,
    })
    .from(sessions)
    .where(db.mine(sessions, sql`${sessions.campaignId} is null`))
    .get()
  const { active = 0, all = 0 } = row ?? {}
  return { active, completed: all - active }
}

export async function insertCampaign(
  db: Db,
  actor: Actor,
  { id, name, stages = [] }: NewCampaign & { readonly id: string },
): Promise<void> {
  const { tenantId } = db
  const createdBy = actor.kind === 'operator' ? actor.id : actor.kind
  await db.orm.batch([
    db.orm
      .insert(campaigns)
      .values({ tenantId, id, name, stages, createdBy, createdAt: Date.now() }),
    audited(db, actor, 'campaign.add', id, { name }),
  ])
}

/** `false`: there is no such campaign. */
export async function changeCampaign(
  db: Db,
  actor: Actor,
  id: string,
  change: CampaignChange,
): Promise<boolean> {
  const { name, stages } = change
  if (!(await stagesOf(db, id))) return false
  if (name === undefined && stages === undefined) return true
  await db.orm.batch([
    db.orm
      .update(campaigns)
      .set({ ...(name === undefined ? {} : { name }), ...(stages ? { stages } : {}) })
      .where(db.mine(campaigns, eq(campaigns.id, id))),
    audited(db, actor, 'campaign.change', id, { ...change }),
  ])
  return true
}

/** Deletes a campaign that nothing hangs on. `in-use`: somebody was loaded, or is being loaded. */
export async function deleteCampaign(
  db: Db,
  actor: Actor,
  id: string,
): Promise<'deleted' | 'in-use' | 'not-found'> {
  if (!(await stagesOf(db, id))) return 'not-found'
  const { tenantId: t } = db
  const { meta } = await db.orm.delete(campaigns).where(
    db.mine(
      campaigns,
      eq(campaigns.id, id),
      sql`not exists (select 1 from participant one
        where one.tenant_id = ${t} and one.campaign_id = ${id})`,
      sql`not exists (select 1 from session one
        where one.tenant_id = ${t} and one.campaign_id = ${id})`,
      sql`not exists (select 1 from upload one
        where one.tenant_id = ${t} and one.campaign_id = ${id} and one.state = 'running')`,
    ),
  )
  if (meta.changes === 0) return 'in-use'
  await db.orm.batch([
    db.orm.delete(uploadLines).where(
      db.mine(
        uploadLines,
        sql`${uploadLines.uploadId} in (select one.id from upload one
          where one.tenant_id = ${t} and one.campaign_id = ${id})`,
      ),
    ),
    db.orm.delete(uploads).where(db.mine(uploads, eq(uploads.campaignId, id))),
    audited(db, actor, 'campaign.delete', id),
  ])
  return 'deleted'
}

/** The stages of a campaign; nothing when there is no such campaign. */
export async function stagesOf(db: Db, id: string): Promise<string[] | undefined> {
  const row = await db.orm
    .select({ stages: campaigns.stages })
    .from(campaigns)
    .where(db.mine(campaigns, eq(campaigns.id, id)))
    .get()
  return row?.stages
}

export interface ParticipantPage {
  readonly status?: ParticipantStatus | undefined
  readonly stage?: string | undefined
  readonly after?: { readonly at: number; readonly id: string } | undefined
  readonly limit: number
}

/** Who takes part, the last loaded first. */
export async function listParticipants(db: Db, campaignId: string, page: ParticipantPage) {
  const { status, stage, after, limit } = page
  const { loadedAt, customerId } = participants
  return db.orm
    .select({
      id: customers.id,
      name: customers.name,
      email: customers.email,
      phone: customers.phone,
      status: participants.status,
      stage: participants.stage,
      data: participants.data,
      loadedAt,
      channels: sql<ChannelKind[]>`(select json_group_array(distinct spoken.channel)
        from session spoken where spoken.tenant_id = ${db.tenantId}
          and spoken.customer_id = ${customers.id} and spoken.campaign_id = ${campaignId})`
        .mapWith((text: string) => JSON.parse(text) as ChannelKind[])
        .as('channels'),
    })
    .from(participants)
    .innerJoin(customers, db.mine(customers, eq(customers.id, customerId)))
    .where(
      db.mine(
        participants,
        and(
          eq(participants.campaignId, campaignId),
          status && eq(participants.status, status),
          stage === undefined ? undefined : eq(participants.stage, stage),
          after && sql`(${loadedAt}, ${customerId}) < (${after.at}, ${after.id})`,
        ),
      ),
    )
    .orderBy(desc(loadedAt), desc(customerId))
    .limit(limit)
}

/** Sets one participant's status or stage, in this campaign alone. `false`: they take no part. */
export async function changeParticipant(
  db: Db,
  actor: Actor,
  who: { readonly campaignId: string; readonly customerId: CustomerId },
  change: ParticipantChange,
): Promise<boolean> {
  const { campaignId, customerId } = who
  const { status, stage } = change
  const me = db.mine(
    participants,
    eq(participants.campaignId, campaignId),
    sql`${participants.customerId} = ${homeOf(db.tenantId, sql`${customerId}`)}`,
  )
  const known = await db.orm
    .select({ status: participants.status, stage: participants.stage })
    .from(participants)
    .where(me)
    .get()
  if (!known) return false
  if (status === undefined && stage === undefined) return true
  const before = { status: known.status, stage: known.stage }
  await db.orm.batch([
    db.orm
      .update(participants)
      .set({ ...(status ? { status } : {}), ...(stage === undefined ? {} : { stage }) })
      .where(me),
    audited(db, actor, 'participant.change', customerId, { campaignId, before, ...change }),
  ])
  return true
}

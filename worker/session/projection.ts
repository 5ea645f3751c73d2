// Follower: the facts as D1 remembers them. Rows carry the fact's place and only move forward, so
// an old one that comes late, or twice, changes nothing.

import { eq, sql } from 'drizzle-orm'

import type { SessionId } from '../../shared/ids.ts'
import type { Fact, SessionState } from '../../shared/session.ts'
import { isNotDeleted, projectCustomer } from '../customer/project.ts'
import { homeOf } from '../customer/values/queries.ts'
import type { Db } from '../base/db.ts'
import { isBroken } from '../base/guard.ts'
import { auditRows, sessions } from '../base/schema.ts'
import { hasAttachments, sessionRow } from './row.ts'

/**
 * Writes the state as it is now: one batch, however many facts it follows. `false`: the customer was
 * deleted before the database had heard of the session, and nothing is written.
 */
export async function project(
  db: Db,
  id: SessionId,
  session: SessionState,
  facts: readonly Fact[],
): Promise<boolean> {
  const record = recordOf(db, id, session)
  if (!record) return true
  // Whose the session is, is the database's to say once the row is there: records are merged and parted.
  const { tenantId: _tenant, id: _id, customerId, ...changes } = record
  const forward = Object.fromEntries(
    Object.keys(changes).map((key) => [
      key,
      sql.raw(`excluded.${columnOf(key as keyof typeof changes)}`),
    ]),
  )
  const row = db.orm
    .insert(sessions)
    .values({ ...record, customerId: homeOf(db.tenantId, sql`${customerId}`) })
    .onConflictDoUpdate({
      target: [sessions.tenantId, sessions.id],
      set: forward,
      setWhere: sql`excluded.seq > ${sessions.seq}`,
    })
  const said = facts.some(({ type }) => type === 'message/received' || type === 'message/sent')
  const customer =
    said && typeof record.lastMessageAt === 'number'
      ? [projectCustomer(db, customerOf(db, id), record.lastMessageAt)]
      : []
  const audit = facts.flatMap((fact) => auditOf(db, id, fact))
  // A deletion finds the sessions that have a row: one that has none yet asks for itself.
  const isFirst = facts.some(({ type }) => type === 'session/opened')
  if (!isFirst) {
    await db.orm.batch([row, ...customer, ...audit])
    return true
  }
  try {
    await db.orm.batch([isNotDeleted(db, customerId), row, ...customer, ...audit])
    return true
  } catch (error) {
    if (isBroken(error)) return false
    throw error
  }
}

function customerOf(db: Db, id: SessionId) {
  return sql`(select ${sessions.customerId} from ${sessions} where ${db.mine(sessions, eq(sessions.id, id))})`
}

function columnOf(key: keyof typeof sessions.$inferInsert): string {
  return sessions[key].name
}

type Record_ = typeof sessions.$inferInsert

function recordOf(db: Db, id: SessionId, session: SessionState): Required<Record_> | undefined {
  const row = sessionRow(id, session)
  if (!row || !session.opened) return undefined
  const { parameters, visit } = session.opened
  return {
    tenantId: db.tenantId,
    id,
    seq: row.seq,
    customerId: row.customer.id,
    customerName: row.customer.name,
    contact: row.contact,
    connectionId: row.connectionId,
    channel: row.channel,
    agentId: row.agent.id,
    agentName: row.agent.name,
    mode: row.mode,
    operatorId: row.operator?.id ?? null,
    operatorName: row.operator?.name ?? null,
    handoverCause: row.handover?.cause ?? null,
    handoverReason: row.handover?.reason ?? null,
    waitingSince: row.waitingSince,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    lastMessageAt: row.lastMessageAt,
    lastText: row.lastText,
    lastBy: row.lastBy,
    messageCount: row.messageCount,
    status: row.status,
    campaignId: null,
    parameters,
    results: session.results,
    summary: session.summary ?? null,
    ip: visit?.ip ?? null,
    country: visit?.country ?? null,
    city: visit?.city ?? null,
    hasAttachments: hasAttachments(session),
  }
}

/** The audit row of a fact that changed who is in control. The fact's place makes it unique. */
function auditOf(db: Db, id: SessionId, fact: Fact) {
  const action = audited(fact)
  if (!action) return []
  return [
    db.orm
      .insert(auditRows)
      .values({
        tenantId: db.tenantId,
        id: `aud_${id}_${fact.seq}`,
        at: fact.at,
        subject: id,
        ...action,
      })
      .onConflictDoNothing(),
  ]
}

type Audited = { actor: string; action: string; detail: Record<string, unknown> }

function audited(fact: Fact): Audited | undefined {
  switch (fact.type) {
    case 'handover/requested': {
      const actor = fact.person ? `operator:${fact.person.id}` : 'agent'
      return { actor, action: 'session.handover', detail: { cause: fact.cause } }
    }
    case 'takeover/begun':
      return { actor: `operator:${fact.person.id}`, action: 'session.takeover', detail: {} }
    case 'operator/assigned': {
      const by = fact.by ?? fact.person
      return {
        actor: `operator:${by.id}`,
        action: 'session.assign',
        detail: { operator: fact.person.id },
      }
    }
    case 'mode/changed':
      return {
        actor: `operator:${fact.person.id}`,
        action: 'session.mode',
        detail: { mode: fact.mode },
      }
    case 'message/sent':
      return fact.message.author.kind === 'operator'
        ? {
            actor: `operator:${fact.message.author.person.id}`,
            action: 'session.reply',
            detail: { message: fact.message.id },
          }
        : undefined
    case 'note/added':
      return {
        actor: `operator:${fact.note.person.id}`,
        action: 'session.note',
        detail: { note: fact.note.id },
      }
    case 'session/resolved':
      return {
        actor: fact.person ? `operator:${fact.person.id}` : 'system',
        action: 'session.resolve',
        detail: { status: fact.status },
      }
    default:
      return undefined
  }
}

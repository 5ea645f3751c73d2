// A session's record in D1, as the row every list shows.

import type { SessionRow } from '../../shared/inbox.ts'
import type { sessions } from './schema.ts'

export function rowOf(record: typeof sessions.$inferSelect): SessionRow {
  const { operatorId, handoverCause } = record
  return {
    id: record.id,
    seq: record.seq,
    customer: { id: record.customerId, name: record.customerName },
    contact: record.contact,
    connectionId: record.connectionId,
    channel: record.channel,
    agent: { id: record.agentId, name: record.agentName },
    mode: record.mode,
    operator: operatorId ? { id: operatorId, name: record.operatorName ?? '' } : null,
    handover: handoverCause ? { cause: handoverCause, reason: record.handoverReason ?? '' } : null,
    waitingSince: record.waitingSince,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    lastMessageAt: record.lastMessageAt,
    lastText: record.lastText,
    lastBy: record.lastBy,
    messageCount: record.messageCount,
    status: record.status,
  }
}

// The inbox: sessions as rows, and what the tenant's live line carries.

import * as z from 'zod/mini'

import { AnalysisRun } from './analysis.ts'
import { Upload } from './campaign.ts'
import { ChannelKind } from './channel.ts'
import { AgentId, ConnectionId, CustomerId, OperatorId, SessionId } from './ids.ts'
import { Person, Time } from './message.ts'
import { HandoverCause, Mode } from './session.ts'

/** One session in any list. Written by the session's facts; `seq` says which of two is newer. */
export const SessionRow = z.object({
  id: SessionId,
  seq: z.int(),
  customer: z.object({ id: CustomerId, name: z.string() }),
  contact: z.string(),
  connectionId: ConnectionId,
  channel: ChannelKind,
  agent: z.object({ id: AgentId, name: z.string() }),
  mode: Mode,
  operator: z.nullable(Person),
  handover: z.nullable(z.object({ cause: HandoverCause, reason: z.string() })),
  waitingSince: z.nullable(Time),
  startedAt: Time,
  finishedAt: z.nullable(Time),
  lastMessageAt: z.nullable(Time),
  /** The beginning of what was said last, and by whom; of a waiting session, by the customer. */
  lastText: z.string(),
  lastBy: z.nullable(z.enum(['customer', 'agent', 'operator'])),
  messageCount: z.int(),
  status: z.string(),
})
export type SessionRow = z.infer<typeof SessionRow>

/** Some sessions, and the cursor for more. */
export const SessionPage = z.object({ rows: z.array(SessionRow), next: z.nullable(z.string()) })

export const InboxView = z.enum(['incoming', 'mine', 'open'])
export type InboxView = z.infer<typeof InboxView>

/** Whether a row belongs to a view. The worker's query and the panel's live rows both ask this. */
export function belongsTo(view: InboxView, row: SessionRow, me: OperatorId): boolean {
  if (row.finishedAt !== null) return false
  if (view === 'open') return true
  if (view === 'mine') return row.operator?.id === me
  return row.mode !== 'ai' && row.operator === null
}

export const Presence = z.enum(['online', 'away'])
export type Presence = z.infer<typeof Presence>

export const PresentPerson = z.object({
  person: Person,
  presence: Presence,
  /** The sessions they have open on a screen. */
  viewing: z.array(SessionId),
})
export type PresentPerson = z.infer<typeof PresentPerson>

/** What the tenant's live line says to a panel. */
export const InboxNews = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), people: z.array(PresentPerson) }),
  z.object({ type: z.literal('rows'), rows: z.array(SessionRow) }),
  z.object({ type: z.literal('people'), people: z.array(PresentPerson) }),
  /** A customer's record has changed: whoever shows it asks for it again. */
  z.object({ type: z.literal('customer'), id: CustomerId }),
  /** A customer has been deleted, with these sessions: nobody shows them any more. */
  z.object({ type: z.literal('removed'), id: CustomerId, sessions: z.array(SessionId) }),
  /** How far an upload has come. */
  z.object({ type: z.literal('upload'), upload: Upload }),
  /** How far an analysis has come. */
  z.object({ type: z.literal('run'), run: AnalysisRun }),
])
export type InboxNews = z.infer<typeof InboxNews>

/** What a panel says on the live line. Only presence: commands go over HTTP. */
export const PanelSays = z.discriminatedUnion('type', [
  z.object({ type: z.literal('presence'), presence: Presence }),
  z.object({ type: z.literal('viewing'), sessionId: z.nullable(SessionId) }),
])
export type PanelSays = z.infer<typeof PanelSays>

/** Socket close codes of ours. The panel reacts to each differently. */
export const closeCodes = {
  /** The ticket was used, old or unknown: ask for a new one. */
  badTicket: 4401,
  /** The sign-in or the permission has gone: sign in again. */
  signedOut: 4403,
  /** What it showed has been deleted: there is nothing to connect to. */
  erased: 4410,
  /** The object is starting anew: connect again. */
  restart: 4503,
} as const

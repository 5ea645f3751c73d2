// Every route of the API, declared once: its permission, what it takes, what it gives. The worker
// can't mount a route that is not here, `/openapi.json` is made from here, and the panel's client
// is typed from here (by types alone: it carries none of this).

import * as z from 'zod/mini'

import {
  Agent,
  AgentChange,
  ChannelInfo,
  Connection,
  ConnectionChange,
  NewAgent,
  NewConnection,
} from './agent.ts'
import { AnalysisRun, Metric, MetricChange, NewMetric, NewRun, RunId } from './analysis.ts'
import { FieldName } from './fields.ts'
import {
  AgentId,
  CommandId,
  ConnectionId,
  FileId,
  MessageId,
  NoteId,
  OperatorId,
  SessionId,
} from './ids.ts'
import { InboxView, PresentPerson, SessionRow } from './inbox.ts'
import { Attachment, QuickReply, Text, Time } from './message.ts'
import { customerApi } from './api-customers.ts'
import { Cursor, Limit, ok, type RouteSpec } from './route.ts'
import { Fact } from './session.ts'
import {
  AuditRow,
  Me,
  Member,
  NewMember,
  Role,
  SettingsChange,
  SignIn,
  SignUp,
  TenantSettings,
} from './tenant.ts'

const session = z.object({ sessionId: SessionId })
/** A command's id is the panel's, so that a retried request acts once. */
const command = z.strictObject({ id: CommandId })

export const SessionFacts = z.object({ facts: z.array(Fact) })
export const Ticket = z.object({ ticket: z.string() })

/** One line of a session's system log. */
export const LogLine = z.object({ at: Time, text: z.string() })
/** One call of a language model, whole. */
export const Trace = z.object({
  at: Time,
  agentName: z.string(),
  prompt: z.string(),
  generation: z.string(),
})
export type LogLine = z.infer<typeof LogLine>
export type Trace = z.infer<typeof Trace>

export const NewReply = z.strictObject({
  id: MessageId,
  text: Text,
  /** Files uploaded before. */
  attachments: z.optional(z.array(FileId).check(z.maxLength(10))),
  quickReplies: z.optional(z.array(QuickReply).check(z.maxLength(10))),
})
export type NewReply = z.infer<typeof NewReply>
export const NewNote = z.strictObject({
  id: NoteId,
  text: Text.check(z.minLength(1)),
})
export type NewNote = z.infer<typeof NewNote>

export type { Access, RouteSpec } from './route.ts'

export const api = {
  // Sign-in and the tenant
  'POST /api/sign-up': {
    access: 'anyone',
    summary: 'Found a tenant and sign in as its owner',
    body: SignUp,
    gives: z.object({ token: z.string() }),
  },
  'POST /api/sign-in': {
    access: 'anyone',
    summary: 'Sign in; the token goes into Authorization: Bearer, and into a cookie for the portal',
    body: SignIn,
    gives: z.object({ token: z.string() }),
  },
  'POST /api/sign-out': {
    access: 'signed-in',
    summary: 'End this sign-in everywhere it is open',
    gives: ok,
  },
  'GET /api/me': {
    access: 'signed-in',
    summary: 'Who is signed in, where, and what they may do',
    gives: Me,
  },
  'GET /api/members': {
    access: 'sessions.view',
    summary: 'The people of the tenant',
    gives: z.object({ members: z.array(Member) }),
  },
  'POST /api/members': {
    access: 'members.manage',
    summary: 'Add a person',
    body: NewMember,
    gives: Member,
  },
  'PATCH /api/members/:operatorId': {
    access: 'members.manage',
    summary: 'Change a person’s role',
    params: z.object({ operatorId: OperatorId }),
    body: z.strictObject({ role: Role }),
    gives: Member,
  },
  'DELETE /api/members/:operatorId': {
    access: 'members.manage',
    summary: 'Remove a person; they are signed out at once',
    params: z.object({ operatorId: OperatorId }),
    gives: ok,
  },
  'GET /api/settings': {
    access: 'signed-in',
    summary: 'The tenant’s settings',
    gives: TenantSettings,
  },
  'PATCH /api/settings': {
    access: 'settings.manage',
    summary: 'Change the tenant’s settings',
    body: SettingsChange,
    gives: TenantSettings,
  },
  'GET /api/audit': {
    access: 'audit.view',
    summary: 'Who did what, newest first',
    query: z.object({ before: Cursor, limit: Limit }),
    gives: z.object({ rows: z.array(AuditRow), next: z.nullable(z.string()) }),
  },

  // Connections and agents
  'GET /api/channels': {
    access: 'signed-in',
    summary: 'The channels that can be connected, and what each asks',
    gives: z.object({ channels: z.array(ChannelInfo) }),
  },
  'GET /api/connections': {
    access: 'signed-in',
    summary: 'The tenant’s connections',
    gives: z.object({ connections: z.array(Connection) }),
  },
  'POST /api/connections': {
    access: 'connections.manage',
    summary: 'Connect a channel',
    body: NewConnection,
    gives: Connection,
  },
  'PATCH /api/connections/:connectionId': {
    access: 'connections.manage',
    summary: 'Change, start or stop a connection',
    params: z.object({ connectionId: ConnectionId }),
    body: ConnectionChange,
    gives: Connection,
  },
  'GET /api/agents': {
    access: 'signed-in',
    summary: 'The tenant’s AI agents',
    gives: z.object({ agents: z.array(Agent) }),
  },
  'POST /api/agents': {
    access: 'agents.manage',
    summary: 'Make an agent; it runs from the start',
    body: NewAgent,
    gives: Agent,
  },
  'PATCH /api/agents/:agentId': {
    access: 'agents.manage',
    summary: 'Change, start or stop an agent',
    params: z.object({ agentId: AgentId }),
    body: AgentChange,
    gives: Agent,
  },

  ...customerApi,

  // Deep Analysis
  'GET /api/metrics': {
    access: 'customers.view',
    summary: 'The metrics, and which of them feed a field of customers',
    gives: z.object({ metrics: z.array(Metric) }),
  },
  'POST /api/metrics': {
    access: 'analysis.run',
    summary: 'Add a metric; its id is for ever',
    body: NewMetric,
    gives: Metric,
  },
  'PATCH /api/metrics/:metricId': {
    access: 'analysis.run',
    summary: 'Change a metric',
    params: z.object({ metricId: FieldName }),
    body: MetricChange,
    gives: Metric,
  },
  'DELETE /api/metrics/:metricId': {
    access: 'analysis.run',
    summary: 'Delete a metric; what it has written stays',
    params: z.object({ metricId: FieldName }),
    gives: ok,
  },
  'GET /api/analysis-runs': {
    access: 'analysis.run',
    summary: 'The last runs, newest first',
    gives: z.object({ runs: z.array(AnalysisRun) }),
  },
  'POST /api/analysis-runs': {
    access: 'analysis.run',
    summary: 'Measure sessions; a dry run only counts',
    body: NewRun,
    gives: AnalysisRun,
  },
  'GET /api/analysis-runs/:runId': {
    access: 'analysis.run',
    summary: 'How far a run has come',
    params: z.object({ runId: RunId }),
    gives: AnalysisRun,
  },
  'POST /api/analysis-runs/:runId/cancel': {
    access: 'analysis.run',
    summary: 'Stop a run; what is written stays',
    params: z.object({ runId: RunId }),
    gives: AnalysisRun,
  },

  // Sessions
  'GET /api/inbox': {
    access: 'sessions.view',
    summary: 'Open sessions: incoming, mine or all, the longest waiting first',
    query: z.object({ view: InboxView, cursor: Cursor, limit: Limit }),
    gives: z.object({
      rows: z.array(SessionRow),
      next: z.nullable(z.string()),
      counts: z.object({ incoming: z.int(), mine: z.int(), open: z.int() }),
    }),
  },
  'GET /api/people': {
    access: 'sessions.view',
    summary: 'Who is online',
    gives: z.object({ people: z.array(PresentPerson) }),
  },
  'GET /api/sessions/:sessionId': {
    access: 'sessions.view',
    summary: 'A session as a row',
    params: session,
    gives: SessionRow,
  },
  'GET /api/sessions/:sessionId/facts': {
    access: 'sessions.view',
    summary: 'The session’s facts after a place in its log',
    params: session,
    query: z.object({ after: z.optional(z.coerce.number().check(z.int(), z.gte(0))) }),
    gives: SessionFacts,
  },
  'GET /api/sessions/:sessionId/logs': {
    access: 'logs.view',
    summary: 'System log, and on paid plans the trace of every model call',
    params: session,
    gives: z.object({ system: z.array(LogLine), traces: z.nullable(z.array(Trace)) }),
  },
  'POST /api/sessions/:sessionId/messages': {
    access: 'sessions.reply',
    summary: 'Reply to the customer; takes the session when nobody has it',
    params: session,
    body: NewReply,
    gives: ok,
  },
  'POST /api/sessions/:sessionId/notes': {
    access: 'sessions.reply',
    summary: 'Add a private note',
    params: session,
    body: NewNote,
    gives: ok,
  },
  'POST /api/sessions/:sessionId/handover': {
    access: 'sessions.handover',
    summary: 'Hand over to the operators’ queue; the agent falls silent',
    params: session,
    body: z.extend(command, { reason: z.optional(z.string().check(z.maxLength(500))) }),
    gives: ok,
  },
  'POST /api/sessions/:sessionId/acceptance': {
    access: 'sessions.takeover',
    summary: 'Accept a waiting session',
    params: session,
    body: command,
    gives: ok,
  },
  'POST /api/sessions/:sessionId/takeover': {
    access: 'sessions.takeover',
    summary: 'Continue in Human Agent: copilot mode, assigned to me unless somebody has it',
    params: session,
    body: command,
    gives: z.object({ assigned: z.boolean() }),
  },
  'PUT /api/sessions/:sessionId/assignee': {
    access: 'sessions.assign',
    summary: 'Assign to a colleague',
    params: session,
    body: z.extend(command, { operatorId: OperatorId }),
    gives: ok,
  },
  'PUT /api/sessions/:sessionId/mode': {
    access: 'sessions.reply',
    summary: 'Switch the copilot on or off',
    params: session,
    body: z.extend(command, { mode: z.enum(['human', 'copilot']) }),
    gives: ok,
  },
  'POST /api/sessions/:sessionId/resolution': {
    access: 'sessions.reply',
    summary: 'Resolve: the session ends, the next message begins a new one',
    params: session,
    body: z.extend(command, { status: z.optional(z.string().check(z.maxLength(40))) }),
    gives: ok,
  },

  // Live and files
  'POST /api/tickets': {
    access: 'sessions.view',
    summary: 'A ticket for one socket, good once and for 30 seconds',
    gives: Ticket,
  },
  'POST /api/files': {
    access: 'sessions.reply',
    summary: 'Upload a file to send; the body is the file, its name in the query',
    query: z.object({
      name: z.string().check(z.minLength(1), z.maxLength(255)),
      session: SessionId,
    }),
    raw: 'The bytes of the file, at most 25 MB',
    gives: Attachment,
  },
  'GET /api/files/:fileId': {
    access: 'sessions.view',
    summary: 'A file of a conversation',
    params: z.object({ fileId: FileId }),
    gives: 'file',
  },
} as const satisfies Record<
  `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /api/${string}`,
  RouteSpec
>

export type Api = typeof api
export type RouteName = keyof Api

type Part<Spec, Key extends 'params' | 'query' | 'body'> = Spec extends {
  [K in Key]: infer Schema extends z.ZodMiniType
}
  ? { [K in Key]: z.input<Schema> }
  : unknown
/** What a caller hands to a route. */
export type CallOf<Name extends RouteName> = Part<Api[Name], 'params'> &
  Part<Api[Name], 'query'> &
  Part<Api[Name], 'body'>
/** What a route answers when all is well. */
export type AnswerOf<Name extends RouteName> = Api[Name]['gives'] extends infer Schema extends
  z.ZodMiniType
  ? z.output<Schema>
  : undefined

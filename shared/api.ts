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
import {
  Campaign,
  CampaignChange,
  CampaignId,
  NewCampaign,
  Outcome,
  Participant,
  ParticipantChange,
  ParticipantStatus,
  Products,
  Upload,
  UploadId,
  UploadLine,
  UploadPreview,
  UploadStart,
} from './campaign.ts'
import { CustomerProfile, CustomerRow } from './customer.ts'
import { Field, FieldChange, FieldName, FieldUsage, NewField } from './fields.ts'
import {
  AgentId,
  ChangeId,
  CommandId,
  ConnectionId,
  CustomerId,
  FileId,
  FilterId,
  MessageId,
  NoteId,
  OperatorId,
  SessionId,
} from './ids.ts'
import { InboxView, PresentPerson, SessionRow } from './inbox.ts'
import { Merged, MergeId, MergePreview, MergeRow, NewMerge, Unmerged } from './merge.ts'
import { Attachment, QuickReply, Text, Time } from './message.ts'
import type { Permission } from './permissions.ts'
import {
  Confirmation,
  CustomerChange,
  HistoryRow,
  NewCustomer,
  Removal,
  RemovalOrder,
  SuggestionAnswer,
} from './record.ts'
import { NewSavedFilter, SavedFilter, SavedFilterChange } from './saved-filters.ts'
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

/**
 * Who may call a route: `anyone`, whoever is `signed-in`, or who holds a permission.
 * `anyone` is for sign-in alone; what a provider or a visitor calls is not part of this API.
 */
export type Access = 'anyone' | 'signed-in' | Permission

export interface RouteSpec {
  readonly access: Access
  readonly summary: string
  readonly params?: z.ZodMiniType
  readonly query?: z.ZodMiniType
  /** A JSON body. A `raw` route reads its body itself, by its own limits. */
  readonly body?: z.ZodMiniType
  readonly raw?: string
  /** What a 200 carries. `nothing`: 204. `file`, `socket`: not JSON. */
  readonly gives: z.ZodMiniType | 'nothing' | 'file' | 'socket'
}

const ok = 'nothing' as const
const session = z.object({ sessionId: SessionId })
/** A command's id is the panel's, so that a retried request acts once. */
const command = z.strictObject({ id: CommandId })
const Cursor = z.optional(z.string().check(z.maxLength(200)))
const Limit = z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200)))

/** What finds customers. `filter` is made by `encodeFilter`. */
const finding = {
  q: z.optional(z.string().check(z.maxLength(254))),
  filter: z.optional(z.string().check(z.maxLength(20_000))),
  anonymous: z.optional(z.enum(['hide', 'show'])),
}
/** It carries what the last row is sorted by, which may be a long text. */
const ListCursor = z.optional(z.string().check(z.maxLength(12_000)))
/** A field's name, with a minus before it for the other way round. */
const CustomerSort = z.optional(z.string().check(z.regex(/^-?[a-z][a-z0-9_]{0,59}$/)))
/** Field names by commas: the columns on the screen. */
const Columns = z.optional(z.string().check(z.maxLength(4000), z.regex(/^[a-z0-9_,]*$/)))

export const SessionFacts = z.object({ facts: z.array(Fact) })
export const SessionPage = z.object({ rows: z.array(SessionRow), next: z.nullable(z.string()) })
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

  // Customers
  // Finding customers: the list, its counter, its download, one live row. All by the same predicate.
  'GET /api/customers': {
    access: 'customers.view',
    summary:
      'Find customers by name, email, phone in any format, @username or External ID, and by a filter; all of them without either',
    query: z.object({
      ...finding,
      /** Only who has `q` as a whole address: a look-up, without any other search. */
      match: z.optional(z.enum(['exact'])),
      sort: CustomerSort,
      columns: Columns,
      cursor: ListCursor,
      limit: Limit,
    }),
    gives: z.object({
      rows: z.array(CustomerRow),
      next: z.nullable(z.string()),
      /** Given where it is known without counting; otherwise the counter is asked for it. */
      total: z.nullable(z.int()),
    }),
  },
  'GET /api/customers/count': {
    access: 'customers.view',
    summary: 'How many customers the search and the filter match, exactly',
    query: z.object(finding),
    gives: z.object({ total: z.int() }),
  },
  'GET /api/customers/export': {
    access: 'customers.download',
    summary: 'Download the customers that match, as CSV or JSON; X-Total says how many there are',
    query: z.object({
      ...finding,
      sort: CustomerSort,
      columns: Columns,
      format: z.enum(['csv', 'json']),
    }),
    gives: 'file',
  },
  'GET /api/customers/:customerId/row': {
    access: 'customers.view',
    summary: 'One customer as a row of the list, and whether the search and the filter match it',
    params: z.object({ customerId: CustomerId }),
    query: z.object({ ...finding, columns: Columns }),
    gives: z.object({ row: CustomerRow, matches: z.boolean() }),
  },
  'GET /api/filters': {
    access: 'customers.view',
    summary: 'Saved filters: mine and the shared ones',
    gives: z.object({ filters: z.array(SavedFilter) }),
  },
  'POST /api/filters': {
    access: 'customers.view',
    summary: 'Save a filter; sharing it needs the permission `filters.share`',
    body: NewSavedFilter,
    gives: SavedFilter,
  },
  'PATCH /api/filters/:filterId': {
    access: 'customers.view',
    summary:
      'Rename, update, share or make the default of a saved filter: one’s own, or with `filters.share` a shared one',
    params: z.object({ filterId: FilterId }),
    body: SavedFilterChange,
    gives: SavedFilter,
  },
  'DELETE /api/filters/:filterId': {
    access: 'customers.view',
    summary: 'Delete a saved filter: one’s own, or with `filters.share` a shared one',
    params: z.object({ filterId: FilterId }),
    gives: ok,
  },

  'GET /api/customers/:customerId': {
    access: 'customers.view',
    summary: 'A customer’s profile',
    params: z.object({ customerId: CustomerId }),
    gives: CustomerProfile,
  },
  'GET /api/customers/:customerId/sessions': {
    access: 'sessions.view',
    summary:
      'A customer’s sessions, newest first; campaign=customer-service keeps those outside campaigns',
    params: z.object({ customerId: CustomerId }),
    query: z.object({
      campaign: z.optional(z.string().check(z.maxLength(60))),
      cursor: Cursor,
      limit: Limit,
    }),
    gives: SessionPage,
  },

  // The record: fields, adding, editing, history, taking out
  'GET /api/fields': {
    access: 'signed-in',
    summary: 'Every field of a customer, built-in and custom, in the tenant’s order',
    gives: z.object({ fields: z.array(Field) }),
  },
  'POST /api/fields': {
    access: 'fields.manage',
    summary: 'Make a custom field; name and type stay for good',
    body: NewField,
    gives: Field,
  },
  'PATCH /api/fields/:name': {
    access: 'fields.manage',
    summary: 'Change a field’s title, options, visibility or place',
    params: z.object({ name: FieldName }),
    body: FieldChange,
    gives: Field,
  },
  'GET /api/fields/:name/usage': {
    access: 'fields.manage',
    summary: 'How many values would go with a field',
    params: z.object({ name: FieldName }),
    gives: FieldUsage,
  },
  'DELETE /api/fields/:name': {
    access: 'fields.manage',
    summary: 'Delete a custom field with all its values; tells how many there were',
    params: z.object({ name: FieldName }),
    gives: FieldUsage,
  },
  'POST /api/customers': {
    access: 'customers.add',
    summary: 'Add a contact by hand; an address another record has refuses with that record',
    body: NewCustomer,
    gives: CustomerProfile,
  },
  'PATCH /api/customers/:customerId': {
    access: 'customers.edit',
    summary: 'Change fields; refused with the current record when a colleague was faster',
    params: z.object({ customerId: CustomerId }),
    body: CustomerChange,
    gives: CustomerProfile,
  },
  'POST /api/customers/:customerId/confirmations': {
    access: 'customers.edit',
    summary: 'Confirm what was only said, or an address typed in by hand',
    params: z.object({ customerId: CustomerId }),
    body: Confirmation,
    gives: CustomerProfile,
  },
  'POST /api/customers/:customerId/suggestions': {
    access: 'customers.edit',
    summary: 'Accept or dismiss what a feed suggests for a pinned value',
    params: z.object({ customerId: CustomerId }),
    body: SuggestionAnswer,
    gives: CustomerProfile,
  },
  'GET /api/customers/:customerId/history': {
    access: 'customers.view',
    summary: 'Every change of the record’s values, newest first',
    params: z.object({ customerId: CustomerId }),
    query: z.object({ cursor: Cursor, limit: Limit }),
    gives: z.object({ rows: z.array(HistoryRow), next: z.nullable(z.string()) }),
  },
  'POST /api/customers/:customerId/history/:changeId/revert': {
    access: 'customers.edit',
    summary: 'Take a change back, if the value is still the one it wrote',
    params: z.object({ customerId: CustomerId, changeId: ChangeId }),
    gives: CustomerProfile,
  },
  'GET /api/customers/:customerId/removal': {
    access: 'customers.delete',
    summary: 'What deleting the customer takes with it',
    params: z.object({ customerId: CustomerId }),
    gives: Removal,
  },
  'DELETE /api/customers/:customerId': {
    access: 'customers.delete',
    summary:
      'Delete a customer with sessions, messages and files, for good; with an active session only when the body repeats the name',
    params: z.object({ customerId: CustomerId }),
    body: RemovalOrder,
    gives: ok,
  },

  // Merging and possible duplicates
  'GET /api/customers/:customerId/merge-preview': {
    access: 'customers.merge',
    summary: 'What merging two records would give, field by field; nothing is written',
    params: z.object({ customerId: CustomerId }),
    query: z.object({ with: CustomerId }),
    gives: MergePreview,
  },
  'POST /api/customers/:customerId/merges': {
    access: 'customers.merge',
    summary: 'Merge two records into the older one',
    params: z.object({ customerId: CustomerId }),
    body: NewMerge,
    gives: Merged,
  },
  'GET /api/customers/:customerId/merges': {
    access: 'customers.view',
    summary: 'The merges a record has come from, newest first',
    params: z.object({ customerId: CustomerId }),
    gives: z.object({ merges: z.array(MergeRow) }),
  },
  'POST /api/merges/:mergeId/undo': {
    access: 'customers.merge',
    summary: 'Take a merge back: both records again, each with what has come for it since',
    params: z.object({ mergeId: MergeId }),
    gives: Unmerged,
  },
  'POST /api/customers/:customerId/duplicates/:otherId/dismissal': {
    access: 'customers.merge',
    summary: 'These two are not the same: the pair is not suggested again',
    params: z.object({ customerId: CustomerId, otherId: CustomerId }),
    gives: ok,
  },

  // Products
  'GET /api/customers/:customerId/products': {
    access: 'customers.view',
    summary: 'A customer’s products, from campaigns and from the tenant’s own system',
    params: z.object({ customerId: CustomerId }),
    gives: Products,
  },
  'POST /api/customers/:customerId/products/refresh': {
    access: 'customers.view',
    summary: 'Get products: ask the tenant’s own system for what this customer has now',
    params: z.object({ customerId: CustomerId }),
    gives: Products,
  },

  // Campaigns and uploads
  'GET /api/campaigns': {
    access: 'customers.view',
    summary: 'The campaigns, newest first, and the virtual Customer Service',
    gives: z.object({ campaigns: z.array(Campaign) }),
  },
  'POST /api/campaigns': {
    access: 'campaigns.manage',
    summary: 'Make a campaign',
    body: NewCampaign,
    gives: Campaign,
  },
  'PATCH /api/campaigns/:campaignId': {
    access: 'campaigns.manage',
    summary: 'Rename a campaign or change its stages',
    params: z.object({ campaignId: z.string().check(z.maxLength(60)) }),
    body: CampaignChange,
    gives: Campaign,
  },
  'DELETE /api/campaigns/:campaignId': {
    access: 'campaigns.manage',
    summary: 'Delete a campaign nobody has been loaded into',
    params: z.object({ campaignId: z.string().check(z.maxLength(60)) }),
    gives: ok,
  },
  'GET /api/campaigns/:campaignId/participants': {
    access: 'customers.view',
    summary: 'Who takes part, the last loaded first',
    params: z.object({ campaignId: CampaignId }),
    query: z.object({
      status: z.optional(ParticipantStatus),
      stage: z.optional(z.string().check(z.maxLength(60))),
      cursor: Cursor,
      limit: Limit,
    }),
    gives: z.object({ rows: z.array(Participant), next: z.nullable(z.string()) }),
  },
  'PATCH /api/campaigns/:campaignId/participants/:customerId': {
    access: 'campaigns.manage',
    summary: 'Set one participant’s status or stage in this campaign',
    params: z.object({ campaignId: CampaignId, customerId: CustomerId }),
    body: ParticipantChange,
    gives: ok,
  },
  'POST /api/campaigns/:campaignId/uploads': {
    access: 'campaigns.manage',
    summary: 'Upload a CSV of contacts; nothing is read into records until it is started',
    params: z.object({ campaignId: z.string().check(z.maxLength(60)) }),
    query: z.object({ name: z.string().check(z.minLength(1), z.maxLength(255)) }),
    raw: 'The CSV, UTF-8, at most 200 MB, with a header',
    gives: UploadPreview,
  },
  'GET /api/campaigns/:campaignId/uploads': {
    access: 'campaigns.manage',
    summary: 'The uploads of a campaign, newest first',
    params: z.object({ campaignId: CampaignId }),
    gives: z.object({ uploads: z.array(Upload) }),
  },
  'GET /api/uploads/:uploadId': {
    access: 'campaigns.manage',
    summary: 'How far an upload has come',
    params: z.object({ uploadId: UploadId }),
    gives: Upload,
  },
  'GET /api/uploads/:uploadId/preview': {
    access: 'campaigns.manage',
    summary: 'Header, first rows and suggested mapping of an uploaded file',
    params: z.object({ uploadId: UploadId }),
    gives: UploadPreview,
  },
  'POST /api/uploads/:uploadId/start': {
    access: 'campaigns.manage',
    summary: 'Read the file into records, by a mapping of its columns',
    params: z.object({ uploadId: UploadId }),
    body: UploadStart,
    gives: Upload,
  },
  'POST /api/uploads/:uploadId/cancel': {
    access: 'campaigns.manage',
    summary: 'Stop; what is done stays done, and it can be taken up again',
    params: z.object({ uploadId: UploadId }),
    gives: Upload,
  },
  'POST /api/uploads/:uploadId/resume': {
    access: 'campaigns.manage',
    summary: 'Take a cancelled or failed upload up again where it stopped',
    params: z.object({ uploadId: UploadId }),
    gives: Upload,
  },
  'GET /api/uploads/:uploadId/lines': {
    access: 'campaigns.manage',
    summary: 'What became of each line',
    params: z.object({ uploadId: UploadId }),
    query: z.object({ outcome: z.optional(Outcome), cursor: Cursor, limit: Limit }),
    gives: z.object({ lines: z.array(UploadLine), next: z.nullable(z.string()) }),
  },
  'GET /api/uploads/:uploadId/report': {
    access: 'campaigns.manage',
    summary: 'The report of an upload as CSV, every line of the file',
    params: z.object({ uploadId: UploadId }),
    gives: 'file',
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

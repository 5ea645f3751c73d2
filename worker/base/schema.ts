// The tables of D1. Migrations are made from here by drizzle-kit (`npm run migration`).
// Every table of a tenant has tenant_id first in its key; times are milliseconds since 1970.

import {
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'

import type { Handoff, ModelChoice, ResultField } from '../../shared/agent.ts'
import type { ChannelKind } from '../../shared/channel.ts'
import type { IdentityKind, Proof, Source } from '../../shared/customer.ts'
import type { FieldType } from '../../shared/fields.ts'
import type {
  AgentId,
  ConnectionId,
  CustomerId,
  FileId,
  OperatorId,
  SessionId,
  TenantId,
} from '../../shared/ids.ts'
import type { Role } from '../../shared/permissions.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { Value } from '../../shared/session.ts'

const tenantId = () => text('tenant_id').$type<TenantId>().notNull()

// --- Sign-in. The library that writes these calls them user, session, account, organization.

export const operators = sqliteTable('operator', {
  id: text('id').$type<OperatorId>().primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  emailVerified: integer('email_verified', { mode: 'boolean' }).notNull(),
  image: text('image'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
})

export const signIns = sqliteTable(
  'sign_in',
  {
    id: text('id').primaryKey(),
    /** SHA-256 of the bearer: a copy of this table opens nothing. */
    token: text('token').notNull().unique(),
    userId: text('user_id').$type<OperatorId>().notNull(),
    activeOrganizationId: text('active_organization_id').$type<TenantId>(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
    createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
    updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  },
  (t) => [index('sign_in_user').on(t.userId)],
)

export const credentials = sqliteTable(
  'credential',
  {
    id: text('id').primaryKey(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    userId: text('user_id').$type<OperatorId>().notNull(),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: integer('access_token_expires_at', { mode: 'timestamp_ms' }),
    refreshTokenExpiresAt: integer('refresh_token_expires_at', { mode: 'timestamp_ms' }),
    scope: text('scope'),
    password: text('password'),
    createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
    updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  },
  (t) => [index('credential_user').on(t.userId)],
)

export const verifications = sqliteTable('verification', {
  id: text('id').primaryKey(),
  identifier: text('identifier').notNull(),
  value: text('value').notNull(),
  expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
})

export const tenants = sqliteTable('tenant', {
  id: text('id').$type<TenantId>().primaryKey(),
  name: text('name').notNull(),
  slug: text('slug').notNull().unique(),
  logo: text('logo'),
  metadata: text('metadata'),
  timeZone: text('time_zone').notNull().default('UTC'),
  plan: text('plan', { enum: ['free', 'paid'] })
    .notNull()
    .default('free'),
  statuses: text('statuses', { mode: 'json' }).$type<string[]>().notNull().default(['resolved']),
  defaultCountry: text('default_country').notNull().default('US'),
  /** Where «Get products» asks, and the secret it signs with, sealed. */
  productUrl: text('product_url'),
  productSecret: text('product_secret'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
})

export const members = sqliteTable(
  'member',
  {
    id: text('id').primaryKey(),
    organizationId: text('tenant_id').$type<TenantId>().notNull(),
    userId: text('user_id').$type<OperatorId>().notNull(),
    role: text('role').$type<Role>().notNull(),
    createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  },
  (t) => [
    uniqueIndex('member_of').on(t.organizationId, t.userId),
    index('member_user').on(t.userId),
  ],
)

export const invitations = sqliteTable('invitation', {
  id: text('id').primaryKey(),
  organizationId: text('tenant_id').$type<TenantId>().notNull(),
  email: text('email').notNull(),
  role: text('role'),
  status: text('status').notNull(),
  expiresAt: integer('expires_at', { mode: 'timestamp_ms' }).notNull(),
  inviterId: text('inviter_id').notNull(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
})

// --- Connections and agents

export const connections = sqliteTable(
  'connection',
  {
    tenantId: tenantId(),
    id: text('id').$type<ConnectionId>().notNull(),
    name: text('name').notNull(),
    channel: text('channel').$type<ChannelKind>().notNull(),
    state: text('state', { enum: ['running', 'stopped', 'error'] }).notNull(),
    settings: text('settings', { mode: 'json' }).$type<Record<string, string>>().notNull(),
    /** The secrets, AES-GCM, bound to this row. */
    secrets: text('secrets').notNull(),
    secretNames: text('secret_names', { mode: 'json' }).$type<string[]>().notNull(),
    baseUrl: text('base_url'),
    lastEventAt: integer('last_event_at'),
    lastError: text('last_error'),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // A webhook names the connection alone; its tenant is read from here.
    uniqueIndex('connection_id').on(t.id),
  ],
)

export const agents = sqliteTable(
  'agent',
  {
    tenantId: tenantId(),
    id: text('id').$type<AgentId>().notNull(),
    name: text('name').notNull(),
    running: integer('running', { mode: 'boolean' }).notNull(),
    instructions: text('instructions').notNull(),
    model: text('model', { mode: 'json' }).$type<ModelChoice>().notNull(),
    modelKey: text('model_key'),
    resultFields: text('result_fields', { mode: 'json' }).$type<ResultField[]>().notNull(),
    handoff: text('handoff', { mode: 'json' }).$type<Handoff>().notNull(),
    copilot: integer('copilot', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

export const agentConnections = sqliteTable(
  'agent_connection',
  {
    tenantId: tenantId(),
    connectionId: text('connection_id').$type<ConnectionId>().notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.connectionId, t.agentId] }),
    index('agent_connection_agent').on(t.tenantId, t.agentId),
  ],
)

// --- Customers

export const customers = sqliteTable(
  'customer',
  {
    /** Names the record in the search index: small, and never used again. */
    ord: integer('ord').primaryKey({ autoIncrement: true }),
    tenantId: tenantId(),
    id: text('id').$type<CustomerId>().notNull(),
    name: text('name').notNull(),
    /** The name folded, for sorting and comparing. */
    nameKey: text('name_key').notNull(),
    /** The first proven or, without one, the learnt email and phone: columns to show and sort by. */
    email: text('email').notNull().default(''),
    phone: text('phone').notNull().default(''),
    /** A visitor who has shared no contact detail yet. */
    anonymous: integer('anonymous', { mode: 'boolean' }).notNull(),
    /** Folded name, addresses, digits and text fields: triggers keep the search index in step with it. */
    searchText: text('search_text').notNull(),
    /** Raised by every edit of a person: two editors can't overwrite each other unseen. */
    version: integer('version').notNull().default(1),
    createdAt: integer('created_at').notNull(),
    lastCommunicationAt: integer('last_communication_at'),
    /** The channels they have spoken in, as JSON, and how many sessions are open: triggers keep both. */
    channels: text('channels'),
    active: integer('active'),
  },
  (t) => [
    uniqueIndex('customer_id').on(t.tenantId, t.id),
    index('customer_recent').on(t.tenantId, t.anonymous, t.lastCommunicationAt, t.id),
    index('customer_name').on(t.tenantId, t.anonymous, t.nameKey, t.id),
    index('customer_email').on(t.tenantId, t.anonymous, t.email, t.id),
    index('customer_phone').on(t.tenantId, t.anonymous, t.phone, t.id),
    index('customer_created').on(t.tenantId, t.anonymous, t.createdAt, t.id),
  ],
)

/** How many records a tenant has. Kept by triggers, so that the whole list is counted by one read. */
export const customerCounts = sqliteTable(
  'customer_count',
  {
    tenantId: tenantId(),
    anonymous: integer('anonymous', { mode: 'boolean' }).notNull(),
    n: integer('n').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.anonymous] })],
)

/** Ids of merged records and where they are now. Late events and old links find home by it. */
export const customerAliases = sqliteTable(
  'customer_alias',
  {
    tenantId: tenantId(),
    aliasId: text('alias_id').$type<CustomerId>().notNull(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.aliasId] }),
    index('customer_alias_of').on(t.tenantId, t.customerId),
  ],
)

export const identities = sqliteTable(
  'identity',
  {
    tenantId: tenantId(),
    kind: text('kind').$type<IdentityKind>().notNull(),
    value: text('value').notNull(),
    /** The connection for ids that mean nothing outside it; empty for the rest. */
    scope: text('scope').notNull(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    proof: text('proof').$type<Proof>().notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [
    // The customer is part of the key: an email may stand on two records that must not be combined.
    primaryKey({ columns: [t.tenantId, t.kind, t.value, t.scope, t.customerId] }),
    // As wide as the key: a narrower one loses to it, and all of a tenant would be read.
    index('identity_customer').on(t.tenantId, t.customerId, t.kind, t.value, t.scope),
  ],
)

/** Which fields there are, beyond or instead of the built-in settings. */
export const fields = sqliteTable(
  'field',
  {
    tenantId: tenantId(),
    name: text('name').notNull(),
    title: text('title').notNull(),
    type: text('type').$type<FieldType>().notNull(),
    options: text('options', { mode: 'json' }).$type<string[]>().notNull(),
    hidden: integer('hidden', { mode: 'boolean' }).notNull(),
    column: integer('is_column', { mode: 'boolean' }).notNull(),
    position: integer('position').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.name] })],
)

export const fieldValues = sqliteTable(
  'field_value',
  {
    tenantId: tenantId(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    field: text('field').notNull(),
    value: text('value').notNull(),
    /** The value folded, and as a number (dates: milliseconds, booleans: 0 and 1): what filters compare. */
    key: text('key').notNull().default(''),
    num: real('num'),
    verified: integer('verified', { mode: 'boolean' }).notNull(),
    source: text('source').$type<Source>().notNull(),
    sessionId: text('session_id').$type<SessionId>(),
    /** Written by a person: feeds only suggest. */
    pinned: integer('pinned', { mode: 'boolean' }).notNull().default(false),
    at: integer('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.customerId, t.field] }),
    index('field_value_key').on(t.tenantId, t.field, t.key, t.customerId),
    index('field_value_num').on(t.tenantId, t.field, t.num, t.customerId),
  ],
)

/** Every change of a value, so that each can be read and taken back. */
export const fieldChanges = sqliteTable(
  'field_change',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    field: text('field').notNull(),
    /** Empty: the value was taken away. */
    value: text('value').notNull(),
    before: text('before').notNull(),
    source: text('source').$type<Source>().notNull(),
    actor: text('actor').notNull(),
    sessionId: text('session_id').$type<SessionId>(),
    at: integer('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('field_change_of').on(t.tenantId, t.customerId, t.at),
  ],
)

/** What a feed would write over a pinned value, were it allowed. */
export const fieldSuggestions = sqliteTable(
  'field_suggestion',
  {
    tenantId: tenantId(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    field: text('field').notNull(),
    value: text('value').notNull(),
    source: text('source').$type<Source>().notNull(),
    sessionId: text('session_id').$type<SessionId>(),
    at: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.customerId, t.field] })],
)

export const possibleDuplicates = sqliteTable(
  'possible_duplicate',
  {
    tenantId: tenantId(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    otherId: text('other_id').$type<CustomerId>().notNull(),
    kind: text('kind').$type<IdentityKind>().notNull(),
    value: text('value').notNull(),
    /** Somebody has looked and said no: it is not raised again. */
    dismissed: integer('dismissed', { mode: 'boolean' }).notNull().default(false),
    at: integer('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.customerId, t.otherId, t.kind, t.value] }),
    index('possible_duplicate_other').on(t.tenantId, t.otherId),
  ],
)

/** Merges, with what was before: each can be undone. */
export const merges = sqliteTable(
  'merge',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    survivorId: text('survivor_id').$type<CustomerId>().notNull(),
    mergedId: text('merged_id').$type<CustomerId>().notNull(),
    actor: text('actor').notNull(),
    cause: text('cause', { enum: ['operator', 'upload'] }).notNull(),
    /** Both records as they were, whole. */
    snapshot: text('snapshot', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    at: integer('at').notNull(),
    undoneAt: integer('undone_at'),
    undoneBy: text('undone_by'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('merge_survivor').on(t.tenantId, t.survivorId, t.at),
    index('merge_merged').on(t.tenantId, t.mergedId),
  ],
)

/** Hashes of the identities of deleted customers: late webhooks don't bring them back. */
export const tombstones = sqliteTable(
  'tombstone',
  {
    tenantId: tenantId(),
    hash: text('hash').notNull(),
    at: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.hash] })],
)

export const savedFilters = sqliteTable(
  'saved_filter',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    ownerId: text('owner_id').$type<OperatorId>().notNull(),
    name: text('name').notNull(),
    shared: integer('shared', { mode: 'boolean' }).notNull(),
    /** The owner's filter on opening the list. */
    isDefault: integer('is_default', { mode: 'boolean' }).notNull().default(false),
    filter: text('filter', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

// --- Campaigns and what comes with them

export const campaigns = sqliteTable(
  'campaign',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    stages: text('stages', { mode: 'json' }).$type<string[]>().notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

export const participants = sqliteTable(
  'participant',
  {
    tenantId: tenantId(),
    campaignId: text('campaign_id').notNull(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    status: text('status', { enum: ['pending', 'active', 'completed'] }).notNull(),
    stage: text('stage'),
    /** What this campaign knows of the customer; values are not merged across campaigns. */
    data: text('data', { mode: 'json' }).$type<Record<string, string>>().notNull(),
    summary: text('summary'),
    loadedAt: integer('loaded_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.campaignId, t.customerId] }),
    index('participant_customer').on(t.tenantId, t.customerId),
    index('participant_status').on(t.tenantId, t.status, t.customerId),
    index('participant_stage').on(t.tenantId, t.stage, t.customerId),
  ],
)

export const products = sqliteTable(
  'product',
  {
    tenantId: tenantId(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    /** The campaign it came from; empty when the tenant's own system gave it. */
    campaignId: text('campaign_id').notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    attributes: text('attributes', { mode: 'json' }).$type<Record<string, string>>().notNull(),
    at: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.customerId, t.campaignId, t.key] })],
)

/** When the tenant's own product system was last asked for a customer, and what went wrong then. */
export const productFetches = sqliteTable(
  'product_fetch',
  {
    tenantId: tenantId(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    at: integer('at').notNull(),
    error: text('error'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.customerId] })],
)

/** An upload to a campaign: a job that can be watched, stopped and taken up again. */
export const uploads = sqliteTable(
  'upload',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    campaignId: text('campaign_id').notNull(),
    fileName: text('file_name').notNull(),
    fileKey: text('file_key').notNull(),
    /** Where each column goes, by its place; besides: `delimiter`, and a usual `status` and `stage`. */
    mapping: text('mapping', { mode: 'json' }).$type<Record<string, string>>().notNull(),
    state: text('state', { enum: ['ready', 'running', 'done', 'cancelled', 'failed'] }).notNull(),
    /** Where in the file it is: bytes read, and lines done. */
    offset: integer('offset').notNull(),
    size: integer('size').notNull(),
    line: integer('line').notNull(),
    counts: text('counts', { mode: 'json' }).$type<Record<string, number>>().notNull(),
    error: text('error'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('upload_campaign').on(t.tenantId, t.campaignId, t.createdAt),
  ],
)

/** What became of one line of an upload, where there is something to say. */
export const uploadLines = sqliteTable(
  'upload_line',
  {
    tenantId: tenantId(),
    uploadId: text('upload_id').notNull(),
    line: integer('line').notNull(),
    outcome: text('outcome', {
      enum: ['created', 'updated', 'merged', 'conflict', 'skipped'],
    }).notNull(),
    detail: text('detail').notNull(),
    customerId: text('customer_id').$type<CustomerId>(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.uploadId, t.line] })],
)

// --- Deep Analysis

export const metrics = sqliteTable(
  'metric',
  {
    tenantId: tenantId(),
    /** Equal to a customer field's name, its result is written there. */
    id: text('id').notNull(),
    title: text('title').notNull(),
    prompt: text('prompt').notNull(),
    type: text('type').$type<FieldType>().notNull(),
    options: text('options', { mode: 'json' }).$type<string[]>().notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

export const analysisRuns = sqliteTable(
  'analysis_run',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    metrics: text('metrics', { mode: 'json' }).$type<string[]>().notNull(),
    filter: text('filter', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** A dry run counts and writes nothing. */
    dry: integer('dry', { mode: 'boolean' }).notNull(),
    state: text('state', { enum: ['running', 'done', 'cancelled', 'failed'] }).notNull(),
    cursor: text('cursor').notNull(),
    counts: text('counts', { mode: 'json' }).$type<Record<string, number>>().notNull(),
    log: text('log', { mode: 'json' }).$type<string[]>().notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

// --- Sessions: rows that follow the facts, only ever written forward

export const sessions = sqliteTable(
  'session',
  {
    tenantId: tenantId(),
    id: text('id').$type<SessionId>().notNull(),
    seq: integer('seq').notNull(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    customerName: text('customer_name').notNull(),
    contact: text('contact').notNull(),
    connectionId: text('connection_id').$type<ConnectionId>().notNull(),
    channel: text('channel').$type<ChannelKind>().notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    agentName: text('agent_name').notNull(),
    mode: text('mode').$type<SessionRow['mode']>().notNull(),
    operatorId: text('operator_id').$type<OperatorId>(),
    operatorName: text('operator_name'),
    handoverCause: text('handover_cause').$type<NonNullable<SessionRow['handover']>['cause']>(),
    handoverReason: text('handover_reason'),
    waitingSince: integer('waiting_since'),
    startedAt: integer('started_at').notNull(),
    finishedAt: integer('finished_at'),
    lastMessageAt: integer('last_message_at'),
    lastText: text('last_text').notNull(),
    lastBy: text('last_by').$type<NonNullable<SessionRow['lastBy']>>(),
    messageCount: integer('message_count').notNull(),
    status: text('status').notNull(),
    campaignId: text('campaign_id'),
    parameters: text('parameters', { mode: 'json' }).$type<Record<string, Value>>().notNull(),
    results: text('results', { mode: 'json' }).$type<Record<string, Value>>().notNull(),
    summary: text('summary'),
    ip: text('ip'),
    country: text('country'),
    city: text('city'),
    hasAttachments: integer('has_attachments', { mode: 'boolean' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('session_open').on(t.tenantId, t.finishedAt, t.lastMessageAt, t.id),
    index('session_customer').on(t.tenantId, t.customerId, t.startedAt, t.id),
    index('session_channel').on(t.tenantId, t.channel, t.customerId, t.finishedAt),
  ],
)

// --- Files and the audit log

export const files = sqliteTable(
  'file',
  {
    tenantId: tenantId(),
    id: text('id').$type<FileId>().notNull(),
    sessionId: text('session_id').$type<SessionId>().notNull(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    size: integer('size').notNull(),
    sha256: text('sha256').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('file_session').on(t.tenantId, t.sessionId),
  ],
)

export const auditRows = sqliteTable(
  'audit',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    at: integer('at').notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    detail: text('detail', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('audit_at').on(t.tenantId, t.at, t.id),
  ],
)

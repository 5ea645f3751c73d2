// The tables of D1. Migrations are made from here by drizzle-kit (`npm run migration`).
// Every table of a tenant has tenant_id first in its key; times are milliseconds since 1970.

import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

import type { Handoff, ModelChoice, ResultField } from '../../shared/agent.ts'
import type { ChannelKind } from '../../shared/channel.ts'
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

export * from './schema-customers.ts'

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
    index('session_started').on(t.tenantId, t.startedAt, t.id),
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

// The tables of the customer database: records, fields, merges, filters, campaigns.

import {
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'

import type { RunCounts, RunFilter, RunLine } from '../../shared/analysis.ts'
import type { IdentityKind, Proof, Source } from '../../shared/customer.ts'
import type { FieldType } from '../../shared/fields.ts'
import type { AgentId, CustomerId, OperatorId, SessionId, TenantId } from '../../shared/ids.ts'

const tenantId = () => text('tenant_id').$type<TenantId>().notNull()

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

/** Ids of deleted customers and keyed hashes of their addresses: late webhooks don't bring them back. */
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
    filter: text('filter', { mode: 'json' }).$type<RunFilter>().notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** A dry run counts and writes nothing. */
    dry: integer('dry', { mode: 'boolean' }).notNull(),
    state: text('state', { enum: ['running', 'done', 'cancelled', 'failed'] }).notNull(),
    cursor: text('cursor').notNull(),
    counts: text('counts', { mode: 'json' }).$type<RunCounts>().notNull(),
    log: text('log', { mode: 'json' }).$type<RunLine[]>().notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

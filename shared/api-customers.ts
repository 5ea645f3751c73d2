// The routes of the customer database: finding, the record, merging, products, campaigns.

import * as z from 'zod/mini'

import {
  AnyCampaignId,
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
import { ChangeId, CustomerId, FilterId } from './ids.ts'
import { Merged, MergeId, MergePreview, MergeRow, NewMerge, Unmerged } from './merge.ts'
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

import { SessionPage } from './inbox.ts'
import { Cursor, Limit, ok, type RouteSpec } from './route.ts'

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

export const customerApi = {
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
    params: z.object({ campaignId: AnyCampaignId }),
    body: CampaignChange,
    gives: Campaign,
  },
  'DELETE /api/campaigns/:campaignId': {
    access: 'campaigns.manage',
    summary: 'Delete a campaign nobody has been loaded into',
    params: z.object({ campaignId: AnyCampaignId }),
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
    params: z.object({ campaignId: AnyCampaignId }),
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
} as const satisfies Record<string, RouteSpec>

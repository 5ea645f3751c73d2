// Campaigns, who takes part in them, what is uploaded to them, and the products that come with it.

import * as z from 'zod/mini'

import { ChannelKind } from './channel.ts'
import { FieldName } from './fields.ts'
import { CustomerId } from './ids.ts'
import { Time } from './message.ts'

export const CampaignId = z.string().check(z.regex(/^cmp_[0-9a-z]{26}$/))
export type CampaignId = z.infer<typeof CampaignId>
export const UploadId = z.string().check(z.regex(/^upl_[0-9a-z]{26}$/))
export type UploadId = z.infer<typeof UploadId>

/** The virtual campaign's name in paths and filters: it holds the sessions of no campaign. */
export const customerServiceId = 'customer-service'
/** A campaign by its id, the virtual one too: what can't be done to it is refused with the reason. */
export const AnyCampaignId = z.string().check(z.regex(/^[a-z]+[-_][0-9a-z]{7,26}$/))

export const ParticipantStatus = z.enum(['pending', 'active', 'completed'])
export type ParticipantStatus = z.infer<typeof ParticipantStatus>

const Name = z.string().check(z.trim(), z.minLength(1), z.maxLength(120))
export const Stage = z.string().check(z.trim(), z.minLength(1), z.maxLength(60))
const Stages = z.array(Stage).check(z.maxLength(50))

export const Campaign = z.object({
  /** `customer-service` for the virtual one. */
  id: z.string(),
  name: z.string(),
  kind: z.enum(['outbound', 'virtual']),
  /** In order; empty: any stage may be named. */
  stages: z.array(z.string()),
  participants: z.record(ParticipantStatus, z.int()),
  createdAt: z.nullable(Time),
})
export type Campaign = z.infer<typeof Campaign>

export const NewCampaign = z.strictObject({ name: Name, stages: z.optional(Stages) })
export type NewCampaign = z.infer<typeof NewCampaign>
export const CampaignChange = z.strictObject({ name: z.optional(Name), stages: z.optional(Stages) })
export type CampaignChange = z.infer<typeof CampaignChange>

export const Participant = z.object({
  customer: z.object({ id: CustomerId, name: z.string(), email: z.string(), phone: z.string() }),
  status: ParticipantStatus,
  stage: z.nullable(z.string()),
  loadedAt: Time,
  /** What this campaign knows of the customer. No other campaign sees or changes it. */
  data: z.record(z.string(), z.string()),
  channels: z.array(ChannelKind),
})
export type Participant = z.infer<typeof Participant>

export const ParticipantChange = z.strictObject({
  status: z.optional(ParticipantStatus),
  stage: z.optional(z.nullable(Stage)),
})
export type ParticipantChange = z.infer<typeof ParticipantChange>

/**
 * Where a column goes: `field:<Field Name>` (identities are fields too), `data:<key>` of this campaign
 * alone, `product`, `product:<attribute>`, `status`, `stage`. A column that is not named is left out.
 */
export const ColumnTarget = z
  .string()
  .check(
    z.maxLength(80),
    z.regex(
      /^(?:field:[a-z][a-z0-9_]{0,59}|data:[^\p{Cc}]{1,60}|product(?::[^\p{Cc}]{1,60})?|status|stage)$/u,
    ),
  )
export type ColumnTarget = z.infer<typeof ColumnTarget>

/** By the column's place in the file, from 0: headers may repeat or be empty. */
export const Mapping = z.record(z.string().check(z.regex(/^\d{1,3}$/)), ColumnTarget)
export type Mapping = z.infer<typeof Mapping>

export const UploadState = z.enum(['ready', 'running', 'done', 'cancelled', 'failed'])
export type UploadState = z.infer<typeof UploadState>

/** What became of a line. `conflict`: done as far as External IDs allow, and the rest is told. */
export const Outcome = z.enum(['created', 'updated', 'merged', 'conflict', 'skipped'])
export type Outcome = z.infer<typeof Outcome>

export const Upload = z.object({
  id: UploadId,
  campaignId: z.string(),
  fileName: z.string(),
  state: UploadState,
  /** Bytes of the file, and how many of them are done. */
  size: z.int(),
  offset: z.int(),
  /** Lines done, the header not counted. */
  lines: z.int(),
  counts: z.record(Outcome, z.int()),
  /** Why it failed, as a sentence. */
  error: z.nullable(z.string()),
  mapping: Mapping,
  createdAt: Time,
  updatedAt: Time,
})
export type Upload = z.infer<typeof Upload>

/** The beginning of a file, and where its columns seem to go. */
export const UploadPreview = z.object({
  upload: Upload,
  header: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  mapping: Mapping,
})
export type UploadPreview = z.infer<typeof UploadPreview>

export const UploadStart = z.strictObject({
  mapping: Mapping,
  /** For those this upload brings in, where the file says nothing. */
  status: z.optional(ParticipantStatus),
  stage: z.optional(Stage),
})
export type UploadStart = z.infer<typeof UploadStart>

export const UploadLine = z.object({
  /** The line's number in the file as an editor shows records: the header is 1. */
  line: z.int(),
  outcome: Outcome,
  detail: z.string(),
  customerId: z.nullable(CustomerId),
})
export type UploadLine = z.infer<typeof UploadLine>

export const Product = z.object({
  name: z.string(),
  attributes: z.record(z.string(), z.string()),
  /** The campaign it came from; `null`: the tenant's own system gave it. */
  campaign: z.nullable(z.object({ id: z.string(), name: z.string() })),
  at: Time,
})
export type Product = z.infer<typeof Product>

export const Products = z.object({
  products: z.array(Product),
  /** Whether the tenant's own product system can be asked. Without one «Get products» is not shown. */
  connected: z.boolean(),
  /** When it was last asked for this customer, and what went wrong then. */
  fetchedAt: z.nullable(Time),
  error: z.nullable(z.string()),
})
export type Products = z.infer<typeof Products>

/** Names a Field Name that a mapping may speak of. */
export function fieldOf(target: ColumnTarget): FieldName | undefined {
  return target.startsWith('field:') ? target.slice(6) : undefined
}

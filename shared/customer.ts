// Who: the customer's record as operators see it, with where each value comes from.

import * as z from 'zod/mini'

import { ChannelKind } from './channel.ts'
import { FieldType } from './fields.ts'
import { CustomerId, SessionId } from './ids.ts'
import { Time } from './message.ts'

/** The kinds of identity. Phone and WhatsApp share one key space after E.164: both are `phone`. */
export const IdentityKind = z.enum([
  'external',
  'email',
  'phone',
  'whatsapp-user',
  'telegram-username',
  'telegram-id',
  'visitor',
])
export type IdentityKind = z.infer<typeof IdentityKind>

/** Titles of the identities, as they stand on the profile. */
export const identityTitles: Record<IdentityKind, string> = {
  external: 'External ID',
  email: 'Email',
  phone: 'Phone',
  'whatsapp-user': 'WhatsApp user',
  'telegram-username': 'Telegram',
  'telegram-id': 'Telegram ID',
  visitor: 'Visitor ID',
}

/**
 * How an identity was proven: by the channel itself, a signed parameter, an upload, an operator.
 * `operator` was typed in by hand; `confirmed` was looked at once more and is good to write to.
 */
export const Proof = z.enum(['channel', 'signed', 'upload', 'operator', 'confirmed'])
export type Proof = z.infer<typeof Proof>

export const Identity = z.object({
  kind: IdentityKind,
  /** Normalised: E.164 phones, lower-case emails and usernames. */
  value: z.string(),
  proof: Proof,
})
export type Identity = z.infer<typeof Identity>

/** Where a field's value comes from. */
export const Source = z.enum([
  'channel',
  'conversation',
  'parameter',
  'analysis',
  'upload',
  'operator',
])
export type Source = z.infer<typeof Source>

/** Something known about a customer. Unverified: somebody said so, nobody has confirmed it. */
export const FieldValue = z.object({
  field: z.string(),
  title: z.string(),
  /** Of a custom field: how its value is to be read. */
  type: z.optional(FieldType),
  value: z.string(),
  verified: z.boolean(),
  source: Source,
  at: Time,
  sessionId: z.optional(SessionId),
  /** Written by a person: feeds only suggest. */
  pinned: z.boolean(),
  /** An email typed in by hand that nobody has used or confirmed yet: it is not written to. */
  neverContacted: z.optional(z.boolean()),
})
export type FieldValue = z.infer<typeof FieldValue>

/** What a feed would have written over a value that is worth more. */
export const Suggestion = z.object({
  field: z.string(),
  title: z.string(),
  /** As a person reads it, */
  value: z.string(),
  /** and as it is kept: what an answer names. */
  raw: z.string(),
  source: Source,
  at: Time,
  sessionId: z.optional(SessionId),
})
export type Suggestion = z.infer<typeof Suggestion>

/** Another record that shares an identity or a learnt value with this one. */
export const PossibleDuplicate = z.object({
  customer: z.object({ id: CustomerId, name: z.string() }),
  kind: IdentityKind,
  value: z.string(),
})
export type PossibleDuplicate = z.infer<typeof PossibleDuplicate>

/** A customer in a list. */
export const CustomerRow = z.object({
  id: CustomerId,
  name: z.string(),
  email: z.string(),
  phone: z.string(),
  channels: z.array(ChannelKind),
  /** Sessions without a finish time. */
  active: z.int(),
  lastCommunicationAt: z.nullable(Time),
  createdAt: Time,
  /** What stands in the other columns that were asked for, by field name. */
  values: z.record(z.string(), z.string()),
})
export type CustomerRow = z.infer<typeof CustomerRow>

/** A campaign as one customer took part in it. `null` is the virtual Customer Service. */
export const Participation = z.object({
  campaignId: z.nullable(z.string()),
  name: z.string(),
  kind: z.enum(['outbound', 'virtual']),
  status: z.enum(['pending', 'active', 'completed']),
  stage: z.nullable(z.string()),
  loadedAt: Time,
  lastCommunicationAt: z.nullable(Time),
  channels: z.array(ChannelKind),
  communications: z.int(),
  summary: z.nullable(z.string()),
  /** What the campaign knows of the customer; no other campaign sees it. */
  data: z.optional(z.record(z.string(), z.string())),
})
export type Participation = z.infer<typeof Participation>

/** The whole profile but its conversations. */
export const CustomerProfile = z.object({
  id: CustomerId,
  name: z.string(),
  /** A visitor who has shared no contact detail: shown as unlinked, hidden in lists. */
  anonymous: z.boolean(),
  createdAt: Time,
  lastCommunicationAt: z.nullable(Time),
  identities: z.array(Identity),
  fields: z.array(FieldValue),
  suggestions: z.array(Suggestion),
  /** Raised by every edit of a person: an edit names the one it was made over. */
  version: z.int(),
  participations: z.array(Participation),
  channels: z.array(ChannelKind),
  communications: z.int(),
  active: z.int(),
  possibleDuplicates: z.array(PossibleDuplicate),
})
export type CustomerProfile = z.infer<typeof CustomerProfile>

/** The name of the virtual campaign that holds inbound conversations outside campaigns. */
export const customerService = 'Customer Service'

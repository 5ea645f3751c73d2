// Changing a record: what a person writes, confirms, takes back and takes out.

import * as z from 'zod/mini'

import { Source } from './customer.ts'
import { FieldName } from './fields.ts'
import { CustomerId, OperatorId, SessionId } from './ids.ts'
import { Time } from './message.ts'

const Text = z.string().check(z.maxLength(4_000))

/**
 * What is written into a field. `null` clears it. For an address (email, phone, username,
 * External ID) it is everything the field shall hold: a list, or one text for a list of one.
 */
export const Entry = z.nullable(
  z.union([Text, z.number(), z.boolean(), z.array(Text).check(z.maxLength(20))]),
)
export type Entry = z.infer<typeof Entry>

const Entries = z
  .record(FieldName, Entry)
  .check(z.refine((entries) => Object.keys(entries).length <= 200, 'at most 200 fields'))

/** The id is the panel's, so that a retried request adds one contact. */
export const NewCustomer = z.strictObject({ id: CustomerId, values: Entries })
export type NewCustomer = z.infer<typeof NewCustomer>

export const CustomerChange = z.strictObject({
  /** The version the change was made over. */
  version: z.int(),
  values: Entries,
})
export type CustomerChange = z.infer<typeof CustomerChange>

/** An unverified value, or an address typed in by hand, that an operator says is right. */
export const Confirmation = z.strictObject({ field: FieldName, value: Text })
export type Confirmation = z.infer<typeof Confirmation>

export const SuggestionAnswer = z.strictObject({
  field: FieldName,
  /** The suggestion's `raw` value: another one may have taken its place meanwhile. */
  value: Text,
  answer: z.enum(['accept', 'dismiss']),
})
export type SuggestionAnswer = z.infer<typeof SuggestionAnswer>

/** One change of one field. */
export const HistoryRow = z.object({
  id: z.string(),
  field: z.string(),
  title: z.string(),
  /** Empty: it was cleared. */
  value: z.string(),
  before: z.string(),
  source: Source,
  /** Absent: nobody, a feed. */
  operator: z.optional(z.object({ id: OperatorId, name: z.string() })),
  sessionId: z.optional(SessionId),
  at: Time,
})
export type HistoryRow = z.infer<typeof HistoryRow>

/** What deleting a customer takes with it. */
export const Removal = z.object({
  name: z.string(),
  sessions: z.int(),
  /** As many as the Communications tab shows, */
  communications: z.int(),
  /** with so many messages of customer, agent and operators. */
  messages: z.int(),
  files: z.int(),
  /** Sessions without a finish time: deleting asks for the name to be typed. */
  active: z.int(),
})
export type Removal = z.infer<typeof Removal>

export const RemovalOrder = z.strictObject({ name: z.optional(z.string().check(z.maxLength(200))) })
export type RemovalOrder = z.infer<typeof RemovalOrder>

// Two records that are one person: what a merge would do field by field, what was done, and how it ends.

import * as z from 'zod/mini'

import { FieldValue, Identity } from './customer.ts'
import { FieldName } from './fields.ts'
import { CustomerId } from './ids.ts'
import { Time } from './message.ts'

export const MergeId = z.string().check(z.regex(/^mrg_[0-9a-z]{26}$/))
export type MergeId = z.infer<typeof MergeId>

/** Whose value stays where both records have one. */
export const MergeSide = z.enum(['survivor', 'merged'])
export type MergeSide = z.infer<typeof MergeSide>

/** What the operator decides otherwise, by field. */
export const MergeChoices = z.record(FieldName, MergeSide)
export type MergeChoices = z.infer<typeof MergeChoices>

/**
 * Why a value stays. `only`: the other record has none. `same`: both have it. `older`: of two it is
 * the older record's. `confirmed`: the other was only said in a conversation. `chosen`: by a person.
 */
export const MergeReason = z.enum(['only', 'same', 'older', 'confirmed', 'chosen'])
export type MergeReason = z.infer<typeof MergeReason>

export const MergeField = z.object({
  field: z.string(),
  title: z.string(),
  survivor: z.nullable(z.pick(FieldValue, { value: true, source: true, verified: true, at: true })),
  merged: z.nullable(z.pick(FieldValue, { value: true, source: true, verified: true, at: true })),
  winner: MergeSide,
  reason: MergeReason,
  /** Both have a value, and the values differ: here a person may choose. */
  conflict: z.boolean(),
})
export type MergeField = z.infer<typeof MergeField>

const Side = z.object({
  id: CustomerId,
  name: z.string(),
  createdAt: Time,
  sessions: z.int(),
  campaigns: z.int(),
})

/** What a merge would give. Nothing is written by asking. */
export const MergePreview = z.object({
  /** The older record: it stays, under its id. */
  survivor: Side,
  merged: Side,
  /** All of both: none is lost. */
  identities: z.array(z.extend(Identity, { from: z.enum(['survivor', 'merged', 'both']) })),
  fields: z.array(MergeField),
  /** Campaigns both took part in: one row of each stays, the one that has come further. */
  sharedCampaigns: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Why it can't be done: `different-external-ids`, or nothing. */
  refusal: z.nullable(z.enum(['different-external-ids', 'too-large'])),
})
export type MergePreview = z.infer<typeof MergePreview>

export const NewMerge = z.strictObject({ with: CustomerId, choices: z.optional(MergeChoices) })
export type NewMerge = z.infer<typeof NewMerge>

export const Merged = z.object({ mergeId: MergeId, customerId: CustomerId })
export type Merged = z.infer<typeof Merged>

/** A merge as the surviving record's history shows it. */
export const MergeRow = z.object({
  id: MergeId,
  at: Time,
  /** `operator:opr_…`, or the upload's. */
  actor: z.string(),
  cause: z.enum(['operator', 'upload']),
  survivor: z.object({ id: CustomerId, name: z.string() }),
  merged: z.object({ id: CustomerId, name: z.string() }),
  undoneAt: z.nullable(Time),
  /** The later merge that has to be undone first; `null`: this one can be undone now. */
  blockedBy: z.nullable(MergeId),
})
export type MergeRow = z.infer<typeof MergeRow>

export const Unmerged = z.object({ survivorId: CustomerId, restoredId: CustomerId })
export type Unmerged = z.infer<typeof Unmerged>

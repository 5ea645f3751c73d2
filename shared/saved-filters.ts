// Filters kept under a name: one's own, and those shared with the colleagues.

import * as z from 'zod/mini'

import { Filter } from './filters.ts'
import { FilterId, OperatorId } from './ids.ts'
import { Time } from './message.ts'

const Name = z.string().check(z.trim(), z.minLength(1), z.maxLength(80))

export const SavedFilter = z.object({
  id: FilterId,
  name: z.string(),
  filter: Filter,
  owner: z.object({ id: OperatorId, name: z.string() }),
  shared: z.boolean(),
  /** The list opens with it, for its owner. */
  isDefault: z.boolean(),
  updatedAt: Time,
})
export type SavedFilter = z.infer<typeof SavedFilter>

export const NewSavedFilter = z.strictObject({
  name: Name,
  filter: Filter,
  shared: z.optional(z.boolean()),
  isDefault: z.optional(z.boolean()),
})
export type NewSavedFilter = z.infer<typeof NewSavedFilter>

export const SavedFilterChange = z.strictObject({
  name: z.optional(Name),
  filter: z.optional(Filter),
  shared: z.optional(z.boolean()),
  isDefault: z.optional(z.boolean()),
})
export type SavedFilterChange = z.infer<typeof SavedFilterChange>

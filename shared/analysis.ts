// Deep Analysis: what is measured in conversations, and the runs that measure it.

import * as z from 'zod/mini'

import { ChannelKind } from './channel.ts'
import { FieldName, FieldType } from './fields.ts'
import { AgentId } from './ids.ts'
import { Time } from './message.ts'

export const RunId = z.string().check(z.regex(/^run_[0-9a-z]{26}$/))
export type RunId = z.infer<typeof RunId>

const Title = z.string().check(z.trim(), z.minLength(1), z.maxLength(60))
const Prompt = z.string().check(z.trim(), z.minLength(1), z.maxLength(4_000))
const Options = z.array(Title).check(z.minLength(1), z.maxLength(100))

/** Equal to a customer field's Field Name, the id is where the result is written. */
export const Metric = z.object({
  id: FieldName,
  title: z.string(),
  prompt: z.string(),
  type: FieldType,
  options: z.array(z.string()),
  /** Whether a customer field of this name exists: otherwise a run writes nothing of it. */
  feeds: z.boolean(),
})
export type Metric = z.infer<typeof Metric>

export const NewMetric = z.strictObject({
  id: FieldName,
  title: Title,
  prompt: Prompt,
  type: FieldType,
  options: z.optional(Options),
})
export type NewMetric = z.infer<typeof NewMetric>

export const MetricChange = z.strictObject({
  title: z.optional(Title),
  prompt: z.optional(Prompt),
  options: z.optional(Options),
})
export type MetricChange = z.infer<typeof MetricChange>

/** Which sessions a run reads; all of them that hold. */
export const RunFilter = z.strictObject({
  agentId: z.optional(AgentId),
  channel: z.optional(ChannelKind),
  from: z.optional(Time),
  to: z.optional(Time),
  /** `customer-service`: those of no campaign. */
  campaign: z.optional(z.string().check(z.maxLength(60))),
})
export type RunFilter = z.infer<typeof RunFilter>

export const NewRun = z.strictObject({
  metrics: z.array(FieldName).check(z.minLength(1), z.maxLength(20)),
  /** Whose model does the reading. */
  agentId: AgentId,
  filter: RunFilter,
  /** A dry run reads and counts, and writes nothing. */
  dry: z.boolean(),
})
export type NewRun = z.infer<typeof NewRun>

/** What became of one metric, customer by customer. A dry run counts as if it wrote. */
export const MetricCounts = z.object({
  /** Where there was no value. */
  new: z.int(),
  /** In the place of another. */
  changed: z.int(),
  /** Beside one that is worth more: a person's, or an upload's. */
  suggested: z.int(),
  /** As it was before. */
  same: z.int(),
  /** Values that did not fit the field's type or options: left out. */
  unfit: z.int(),
  /** Of a metric that feeds no field: written nowhere. */
  unfed: z.int(),
})
export type MetricCounts = z.infer<typeof MetricCounts>

export const RunCounts = z.object({
  /** The sessions that the filter keeps. */
  total: z.int(),
  read: z.int(),
  /** Not read: newer sessions of the customer have given every metric. */
  passed: z.int(),
  /** Not there any more. */
  skipped: z.int(),
  /** At which the model has failed. */
  failed: z.int(),
  metrics: z.record(z.string(), MetricCounts),
})
export type RunCounts = z.infer<typeof RunCounts>

export const RunLine = z.object({ at: Time, text: z.string() })
export type RunLine = z.infer<typeof RunLine>

export const RunState = z.enum(['running', 'done', 'cancelled', 'failed'])
export type RunState = z.infer<typeof RunState>

export const AnalysisRun = z.object({
  id: RunId,
  metrics: z.array(z.string()),
  agentId: AgentId,
  filter: RunFilter,
  dry: z.boolean(),
  state: RunState,
  counts: RunCounts,
  log: z.array(RunLine),
  createdAt: Time,
  updatedAt: Time,
})
export type AnalysisRun = z.infer<typeof AnalysisRun>

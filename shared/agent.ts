// Connections and agents as the settings show them.

import * as z from 'zod/mini'

import { ChannelKind } from './channel.ts'
import { AgentId, ConnectionId } from './ids.ts'
import { Time } from './message.ts'
import { Name } from './tenant.ts'

/** A connection as it may be read: never its secrets, only which of them are set. */
export const Connection = z.object({
  id: ConnectionId,
  name: z.string(),
  channel: ChannelKind,
  state: z.enum(['running', 'stopped', 'error']),
  /** The parts of its configuration that are no secret. */
  settings: z.record(z.string(), z.string()),
  /** The names of the secrets that are set. */
  secrets: z.array(z.string()),
  baseUrl: z.nullable(z.string()),
  hookUrl: z.string(),
  agents: z.array(z.object({ id: AgentId, name: z.string(), running: z.boolean() })),
  lastEventAt: z.nullable(Time),
  lastError: z.nullable(z.string()),
})
export type Connection = z.infer<typeof Connection>

export const NewConnection = z.strictObject({
  name: Name,
  channel: ChannelKind,
  /** Settings and secrets by name; which there are, the channel says (`GET /api/channels`). */
  config: z.record(z.string().check(z.maxLength(60)), z.string().check(z.maxLength(4096))),
  baseUrl: z.optional(z.nullable(z.string().check(z.maxLength(500)))),
})
export type NewConnection = z.infer<typeof NewConnection>

export const ConnectionChange = z.strictObject({
  name: z.optional(Name),
  state: z.optional(z.enum(['running', 'stopped'])),
  config: z.optional(
    z.record(z.string().check(z.maxLength(60)), z.string().check(z.maxLength(4096))),
  ),
  baseUrl: z.optional(z.nullable(z.string().check(z.maxLength(500)))),
})
export type ConnectionChange = z.infer<typeof ConnectionChange>

/** What a channel asks to be connected: the form is drawn from this. */
export const ChannelInfo = z.object({
  kind: ChannelKind,
  title: z.string(),
  fields: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      secret: z.boolean(),
      required: z.boolean(),
      help: z.optional(z.string()),
    }),
  ),
})
export type ChannelInfo = z.infer<typeof ChannelInfo>

/** A field the agent collects in a conversation. */
export const ResultField = z.strictObject({
  name: z.string().check(z.regex(/^[a-z0-9_]{1,60}$/)),
  label: Name,
  type: z.enum(['text', 'number', 'date', 'enum', 'boolean']),
  options: z.optional(z.array(Name).check(z.maxLength(50))),
})
export type ResultField = z.infer<typeof ResultField>

/** When the agent asks for a person by itself. */
export const Handoff = z.strictObject({
  /** Whether the agent may hand over at all, on request or by condition. */
  allowed: z.boolean(),
  /** Phrases by which a customer asks for a person, besides the built-in ones. */
  phrases: z.array(z.string().check(z.minLength(2), z.maxLength(120))).check(z.maxLength(50)),
  /** Phrases that hand over by themselves: «refund», «complaint». */
  triggers: z.array(z.string().check(z.minLength(2), z.maxLength(120))).check(z.maxLength(50)),
  /** The same in words, for a language model. */
  condition: z.string().check(z.maxLength(2000)),
  /** Hand over after so many answers in a row the agent had nothing to say to; 0 never. */
  afterFailures: z.int().check(z.gte(0), z.lte(20)),
})
export type Handoff = z.infer<typeof Handoff>

/** Which model answers: the built-in rules, any OpenAI-compatible endpoint, or Workers AI. */
export const ModelChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rules') }),
  z.strictObject({
    kind: z.literal('openai'),
    baseUrl: z.string().check(z.maxLength(500)),
    model: z.string().check(z.minLength(1), z.maxLength(120)),
  }),
  z.strictObject({
    kind: z.literal('workers-ai'),
    model: z.string().check(z.minLength(1), z.maxLength(120)),
  }),
])
export type ModelChoice = z.infer<typeof ModelChoice>

const agentShape = {
  name: Name,
  /** What the agent is told: who it is, what it knows, how it speaks. Rules: «question = answer» lines. */
  instructions: z.string().check(z.maxLength(20_000)),
  model: ModelChoice,
  resultFields: z.array(ResultField).check(z.maxLength(50)),
  handoff: Handoff,
  /** Whether it drafts when a person has the conversation in copilot mode. */
  copilot: z.boolean(),
  connections: z.array(ConnectionId).check(z.maxLength(100)),
}
export const Agent = z.object({
  ...agentShape,
  id: AgentId,
  running: z.boolean(),
  /** Whether a key for its model is set; the key itself is never read back. */
  modelKeySet: z.boolean(),
})
export type Agent = z.infer<typeof Agent>

export const NewAgent = z.strictObject({
  ...agentShape,
  modelKey: z.optional(z.string().check(z.maxLength(500))),
})
export type NewAgent = z.infer<typeof NewAgent>

export const AgentChange = z.extend(z.partial(NewAgent), { running: z.optional(z.boolean()) })
export type AgentChange = z.infer<typeof AgentChange>

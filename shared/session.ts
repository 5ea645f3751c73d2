// The vocabulary of a session: its facts, the state they fold into, and the fold itself.
// The log stores the facts, the projection reads them, the socket carries them, the panel folds them.

import * as z from 'zod/mini'

import { ChannelKind } from './channel.ts'
import { AgentId, ConnectionId, CustomerId, MessageId, type FileId } from './ids.ts'
import {
  Attachment,
  DeliveryStatus,
  Draft,
  Message,
  movesForward,
  Note,
  Person,
  Text,
  Time,
  type DeliveryStep,
} from './message.ts'

/** Who controls the conversation. `copilot`: a person sends, the agent only drafts. */
export const Mode = z.enum(['ai', 'human', 'copilot'])
export type Mode = z.infer<typeof Mode>

export const Initiator = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('customer') }),
  z.object({ kind: z.literal('agent') }),
  z.object({ kind: z.literal('operator'), person: Person }),
])
export type Initiator = z.infer<typeof Initiator>

/** Why a session was handed over: an operator clicked, the agent decided, or the customer asked. */
export const HandoverCause = z.enum(['operator', 'auto', 'customer'])
export type HandoverCause = z.infer<typeof HandoverCause>

export const Value = z.union([z.string(), z.number(), z.boolean()])
export type Value = z.infer<typeof Value>

/** A contact detail the agent may learn from what a customer says. */
export const LearntField = z.enum(['name', 'email', 'phone'])
export type LearntField = z.infer<typeof LearntField>

/** Where a web visitor is, as the edge saw it when the session began. */
export const Visit = z.object({
  ip: z.optional(z.string()),
  country: z.optional(z.string()),
  city: z.optional(z.string()),
  isMobile: z.optional(z.boolean()),
})
export type Visit = z.infer<typeof Visit>

const customerRef = z.object({ id: CustomerId, name: z.string() })

/** Every fact that can hold of a session: what happened, its place in the log, its time. */
export const Fact = z.discriminatedUnion('type', [
  fact('session/opened', {
    customer: customerRef,
    /** Names the customer's thread on the connection. */
    address: z.string(),
    /** The same address as a person reads it. */
    contact: z.string(),
    connectionId: ConnectionId,
    channel: ChannelKind,
    agent: z.object({ id: AgentId, name: z.string() }),
    initiator: Initiator,
    parameters: z.record(z.string(), Value),
    visit: z.optional(Visit),
  }),
  fact('message/received', { message: Message }),
  fact('message/edited', { messageId: MessageId, text: Text }),
  fact('message/deleted', { messageId: MessageId }),
  fact('attachment/changed', { messageId: MessageId, attachment: Attachment }),
  fact('reaction/changed', {
    messageId: MessageId,
    /** Empty: the customer took it back. */
    emoji: z.string(),
  }),
  fact('message/sent', {
    message: Message,
    /** The control under which it was decided. An agent's message of an older one is never sent. */
    epoch: z.int(),
  }),
  /** An answer of the agent that control overtook before it left: it becomes a draft. */
  fact('message/withdrawn', { messageId: MessageId, draft: Draft }),
  fact('delivery/changed', {
    messageId: MessageId,
    status: DeliveryStatus,
    /** The provider's time; `at` is ours. */
    providerAt: z.optional(Time),
    note: z.optional(z.string()),
  }),
  fact('note/added', { note: Note }),
  fact('draft/suggested', { draft: Draft }),
  fact('handover/requested', {
    cause: HandoverCause,
    person: z.optional(Person),
    reason: z.string(),
  }),
  fact('takeover/begun', { person: Person }),
  fact('operator/assigned', {
    person: Person,
    /** Absent: they took it themselves, or it happened by itself. */
    by: z.optional(Person),
  }),
  fact('mode/changed', { mode: z.enum(['human', 'copilot']), person: Person }),
  fact('contact/learnt', { field: LearntField, value: z.string(), messageId: MessageId }),
  fact('customer/renamed', { name: z.string() }),
  fact('results/collected', { results: z.record(z.string(), Value) }),
  fact('summary/written', { text: z.string() }),
  fact('session/resolved', {
    /** Absent: it ended by itself. */
    person: z.optional(Person),
    status: z.string(),
  }),
])
export type Fact = z.infer<typeof Fact>

/** A fact before the log has given it its place and time. */
export type NewFact = Fact extends infer One
  ? One extends Fact
    ? Omit<One, 'seq' | 'at'>
    : never
  : never

/** One thing in the conversation, in order, as the renderer draws it. */
export type Entry =
  | {
      readonly kind: 'message'
      readonly seq: number
      readonly at: number
      readonly message: ShownMessage
    }
  | { readonly kind: 'note'; readonly seq: number; readonly at: number; readonly note: Note }
  | {
      readonly kind: 'draft'
      readonly seq: number
      readonly at: number
      readonly draft: Draft
      readonly superseded: boolean
    }
  | { readonly kind: 'marker'; readonly seq: number; readonly at: number; readonly marker: Marker }

/** A message with what has happened to it since. */
export interface ShownMessage extends Message {
  /** Every step of an outbound message, oldest first; empty for a customer's. */
  readonly delivery: readonly DeliveryStep[]
  readonly reaction: string
  readonly edited: boolean
  readonly deleted: boolean
}

/** The centred grey lines. */
export type Marker =
  | { readonly type: 'started'; readonly initiator: Initiator }
  | { readonly type: 'transferred' }
  | { readonly type: 'assigned'; readonly person: Person; readonly by?: Person }
  | { readonly type: 'resolved'; readonly person?: Person }

/** How the session began: the first fact, without its place in the log. */
export type Opened = Omit<Extract<Fact, { type: 'session/opened' }>, 'type' | 'seq'>

export interface SessionState {
  /** The place of the last fact folded; 0 before the first. */
  readonly seq: number
  /** Absent until `session/opened`. */
  readonly opened?: Opened
  readonly mode: Mode
  /** Raised by every change of control. */
  readonly epoch: number
  readonly operator?: Person
  /** Why a person was asked for, the last time. */
  readonly handover?: {
    readonly cause: HandoverCause
    readonly reason: string
    readonly at: number
  }
  /** Since when nobody has accepted; absent while somebody has it or the agent does. */
  readonly waitingSince?: number
  readonly entries: readonly Entry[]
  /** Messages of customer, agent and operators; markers, drafts and notes don't count. */
  readonly messageCount: number
  readonly lastMessageAt?: number
  /** The last time the customer wrote: what reply windows count from. */
  readonly lastInboundAt?: number
  readonly learnt: Readonly<Partial<Record<LearntField, string>>>
  readonly results: Readonly<Record<string, Value>>
  readonly summary?: string
  readonly finishedAt?: number
  readonly status: string
}

export const emptySession: SessionState = {
  seq: 0,
  mode: 'ai',
  epoch: 0,
  entries: [],
  messageCount: 0,
  learnt: {},
  results: {},
  status: 'open',
}

/** An open session: it has begun and has no finish time. */
export function isActive(state: SessionState): boolean {
  return state.opened !== undefined && state.finishedAt === undefined
}

/**
 * Folds one fact into the state. Worker and panel both call it, so they can't disagree.
 * A fact already folded changes nothing: sockets may repeat themselves.
 */
export function evolve(state: SessionState, fact: Fact): SessionState {
  if (fact.seq <= state.seq) return state
  return { ...change(state, fact), seq: fact.seq }
}

function change(state: SessionState, fact: Fact): SessionState {
  switch (fact.type) {
    case 'session/opened': {
      const { type: _type, seq: _seq, ...opened } = fact
      return withMarker({ ...state, opened }, fact, { type: 'started', initiator: fact.initiator })
    }
    case 'message/received':
      return withMessage({ ...supersede(state), lastInboundAt: fact.at }, fact, fact.message, [])
    case 'message/sent': {
      const byPerson = fact.message.author.kind === 'operator'
      return withMessage(byPerson ? supersede(state) : state, fact, fact.message, [
        { status: 'queued', at: fact.at },
      ])
    }
    case 'message/edited':
      return editMessage(state, fact.messageId, (message) => ({
        ...message,
        text: fact.text,
        edited: true,
      }))
    case 'message/deleted':
      return editMessage(state, fact.messageId, (message) => ({
        ...message,
        text: '',
        attachments: [],
        places: [],
        contacts: [],
        deleted: true,
      }))
    case 'attachment/changed':
      return editMessage(state, fact.messageId, (message) => ({
        ...message,
        attachments: message.attachments.map((one) =>
          one.id === fact.attachment.id ? fact.attachment : one,
        ),
      }))
    case 'reaction/changed':
      return editMessage(state, fact.messageId, (message) => ({ ...message, reaction: fact.emoji }))
    case 'message/withdrawn': {
      const { seq, at, draft, messageId } = fact
      const kept = state.entries.filter(
        (entry) => entry.kind !== 'message' || entry.message.id !== messageId,
      )
      return withEntry(
        { ...state, entries: kept, messageCount: state.messageCount - 1 },
        { kind: 'draft', seq, at, draft, superseded: false },
      )
    }
    case 'delivery/changed':
      return editMessage(state, fact.messageId, (message) => {
        const { status, note } = fact
        const now = message.delivery.at(-1)?.status ?? 'queued'
        if (!movesForward(now, status)) return message
        const step = { status, at: fact.providerAt ?? fact.at, ...(note ? { note } : {}) }
        return { ...message, delivery: [...message.delivery, step] }
      })
    case 'note/added':
      return withEntry(state, { kind: 'note', seq: fact.seq, at: fact.at, note: fact.note })
    case 'draft/suggested':
      return withEntry(supersede(state), {
        kind: 'draft',
        seq: fact.seq,
        at: fact.at,
        draft: fact.draft,
        superseded: false,
      })
    case 'handover/requested': {
      const { cause, reason, at } = fact
      const left = leaveAi(state, fact, 'human')
      return { ...left, handover: { cause, reason, at }, waitingSince: at }
    }
    case 'takeover/begun':
      return leaveAi(state, fact, 'copilot')
    case 'operator/assigned': {
      const { person, by } = fact
      const { waitingSince: _over, ...rest } = state
      const assigned = { ...rest, operator: person, epoch: state.epoch + 1 }
      return withMarker(assigned, fact, { type: 'assigned', person, ...(by ? { by } : {}) })
    }
    case 'mode/changed':
      return { ...state, mode: fact.mode, epoch: state.epoch + 1 }
    case 'contact/learnt':
      return { ...state, learnt: { ...state.learnt, [fact.field]: fact.value } }
    case 'customer/renamed':
      return state.opened
        ? {
            ...state,
            opened: { ...state.opened, customer: { ...state.opened.customer, name: fact.name } },
          }
        : state
    case 'results/collected':
      return { ...state, results: { ...state.results, ...fact.results } }
    case 'summary/written':
      return { ...state, summary: fact.text }
    case 'session/resolved': {
      const { person, status, at } = fact
      const { waitingSince: _over, ...rest } = supersede(state)
      const ended = { ...rest, finishedAt: at, status, epoch: state.epoch + 1 }
      return withMarker(ended, fact, { type: 'resolved', ...(person ? { person } : {}) })
    }
  }
}

function leaveAi(state: SessionState, fact: Fact, mode: Mode): SessionState {
  const next = { ...state, mode, epoch: state.epoch + 1 }
  return state.mode === 'ai' ? withMarker(next, fact, { type: 'transferred' }) : next
}

function withEntry(state: SessionState, entry: Entry): SessionState {
  return { ...state, entries: [...state.entries, entry] }
}

function withMarker(state: SessionState, { seq, at }: Fact, marker: Marker): SessionState {
  return withEntry(state, { kind: 'marker', seq, at, marker })
}

function withMessage(
  state: SessionState,
  { seq, at }: Fact,
  message: Message,
  delivery: readonly DeliveryStep[],
): SessionState {
  const shown = { ...message, delivery, reaction: '', edited: false, deleted: false }
  const counted = { ...state, messageCount: state.messageCount + 1, lastMessageAt: at }
  return withEntry(counted, { kind: 'message', seq, at, message: shown })
}

/** A draft is for what was said last; once more is said, it is only history. */
function supersede(state: SessionState): SessionState {
  if (!state.entries.some((entry) => entry.kind === 'draft' && !entry.superseded)) return state
  return {
    ...state,
    entries: state.entries.map((entry) =>
      entry.kind === 'draft' && !entry.superseded ? { ...entry, superseded: true } : entry,
    ),
  }
}

function editMessage(
  state: SessionState,
  id: MessageId,
  edit: (message: ShownMessage) => ShownMessage,
): SessionState {
  // From the end: what changes is nearly always recent.
  const index = state.entries.findLastIndex(
    (entry) => entry.kind === 'message' && entry.message.id === id,
  )
  const entry = state.entries[index]
  if (entry?.kind !== 'message') return state
  return {
    ...state,
    entries: state.entries.with(index, { ...entry, message: edit(entry.message) }),
  }
}

export function messageOf(state: SessionState, id: MessageId): ShownMessage | undefined {
  const entry = state.entries.findLast((one) => one.kind === 'message' && one.message.id === id)
  return entry?.kind === 'message' ? entry.message : undefined
}

export function attachmentOf(state: SessionState, id: FileId): Attachment | undefined {
  for (const entry of state.entries) {
    if (entry.kind !== 'message') continue
    const found = entry.message.attachments.find((one) => one.id === id)
    if (found) return found
  }
  return undefined
}

function fact<Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) {
  return z.object({ type: z.literal(type), seq: z.int(), at: Time, ...shape })
}

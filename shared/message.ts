// What is said: messages the customer can see, and what only operators see. Three types, so that
// a note or a draft can never be handed to a sender.

import * as z from 'zod/mini'

import { DraftId, FileId, MessageId, NoteId, OperatorId } from './ids.ts'

/** The longest text anyone may send or receive here; channels have shorter limits of their own. */
export const longestText = 10_000
export const Text = z.string().check(z.maxLength(longestText))
/** A moment in milliseconds since 1970, UTC. */
export const Time = z.int()

/** An operator by id and name, as they were when the thing happened. */
export const Person = z.object({ id: OperatorId, name: z.string() })
export type Person = z.infer<typeof Person>

export const Author = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('customer') }),
  z.object({ kind: z.literal('agent'), name: z.string() }),
  z.object({ kind: z.literal('operator'), person: Person }),
])
export type Author = z.infer<typeof Author>

/** How far an outbound message has come. `unknown`: the provider may or may not have it. */
export const DeliveryStatus = z.enum([
  'queued',
  'sending',
  'unknown',
  'sent',
  'delivered',
  'read',
  'failed',
])
export type DeliveryStatus = z.infer<typeof DeliveryStatus>

const rank: Record<DeliveryStatus, number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  failed: 3,
  sent: 4,
  delivered: 5,
  read: 6,
}

/**
 * Whether a status says more than the one before it. Providers repeat and reorder; a status only
 * moves forward. A failure ends `queued` to `unknown`, and `sent` too, but a later proof of
 * delivery wins over it: the customer has the message, whatever was said before.
 */
export function movesForward(from: DeliveryStatus, to: DeliveryStatus): boolean {
  if (to === 'failed') return from !== 'failed' && from !== 'delivered' && from !== 'read'
  if (from === 'failed') return to === 'delivered' || to === 'read'
  return rank[to] > rank[from]
}

/** One step of a delivery. `at` is the provider's time where it gives one. */
export const DeliveryStep = z.object({
  status: DeliveryStatus,
  at: Time,
  /** The provider's own words, when it gave any. */
  note: z.optional(z.string()),
})
export type DeliveryStep = z.infer<typeof DeliveryStep>

export const AttachmentKind = z.enum(['image', 'audio', 'video', 'file', 'sticker'])
export type AttachmentKind = z.infer<typeof AttachmentKind>

/** A file in a message. It is shown only once it is `ready`: fetched, sniffed and kept by us. */
export const Attachment = z.object({
  id: FileId,
  kind: AttachmentKind,
  name: z.string().check(z.maxLength(255)),
  /** The sniffed media type once ready; what the provider claimed before. */
  type: z.string().check(z.maxLength(127)),
  size: z.optional(z.int()),
  state: z.enum(['pending', 'ready', 'failed']),
  /** Why it failed, in words for an operator. */
  note: z.optional(z.string()),
})
export type Attachment = z.infer<typeof Attachment>

export const Place = z.object({
  latitude: z.number(),
  longitude: z.number(),
  name: z.optional(z.string()),
  address: z.optional(z.string()),
})
export type Place = z.infer<typeof Place>

/** A contact card a customer has sent. A claim about somebody, proof of nothing. */
export const ContactCard = z.object({
  name: z.string(),
  phones: z.array(z.string()),
  emails: z.array(z.string()),
})
export type ContactCard = z.infer<typeof ContactCard>

export const QuickReply = z.object({
  title: z.string().check(z.minLength(1), z.maxLength(60)),
  /** What comes back when it is chosen; the title where it is left out. */
  payload: z.optional(z.string().check(z.maxLength(256))),
})
export type QuickReply = z.infer<typeof QuickReply>

/** What a message says, by whoever. */
const content = {
  text: Text,
  attachments: z.array(Attachment),
  places: z.array(Place),
  contacts: z.array(ContactCard),
  quickReplies: z.array(QuickReply),
  /** The payload of the button or list entry the customer chose; `text` holds its title. */
  chosen: z.optional(z.string()),
  /** The message this one answers. */
  replyTo: z.optional(MessageId),
  /** What the channel says it was, when we can't show it: «order», «poll». */
  unsupported: z.optional(z.string()),
}

export const Message = z.object({
  id: MessageId,
  author: Author,
  ...content,
  at: Time,
})
export type Message = z.infer<typeof Message>

/** What only operators see. Not a message: it has no author a customer could know. */
export const Note = z.object({ id: NoteId, person: Person, text: Text, at: Time })
export type Note = z.infer<typeof Note>

/** What the copilot suggests. Not a message: no sender takes it. */
export const Draft = z.object({
  id: DraftId,
  agentName: z.string(),
  text: Text,
  at: Time,
  /** Why it is a draft: the agent only drafts here, or its answer came after the handover. */
  cause: z.enum(['copilot', 'late-answer']),
})
export type Draft = z.infer<typeof Draft>

/** A message with nothing in it but text; the rest is added by who needs it. */
export function plainMessage(id: MessageId, author: Author, text: string, at: number): Message {
  return { id, author, text, at, attachments: [], places: [], contacts: [], quickReplies: [] }
}

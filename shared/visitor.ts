// What a visitor's widget and the thread say to each other on the live line.

import * as z from 'zod/mini'

import { AttachmentKind, QuickReply, Time } from './message.ts'

export const VisitorFile = z.object({
  id: z.string(),
  kind: AttachmentKind,
  name: z.string(),
  type: z.string(),
  size: z.optional(z.int()),
})
export type VisitorFile = z.infer<typeof VisitorFile>

/** One message as the visitor sees it. `n` is its place: a widget asks for what came after. */
export const VisitorLine = z.object({
  n: z.int(),
  /** The widget's own id for what the visitor wrote, ours for the rest. */
  id: z.string(),
  by: z.enum(['customer', 'us']),
  author: z.optional(z.string()),
  text: z.string(),
  files: z.array(VisitorFile),
  quickReplies: z.array(QuickReply),
  at: Time,
})
export type VisitorLine = z.infer<typeof VisitorLine>

export const VisitorNews = z.object({ lines: z.array(VisitorLine) })
export type VisitorNews = z.infer<typeof VisitorNews>

/** How far the widget has taken in, and how far the visitor has seen. */
export const VisitorSays = z.union([
  z.object({ seen: z.int().check(z.gte(0)) }),
  z.object({ read: z.int().check(z.gte(0)) }),
])
export type VisitorSays = z.infer<typeof VisitorSays>

/** The subprotocol a widget asks for; its token is the second one it names. */
export const visitorProtocol = 'alongside-visitor'

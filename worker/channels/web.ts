// The web widget: our own wire, spoken by the script that a website carries.

import { sameText } from '../base/crypto.ts'
import * as z from 'zod/mini'

import { AttachmentKind } from '../../shared/message.ts'
import { SendError, type Channel, type Config, type Envelope, type Inbound } from './channel.ts'
import { List, read, readJson } from './lib/envelope.ts'
import {
  claimsOf,
  isRemembered,
  letsIn,
  newToken,
  newVisitor,
  signedClaims,
  type Claims,
} from './lib/visitor-token.ts'

const mostEvents = 20
const mostFiles = 10
const mostParameters = 50
const textLength = 8000

const EventId = z.string().check(z.regex(/^[\w-]{1,64}$/))
const Target = z.string().check(z.minLength(1), z.maxLength(200))

const Parameters = z
  .record(
    z.string().check(z.minLength(1), z.maxLength(60)),
    z.union([z.string().check(z.maxLength(1000)), z.number(), z.boolean()]),
  )
  .check(z.refine((all) => Object.keys(all).length <= mostParameters))

const SentFile = z.object({
  /** What the upload answered. */
  ref: z.string().check(z.minLength(1), z.maxLength(200)),
  kind: AttachmentKind,
  name: z.string().check(z.minLength(1), z.maxLength(255)),
  type: z.string().check(z.minLength(1), z.maxLength(127)),
  size: z.optional(z.int().check(z.gte(0))),
})

/** One thing a visitor does. The id is the widget's, so that a repeated request acts once. */
const VisitorEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: EventId,
    text: z.optional(z.string().check(z.maxLength(textLength))),
    files: z.optional(z.array(SentFile).check(z.maxLength(mostFiles))),
    chosen: z.optional(z.string().check(z.maxLength(256))),
    replyTo: z.optional(Target),
    /** What the website says of the visit; rides with the first message. */
    parameters: z.optional(Parameters),
    /** What the website calls the visitor. */
    name: z.optional(z.string().check(z.trim(), z.maxLength(120))),
    at: z.optional(z.int()),
  }),
  z.object({
    type: z.literal('reaction'),
    id: EventId,
    target: Target,
    emoji: z.string().check(z.maxLength(32)),
  }),
])
type VisitorEvent = z.infer<typeof VisitorEvent>

const Body = z.object({ events: List })

export const web: Channel = {
  kind: 'web',
  baseUrl: '',
  limits: { textLength, quickReplies: 10, quickReplyLength: 60 },
  fields: [
    {
      name: 'allowedOrigins',
      title: 'Allowed websites',
      secret: false,
      required: true,
      help: 'https://www.example.com, several with spaces between; * for every website.',
    },
    {
      name: 'widgetKey',
      title: 'Widget key',
      secret: false,
      required: false,
      generated: true,
      help: 'Stands in the page, so it is no secret.',
    },
    {
      name: 'signingSecret',
      title: 'Signing secret',
      secret: true,
      required: false,
      generated: true,
      help: 'Signs visitors’ tokens. A new one makes every visitor a new one.',
    },
  ],

  visitor: {
    async admit(config, { key: pageKey, token, now }) {
      if (!(await sameText(pageKey, config['widgetKey'] ?? ''))) return undefined
      const key = keyOf(config)
      // Without a secret anybody could sign: such a connection was never made right.
      if (key === '') throw new Error('the connection has no signing secret')
      const known = token === undefined ? undefined : await signedClaims(key, token)
      const address = known && isRemembered(known, now) ? known.visitor : newVisitor()
      return { address, token: await newToken(key, address, now) }
    },

    async addressOf(config, token, now) {
      const claims = await signedClaims(keyOf(config), token)
      return claims && letsIn(claims, now) ? claims.visitor : undefined
    },

    allows(config, origin) {
      const allowed = (config['allowedOrigins'] ?? '').split(/\s+/).filter(Boolean)
      if (allowed.includes('*')) return true
      return origin !== null && allowed.some((one) => URL.parse(one)?.origin === origin)
    },
  },

  async verify(envelope, config) {
    const claims = await signedClaims(keyOf(config), bearerOf(envelope))
    return claims !== undefined && letsIn(claims, Date.now())
  },

  receive(envelope) {
    const claims = claimsOf(bearerOf(envelope))
    const events = read(Body, readJson(envelope.body))?.events ?? []
    if (!claims) return []
    return events.slice(0, mostEvents).flatMap((raw) => {
      const event = read(VisitorEvent, raw)
      return event ? inboundOf(event, claims, envelope) : []
    })
  },

  /** The line keeps the message for the visitor, connected or not; its id is our own. */
  async send(message, _config, { line }) {
    try {
      await line.show(message)
    } catch {
      throw new SendError('unreachable', 'The visitor’s line can’t be reached at the moment')
    }
    return { externalId: message.id }
  },
}

function inboundOf(event: VisitorEvent, { visitor }: Claims, { visit }: Envelope): Inbound[] {
  const base = { id: `${visitor}:${event.id}`, address: visitor }
  if (event.type === 'reaction') {
    return [{ ...base, type: 'reaction', target: event.target, emoji: event.emoji }]
  }
  const { text = '', files = [], chosen, replyTo, parameters, name, at } = event
  if (text.trim() === '' && files.length === 0 && chosen === undefined) return []
  return [
    {
      ...base,
      type: 'message',
      sender: {
        address: visitor,
        contact: visitor,
        name: name || `Visitor ${visitor.slice(-4)}`,
        identities: [{ kind: 'visitor', value: visitor, proof: 'channel' }],
        scoped: true,
      },
      externalId: event.id,
      text: text || (chosen ?? ''),
      files: files.map(({ size, ...file }) => (size === undefined ? file : { ...file, size })),
      places: [],
      contacts: [],
      sentAt: at ?? 0,
      ...(chosen === undefined ? {} : { chosen }),
      ...(replyTo ? { replyTo } : {}),
      ...(parameters ? { parameters } : {}),
      ...(visit ? { visit } : {}),
    },
  ]
}

function keyOf(config: Config): string {
  return config['signingSecret'] ?? ''
}

function bearerOf({ headers }: Envelope): string {
  return /^Bearer (\S+)$/.exec(headers.get('Authorization') ?? '')?.[1] ?? ''
}

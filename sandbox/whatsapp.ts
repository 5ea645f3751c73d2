// The sending side of WhatsApp's Cloud API, as far as the product uses it, and its reports.

import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'

import { answerOf, nextFault, silence } from './faults.ts'
import type { Hooks, Wait } from './hooks.ts'
import {
  addMessage,
  changeMessage,
  keepFile,
  newWamid,
  phoneAt,
  type Phone,
  type PhoneMessage,
  type SandboxConnection,
  type SandboxStore,
} from './store.ts'
import { whatsappStatus } from './wire.ts'

export interface Place {
  readonly store: SandboxStore
  readonly hooks: Hooks
  readonly now: () => number
  readonly wait: Wait
}

const day = 24 * 60 * 60 * 1000

const Text = (longest: number) => z.string().check(z.minLength(1), z.maxLength(longest))
const Media = z.object({
  id: z.string(),
  caption: z.optional(z.string().check(z.maxLength(1024))),
  filename: z.optional(z.string()),
})
const Button = z.object({
  type: z.literal('reply'),
  reply: z.object({ id: Text(256), title: Text(20) }),
})
const Row = z.object({ id: Text(200), title: Text(24), description: z.optional(Text(72)) })
const Body = z.object({ text: Text(1024) })

const common = {
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.optional(z.literal('individual')),
  to: z.optional(z.string()),
  recipient: z.optional(z.string()),
  context: z.optional(z.object({ message_id: z.string() })),
  biz_opaque_callback_data: z.optional(z.string().check(z.maxLength(512))),
}
const Send = z.discriminatedUnion('type', [
  z.object({ ...common, type: z.literal('text'), text: z.object({ body: Text(4096) }) }),
  z.object({ ...common, type: z.literal('image'), image: Media }),
  z.object({ ...common, type: z.literal('video'), video: Media }),
  z.object({ ...common, type: z.literal('audio'), audio: z.omit(Media, { caption: true }) }),
  z.object({ ...common, type: z.literal('document'), document: Media }),
  z.object({ ...common, type: z.literal('sticker'), sticker: z.omit(Media, { caption: true }) }),
  z.object({
    ...common,
    type: z.literal('interactive'),
    interactive: z.discriminatedUnion('type', [
      z.object({
        type: z.literal('button'),
        body: Body,
        action: z.object({ buttons: z.array(Button).check(z.minLength(1), z.maxLength(3)) }),
      }),
      z.object({
        type: z.literal('list'),
        body: Body,
        action: z.object({
          button: Text(20),
          sections: z
            .array(z.object({ title: z.optional(Text(24)), rows: z.array(Row) }))
            .check(z.minLength(1), z.maxLength(10)),
        }),
      }),
    ]),
  }),
])
type Send = z.infer<typeof Send>
const Read = z.object({ status: z.literal('read'), message_id: z.string() })

/** What Meta answers when it takes nothing. */
export function metaError(code: number, message: string, type = 'OAuthException') {
  return { error: { message: `(#${code}) ${message}`, type, code, fbtrace_id: 'Sandbox' } }
}

const usualErrors: Readonly<Record<number, object>> = {
  401: metaError(190, 'Error validating access token: it has expired'),
  429: metaError(130429, 'Rate limit hit'),
}

export function whatsappRoutes(place: Place) {
  const { store, wait } = place
  return new Hono()
    .post('/:version/:phoneNumberId/messages', async (c) => {
      const connection = connectionOf(store, c, c.req.param('phoneNumberId'))
      if (connection instanceof Response) return connection
      const fault = await nextFault(store, connection.id, wait)
      const broken = answerOf(
        fault,
        usualErrors[fault.status ?? 0] ?? metaError(131000, 'Something went wrong'),
      )
      if (broken) return broken
      const given: unknown = await c.req.json().catch(() => undefined)
      if (z.safeParse(Read, given).success) return c.json({ success: true })
      const sent = accept(place, connection, given)
      if (sent instanceof Response) return sent
      return fault.drop ? silence(c.req.raw) : c.json(sent)
    })
    .post('/:version/:phoneNumberId/media', async (c) => {
      const connection = connectionOf(store, c, c.req.param('phoneNumberId'))
      if (connection instanceof Response) return connection
      const form = await c.req.formData().catch(() => undefined)
      const file = form?.get('file')
      if (!(file instanceof File) || form?.get('messaging_product') !== 'whatsapp') {
        return c.json(metaError(100, 'The parameters messaging_product and file are required'), 400)
      }
      const bytes = new Uint8Array(await file.arrayBuffer())
      return c.json({ id: keepFile(store, connection.id, { ...nameOf(file), bytes }).id })
    })
    .get('/media/:fileId', (c) => {
      const file = store.files.get(c.req.param('fileId'))
      if (!file || !isAllowed(c, store.connections.get(file.connectionId))) return c.notFound()
      return c.body(file.bytes, 200, { 'Content-Type': file.type })
    })
    .get('/:version/:fileId', (c) => {
      const file = store.files.get(c.req.param('fileId'))
      if (!file)
        return c.json(metaError(100, 'Unsupported get request', 'GraphMethodException'), 400)
      if (!isAllowed(c, store.connections.get(file.connectionId))) return unauthorized(c)
      const url = c.req.url.replace(/\/v[^/]*\/[^/]*$/, `/media/${file.id}`)
      const { id, type, size } = file
      return c.json({ messaging_product: 'whatsapp', url, mime_type: type, file_size: size, id })
    })
}

/** The owner looks at the phone: what was not read is, and the sender is told. */
export function lookedAt({ hooks, now }: Place, connection: SandboxConnection, phone: Phone) {
  for (const message of phone.messages.filter(isUnread)) {
    changeMessage(phone, message.id, { status: 'read' })
    if (connection.channel === 'whatsapp') {
      hooks.follow(connection, statusOf(connection, phone, message, { status: 'read', at: now() }))
    }
  }
}

function isUnread({ by, status }: PhoneMessage): boolean {
  return by === 'us' && status !== 'read' && status !== 'failed'
}

function accept(place: Place, connection: SandboxConnection, given: unknown) {
  const { store, hooks, now } = place
  const parsed = z.safeParse(Send, given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const words = `Param ${issue?.path.join('.')} is not valid: ${issue?.message}`
    return Response.json(metaError(100, words), { status: 400 })
  }
  const send = parsed.data
  const address = send.to?.replace(/^\+/, '') ?? send.recipient
  const form = send.to === undefined ? /^[A-Z]{2}(\.[A-Za-z0-9]{1,128})+$/ : /^\d{5,15}$/
  if (!address || !form.test(address)) {
    return Response.json(metaError(100, 'The parameter to is required'), { status: 400 })
  }
  const said = saidBy(send, store)
  if (!said) {
    return Response.json(metaError(131009, 'Parameter value is not valid: no such media id'), {
      status: 400,
    })
  }

  const phone = phoneAt(store, connection.id, address, now())
  const id = newWamid()
  const errors = whyNot(phone, now())
  const message = addMessage(phone, {
    id,
    by: 'us',
    type: send.type,
    at: now(),
    status: errors ? 'failed' : 'delivered',
    ...said,
    ...(send.context ? { replyTo: send.context.message_id } : {}),
    ...(send.biz_opaque_callback_data ? { tracker: send.biz_opaque_callback_data } : {}),
  })
  for (const status of errors ? (['failed'] as const) : (['sent', 'delivered'] as const)) {
    const report = { status, at: now(), ...(errors ? { errors } : {}) }
    hooks.follow(connection, statusOf(connection, phone, message, report))
  }
  return {
    messaging_product: 'whatsapp',
    contacts: [{ input: address, wa_id: address }],
    messages: [{ id }],
  }
}

/** Why WhatsApp takes a message and does not deliver it. A phone never seen here may be a real one's. */
function whyNot(phone: Phone, now: number) {
  if (phone.blocked) {
    return [{ code: 131026, title: 'Message undeliverable', message: 'Message undeliverable' }]
  }
  if (phone.lastInboundAt === undefined || now - phone.lastInboundAt <= day) return undefined
  return [
    {
      code: 131047,
      title: 'Re-engagement message',
      message: 'Re-engagement message',
      error_data: {
        details: 'More than 24 hours have passed since the customer last replied to this number.',
      },
    },
  ]
}

function saidBy(
  send: Send,
  store: SandboxStore,
): Pick<PhoneMessage, 'text' | 'file' | 'buttons'> | undefined {
  if (send.type === 'text') return { text: send.text.body }
  if (send.type === 'interactive') {
    const { body, ...choice } = send.interactive
    const replies =
      choice.type === 'button'
        ? choice.action.buttons.map(({ reply }) => reply)
        : choice.action.sections.flatMap(({ rows }) => rows)
    const buttons = replies.map(({ id, title }) => ({ title, payload: id }))
    const isRight =
      replies.length <= 10 && new Set(replies.map(({ id }) => id)).size === replies.length
    return isRight ? { text: body.text, buttons } : undefined
  }
  const media: z.infer<typeof Media> = Object(send)[send.type]
  const file = store.files.get(media.id)
  if (!file) return undefined
  const { id, type, size } = file
  return { text: media.caption ?? '', file: { id, type, size, name: media.filename ?? file.name } }
}

function statusOf(
  connection: SandboxConnection,
  phone: Phone,
  { id, tracker }: PhoneMessage,
  report: Pick<Parameters<typeof whatsappStatus>[0], 'status' | 'at' | 'errors'>,
) {
  return whatsappStatus({
    phoneNumberId: connection.secrets['phoneNumberId'] ?? '',
    id,
    to: phone.address,
    ...report,
    ...(tracker ? { tracker } : {}),
  })
}

function connectionOf(store: SandboxStore, c: Context, phoneNumberId: string) {
  const found = [...store.connections.values()].filter(
    ({ channel, secrets }) => channel === 'whatsapp' && secrets['phoneNumberId'] === phoneNumberId,
  )
  if (found.length === 0) {
    const words = `Unsupported post request. Object with ID '${phoneNumberId}' does not exist`
    return c.json(metaError(100, words, 'GraphMethodException'), 400)
  }
  return found.find((one) => isAllowed(c, one)) ?? unauthorized(c)
}

function isAllowed(c: Context, connection: SandboxConnection | undefined): boolean {
  const token = connection?.secrets['accessToken']
  return Boolean(token) && c.req.header('Authorization') === `Bearer ${token}`
}

function unauthorized(c: Context) {
  return c.json(metaError(190, 'Invalid OAuth access token - Cannot parse access token'), 401)
}

function nameOf(file: File) {
  return { name: file.name || 'file', type: file.type || 'application/octet-stream' }
}

// The sandbox's own API, for the Playground and for scripts: connections, phones, trouble on order.

import { Hono } from 'hono'
import * as z from 'zod/mini'

import { PhoneAct, saidBy } from './phone-said.ts'
import {
  addMessage,
  changeMessage,
  phoneAt,
  phonesOf,
  type Phone,
  type SandboxConnection,
  type SandboxStore,
} from './store.ts'
import { lookedAt, type Place } from './whatsapp.ts'

const NewConnection = z.object({
  channel: z.enum(['whatsapp', 'telegram', 'web']),
  name: z.string(),
  hookUrl: z.url(),
  secrets: z.record(z.string(), z.string()),
})
const Faults = z.object({
  script: z
    .array(
      z.object({
        status: z.optional(z.int().check(z.gte(200), z.lte(599))),
        body: z.optional(z.unknown()),
        delayMs: z.optional(z.number().check(z.gte(0), z.lte(120_000))),
        drop: z.optional(z.boolean()),
      }),
    )
    .check(z.maxLength(10_000)),
})

const notHere = { error: 'There is no such connection, or it has no phones' }
const mostFileBytes = 40 * 1024 * 1024

export function phoneRoutes(place: Place) {
  const { store } = place
  return new Hono()
    .put('/connections/:connectionId', async (c) => {
      const given = z.safeParse(NewConnection, await c.req.json().catch(() => undefined))
      if (!given.success) return c.json({ error: z.prettifyError(given.error) }, 400)
      const id = c.req.param('connectionId')
      store.connections.set(id, { id, ...given.data })
      return c.body(null, 204)
    })
    .get('/connections', (c) =>
      c.json({
        connections: [...store.connections.values()].map(
          ({ id, channel, name, hookUrl, secrets: { widgetKey } }) => ({
            id,
            channel,
            name,
            hookUrl,
            // No secret at all: it stands in the page of every website.
            ...(widgetKey === undefined ? {} : { widgetKey }),
          }),
        ),
      }),
    )
    .put('/faults/:connectionId', async (c) => {
      const given = z.safeParse(Faults, await c.req.json().catch(() => undefined))
      if (!given.success) return c.json({ error: z.prettifyError(given.error) }, 400)
      store.faults.set(c.req.param('connectionId'), [...given.data.script])
      return c.body(null, 204)
    })
    .get('/files/:fileId', (c) => {
      const file = store.files.get(c.req.param('fileId'))
      if (!file) return c.json({ error: 'There is no such file' }, 404)
      // What a phone was sent is shown, and never run, on the origin that serves it.
      return c.body(file.bytes, 200, {
        'Content-Type': /^(image\/(png|jpeg|gif|webp)|audio|video)/.test(file.type)
          ? file.type
          : 'application/octet-stream',
        'X-Content-Type-Options': 'nosniff',
        'Content-Security-Policy': "default-src 'none'; sandbox",
      })
    })
    .get('/phones/:connectionId', (c) => {
      const phones = [...phonesOf(store, c.req.param('connectionId')).values()]
      return c.json({ phones: phones.map(summaryOf) })
    })
    .get('/phones/:connectionId/:address/messages', (c) => {
      const found = connectionOf(store, c.req.param('connectionId'))
      if (!found) return c.json(notHere, 404)
      const phone = knownPhone(store, found, c.req.param('address'))
      const after = Number(c.req.query('after') ?? 0)
      return c.json({ messages: phone?.messages.filter(({ n }) => !(n <= after)) ?? [] })
    })
    .post('/phones/:connectionId/:address/messages', async (c) => {
      const found = connectionOf(store, c.req.param('connectionId'))
      if (!found) return c.json(notHere, 404)
      if (Number(c.req.header('Content-Length') ?? 0) > mostFileBytes) {
        return c.json({ error: 'The file is too large' }, 413)
      }
      const given = z.safeParse(PhoneAct, await c.req.json().catch(() => undefined))
      if (!given.success) return c.json({ error: z.prettifyError(given.error) }, 400)
      const done = await act(place, found, c.req.param('address'), given.data)
      return done
        ? c.json(done)
        : c.json({ error: `Nothing of this kind can be sent by ${found.channel}` }, 400)
    })
    .post('/phones/:connectionId/:address/read', (c) => {
      const found = connectionOf(store, c.req.param('connectionId'))
      const phone = found && knownPhone(store, found, c.req.param('address'))
      if (phone) lookedAt(place, found, phone)
      return c.body(null, 204)
    })
}

/** Does it: the webhook is delivered, and the phone shows it. Gives the hook's answer. */
async function act(
  { store, hooks, now }: Place,
  connection: SandboxConnection,
  address: string,
  given: PhoneAct,
): Promise<{ id: string; status: number } | undefined> {
  const at = now()
  const phone = phoneAt(store, connection.id, idOf(connection, address), at)
  const username = given.username ?? (isUsername(connection, address) ? address : undefined)
  if (given.name) phone.name = given.name
  if (username) phone.username = username.replace(/^@/, '')
  if (given.type === 'block' || given.type === 'unblock') phone.blocked = given.type === 'block'
  // WhatsApp tells nobody that they are blocked: their messages just don't arrive.
  if (connection.channel === 'whatsapp' && given.type?.endsWith('block')) {
    return { id: '', status: 200 }
  }
  const said = saidBy({ store, connection, phone, act: given, now: at })
  if (!said) return undefined

  const { target, type, emoji, text } = given
  if (target && type === 'reaction') changeMessage(phone, target, { reaction: emoji ?? '' })
  if (target && type === 'edit') changeMessage(phone, target, { text: text ?? '', edited: true })
  if (target && type === 'delete') changeMessage(phone, target, { text: '', deleted: true })
  if (said.message) {
    phone.lastInboundAt = at
    // Shown before it is delivered, so that an answer can't stand above it.
    addMessage(phone, { ...said.message, by: 'customer', at, status: 'sent' })
  }
  const status = await hooks.deliver(connection, said.envelope)
  if (status < 200 || status > 299) {
    changeMessage(phone, said.id, { status: 'failed', note: `The hook answered ${status}` })
  }
  return { id: said.id, status }
}

function summaryOf({ address, name, username, blocked, messages }: Phone) {
  const last = messages.at(-1)
  return {
    address,
    name,
    ...(username ? { username } : {}),
    blocked,
    last: last ? { text: last.text, by: last.by, at: last.at } : null,
    unread: messages.filter(({ by, status }) => by === 'us' && status === 'delivered').length,
  }
}

function connectionOf(store: SandboxStore, id: string): SandboxConnection | undefined {
  const connection = store.connections.get(id)
  return connection?.channel === 'web' ? undefined : connection
}

function knownPhone(store: SandboxStore, connection: SandboxConnection, address: string) {
  return phonesOf(store, connection.id).get(idOf(connection, address))
}

function isUsername({ channel }: SandboxConnection, address: string): boolean {
  return channel === 'telegram' && !/^\d+$/.test(address)
}

/** Telegram knows people by number. Who is named by a username here always gets the same one. */
function idOf(connection: SandboxConnection, address: string): string {
  if (!isUsername(connection, address)) return address.replace(/^\+/, '')
  let hash = 5_381
  for (const char of address.replace(/^@/, '').toLowerCase()) {
    hash = (hash * 33 + (char.codePointAt(0) ?? 0)) % 4_000_000_007
  }
  return String(5_000_000_000 + hash)
}

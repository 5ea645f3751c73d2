// The other side of the comparisons: the least that can be said to do the same. A Hono route, one
// object, one insert, and where the measure needs it the same signature or a socket.

import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'

import { fromHex, hmacIsRight } from '../../worker/base/crypto.ts'

interface Env {
  readonly KEEPER: DurableObjectNamespace<KeeperObject>
  readonly APP_SECRET: string
}

/** One person's line, kept in one table. */
export class KeeperObject extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS event (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT) STRICT',
    )
  }

  keep(id: string, body: string): void {
    this.ctx.storage.sql.exec(
      'INSERT INTO event (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
      id,
      body,
    )
  }

  echo(id: string, text: string): void {
    this.keep(id, text)
    for (const socket of this.ctx.getWebSockets()) socket.send(text)
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }
}

interface Delivery {
  readonly entry: {
    readonly changes: { readonly value: { readonly messages: { id: string; from: string }[] } }[]
  }[]
}

const app = new Hono<{ Bindings: Env }>()

app.post('/hooks/:connectionId', async (c) => {
  const body = new Uint8Array(await c.req.arrayBuffer())
  const hex = /^sha256=([0-9a-f]{64})$/.exec(c.req.header('X-Hub-Signature-256') ?? '')?.[1]
  const signature = hex && fromHex(hex)
  if (!signature || !(await hmacIsRight(c.env.APP_SECRET, body, signature))) {
    return c.text('Unauthorized', 401)
  }
  const { entry } = JSON.parse(new TextDecoder().decode(body)) as Delivery
  for (const { changes } of entry) {
    for (const { value } of changes) {
      for (const message of value.messages) {
        await c.env.KEEPER.getByName(message.from).keep(message.id, JSON.stringify(message))
      }
    }
  }
  return c.text('ok')
})

app.post('/echo/:name', async (c) => {
  const text = await c.req.text()
  await c.env.KEEPER.getByName(c.req.param('name')).echo(crypto.randomUUID(), text)
  return c.text('ok')
})

app.get('/live/:name', (c) => c.env.KEEPER.getByName(c.req.param('name')).fetch(c.req.raw))

app.get('/', (c) => c.text('ok'))

// The platform asks for the handler as the default export.
export default app

// The product on raw workerd, as a benchmark needs it: the built worker with the D1 that `npm start`
// has, a provider that answers at once, and a tenant made through the API.

import { createHmac, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { workerFile } from '../scripts/build.ts'
import { apiAt, type Api } from '../scripts/seed/api.ts'
import { d1Services, migrations, ofMiniflare } from './d1.ts'
import { requestOf } from './load.ts'
import { bundled, runWorkerd, type Running, type Service } from './workerd.ts'

export interface House {
  readonly running: Running
  readonly url: string
  readonly owner: Api
  readonly token: string
  /** A connection nobody but people answers on, and one with an agent. */
  readonly attended: Connection
  readonly answered: Connection
  close(): Promise<void>
}

export interface Connection {
  readonly id: string
}

interface Options {
  /** Sessions never answer their threads: what is measured ends where the thread has kept. */
  readonly held?: boolean
  /** Calls of objects and rows of D1 are counted. */
  readonly counted?: boolean
}

export const appSecret = randomBytes(16).toString('hex')
const phoneNumberId = '106540352242922'
const publicUrl = 'https://bench.example'

export async function openHouse({ held = false, counted = false }: Options = {}): Promise<House> {
  const index = { name: 'index.js', code: await readFile(workerFile, 'utf8') }
  const main: Service = {
    name: 'main',
    modules: counted ? [await bundled('counting'), index] : [index],
    objects: ['ThreadObject', 'InboxObject', ...(held ? [] : ['SessionObject'])],
    bindings: [
      ...objectBindings(held ? 'held' : 'main'),
      `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "${counted ? 'd1-counter' : 'd1'}")]))`,
      '(name = "FILES", r2Bucket = "provider")',
      '(name = "SANDBOX", service = "provider")',
      `(name = "PUBLIC_URL", text = "${publicUrl}")`,
      `(name = "SECRET_KEY", text = "${randomBytes(32).toString('base64')}")`,
    ],
  }
  const helpers: Service[] = [
    { name: 'provider', modules: [await bundled('provider')] },
    ...(held
      ? [
          {
            name: 'held',
            modules: [await bundled('held')],
            objects: ['SessionObject'],
          },
        ]
      : []),
    ...(counted
      ? [
          {
            name: 'd1-counter',
            modules: [await bundled('d1-counter')],
            bindings: ['(name = "D1", service = "d1")'],
          },
        ]
      : []),
  ]
  const running = await runWorkerd({
    services: [main, ...helpers, ...(await d1Services())],
    doors: ['main', 'd1', ...(counted ? ['d1-counter', 'provider'] : [])],
    extensions: [
      await ofMiniflare('miniflare:shared', 'shared/index.worker.js'),
      await ofMiniflare('miniflare:zod', 'shared/zod.worker.js'),
    ],
  })
  try {
    await migrate(running.url('d1'))
    return { running, url: running.url('main'), ...(await found(running)), close }
  } catch (error) {
    await close()
    throw new Error(running.complaints(), { cause: error })
  }

  async function close() {
    await running.stop()
    await running.remove()
  }
}

function objectBindings(sessions: string): string[] {
  return [
    ['THREAD', 'ThreadObject', 'main'],
    ['SESSION', 'SessionObject', sessions],
    ['INBOX', 'InboxObject', 'main'],
  ].map(
    ([name, className, service]) =>
      `(name = "${name}", durableObjectNamespace = (className = "${className}", serviceName = "${service}"))`,
  )
}

async function migrate(d1: string): Promise<void> {
  for (const { name, statements } of await migrations()) {
    const queries = statements.map((sql) => ({ sql }))
    const answer = await fetch(`${d1}/query`, { method: 'POST', body: JSON.stringify(queries) })
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`)
  }
}

/** A company with one owner, two WhatsApp connections and an agent on one of them. */
async function found(running: Running) {
  const url = running.url('main')
  const { token } = await apiAt(url)('POST /api/sign-up', {
    body: {
      name: 'Ada Berg',
      email: 'ada@bench.example',
      password: randomBytes(12).toString('hex'),
      company: 'Bench',
      timeZone: 'UTC',
    },
  })
  const owner = apiAt(url, token)
  const connect = (name: string) =>
    owner('POST /api/connections', {
      body: {
        name,
        channel: 'whatsapp',
        baseUrl: `${publicUrl}/sandbox/whatsapp`,
        config: { phoneNumberId, accessToken: 'bench', appSecret, verifyToken: 'bench' },
      },
    })
  const attended: Connection = await connect('People')
  const answered: Connection = await connect('Agent')
  await owner('POST /api/agents', {
    body: {
      name: 'Lena',
      instructions: 'When does it ship? = It ships on Friday.',
      model: { kind: 'rules' },
      resultFields: [],
      handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
      copilot: false,
      connections: [answered.id],
    },
  })
  return { owner, token, attended, answered }
}

let sent = 0

/** A customer's text as WhatsApp delivers it. Each call is a message of its own. */
export function deliveryOf(from: string, text: string): { id: string; body: string } {
  sent += 1
  const id = `wamid.${Date.now().toString(36)}.${sent}`
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783881', phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: `Customer ${from.slice(-3)}` }, wa_id: from }],
    messages: [
      {
        from,
        id,
        timestamp: String(Math.floor(Date.now() / 1000)),
        type: 'text',
        text: { body: text },
      },
    ],
  }
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', changes: [{ value, field: 'messages' }] }],
  })
  return { id, body }
}

/** The provider's report on a message of ours. */
export function statusOf(to: string, id: string, status: string): string {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783881', phone_number_id: phoneNumberId },
    statuses: [{ id, status, timestamp, recipient_id: to }],
  }
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', changes: [{ value, field: 'messages' }] }],
  })
}

/** The envelope as bytes to send: signed, for a connection's hook. */
export function signed(connectionId: string, body: string): Buffer {
  const signature = createHmac('sha256', appSecret).update(body).digest('hex')
  return requestOf(`/hooks/${connectionId}`, body, { 'X-Hub-Signature-256': `sha256=${signature}` })
}

/** Customers' numbers. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `4670174${String(n).padStart(4, '0')}`)
}

/** The bare side: one Hono worker with one object class. */
export async function openBare(): Promise<{
  running: Running
  url: string
  close(): Promise<void>
}> {
  const bare: Service = {
    name: 'bare',
    modules: [await bundled('bare')],
    objects: ['KeeperObject'],
    bindings: [
      '(name = "KEEPER", durableObjectNamespace = (className = "KeeperObject", serviceName = "bare"))',
      `(name = "APP_SECRET", text = "${appSecret}")`,
    ],
  }
  const running = await runWorkerd({ services: [bare], doors: ['bare'] })
  return {
    running,
    url: running.url('bare'),
    async close() {
      await running.stop()
      await running.remove()
    },
  }
}

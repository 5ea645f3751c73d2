// A whole product for a journey: the built worker on workerd, its providers listened to, and one
// company with people, an agent and a connection of each channel, made through the API.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Agent, Connection, NewAgent } from '../../shared/agent.ts'
import type { Role } from '../../shared/permissions.ts'
import { createSandbox, type Sandbox } from '../../sandbox/app.ts'
import { runProduct, type Product } from '../../scripts/product.ts'
import { apiAt, type Api } from '../../scripts/seed/api.ts'

export type Kind = 'whatsapp' | 'telegram' | 'web'

/** A request of the product to a provider. */
export interface ProviderCall {
  readonly url: string
  readonly body: string
}

/** A webhook as it went over the wire. */
export interface Delivered {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

export interface House {
  readonly url: string
  readonly product: Product
  readonly sandbox: Sandbox
  /** Every webhook the phones have sent, oldest first. */
  readonly delivered: readonly Delivered[]
  /** Every request the product has made to the providers, oldest first. */
  readonly calls: readonly ProviderCall[]
  /** What the worker has reported: bugs, and trouble with what it stands on. */
  readonly reports: readonly string[]
  close(): Promise<void>
}

export interface HouseOptions {
  /** An ES module in front of the worker. */
  readonly front?: string
  /** How the phones' webhooks reach the product. */
  readonly deliver?: (request: Request) => Promise<Response>
  /** Stands between the product and the providers. */
  readonly providers?: (sandbox: Sandbox) => Sandbox
}

/** Runs the product on a free port with a state folder of its own. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const { front, deliver = (request) => fetch(request), providers = (one) => one } = options
  const stateDir = await mkdtemp(join(tmpdir(), 'alongside-'))
  const calls: ProviderCall[] = []
  const delivered: Delivered[] = []
  const reports: string[] = []
  const sandbox = createSandbox({
    async deliver(request) {
      const body = new Uint8Array(await request.clone().arrayBuffer())
      delivered.push({ url: request.url, headers: Object.fromEntries(request.headers), body })
      return deliver(request)
    },
  })
  const product = await runProduct({
    stateDir,
    sandbox: providers(overheard(sandbox, calls)),
    heard: (line) => reports.push(line),
    ...(front === undefined ? {} : { front }),
  })
  return {
    url: product.url,
    product,
    sandbox,
    delivered,
    calls,
    reports,
    async close() {
      await product.stop()
      await rm(stateDir, { recursive: true, force: true })
    },
  }
}

/** The providers, with all that the product asks of them written down. */
export function overheard(sandbox: Sandbox, calls: ProviderCall[]): Sandbox {
  return {
    ...sandbox,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (/^\/sandbox\/(whatsapp|telegram)\//.test(pathname)) {
        calls.push({ url: request.url, body: await request.clone().text() })
      }
      return sandbox.fetch(request)
    },
  }
}

export interface Colleague {
  readonly name: string
  readonly email: string
  readonly role: Role
  readonly id: string
  readonly token: string
  readonly api: Api
}

export interface Company {
  readonly tenantId: string
  readonly people: Readonly<Record<Role, Colleague>>
  readonly connections: Readonly<Record<Kind, Connection>>
  /** What each connection was made with, secrets included. */
  readonly configs: Readonly<Record<Kind, Readonly<Record<string, string>>>>
  readonly agent: Agent
}

const password = 'correct horse battery'
let founded = 0

const ada: NewAgent = {
  name: 'Ada',
  instructions: [
    'Greeting: Hello, this is Ada of Larkfield Bikes.',
    '? What is it about? | Opening hours | Delivery',
    'opening hours, when open: We are open Monday to Friday, 9 to 18.',
    'delivery, deliver, ship: We deliver within two days.',
  ].join('\n'),
  model: { kind: 'rules' },
  resultFields: [],
  handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
  copilot: true,
  connections: [],
}

/** Founds a company with a person in each role; its phones are the sandbox's. */
export async function found(url: string): Promise<Company> {
  founded += 1
  const name = `Larkfield ${founded}`
  const at = `larkfield-${founded}.example`
  const { token } = await apiAt(url)('POST /api/sign-up', {
    body: { name: 'Olivia Owner', email: `owner@${at}`, password, company: name },
  })
  const owner = await colleague(url, token)
  const others: Colleague[] = []
  for (const role of ['admin', 'operator', 'viewer'] as const) {
    const person = { name: `Some ${role}`, email: `${role}@${at}`, password, role }
    await owner.api('POST /api/members', { body: person })
    others.push(await signIn(url, person.email))
  }
  const people = Object.fromEntries([owner, ...others].map((one) => [one.role, one]))

  const configs = { whatsapp: whatsappConfig(), telegram: telegramConfig(), web: webConfig }
  const connections: Partial<Record<Kind, Connection>> = {}
  for (const kind of ['whatsapp', 'telegram', 'web'] as const) {
    connections[kind] = await connect(url, owner.api, kind, configs[kind])
  }
  const agent = await owner.api('POST /api/agents', {
    body: { ...ada, connections: Object.values(connections).map(({ id }) => id) },
  })
  const { tenant } = await owner.api('GET /api/me')
  return {
    tenantId: tenant.id,
    // Safe: one for each role and for each kind has just been made.
    people: people as Company['people'],
    connections: connections as Company['connections'],
    configs,
    agent,
  }
}

/** One more sign-in of a person of this test. */
export async function signIn(url: string, email: string): Promise<Colleague> {
  const { token } = await apiAt(url)('POST /api/sign-in', { body: { email, password } })
  return colleague(url, token)
}

/** One more operator of a company, signed in. */
export async function hire(url: string, { people }: Company, name: string): Promise<Colleague> {
  const email = `${name.toLowerCase()}@${people.owner.email.split('@')[1]}`
  const body = { name, email, password, role: 'operator' }
  await people.owner.api('POST /api/members', { body })
  return signIn(url, email)
}

async function colleague(url: string, token: string): Promise<Colleague> {
  const api = apiAt(url, token)
  const { operator, role } = await api('GET /api/me')
  const { id, name, email } = operator
  return { id, name, email, role, token, api }
}

async function connect(
  url: string,
  api: Api,
  channel: Kind,
  config: Readonly<Record<string, string>>,
): Promise<Connection> {
  const baseUrl = channel === 'web' ? null : `${url}/sandbox/${channel}`
  const connection = await api('POST /api/connections', {
    body: { name: channel, channel, config, baseUrl },
  })
  await attend(url, connection, config)
  return connection
}

/** Tells the sandbox of a connection it plays the provider for. */
export async function attend(
  url: string,
  { id, channel, hookUrl }: Pick<Connection, 'id' | 'channel' | 'hookUrl'>,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const response = await fetch(`${url}/sandbox/connections/${id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ channel, name: channel, hookUrl, secrets }),
  })
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}`)
}

const webConfig = { allowedOrigins: '*' }

function whatsappConfig() {
  const phoneNumberId = Array.from(crypto.getRandomValues(new Uint8Array(15)), (b) => b % 10)
  return {
    phoneNumberId: phoneNumberId.join(''),
    accessToken: secret(),
    appSecret: secret(),
    verifyToken: secret(),
  }
}

function telegramConfig() {
  return { botToken: `7${Date.now()}:${secret()}`.slice(0, 46), secretToken: secret() }
}

function secret(): string {
  return crypto.randomUUID().replaceAll('-', '')
}

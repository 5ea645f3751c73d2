// A small world for room tests: a tenant with an agent and a Telegram connection, customers who
// write by real webhooks, a provider that is a stub, panels that listen.

import { env, exports } from 'cloudflare:workers'
import { vi } from 'vitest'

import type { Agent, Connection, NewAgent } from '../shared/agent.ts'
import type { SessionId } from '../shared/ids.ts'
import type { SessionRow } from '../shared/inbox.ts'
import { newId } from '../shared/new-id.ts'
import { emptySession, evolve, Fact, type SessionState } from '../shared/session.ts'
import { newTenant, type TestOperator, type TestTenant } from './tenants.ts'

const origin = 'https://alongside.example'
const worker = (exports as unknown as { default: Fetcher }).default

/** A call to a provider, as the stub heard it. */
export interface ProviderCall {
  readonly url: string
  readonly body: Record<string, unknown>
}

/** Listens in place of the providers. `answer` may be changed by a test; every call is kept. */
export function stubProvider() {
  const calls: ProviderCall[] = []
  let id = 0
  const stub = {
    calls,
    answer: async (_call: ProviderCall): Promise<Response> =>
      Response.json({ ok: true, result: { message_id: (id += 1) } }),
  }
  vi.stubGlobal('fetch', async (input: string | URL, init?: RequestInit) => {
    const call = { url: String(input), body: JSON.parse(String(init?.body ?? '{}')) }
    calls.push(call)
    return stub.answer(call)
  })
  return stub
}

export async function ask(
  path: string,
  operator: TestOperator | undefined,
  init: RequestInit = {},
) {
  const headers = new Headers(init.headers)
  if (operator) headers.set('Authorization', `Bearer ${operator.bearer}`)
  if (init.body) headers.set('Content-Type', 'application/json')
  return worker.fetch(`${origin}${path}`, { ...init, headers })
}

export async function post<Answer>(
  path: string,
  operator: TestOperator,
  body: unknown,
  method = 'POST',
): Promise<Answer> {
  const response = await ask(path, operator, { method, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (response.status === 204 ? undefined : await response.json()) as Answer
}

const plainAgent: NewAgent = {
  name: 'Renewals',
  instructions: 'When does it ship = It ships on Friday.',
  model: { kind: 'rules' },
  resultFields: [],
  handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
  copilot: true,
  connections: [],
}

export interface World {
  readonly tenant: TestTenant
  readonly connection: Connection
  readonly agent: Agent
  /** A customer's words, by webhook. Gives the HTTP status. */
  says(text: string, options?: { chat?: number; update?: number }): Promise<number>
  /** Sessions as D1 knows them, oldest first; asked until the condition holds. */
  rows(until: (rows: SessionRow[]) => boolean): Promise<SessionRow[]>
}

const secretToken = 'a-telegram-secret-of-sixteen'
let updates = 1_000

export async function newWorld(agent: Partial<NewAgent> = {}): Promise<World> {
  const tenant = await newTenant(env)
  const { owner } = tenant.operators
  const connection = await post<Connection>('/api/connections', owner, {
    name: 'Telegram',
    channel: 'telegram',
    config: { botToken: '123456:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc', secretToken },
  })
  const made = await post<Agent>('/api/agents', owner, {
    ...plainAgent,
    ...agent,
    connections: [connection.id],
  })
  return {
    tenant,
    connection,
    agent: made,
    async says(text, { chat = 4_670, update = (updates += 1) } = {}) {
      const person = { id: chat, is_bot: false, first_name: 'Tomas', last_name: 'Ek' }
      const response = await worker.fetch(connection.hookUrl, {
        method: 'POST',
        headers: { 'X-Telegram-Bot-Api-Secret-Token': secretToken },
        body: JSON.stringify({
          update_id: update,
          message: {
            message_id: update,
            date: 1_790_000_000,
            chat: { id: chat, type: 'private', first_name: 'Tomas' },
            from: person,
            text,
          },
        }),
      })
      return response.status
    },
    rows: (until) =>
      vi.waitFor(async () => {
        const view = await ask('/api/inbox?view=open&limit=200', owner)
        const { rows } = (await view.json()) as { rows: SessionRow[] }
        if (!until(rows)) throw new Error(`rows: ${JSON.stringify(rows)}`)
        return rows.sort((a, b) => a.startedAt - b.startedAt)
      }, 5_000),
  }
}

/** All facts of a session, folded, asked until the condition holds. */
export async function stateOf(
  tenant: TestTenant,
  id: SessionId,
  until: (state: SessionState) => boolean = () => true,
): Promise<SessionState> {
  return vi.waitFor(async () => {
    const response = await ask(`/api/sessions/${id}/facts`, tenant.operators.owner)
    const { facts } = (await response.json()) as { facts: unknown[] }
    const state = facts.map((fact) => Fact.parse(fact)).reduce(evolve, emptySession)
    if (!until(state)) throw new Error(`not yet: ${JSON.stringify(state.entries)}`)
    return state
  }, 5_000)
}

export interface Listener {
  readonly heard: unknown[]
  readonly closed: Promise<number>
  close(): void
}

/** A panel's socket, opened as a panel does: a ticket first, the ticket in the subprotocol. */
export async function listen(operator: TestOperator, path: string): Promise<Listener> {
  const { ticket } = await post<{ ticket: string }>('/api/tickets', operator, {})
  return connect(path, ['alongside', ticket])
}

export async function connect(path: string, protocols: readonly string[]): Promise<Listener> {
  const response = await worker.fetch(`${origin}${path}`, {
    headers: { Upgrade: 'websocket', 'Sec-WebSocket-Protocol': protocols.join(', ') },
  })
  const socket = response.webSocket
  if (!socket) throw new Error(`no socket: ${response.status}`)
  const heard: unknown[] = []
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code))
  })
  socket.addEventListener('message', ({ data }) => heard.push(JSON.parse(String(data))))
  socket.accept()
  return { heard, closed, close: () => socket.close(1000) }
}

export function command(): { id: string } {
  return { id: newId('cmd') }
}

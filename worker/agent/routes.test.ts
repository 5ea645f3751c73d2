// The registry of agents over HTTP and in D1: whose it is, who may change it, where its key goes.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Agent, NewAgent } from '../../shared/agent.ts'
import type { AgentId, ConnectionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import type { Role } from '../../shared/permissions.ts'
import { deskOf } from '../../tests/desk.ts'
import { newTenant, type TestTenant } from '../../tests/tenants.ts'
import { statements, tenantDb } from '../base/db.ts'
import { agents, auditRows, connections } from '../base/schema.ts'
import { agentById, agentFor, forgetAgents } from './queries.ts'
import { agentHandlers } from './routes.ts'

const key = 'sk-CANARY-0123456789'
const openai = { kind: 'openai', baseUrl: 'https://models.example.com/v1', model: 'small' } as const
const json = { 'Content-Type': 'application/json' }
const ask = deskOf(agentHandlers)
let acme: TestTenant

beforeEach(async () => {
  acme = await newTenant(env)
  statements.heard = ({ sql, params, tenantId }) => {
    const foreign = params.filter((one) => String(one).startsWith('ten_') && one !== tenantId)
    if (tenantId && (foreign.length > 0 || !params.includes(tenantId))) throw new Error(sql)
  }
})

afterEach(() => {
  delete statements.heard
  vi.useRealTimers()
  forgetAgents()
})

describe('an agent', () => {
  it('is made running, read back without its key, and written down', async () => {
    const connection = await newConnection(acme)
    const made = await add(acme, { model: openai, modelKey: key, connections: [connection] })

    expect(made).toMatchObject({
      name: 'Iris',
      running: true,
      modelKeySet: true,
      connections: [connection],
    })
    const listed = await call(acme, 'GET', '/api/agents')
    expect(await listed.json()).toEqual({ agents: [made] })
    expect(JSON.stringify(made)).not.toContain(key)
    expect(await audit(acme)).toMatchObject([
      { action: 'agent.added', subject: made.id, actor: `operator:${acme.operators.admin.id}` },
    ])
    expect(await storedText()).not.toContain(key)
  })

  it('thinks with its key, which opens in its own row only', async () => {
    const first = await add(acme, { model: openai, modelKey: key })
    const second = await add(acme, { model: openai })
    const db = tenantDb(env, acme.tenantId)
    const sealed = await db.orm.select().from(agents).where(db.mine(agents))

    expect((await agentById(db, env, first.id))?.modelKey).toBe(key)
    expect((await agentById(db, env, second.id))?.modelKey).toBeUndefined()
    const stolen = sealed.find((row) => row.id === first.id)?.modelKey ?? null
    await db.orm.update(agents).set({ modelKey: stolen }).where(db.mine(agents))
    forgetAgents()
    const error = vi.spyOn(console, 'error').mockReturnValue()
    expect((await agentById(db, env, second.id))?.modelKey).toBeUndefined()
    expect(String(error.mock.calls)).not.toContain(key)
    error.mockRestore()
  })

  it('is started and stopped, and only a running one answers', async () => {
    const connection = await newConnection(acme)
    const first = await add(acme, { name: 'First', connections: [connection] })
    const second = await add(acme, { name: 'Second', connections: [connection] })
    const db = tenantDb(env, acme.tenantId)

    expect((await agentFor(db, env, connection))?.id).toBe(first.id)
    await change(acme, first.id, { running: false })
    expect((await agentFor(db, env, connection))?.id).toBe(second.id)
    await change(acme, second.id, { running: false })
    expect(await agentFor(db, env, connection)).toBeUndefined()
    await change(acme, second.id, { running: true })
    expect((await agentFor(db, env, connection))?.id).toBe(second.id)
    expect((await audit(acme)).map(({ action }) => action).sort()).toEqual([
      'agent.added',
      'agent.added',
      'agent.started',
      'agent.stopped',
      'agent.stopped',
    ])
  })

  it('changes only what is given', async () => {
    const connection = await newConnection(acme)
    const before = await add(acme, { model: openai, modelKey: key, connections: [connection] })
    const changed = await change(acme, before.id, { name: 'Flora', connections: [] })

    expect(changed).toEqual({ ...before, name: 'Flora', connections: [] })
    expect(await audit(acme)).toContainEqual(
      expect.objectContaining({
        action: 'agent.changed',
        detail: { changed: ['name', 'connections'] },
      }),
    )
  })

  it('loses its key when it is turned to another endpoint', async () => {
    const { id } = await add(acme, { model: openai, modelKey: key })
    const same = await change(acme, id, { model: { ...openai, model: 'large' } })
    const other = await change(acme, id, {
      model: { ...openai, baseUrl: 'https://thief.example.com' },
    })
    const again = await change(acme, id, { modelKey: key })
    const cleared = await change(acme, id, { modelKey: '' })

    expect([same, other, again, cleared].map((one) => one.modelKeySet)).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  it('may have a hundred connections', async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, () => newConnection(acme)))

    expect((await add(acme, { connections: ids })).connections).toHaveLength(100)
  })
})

describe('what is refused', () => {
  it.each<[string, Partial<NewAgent>, string]>([
    [
      'an endpoint inside',
      { model: { ...openai, baseUrl: 'http://169.254.169.254/' } },
      'model.baseUrl',
    ],
    [
      'an endpoint without https',
      { model: { ...openai, baseUrl: 'http://models.example.com' } },
      'model.baseUrl',
    ],
    ['no address', { model: { ...openai, baseUrl: 'models' } }, 'model.baseUrl'],
    ['two fields of a name', { resultFields: [field('size'), field('size')] }, 'resultFields'],
    ['a choice of nothing', { resultFields: [{ ...field('size'), type: 'enum' }] }, 'resultFields'],
    ['a connection that is not', { connections: [newId('con')] }, 'connections'],
    ['no name', { name: ' ' }, 'name'],
  ])('%s', async (_name, part, at) => {
    const made = await call(acme, 'POST', '/api/agents', { ...basics, ...part })

    expect(made.status).toBe(400)
    expect(await made.json()).toMatchObject({ refusal: 'invalid', at })
    expect(await audit(acme)).toEqual([])
  })

  it('what is another tenant’s', async () => {
    const globex = await newTenant(env)
    const theirs = await newConnection(globex)
    const agent = await add(globex)
    const attached = await call(acme, 'POST', '/api/agents', { ...basics, connections: [theirs] })
    const changed = await call(acme, 'PATCH', `/api/agents/${agent.id}`, { name: 'Mine' })
    const missing = await call(acme, 'PATCH', `/api/agents/${newId('agt')}`, { name: 'Mine' })

    expect(attached.status).toBe(400)
    expect(changed.status).toBe(404)
    expect(await changed.text()).toBe(await missing.text())
    const db = tenantDb(env, acme.tenantId)
    expect(await agentById(db, env, agent.id)).toBeUndefined()
    expect(await agentFor(db, env, theirs)).toBeUndefined()
  })

  it.each<[Role, number]>([
    ['owner', 200],
    ['admin', 200],
    ['operator', 403],
    ['viewer', 403],
  ])('a change by %s: %i', async (role, status) => {
    expect((await call(acme, 'POST', '/api/agents', basics, role)).status).toBe(status)
    expect((await call(acme, 'GET', '/api/agents', undefined, role)).status).toBe(200)
  })
})

describe('while D1 is down', () => {
  it('what was known is served for fifteen minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const connection = await newConnection(acme)
    const made = await add(acme, { connections: [connection] })
    const db = tenantDb(env, acme.tenantId)
    await agentFor(db, env, connection)
    const down = tenantDb({ ...env, DB: broken }, acme.tenantId)

    vi.advanceTimersByTime(14 * 60_000)
    expect((await agentFor(down, env, connection))?.id).toBe(made.id)
    vi.advanceTimersByTime(2 * 60_000)
    await expect(agentFor(down, env, connection)).rejects.toThrow('D1 is down')
    await expect(agentFor(down, env, newId('con'))).rejects.toThrow('D1 is down')
  })

  it('a change elsewhere is seen after five seconds', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const made = await add(acme)
    const db = tenantDb(env, acme.tenantId)
    await agentById(db, env, made.id)
    await db.orm.update(agents).set({ name: 'Flora' }).where(db.mine(agents))

    expect((await agentById(db, env, made.id))?.name).toBe('Iris')
    vi.advanceTimersByTime(5000)
    expect((await agentById(db, env, made.id))?.name).toBe('Flora')
  })
})

const basics: NewAgent = {
  name: 'Iris',
  instructions: 'Be short.',
  model: { kind: 'rules' },
  resultFields: [],
  handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 2 },
  copilot: true,
  connections: [],
}

/** A database that answers nothing. */
const broken = {
  prepare() {
    throw new Error('D1 is down')
  },
} as never

function field(name: string) {
  return { name, label: name, type: 'text' as const }
}

async function add(tenant: TestTenant, part: Partial<NewAgent> = {}): Promise<Agent> {
  const made = await call(tenant, 'POST', '/api/agents', { ...basics, ...part })
  expect(made.status).toBe(200)
  return made.json()
}

async function change(tenant: TestTenant, id: AgentId, part: object): Promise<Agent> {
  const changed = await call(tenant, 'PATCH', `/api/agents/${id}`, part)
  expect(changed.status).toBe(200)
  return changed.json()
}

function call(
  tenant: TestTenant,
  method: string,
  path: string,
  body?: object,
  role: Role = 'admin',
) {
  return ask(method, path, {
    bearer: tenant.operators[role].bearer,
    ...(body ? { body: JSON.stringify(body), headers: json } : {}),
  })
}

async function newConnection({ tenantId }: TestTenant): Promise<ConnectionId> {
  const id = newId('con')
  const db = tenantDb(env, tenantId)
  await db.orm.insert(connections).values({
    tenantId,
    id,
    name: 'Main',
    channel: 'email',
    state: 'running',
    settings: {},
    secrets: '',
    secretNames: [],
    createdAt: 1,
  })
  return id
}

function audit({ tenantId }: TestTenant) {
  const db = tenantDb(env, tenantId)
  return db.orm.select().from(auditRows).where(db.mine(auditRows))
}

async function storedText(): Promise<string> {
  const db = tenantDb(env, acme.tenantId)
  const rows = [await db.orm.select().from(agents).where(db.mine(agents)), await audit(acme)]
  return JSON.stringify(rows)
}

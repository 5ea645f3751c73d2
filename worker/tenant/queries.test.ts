// Connections, from the form to the opened secret; and what is believed for how long.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { auditOf, newSignIn, newTenant, type TestTenant } from '../../tests/tenants.ts'
import { desk } from '../../tests/tenant-desk.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { agentConnections, agents } from '../base/schema.ts'
import {
  forgetConnection,
  noteConnectionEvent,
  noteConnectionTrouble,
  openConnection,
} from './connections.ts'
import { carryOut, changeConnection, changeRole, Overtaken, readConnection } from './queries.ts'
import { identify } from './sign-in.ts'
import { tenantSettings } from './settings.ts'

const { env, ask } = desk()
let acme: TestTenant
let other: TestTenant

beforeEach(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
})
afterEach(() => {
  vi.useRealTimers()
})

const botToken = '4242:very-secret-bot-token'
const secretToken = 'very-secret-hook-token'
const telegram = { name: 'Bot', channel: 'telegram', config: { botToken, secretToken } }

function connect(body: object = telegram, bearer = acme.operators.admin.bearer) {
  return ask('POST /api/connections', { bearer, body })
}

function change(connectionId: string, body: object, bearer = acme.operators.admin.bearer) {
  return ask('PATCH /api/connections/:connectionId', { bearer, params: { connectionId }, body })
}

/** The database is away: whatever is asked of it fails. */
const noDatabase: Env = {
  ...env,
  DB: {
    prepare() {
      throw new Error('D1 is down')
    },
  } as unknown as D1Database,
}

// --- Over HTTP

test('a connection is made, and its secrets are never read back', async () => {
  const made = await connect()
  expect(made).toMatchObject({
    status: 200,
    json: {
      name: 'Bot',
      channel: 'telegram',
      state: 'running',
      settings: {},
      secrets: ['botToken', 'secretToken'],
      baseUrl: null,
      hookUrl: `https://alongside.example/hooks/${made.json.id}`,
      agents: [],
    },
  })
  const { bearer } = acme.operators.owner
  const listed = await ask('GET /api/connections', { bearer })
  expect(listed.json.connections).toEqual([made.json])
  const audit = await auditOf(env, acme.tenantId)
  expect(audit).toMatchObject([
    { action: 'connection/added', subject: made.json.id, detail: { channel: 'telegram' } },
  ])

  const { results } = await env.DB.prepare('SELECT * FROM connection').all()
  const everything = JSON.stringify([made.json, listed.json, audit, results])
  expect(everything).toContain('config.botToken')
  expect(everything).not.toContain(botToken)
  expect(everything).not.toContain(secretToken)
})

test('what is not given stays; a changed secret works at once', async () => {
  const { json } = await connect()
  expect((await openConnection(env, json.id))?.config).toEqual({ botToken, secretToken })

  const body = { name: 'Robot', config: { secretToken: 'another' } }
  const changed = await change(json.id, body)
  expect(changed.json).toEqual({ ...json, name: 'Robot' })
  expect(await openConnection(env, json.id)).toMatchObject({
    name: 'Robot',
    config: { botToken, secretToken: 'another' },
    baseUrl: 'https://api.telegram.org',
  })
  expect((await auditOf(env, acme.tenantId))[0]).toMatchObject({
    action: 'connection/changed',
    detail: { changed: ['name', 'config.secretToken'] },
  })
})

test('a form is refused at the place', async () => {
  const at = async (body: object) => (await connect({ ...telegram, ...body })).json
  expect(await at({ config: { botToken } })).toMatchObject({ at: 'config.secretToken' })
  const strange = { ...telegram.config, colour: 'red' }
  expect(await at({ config: strange })).toMatchObject({ refusal: 'invalid', at: 'config.colour' })
  expect(await at({ channel: 'bird', config: {} })).toMatchObject({ at: 'channel' })
  expect(await at({ name: ' ' })).toMatchObject({ at: 'name' })
  expect(await auditOf(env, acme.tenantId)).toEqual([])
})

test('what nobody should think up is made', async () => {
  const { json } = await connect({
    name: 'Site',
    channel: 'web',
    config: { allowedOrigins: 'https://shop.example' },
  })
  expect(json).toMatchObject({
    settings: { widgetKey: expect.stringMatching(/^[0-9a-f]{48}$/) },
    secrets: ['signingSecret'],
  })
  const before = await openConnection(env, json.id)
  await change(json.id, { config: { signingSecret: '' } })
  const after = await openConnection(env, json.id)
  expect(after?.config['widgetKey']).toBe(before?.config['widgetKey'])
  expect(after?.config['signingSecret']).toMatch(/^[0-9a-f]{48}$/)
  expect(after?.config['signingSecret']).not.toBe(before?.config['signingSecret'])
})

test.each([
  'http://api.example.com',
  'https://localhost',
  'https://10.0.0.1/x',
  'https://169.254.169.254',
  'https://user:pass@example.com',
  'https://example.com:8443',
  'https://example.com/?q=1',
  'https://alongside.example/sandbox/../x#y',
  'telegram',
])('%s is no base URL', async (baseUrl) => {
  const refused = await connect({ ...telegram, baseUrl })
  expect(refused).toMatchObject({ status: 400, json: { refusal: 'invalid', at: 'baseUrl' } })
})

test('a base URL is the public web’s or, on a developer’s machine, the sandbox’s', async () => {
  const fine = await connect({ ...telegram, baseUrl: 'https://proxy.example.com/telegram/' })
  expect(fine.json.baseUrl).toBe('https://proxy.example.com/telegram')
  expect((await change(fine.json.id, { baseUrl: null })).json.baseUrl).toBeNull()

  const PUBLIC_URL = 'http://localhost:8787'
  const body = { ...telegram, baseUrl: `${PUBLIC_URL}/sandbox/telegram` }
  const { bearer } = acme.operators.admin
  // Safe: that it is bound is all that is asked of it here.
  const SANDBOX = {} as Fetcher
  const inside = await desk({ PUBLIC_URL, SANDBOX }).ask('POST /api/connections', { bearer, body })
  expect(inside.json.baseUrl).toBe(body.baseUrl)
  const outside = await desk({ PUBLIC_URL }).ask('POST /api/connections', { bearer, body })
  expect(outside.json).toMatchObject({ refusal: 'invalid', at: 'baseUrl' })
})

test('a connection stops, starts, and shows its trouble', async () => {
  const { id } = (await connect()).json
  const stateOf = async () => {
    const { json } = await ask('GET /api/connections', { bearer: acme.operators.viewer.bearer })
    const { state, lastError } = json.connections[0]
    return [state, lastError]
  }
  await noteConnectionTrouble(env, acme.tenantId, id, 'unauthorized')
  expect(await stateOf()).toEqual(['error', 'unauthorized'])
  await noteConnectionTrouble(env, acme.tenantId, id, null)
  expect(await stateOf()).toEqual(['running', null])

  await noteConnectionTrouble(env, acme.tenantId, id, 'unauthorized')
  expect((await change(id, { state: 'stopped' })).json).toMatchObject({ state: 'stopped' })
  expect((await openConnection(env, id))?.state).toBe('stopped')
  await noteConnectionTrouble(env, acme.tenantId, id, 'unauthorized')
  await noteConnectionTrouble(env, acme.tenantId, id, null)
  expect(await stateOf()).toEqual(['stopped', null])
  expect((await change(id, { state: 'running' })).json).toMatchObject({ state: 'running' })
})

test('the last event is noted, forward only, and not for every event', async () => {
  const { id } = (await connect()).json
  for (const at of [100_000, 90_000, 110_000, 131_000]) {
    await noteConnectionEvent(env, acme.tenantId, id, at)
  }
  const row = await readConnection(tenantDb(env, acme.tenantId), id)
  expect(row?.lastEventAt).toBe(131_000)
})

test('a connection names the agents attached to it', async () => {
  const { id } = (await connect()).json
  const agentId = newId('agt')
  const { orm, tenantId } = tenantDb(env, acme.tenantId)
  await orm.batch([
    orm.insert(agents).values({
      tenantId,
      id: agentId,
      name: 'Ada',
      running: true,
      instructions: '',
      model: { kind: 'rules' },
      resultFields: [],
      handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
      copilot: true,
      createdAt: 1,
    }),
    orm.insert(agentConnections).values({ tenantId, connectionId: id, agentId }),
  ])
  const { json } = await ask('GET /api/connections', { bearer: acme.operators.viewer.bearer })
  expect(json.connections[0].agents).toEqual([{ id: agentId, name: 'Ada', running: true }])
})

test('another tenant’s connection is as one that is not there', async () => {
  const { id } = (await connect()).json
  const theirs = await change(id, { name: 'Mine now' }, other.operators.owner.bearer)
  const nobodys = await change(newId('con'), { name: 'x' }, other.operators.owner.bearer)
  expect(theirs).toMatchObject({ status: 404, json: { refusal: 'not-found' } })
  expect(nobodys.json).toEqual(theirs.json)
  const { json } = await ask('GET /api/connections', { bearer: other.operators.owner.bearer })
  expect(json.connections).toEqual([])
})

test('the channels say what they ask', async () => {
  const { json } = await ask('GET /api/channels', { bearer: acme.operators.viewer.bearer })
  const found = json.channels.find(({ kind }: { kind: string }) => kind === 'telegram')
  expect(found.title).toBe('Telegram')
  expect(found.fields).toContainEqual(
    expect.objectContaining({ name: 'botToken', secret: true, required: true }),
  )
})

// --- Guards: a batch that comes too late writes nothing

test('a change made of an older reading is refused whole', async () => {
  const { id } = (await connect()).json
  const db = tenantDb(env, acme.tenantId)
  const known = await readConnection(db, id)
  if (!known) throw new Error('it was just made')
  await change(id, { config: { secretToken: 'another' } })
  const late = carryOut(db, changeConnection(db, known, { secrets: known.secrets }))
  await expect(late).rejects.toThrow(Overtaken)
  expect((await openConnection(env, id))?.config['secretToken']).toBe('another')

  const { id: viewer } = acme.operators.viewer
  const lateRole = carryOut(db, changeRole(db, viewer, 'operator', 'admin'))
  await expect(lateRole).rejects.toThrow(Overtaken)
  const lastOwner = carryOut(db, changeRole(db, acme.operators.owner.id, 'owner', 'viewer'))
  await expect(lastOwner).rejects.toThrow(Overtaken)
  const { json } = await ask('GET /api/members', { bearer: acme.operators.viewer.bearer })
  expect(json.members.map(({ role }: { role: string }) => role).toSorted()).toEqual([
    'admin',
    'operator',
    'owner',
    'viewer',
  ])
})

// --- How long what is believed

test('a known connection opens while the database is down, for fifteen minutes', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { id } = (await connect()).json
  await openConnection(env, id)
  vi.spyOn(console, 'error').mockReturnValue()

  const works: Promise<unknown>[] = []
  const later = (work: Promise<unknown>) => void works.push(work)
  vi.setSystemTime(Date.now() + 14 * 60_000)
  expect((await openConnection(noDatabase, id, later))?.config).toEqual({ botToken, secretToken })
  expect(works).toHaveLength(1)
  await Promise.all(works)
  expect((await openConnection(noDatabase, id))?.id).toBe(id)

  vi.setSystemTime(Date.now() + 2 * 60_000)
  await expect(openConnection(noDatabase, id, later)).rejects.toThrow('D1 is down')
  forgetConnection(id)
  await expect(openConnection(noDatabase, id)).rejects.toThrow('D1 is down')
  expect((await openConnection(env, id))?.id).toBe(id)
})

test('an older connection is served as it was and asked for anew, once', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { id } = (await connect()).json
  await openConnection(env, id)
  await env.DB.prepare('UPDATE connection SET name = ? WHERE id = ?').bind('Other', id).run()

  const works: Promise<unknown>[] = []
  const open = async () => (await openConnection(env, id, (work) => void works.push(work)))?.name
  expect(await open()).toBe('Bot')
  expect(works).toHaveLength(0)
  vi.setSystemTime(Date.now() + 5001)
  expect(await Promise.all([open(), open(), open()])).toEqual(['Bot', 'Bot', 'Bot'])
  expect(works).toHaveLength(1)
  await Promise.all(works)
  expect(await open()).toBe('Other')
})

test('that there is no connection is believed for five seconds', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const id = newId('con')
  expect(await openConnection(env, id)).toBeUndefined()
  expect(await openConnection(noDatabase, id)).toBeUndefined()
  vi.setSystemTime(Date.now() + 5001)
  await expect(openConnection(noDatabase, id)).rejects.toThrow('D1 is down')
})

test('a secret moved to another connection does not open', async () => {
  const [a, b] = [(await connect()).json.id, (await connect()).json.id]
  await env.DB.prepare(
    'UPDATE connection SET secrets = (SELECT secrets FROM connection WHERE id = ?) WHERE id = ?',
  )
    .bind(a, b)
    .run()
  await expect(openConnection(env, b)).rejects.toThrow('Decryption failed')
})

test('settings are read from memory, and from older memory while the database is down', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const db = tenantDb(env, acme.tenantId)
  const down = tenantDb(noDatabase, acme.tenantId)
  await expect(tenantSettings(down)).rejects.toThrow('D1 is down')
  const settings = await tenantSettings(db)
  expect(await tenantSettings(down)).toBe(settings)
  vi.setSystemTime(Date.now() + 5001)
  expect(await tenantSettings(down)).toBe(settings)
  vi.setSystemTime(Date.now() + 15 * 60_000)
  await expect(tenantSettings(down)).rejects.toThrow('D1 is down')
})

test('a sign-in is believed for three seconds and never past its end', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { id, bearer } = acme.operators.operator
  const who = (token: string) =>
    identify(
      new Request('https://alongside.example/api/me', {
        headers: { Authorization: `Bearer ${token}` },
      }),
      env,
    )
  expect(await who(bearer)).toMatchObject({ operatorId: id, role: 'operator' })
  // Elsewhere, in another isolate, the person is made a viewer, and then removed.
  const elsewhere = env.DB.prepare('UPDATE member SET role = ? WHERE user_id = ?')
  await elsewhere.bind('viewer', id).run()
  expect(await who(bearer)).toMatchObject({ role: 'operator' })
  vi.setSystemTime(Date.now() + 3001)
  expect(await who(bearer)).toMatchObject({ role: 'viewer' })
  await env.DB.prepare('DELETE FROM member WHERE user_id = ?').bind(id).run()
  vi.setSystemTime(Date.now() + 3001)
  expect(await who(bearer)).toBeUndefined()

  const brief = await newSignIn(env, acme.tenantId, acme.operators.viewer.id, 1000)
  expect(await who(brief)).toMatchObject({ role: 'viewer' })
  vi.setSystemTime(Date.now() + 1001)
  expect(await who(brief)).toBeUndefined()
  expect(await who('x'.repeat(32))).toBeUndefined()
})

// Every route of the contract, asked by whom and with what it should not be: nothing is told,
// nothing breaks, and another tenant's things are as things that are not there.

import { request } from 'node:http'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { api, type RouteName, type RouteSpec } from '../../shared/api.ts'
import type { AgentId } from '../../shared/ids.ts'
import { closeCodes } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import { may, roleNames, type Permission } from '../../shared/permissions.ts'
import { phoneOf } from './callers.ts'
import { found, openHouse, signIn, type Company, type House } from './house.ts'
import { factsOf } from './panels.ts'
import {
  bodies,
  missingIds,
  queries,
  wrongIds,
  wrongQueries,
  wrongValues,
  type Ids,
} from './samples.ts'
import { until } from './until.ts'

const names = Object.keys(api) as RouteName[]
const specs: Readonly<Record<string, RouteSpec>> = api
const guarded = names.filter((name) => specs[name]?.access !== 'anyone')
const named = names.filter((name) => specs[name]?.params)
const bodied = names.filter((name) => specs[name]?.body)

let house: House
let mine: Company
let theirs: Company
let myIds: Ids
let theirIds: Ids

beforeAll(async () => {
  house = await openHouse()
  mine = await found(house.url)
  theirs = await found(house.url)
  myIds = await thingsOf(mine, '13125550111')
  theirIds = await thingsOf(theirs, '13125550122')
})
afterAll(() => house?.close())

/** One of each thing that has an id. */
async function thingsOf({ people, connections, agent }: Company, address: string): Promise<Ids> {
  const { owner } = people
  await phoneOf(house.url, connections.whatsapp, address, 'Dana').says('When do you deliver?')
  const row = await until('a session', async () => {
    const { rows } = await owner.api('GET /api/inbox', { query: { view: 'open' } })
    return rows.find(({ messageCount }) => messageCount === 2)
  })
  const uploaded = await fetch(`${house.url}/api/files?name=a.txt&session=${row.id}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${owner.token}` },
    body: 'some words',
  })
  return {
    ...(await recordsOf(owner)),
    operatorId: people.viewer.id,
    connectionId: connections.whatsapp.id,
    agentId: agent.id,
    ...(await aRun(owner, agent.id)),
    customerId: row.customer.id,
    sessionId: row.id,
    fileId: ((await uploaded.json()) as { id: string }).id,
  }
}

/** An analysis that has begun. */
async function aRun({ api }: Company['people']['owner'], agentId: AgentId) {
  const { metricId } = missingIds()
  const metric = { id: metricId, title: 'Mood', prompt: 'good: thanks', type: 'text' } as const
  await api('POST /api/metrics', { body: metric })
  const body = { metrics: [metricId], agentId, filter: {}, dry: true }
  const { id: runId } = await api('POST /api/analysis-runs', { body })
  return { metricId, runId }
}

/** One of each thing of the customer database. */
async function recordsOf({ api, token }: Company['people']['owner']) {
  const name = missingIds().name
  await api('POST /api/fields', { body: { name, title: 'Seats', type: 'number' } })
  const filter = { all: [{ field: 'name', op: 'contains', values: ['dana'] }] } as const
  const saved = await api('POST /api/filters', { body: { name: 'Dana', filter } })
  const others = [newId('cus'), newId('cus'), newId('cus')] as const
  for (const id of others) {
    await api('POST /api/customers', { body: { id, values: { name: 'Pia Brandt' } } })
  }
  const [otherId, first, second] = others
  const { mergeId } = await api('POST /api/customers/:customerId/merges', {
    params: { customerId: first },
    body: { with: second },
  })
  await api('PATCH /api/customers/:customerId', {
    params: { customerId: otherId },
    body: { version: 1, values: { linkedin: 'pia' } },
  })
  const history = await api('GET /api/customers/:customerId/history', {
    params: { customerId: otherId },
    query: {},
  })
  const campaign = await api('POST /api/campaigns', { body: { name: 'Spring' } })
  const uploaded = await fetch(
    `${house.url}/api/campaigns/${campaign.id}/uploads?name=contacts.csv`,
    { method: 'POST', headers: { Authorization: `Bearer ${token}` }, body: 'Email\na@b.example\n' },
  )
  const { upload } = (await uploaded.json()) as { upload: { id: string } }
  return {
    name,
    filterId: saved.id,
    changeId: history.rows[0]!.id,
    otherId,
    mergeId,
    campaignId: campaign.id,
    uploadId: upload.id,
  }
}

interface Asked {
  readonly ids?: Ids
  readonly body?: unknown
  /** What is different from a right body. */
  readonly change?: Readonly<Record<string, unknown>>
  /** The body as it goes out, when it is no JSON. */
  readonly text?: string
  readonly type?: string
  readonly query?: string
}

interface Answer {
  readonly status: number
  readonly text: string
}

async function call(who: { token: string } | undefined, name: RouteName, asked: Asked = {}) {
  const { ids = missingIds(), type = 'application/json' } = asked
  const [method = '', pattern = ''] = name.split(' ')
  const path = pattern.replace(/:(\w+)/g, (_, key: string) =>
    encodeURIComponent(ids[key as keyof Ids].toWellFormed()),
  )
  const query =
    asked.query ?? new URLSearchParams(queries[name]?.(ids) as Record<string, string>).toString()
  const body = asked.text ?? JSON.stringify('body' in asked ? asked.body : bodies[name](ids))
  const hasBody = method !== 'GET' && body !== undefined
  const response = await fetch(`${house.url}${path}${query && `?${query}`}`, {
    method,
    headers: {
      ...(hasBody ? { 'Content-Type': type } : {}),
      ...(who ? { Authorization: `Bearer ${who.token}` } : {}),
    },
    ...(hasBody ? { body } : {}),
  })
  return { status: response.status, text: await response.text() } satisfies Answer
}

const notThere = { status: 404, text: '{"refusal":"not-found"}' }

describe('without a sign-in', () => {
  it.each(guarded)('%s is refused, whatever is asked', async (name) => {
    const signedOut = { status: 401, text: '{"refusal":"signed-out"}' }
    const token = `${mine.people.owner.token.slice(0, -1)}_`

    expect(await call(undefined, name, { ids: myIds })).toEqual(signedOut)
    expect(await call(undefined, name, { text: 'no json', query: 'limit=x' })).toEqual(signedOut)
    expect(await call({ token }, name, { ids: myIds })).toEqual(signedOut)
  })
})

describe.each(roleNames)('as %s', (role) => {
  it.each(guarded)('%s is allowed exactly where the role says so', async (name) => {
    const { access } = specs[name]!
    const permitted = access === 'signed-in' || may(role, access as Permission)
    const known = mine.people[role]
    // Signing out ends a sign-in: one that nobody else here needs.
    const who = name === 'POST /api/sign-out' ? await signIn(house.url, known.email) : known

    const answer = await call(who, name)

    expect(answer.status === 403).toBe(!permitted)
    expect(answer.status).toBeLessThan(500)
    const refusal = { refusal: 'not-permitted', detail: access }
    expect(answer.text === JSON.stringify(refusal)).toBe(!permitted)
  })
})

describe('with ids of another tenant', () => {
  it.each(named)('%s answers as for what is not there', async (name) => {
    const { owner } = mine.people
    // What the body names is ours and right: only the path is not.
    const body = bodies[name](myIds) && { ...bodies[name](myIds), ...withoutFiles(name) }
    const wrong = wrongIds.map((id) =>
      Object.fromEntries(Object.keys(myIds).map((key) => [key, id])),
    )

    for (const ids of [missingIds(), theirIds, ...(wrong as unknown as Ids[])]) {
      const answer = await call(owner, name, { ids, body })
      expect({ ...answer, ids }).toEqual({ ...notThere, ids })
    }
  })

  it.each([
    'POST /api/agents',
    'PATCH /api/agents/:agentId',
    'POST /api/sessions/:sessionId/messages',
    'PUT /api/sessions/:sessionId/assignee',
    'POST /api/files',
  ] as const)('in what %s is given, too', async (name) => {
    const { owner } = mine.people
    // The thing asked is ours; what the request names besides is not.
    const withinOurs = (ids: Ids) =>
      name === 'POST /api/files'
        ? ids
        : { ...ids, sessionId: myIds.sessionId, agentId: myIds.agentId }

    const missing = await call(owner, name, { ids: withinOurs(missingIds()) })
    const foreign = await call(owner, name, { ids: withinOurs(theirIds) })

    expect(missing.status).toBeGreaterThanOrEqual(400)
    expect(foreign).toEqual(missing)
  })
})

function withoutFiles(name: RouteName): object {
  return name.endsWith('/messages') ? { attachments: [] } : {}
}

describe('with what does not belong there', () => {
  const wrongBodies: Asked[] = [
    { text: '' },
    { text: 'no json' },
    { text: '{"id":' },
    { text: `${'['.repeat(50_000)}${']'.repeat(50_000)}` },
    { text: '{"__proto__":{"role":"owner"}}' },
    { type: 'text/plain' },
    { type: 'application/x-www-form-urlencoded' },
    ...[null, 'text', 7, [], [{}]].map((body) => ({ body })),
  ]

  it.each(bodied)('%s refuses a body that is none', async (name) => {
    for (const asked of wrongBodies) {
      // An empty body is none at all, and a deletion may come without one.
      if (name.startsWith('DELETE') && asked.text === '') continue
      const label = JSON.stringify(asked).slice(0, 60)
      const { missing, foreign, own } = await asAll(name, asked)
      expect({ label, ...foreign }).toEqual({ label, ...missing })
      expect([400, 404, 429]).toContain(missing.status)
      expect([400, 404, 429]).toContain(own.status)
    }
  })

  it.each(bodied)('%s reads no more than it takes', async (name) => {
    const { owner } = mine.people
    const [method = '', pattern = ''] = name.split(' ')
    const path = pattern.replace(/:(\w+)/g, (_, key: string) => myIds[key as keyof Ids])

    expect(await sendLarge(`${house.url}${path}`, method, owner.token)).toBe(413)
  })

  it.each(bodied)('%s refuses a key that it does not know', async (name) => {
    const { owner } = mine.people
    for (const key of ['admin', 'tenantId', 'tenant_id', 'constructor']) {
      const body = { ...(bodies[name](myIds) as object), [key]: theirs.tenantId }
      expect((await call(owner, name, { ids: myIds, body })).status).toBe(400)
    }
  })

  it.each(bodied)('%s takes each of its fields as it is meant or not at all', async (name) => {
    for (const key of Object.keys(bodies[name](myIds) as object)) {
      for (const value of wrongValues) {
        const label = `${key} = ${JSON.stringify(value).slice(0, 40)}`
        const { missing, foreign, own } = await asAll(name, { change: { [key]: value } })
        expect({ label, ...foreign }).toEqual({ label, ...missing })
        const broken = [missing, own].filter(({ status }) => status >= 500)
        expect({ label, broken }).toEqual({ label, broken: [] })
      }
    }
  })

  it.each(guarded.filter((name) => !/sign-out|^DELETE/.test(name)))(
    '%s takes no query that breaks it',
    async (name) => {
      const { owner } = mine.people
      const things = name.startsWith('GET') ? [missingIds(), myIds] : [missingIds()]
      for (const query of wrongQueries) {
        for (const ids of things) {
          const { status, text } = await call(owner, name, { query, ids })
          expect({ query, broken: status >= 500 && text }).toEqual({ query, broken: false })
        }
      }
    },
  )
})

/** The status for a body larger than any route takes. On a line of its own: it is cut off. */
function sendLarge(url: string, method: string, token: string): Promise<number | undefined> {
  const body = JSON.stringify({ id: 'x'.repeat(300_000) })
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    Authorization: `Bearer ${token}`,
  }
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      resolve(response.statusCode)
      response.destroy()
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** The same, asked of what is not there, of what is another tenant's and of what is ours. */
async function asAll(name: RouteName, asked: Asked) {
  const { owner } = mine.people
  const ask = (ids: Ids) => {
    // Made anew each time: what one call has made must not be in the way of the next.
    const right = bodies[name](missingIds()) as object
    const body = 'body' in asked ? asked.body : { ...right, ...asked.change }
    return call(owner, name, { ...asked, body, ids })
  }
  return {
    missing: steady(await ask(missingIds())),
    foreign: steady(await ask(theirIds)),
    // All of ours but a person: a role that is changed here would be missing elsewhere.
    own: steady(await ask({ ...myIds, operatorId: newId('opr') })),
  }
}

/** Where a route makes something, its new id and times are its own. */
function steady({ status, text }: Answer): Answer {
  return { status, text: status < 300 ? '' : text }
}

describe('what nobody has signed in for', () => {
  const strange = [
    '',
    '{}',
    '[]',
    'null',
    '"x"',
    '{"events":7}',
    '{"entry":[{"changes":7}]}',
    '\u0000',
  ]

  it('hooks and lines answer 401 or 404 to anything', async () => {
    const { web, whatsapp, telegram } = mine.connections
    const ids = [
      web.id,
      whatsapp.id,
      telegram.id,
      newId('con'),
      ...wrongIds.map(encodeURIComponent),
    ]
    for (const id of ids) {
      for (const body of strange) {
        const hook = await fetch(`${house.url}/hooks/${id}`, { method: 'POST', body })
        expect(`${hook.status} ${await hook.text()} ${id}`).toBe(`401 Unauthorized ${id}`)
      }
      const handshake = await fetch(`${house.url}/hooks/${id}?hub.mode=subscribe&hub.challenge=1`)
      expect({ id, status: handshake.status }).toEqual({ id, status: 403 })
      for (const part of ['live', 'files', `files/${theirIds.fileId}`]) {
        const line = await fetch(`${house.url}/line/${id}/${part}`)
        expect([401, 404]).toContain(line.status)
      }
    }
  })

  it('a verified hook takes what it can’t read, and keeps nothing of it', async () => {
    const { telegram } = mine.connections
    const before = await factsOf(mine.people.owner, myIds.sessionId)
    for (const body of strange) {
      const response = await fetch(telegram.hookUrl, {
        method: 'POST',
        headers: { 'X-Telegram-Bot-Api-Secret-Token': mine.configs.telegram['secretToken']! },
        body,
      })
      expect({ body, status: response.status }).toEqual({ body, status: 200 })
    }
    const { rows } = await mine.people.owner.api('GET /api/inbox', { query: { view: 'open' } })
    expect(rows.map(({ id }) => id)).toEqual([myIds.sessionId])
    expect(await factsOf(mine.people.owner, myIds.sessionId)).toEqual(before)
  })
})

describe('sockets', () => {
  it('open for a ticket, once, and for nobody else’s session', async () => {
    const { owner } = mine.people
    const ticket = async () => (await owner.api('POST /api/tickets')).ticket
    const used = await ticket()
    expect(await opened('/api/live', used)).toBe('open')

    expect(await opened('/api/live', used)).toBe(closeCodes.badTicket)
    expect(await opened('/api/live', `${theirs.tenantId}.${used.split('.')[1]}`)).toBe(
      closeCodes.badTicket,
    )
    for (const wrong of ['', 'x', '.', 'ten_1.x', `${mine.tenantId}.`]) {
      expect(await opened('/api/live', wrong || 'none')).toBe(closeCodes.badTicket)
    }
    const missing = await opened(liveOf(newId('ses')), await ticket())
    expect(await opened(liveOf(theirIds.sessionId), await ticket())).toBe(missing)
    expect(missing).not.toBe('open')
    expect(await opened(liveOf(myIds.sessionId), await ticket())).toBe('open')
  })
})

function liveOf(sessionId: string): string {
  return `/api/sessions/${sessionId}/live`
}

/** «open», or the code it was closed with. */
function opened(path: string, ticket: string): Promise<number | 'open'> {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}${path}`, ['alongside', ticket])
  return new Promise((resolve) => {
    socket.addEventListener('message', () => {
      resolve('open')
      socket.close()
    })
    socket.addEventListener('close', ({ code }) => resolve(code))
  })
}

describe('after all of it', () => {
  it('the other tenant has what it had, and the worker has reported no bug', async () => {
    const { owner } = theirs.people
    const types = (await factsOf(owner, theirIds.sessionId)).map(({ type }) => type)
    expect(types.filter((type) => type.startsWith('message/'))).toEqual([
      'message/received',
      'message/sent',
    ])
    const { members } = await owner.api('GET /api/members')
    expect(members).toHaveLength(4)
    const { connections } = await owner.api('GET /api/connections')
    expect(connections.map(({ name }) => name).sort()).toEqual(['telegram', 'web', 'whatsapp'])
    expect(house.reports).toEqual([])
  })
})

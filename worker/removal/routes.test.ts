// Deleting a customer: what goes, what stays, and that nothing late brings them back.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { CustomerProfile } from '../../shared/customer.ts'
import type { CustomerId, SessionId } from '../../shared/ids.ts'
import { closeCodes, type SessionRow } from '../../shared/inbox.ts'
import type { Message } from '../../shared/message.ts'
import { newId } from '../../shared/new-id.ts'
import type { Removal } from '../../shared/record.ts'
import { auditOf, newTenant, type TestOperator } from '../../tests/tenants.ts'
import {
  ask,
  command,
  listen,
  newWorld,
  post,
  stubProvider,
  type World,
} from '../../tests/world.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { identities } from '../base/schema.ts'
import { resolveCustomer } from '../customer/match.ts'
import { tombstoneOf } from '../customer/tombstone.ts'
import { keepFile } from '../files/keep.ts'
import { sessionOf } from '../session/door.ts'
import { threadOf } from '../thread/door.ts'
import { removalOf, unlink } from './queries.ts'

const bindings = env as unknown as Env
const canary = 'canary-4f1c'
let world: World
let owner: TestOperator

beforeEach(async () => {
  stubProvider()
  world = await newWorld()
  ;({ owner } = world.tenant.operators)
})

function remove(id: CustomerId, body?: unknown, by = owner) {
  return ask(`/api/customers/${id}`, by, {
    method: 'DELETE',
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

async function removal(id: CustomerId): Promise<Removal> {
  return (await ask(`/api/customers/${id}/removal`, owner)).json()
}

/** A new session that somebody wrote into, and that the agent has answered. */
async function spokenWith(chat: number, text = `Where is ${canary}?`): Promise<SessionRow> {
  const before = new Set((await world.rows(() => true)).map(({ id }) => id))
  await world.says(text, { chat, update: chat })
  const isIt = ({ id, messageCount }: SessionRow) => !before.has(id) && messageCount >= 2
  const row = (await world.rows((rows) => rows.some(isIt))).find(isIt)
  if (!row) throw new Error('no session')
  return row
}

async function upload(sessionId: SessionId, body: string): Promise<string> {
  const path = `/api/files?name=a.txt&session=${sessionId}`
  const response = await ask(path, owner, { method: 'POST', body })
  return ((await response.json()) as { id: string }).id
}

async function resolve(id: SessionId): Promise<void> {
  await post(`/api/sessions/${id}/takeover`, owner, command())
  await post(`/api/sessions/${id}/resolution`, owner, command())
  await vi.waitFor(async () => {
    const row = await ask(`/api/sessions/${id}`, owner)
    expect(((await row.json()) as SessionRow).finishedAt).not.toBeNull()
    const left = await ask('/api/inbox?view=open', owner)
    const { rows } = (await left.json()) as { rows: SessionRow[] }
    expect(rows.some((one) => one.id === id)).toBe(false)
  }, 5_000)
}

/** Every row of every table that names a tenant, as text. */
async function dump(): Promise<string> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%tenant_id%'`,
  ).all<{ name: string }>()
  const texts = await Promise.all(
    results.map(async ({ name }) => {
      const rows = await env.DB.prepare(`SELECT * FROM "${name}" WHERE tenant_id = ?`)
        .bind(world.tenant.tenantId)
        .all()
      return `${name}: ${JSON.stringify(rows.results)}`
    }),
  )
  return texts.join('\n')
}

/** Everything an object holds in its tables, as text. */
function contents(stub: DurableObjectStub): Promise<string> {
  return runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .toArray()
      .filter(({ name }) => !name.startsWith('_') && !name.startsWith('sqlite_'))
    return tables
      .map(({ name }) => JSON.stringify(storage.sql.exec(`SELECT * FROM "${name}"`).toArray()))
      .join('\n')
  })
}

/** Sessions in D1 whose customer is not there. */
function orphans(): Promise<number | null> {
  return env.DB.prepare(
    `SELECT count(*) AS n FROM session WHERE tenant_id = ? AND customer_id NOT IN
      (SELECT id FROM customer WHERE tenant_id = session.tenant_id)`,
  )
    .bind(world.tenant.tenantId)
    .first('n')
}

function proven(value: string) {
  return { kind: 'telegram-id', value, proof: 'channel' } as const
}

/** A record that is known by a Telegram id, and that nobody has spoken with. */
async function contact(id: string): Promise<CustomerId> {
  const sender = { address: id, contact: id, name: 'Dana', identities: [proven(id)] }
  const db = tenantDb(bindings, world.tenant.tenantId)
  return (await resolveCustomer(db, sender, world.connection.id, Date.now())).id
}

const said: Omit<Message, 'id'> = {
  author: { kind: 'customer' },
  text: canary,
  attachments: [],
  places: [],
  contacts: [],
  quickReplies: [],
  at: Date.UTC(2027, 1, 3),
}

describe('deleting a customer', () => {
  it('takes with it what the confirmation says, and leaves others alone', async () => {
    const row = await spokenWith(7_001)
    const other = await spokenWith(7_002, 'Hello')
    await upload(row.id, `only ${canary}`)
    await upload(row.id, 'shared by both')
    const shared = await upload(other.id, 'shared by both')
    await resolve(row.id)
    const { id } = row.customer
    await post(`/api/customers/${id}`, owner, { version: 1, values: { linkedin: canary } }, 'PATCH')
    const before = await removal(id)
    const { tenantId } = world.tenant
    const line = { tenantId, connectionId: world.connection.id, address: '7001' }
    const thread = threadOf(bindings, line)
    expect(await contents(thread)).toContain('7001')
    expect(await contents(sessionOf(bindings, tenantId, row.id))).toContain(canary)
    const session = await listen(owner, `/api/sessions/${row.id}/live?after=0`)

    expect(before).toEqual({
      name: row.customer.name,
      sessions: 1,
      communications: 1,
      messages: before.messages,
      files: 2,
      active: 0,
    })
    const facts = await ask(`/api/sessions/${row.id}`, owner)
    expect(before.messages).toBe(((await facts.json()) as SessionRow).messageCount)
    expect((await remove(id)).status).toBe(204)

    expect(await session.closed).toBe(closeCodes.erased)
    const gone = await Promise.all(
      [
        `/api/customers/${id}`,
        `/api/customers/${id}/removal`,
        `/api/sessions/${row.id}`,
        `/api/sessions/${row.id}/facts`,
      ].map(async (path) => (await ask(path, owner)).status),
    )
    expect(gone).toEqual([404, 404, 404, 404])
    const left = await dump()
    expect(left).not.toContain(canary)
    const about = left.split('\n').filter((line) => line.includes(id))
    expect(about.map((line) => line.split(':')[0]).sort()).toEqual(['audit', 'tombstone'])
    expect(await contents(thread)).not.toMatch(/7001|canary/)
    expect(await contents(sessionOf(bindings, tenantId, row.id))).toBe('')
    expect((await env.FILES.list({ prefix: `t/${tenantId}/` })).objects).toHaveLength(1)
    expect((await ask(`/api/files/${shared}`, owner)).status).toBe(200)
    expect((await ask(`/api/customers/${other.customer.id}`, owner)).status).toBe(200)

    const audit = (await auditOf(env, tenantId)).find(({ action }) => action === 'customer.delete')
    expect(audit).toMatchObject({
      actor: `operator:${owner.id}`,
      subject: id,
      detail: { sessions: 1, communications: 1, messages: before.messages, files: 2 },
    })
  })

  it('is refused while a session is active, unless the name is typed again', async () => {
    const row = await spokenWith(7_003)
    const { id, name } = row.customer

    const refused = await remove(id)
    expect(refused.status).toBe(409)
    expect(await refused.json()).toEqual({ refusal: 'session-open', at: 'name', detail: '1' })
    expect((await remove(id, { name: 'Somebody' })).status).toBe(409)
    expect((await remove(id, { name: name.toUpperCase() })).status).toBe(204)
    expect((await remove(id, { name })).status).toBe(404)
    await world.rows((rows) => rows.length === 0)
  })

  it('stays done though the provider delivers again; who writes anew is a new contact', async () => {
    const row = await spokenWith(7_004)
    const { id, name } = row.customer
    expect((await remove(id, { name })).status).toBe(204)

    for (let n = 0; n < 3; n += 1)
      expect(await world.says('again', { chat: 7_004, update: 7_004 })).toBe(200)
    expect(await world.says('A new question', { chat: 7_004, update: 7_104 })).toBe(200)
    const [news, ...more] = await world.rows((rows) => rows.some((one) => one.messageCount >= 2))

    expect(more).toEqual([])
    expect(news?.customer.id).not.toBe(id)
    expect((await ask(`/api/customers/${id}`, owner)).status).toBe(404)
    const profile = await ask(`/api/customers/${news?.customer.id}`, owner)
    expect((await profile.json()) as CustomerProfile).toMatchObject({ communications: 1 })
    const facts = await ask(`/api/sessions/${news?.id}/facts`, owner)
    expect(await facts.text()).not.toContain(canary)
    // And the same person again, deleted again.
    expect((await remove(news!.customer.id, { name: news!.customer.name })).status).toBe(204)
    await world.says('Once more', { chat: 7_004, update: 7_204 })
    const [third] = await world.rows((rows) => rows.length === 1)
    expect([id, news?.customer.id]).not.toContain(third?.customer.id)
  })

  it('cut short is found unfinished, and finished by asking again', async () => {
    const row = await spokenWith(7_005)
    const { id, name } = row.customer
    const { tenantId } = world.tenant
    const db = tenantDb(bindings, tenantId)
    const before = await removalOf(db, id)
    await unlink(db, id, before!, { operatorId: owner.id, now: Date.now() })
    await sessionOf(bindings, tenantId, row.id).halt()
    await threadOf(bindings, {
      tenantId,
      connectionId: world.connection.id,
      address: '7005',
    }).erase()
    await sessionOf(bindings, tenantId, row.id).erase()

    expect(await removal(id)).toEqual(before)
    expect((await remove(id, { name })).status).toBe(204)
    expect(await dump()).not.toContain(canary)
    const deletions = (await auditOf(env, tenantId)).filter(
      ({ action }) => action === 'customer.delete',
    )
    expect(deletions).toHaveLength(1)
  })

  it('holds while the customer goes on writing', async () => {
    const row = await spokenWith(7_006)
    const { id, name } = row.customer
    const writing = Array.from({ length: 12 }, (_, n) =>
      world.says(`more ${n}`, { chat: 7_006, update: 8_000 + n }),
    )
    const deleted = await remove(id, { name })
    await Promise.all(writing)
    await world.says('the end', { chat: 7_006, update: 9_000 })

    expect(deleted.status).toBe(204)
    const rows = await world.rows((all) => all.some(({ lastText }) => lastText !== ''))
    expect(rows.every(({ customer }) => customer.id !== id)).toBe(true)
    expect((await ask(`/api/customers/${id}`, owner)).status).toBe(404)
    expect(await orphans()).toBe(0)
  })

  it('reaches a session that D1 has not heard of yet: it goes by itself', async () => {
    const { tenantId } = world.tenant
    const db = tenantDb(bindings, tenantId)
    const [id, young] = [await contact('7010'), await contact('7011')]
    await post(`/api/customers/${id}/merges`, owner, { with: young })
    const line = { connectionId: world.connection.id, address: '7011' }
    const sessionId = newId('ses')
    expect((await remove(id)).status).toBe(204)

    // As a thread that had found the record before brings it, under an id merged away since.
    const agent = { id: newId('agt'), name: 'Mira' }
    const opening = { ...line, customer: { id: young, name: canary }, contact: canary, agent }
    const file = { id: newId('fil'), sessionId, name: 'a.txt', type: 'text/plain' }
    await keepFile(bindings, db, { ...file, body: new Response(canary) })
    const session = sessionOf(bindings, tenantId, sessionId)
    await session.deliver({
      opening: {
        ...opening,
        channel: 'telegram',
        initiator: { kind: 'customer' },
        parameters: {},
      },
      message: { ...said, id: newId('msg') },
      remoteFiles: [],
    })

    await vi.waitFor(async () => expect(await contents(session)).toBe(''), 5_000)
    expect(await dump()).not.toContain(canary)
    expect((await env.FILES.list({ prefix: `t/${tenantId}/` })).objects).toEqual([])
    await world.says('A new question', { chat: 7_011, update: 7_111 })
    const [news] = await world.rows((rows) => rows.length === 1)
    expect([id, young]).not.toContain(news?.customer.id)
  })

  it('holds against the first message of all, whichever comes first', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => contact(String(7_020 + n))))
    await Promise.all(
      ids.map(async (id, n) => {
        const says = world.says(`first ${n}`, { chat: 7_020 + n, update: 7_220 + n })
        if (n % 2 === 0) await says
        // Somebody may have begun to talk by then: that asks for the name.
        await Promise.all([says, remove(id, { name: 'Dana' })])
      }),
    )

    // What was said while they went may have gone with them; who goes on writing is heard.
    let update = 7_300
    await vi.waitFor(async () => {
      const rows = await world.rows(() => true)
      const heard = new Set(rows.map(({ contact: name }) => name))
      expect(rows.filter(({ customer }) => ids.includes(customer.id))).toEqual([])
      if (heard.size === ids.length) return
      update += 100
      await Promise.all(
        ids.map((_, n) => world.says('once more', { chat: 7_020 + n, update: update + n })),
      )
      throw new Error(`${heard.size} of them are heard`)
    }, 10_000)
    expect(await orphans()).toBe(0)
  }, 15_000)

  it('leaves nothing that addresses could be tried against without the worker’s key', async () => {
    const id = await contact('7050')
    const [one, two] = ['AAAA', 'BBBB'].map((key) => ({ ...bindings, SECRET_KEY: key }))
    const address = { kind: 'telegram-id', value: '7050', scope: '' } as const
    const { tenantId } = world.tenant
    const hashes = await Promise.all(
      [one!, two!, bindings].map((each) => tombstoneOf(tenantDb(each, tenantId), address)),
    )
    await remove(id)

    expect(new Set(hashes).size).toBe(3)
    expect(await dump()).toContain(hashes[2])
    const elsewhere = tenantDb(one!, newId('ten'))
    const sender = { address: '7050', contact: '7050', name: '', identities: [proven('7050')] }
    const there = await resolveCustomer(elsewhere, sender, world.connection.id, Date.now())
    const other = tenantDb(two!, elsewhere.tenantId)
    await other.orm.delete(identities).where(other.mine(identities))
    expect((await resolveCustomer(other, sender, world.connection.id, 1)).id).not.toBe(there.id)
  })

  it('is for who may, and for one’s own customers', async () => {
    const row = await spokenWith(7_007)
    const { id } = row.customer
    const { viewer, operator } = world.tenant.operators
    const stranger = (await newTenant(env)).operators.owner

    for (const by of [viewer, operator]) {
      expect((await remove(id, { name: row.customer.name }, by)).status).toBe(403)
      expect((await ask(`/api/customers/${id}/removal`, by)).status).toBe(403)
    }
    const foreign = await remove(id, { name: row.customer.name }, stranger)
    const missing = await remove(newId('cus'), undefined, stranger)
    expect([foreign.status, missing.status]).toEqual([404, 404])
    expect(await foreign.text()).toBe(await missing.text())
    expect((await ask(`/api/customers/${id}`, viewer)).status).toBe(200)
  })
})

// Customers over HTTP, as an operator's panel asks for them.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'

import type { CustomerProfile, CustomerRow } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import { deskOf } from '../../tests/desk.ts'
import { newTenant, type TestTenant } from '../../tests/tenants.ts'
import { statements, tenantDb, type Db } from '../base/db.ts'
import { sessions } from '../base/schema.ts'
import { editHandlers } from './edit/routes.ts'
import { learn } from './enrich.ts'
import { findHandlers } from './find/routes.ts'
import { resolveCustomer } from './match.ts'
import { customerHandlers } from './routes.ts'

const noon = Date.UTC(2027, 1, 3, 12)
const ask = deskOf({ ...customerHandlers, ...findHandlers })
let acme: TestTenant
let other: TestTenant
let db: Db
let dana: CustomerId

async function newSession(
  more: Partial<typeof sessions.$inferInsert> = {},
  of: Db = db,
): Promise<void> {
  await of.orm.insert(sessions).values({
    tenantId: of.tenantId,
    id: newId('ses'),
    seq: 5,
    customerId: dana,
    customerName: 'Dana Whitfield',
    contact: '+1 312 555 0142',
    connectionId: newId('con'),
    channel: 'whatsapp',
    agentId: newId('agt'),
    agentName: 'Mira',
    mode: 'ai',
    startedAt: noon,
    lastText: 'Hello',
    messageCount: 2,
    status: 'open',
    parameters: {},
    results: {},
    hasAttachments: false,
    ...more,
  })
}

async function get<Answer>(path: string, tenant = acme): Promise<Answer> {
  const response = await ask('GET', path, { bearer: tenant.operators.viewer.bearer })
  expect(response.status).toBe(200)
  return response.json<Answer>()
}

interface List {
  rows: CustomerRow[]
  next: string | null
  total: number
}
interface Sessions {
  rows: SessionRow[]
  next: string | null
}

beforeAll(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
  db = tenantDb(env, acme.tenantId)
  const sender = {
    address: '13125550142',
    contact: '+1 312 555 0142',
    name: 'Dana Whitfield',
    identities: [{ kind: 'phone', value: '+13125550142', proof: 'channel' }],
  } as const
  dana = (await resolveCustomer(db, sender, newId('con'), noon)).id
  await learn(db, dana, {
    field: 'email',
    value: 'Dana@Example.com',
    sessionId: newId('ses'),
    at: noon + 1,
  })
  await newSession({ finishedAt: noon + 9, lastMessageAt: noon + 8, summary: 'Asked for a refund' })
  await newSession({ startedAt: noon + 20, lastMessageAt: noon + 30, waitingSince: noon + 25 })
  await newSession({ channel: 'telegram', contact: '@dana', startedAt: noon + 10 })
  await newSession({ campaignId: 'cmp_spring', startedAt: noon + 40, finishedAt: noon + 50 })
})

describe('the list', () => {
  it('shows a row with where they speak and how many sessions are open', async () => {
    const { rows, total, next } = await get<List>('/api/customers')

    expect({ total, next }).toEqual({ total: 1, next: null })
    expect(rows).toEqual([
      {
        id: dana,
        name: 'Dana Whitfield',
        email: 'dana@example.com',
        phone: '+1 312 555 0142',
        channels: ['whatsapp', 'telegram'],
        active: 2,
        lastCommunicationAt: noon,
        createdAt: noon,
        values: {},
      },
    ])
  })

  it('is empty, not wrong, in an empty tenant', async () => {
    expect(await get<List>('/api/customers', other)).toEqual({ rows: [], next: null, total: 0 })
    expect(await get<List>('/api/customers?q=dana', other)).toMatchObject({ total: 0 })
  })

  it('takes as many queries for many rows as for one', async () => {
    const count = async (limit: number) => {
      let heard = 0
      statements.heard = ({ sql }) => {
        if (/customer|identity|field_value/.test(sql)) heard += 1
        expect(sql).toMatch(/tenant_id|sign_in|from "tenant"/)
      }
      await get<List>(`/api/customers?limit=${limit}`, many)
      delete statements.heard
      return heard
    }
    const many = await newTenant(env)
    const theirs = tenantDb(env, many.tenantId)
    for (let n = 0; n < 12; n += 1) {
      const identities = [{ kind: 'external', value: `X${n}`, proof: 'channel' }] as const
      const sender = { address: `${n}`, contact: `${n}`, name: '', identities }
      await resolveCustomer(theirs, sender, newId('con'), noon + n)
    }

    expect(await count(11)).toBe(await count(1))
    const first = await get<List>('/api/customers?limit=5', many)
    const second = await get<List>(`/api/customers?limit=50&cursor=${first.next}`, many)
    expect(first.rows).toHaveLength(5)
    expect([...first.rows, ...second.rows].map(({ name }) => name)).toEqual(
      Array.from({ length: 12 }, (_, n) => `${11 - n}`),
    )
    expect(second.next).toBeNull()
  })

  it.each(['x', '12.cus_short', '.', '9'.repeat(20), `1.${newId('ses')}`])(
    'refuses the cursor %s',
    async (cursor) => {
      const response = await ask('GET', `/api/customers?cursor=${cursor}`, {
        bearer: acme.operators.viewer.bearer,
      })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ refusal: 'invalid', at: 'cursor' })
    },
  )
})

describe('the profile', () => {
  it('has every field with its source, and Customer Service', async () => {
    const profile = await get<CustomerProfile>(`/api/customers/${dana}`)

    expect(profile).toMatchObject({
      id: dana,
      name: 'Dana Whitfield',
      anonymous: false,
      identities: [{ kind: 'phone', value: '+13125550142', proof: 'channel' }],
      channels: ['whatsapp', 'telegram'],
      communications: 4,
      active: 2,
      possibleDuplicates: [],
    })
    expect(profile.fields.map(({ title, value, verified }) => [title, value, verified])).toEqual([
      ['Name', 'Dana Whitfield', true],
      ['Email', 'dana@example.com', false],
      ['Phone', '+1 312 555 0142', true],
      ['WhatsApp', '+1 312 555 0142', true],
    ])
    expect(profile.participations).toEqual([
      {
        campaignId: null,
        name: 'Customer Service',
        kind: 'virtual',
        status: 'active',
        stage: null,
        loadedAt: noon,
        lastCommunicationAt: noon + 30,
        channels: ['whatsapp', 'telegram'],
        communications: 3,
        summary: 'Asked for a refund',
      },
    ])
  })

  it('answers for a foreign customer as for one that is not there', async () => {
    const bearer = other.operators.owner.bearer
    const ids = [dana, newId('cus'), 'cus_nonsense']
    for (const path of ['', '/sessions']) {
      const answers = await Promise.all(
        ids.map(async (id) => {
          const response = await ask('GET', `/api/customers/${id}${path}`, { bearer })
          return [response.status, await response.text()]
        }),
      )
      expect(answers).toEqual(ids.map(() => [404, '{"refusal":"not-found"}']))
    }
  })

  it('is for who is signed in', async () => {
    expect((await ask('GET', `/api/customers/${dana}`)).status).toBe(401)
  })
})

describe('a customer’s sessions', () => {
  it('come newest first, page by page', async () => {
    const path = `/api/customers/${dana}/sessions`
    const all = await get<Sessions>(path)
    const first = await get<Sessions>(`${path}?limit=3`)
    const second = await get<Sessions>(`${path}?limit=3&cursor=${first.next}`)

    expect(all.rows.map(({ startedAt }) => startedAt - noon)).toEqual([40, 20, 10, 0])
    expect([...first.rows, ...second.rows]).toEqual(all.rows)
    expect(all.rows[1]).toMatchObject({
      customer: { id: dana, name: 'Dana Whitfield' },
      operator: null,
      handover: null,
      waitingSince: noon + 25,
    })
  })

  it('are those of one campaign when it is named', async () => {
    const path = `/api/customers/${dana}/sessions?campaign=`
    const answers = ['customer-service', 'cmp_spring', 'cmp_other'].map((campaign) =>
      get<Sessions>(`${path}${campaign}`),
    )

    expect((await Promise.all(answers)).map(({ rows }) => rows.length)).toEqual([3, 1, 0])
  })
})

describe('an address that a channel brings', () => {
  it('has its line in the history, once, and is not reverted', async () => {
    const connectionId = newId('con')
    const identity = (kind: 'email' | 'phone', value: string) => ({
      kind,
      value,
      proof: 'channel' as const,
    })
    const phone = identity('phone', '+13125550177')
    const sender = { address: '13125550177', contact: '+1 312 555 0177', name: 'Wanda' }
    const first = { ...sender, identities: [phone] }
    const { id } = await resolveCustomer(db, first, connectionId, noon)
    const more = { ...sender, identities: [phone, identity('email', 'Wanda@Example.com')] }
    for (const at of [1, 2, 3]) await resolveCustomer(db, more, connectionId, noon + at)

    const { bearer } = acme.operators.owner
    const edit = deskOf(editHandlers)
    const answer = await edit('GET', `/api/customers/${id}/history`, { bearer })
    const { rows } = await answer.json<{ rows: { id: string }[] }>()

    expect(rows).toMatchObject([
      { field: 'email', value: 'wanda@example.com', before: '', source: 'channel', at: noon + 1 },
    ])
    const path = `/api/customers/${id}/history/${rows[0]!.id}/revert`
    expect((await edit('POST', path, { bearer })).status).toBe(409)
    const { identities } = await get<CustomerProfile>(`/api/customers/${id}`)
    expect(identities.map(({ kind }) => kind).sort()).toEqual(['email', 'phone'])
  })
})

// Fields settings over HTTP, and the feed that writes by their names.

import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Connection } from '../../../shared/agent.ts'
import type { CustomerProfile } from '../../../shared/customer.ts'
import type { Field } from '../../../shared/fields.ts'
import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import type { SessionRow } from '../../../shared/inbox.ts'
import { newId } from '../../../shared/new-id.ts'
import { auditOf, newTenant, type TestTenant } from '../../../tests/tenants.ts'
import { ask, newWorld, post, stubProvider } from '../../../tests/world.ts'
import { tenantDb } from '../../base/db.ts'
import { resolveCustomer } from '../match.ts'
import { writeValues } from '../values/queries.ts'
import { keptText } from '../values/rules.ts'

const noon = Date.UTC(2027, 1, 3, 12)
const plan = { name: 'plan', title: 'Plan tier', type: 'text' } as const
let acme: TestTenant
let other: TestTenant

beforeEach(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
})

async function fieldsOf(tenant = acme): Promise<Field[]> {
  const response = await ask('/api/fields', tenant.operators.viewer)
  return ((await response.json()) as { fields: Field[] }).fields
}

function send(method: string, path: string, body?: unknown, by = acme.operators.admin) {
  return ask(path, by, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
}

async function newRecord(tenant = acme): Promise<CustomerId> {
  const identities = [{ kind: 'external', value: newId('cus'), proof: 'channel' }] as const
  const sender = { address: 'x', contact: 'x', name: 'Dana', identities }
  return (await resolveCustomer(tenantDb(env, tenant.tenantId), sender, newId('con'), noon)).id
}

describe('fields settings', () => {
  it('show the built-in fields to everybody, and custom ones in their place', async () => {
    expect((await send('POST', '/api/fields', plan)).status).toBe(200)

    const fields = await fieldsOf()
    expect(fields.at(-1)).toEqual({
      ...plan,
      options: [],
      builtin: false,
      hidden: false,
      column: false,
      position: fields.length - 1,
    })
    expect(await fieldsOf(other)).toHaveLength(fields.length - 1)
  })

  it('take a name once, be it built-in or custom', async () => {
    await send('POST', '/api/fields', plan)
    for (const body of [plan, { ...plan, name: 'email' }]) {
      const again = await send('POST', '/api/fields', body)
      expect(again.status).toBe(409)
      expect(await again.json()).toEqual({ refusal: 'already-exists', at: 'name' })
    }
    expect((await send('POST', '/api/fields', plan, other.operators.owner)).status).toBe(200)
  })

  it.each([
    [{ ...plan, name: 'Plan' }],
    [{ ...plan, name: '1plan' }],
    [{ ...plan, title: ' ' }],
    [{ ...plan, type: 'colour' }],
    [{ ...plan, type: 'enum' }],
    [{ ...plan, type: 'enum', options: ['a', 'a'] }],
    [{ ...plan, options: ['a'] }],
    [{ ...plan, builtin: true }],
  ])('refuse %j', async (body) => {
    expect((await send('POST', '/api/fields', body)).status).toBe(400)
  })

  it('change title, visibility and order of any field, its name and type never', async () => {
    await send('POST', '/api/fields', plan)
    const moved = await send('PATCH', '/api/fields/plan', { position: 1, column: true })
    await send('PATCH', '/api/fields/email', { title: 'Mail', hidden: true })

    expect(await moved.json()).toMatchObject({ name: 'plan', position: 1, column: true })
    expect((await fieldsOf()).slice(0, 3).map(({ name, title }) => [name, title])).toEqual([
      ['name', 'Name'],
      ['plan', 'Plan tier'],
      ['email', 'Mail'],
    ])
    expect((await send('PATCH', '/api/fields/plan', { type: 'number' })).status).toBe(400)
    expect((await send('PATCH', '/api/fields/nope', { title: 'x' })).status).toBe(404)
  })

  it('delete a field with its values, and say how many before and after', async () => {
    await send('POST', '/api/fields', plan)
    const ids = await Promise.all(Array.from({ length: 3 }, () => newRecord()))
    const db = tenantDb(env, acme.tenantId)
    const write = { field: 'plan', source: 'parameter', sessionId: null, at: noon } as const
    await writeValues(
      db,
      ids.map((customerId) => ({ customerId, ...write, ...keptText('Platinum') })),
      'system',
    )
    const usage = await send('GET', '/api/fields/plan/usage')
    const gone = await send('DELETE', '/api/fields/plan')

    expect([await usage.json(), await gone.json()]).toEqual([{ values: 3 }, { values: 3 }])
    expect((await fieldsOf()).some(({ name }) => name === 'plan')).toBe(false)
    const found = await env.DB.prepare(
      `SELECT count(*) AS n FROM customer WHERE tenant_id = ? AND instr(search_text, 'platinum')`,
    )
      .bind(acme.tenantId)
      .first('n')
    expect(found).toBe(0)
    expect((await send('DELETE', '/api/fields/plan')).status).toBe(404)
    expect((await send('DELETE', '/api/fields/email')).status).toBe(400)
    // A new field of the name begins without the old one's values.
    await send('POST', '/api/fields', plan)
    expect(await (await send('GET', '/api/fields/plan/usage')).json()).toEqual({ values: 0 })
  })

  it('are for who may manage them, and each change is in the audit log', async () => {
    for (const role of ['viewer', 'operator'] as const) {
      const by = acme.operators[role]
      const answers = await Promise.all([
        send('POST', '/api/fields', plan, by),
        send('PATCH', '/api/fields/email', { title: 'x' }, by),
        send('DELETE', '/api/fields/plan', undefined, by),
        send('GET', '/api/fields/plan/usage', undefined, by),
      ])
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403])
    }
    await send('POST', '/api/fields', plan)
    await send('PATCH', '/api/fields/plan', { title: 'Plan' })
    await send('DELETE', '/api/fields/plan')

    const audit = await auditOf(env, acme.tenantId)
    expect(audit.map(({ action }) => action).sort()).toEqual([
      'field.add',
      'field.change',
      'field.delete',
    ])
    expect(new Set(audit.map(({ actor }) => actor))).toEqual(
      new Set([`operator:${acme.operators.admin.id}`]),
    )
  })
})

describe('session parameters', () => {
  it('reach the custom fields of their name, by a real visitor', async () => {
    stubProvider()
    const { tenant, agent } = await newWorld()
    const { owner } = tenant.operators
    const connection = await post<Connection>('/api/connections', owner, {
      name: 'Website',
      channel: 'web',
      config: { allowedOrigins: 'https://shop.example' },
    })
    await post(`/api/agents/${agent.id}`, owner, { connections: [connection.id] }, 'PATCH')
    for (const field of [
      plan,
      { name: 'seats', title: 'Seats', type: 'number' },
      { name: 'since', title: 'since', type: 'date' },
    ]) {
      await post('/api/fields', owner, field)
    }
    const headers = { Origin: 'https://shop.example' }
    const admitted = await ask(`/line/${connection.id}/visitors`, undefined, {
      method: 'POST',
      headers,
      body: JSON.stringify({ key: connection.settings['widgetKey'] }),
    })
    const { token } = (await admitted.json()) as { token: string }
    const said = await ask(`/hooks/${connection.id}`, undefined, {
      method: 'POST',
      headers: { ...headers, Authorization: `Bearer ${token}` },
      body: JSON.stringify({
        events: [
          {
            type: 'message',
            id: 'm-1',
            text: 'Hello',
            parameters: {
              plan: 'Gold',
              'Plan tier': 'by title',
              seats: 'many',
              since: '2027-02-03',
              email: 'mallory@example.com',
              unknown: 'x',
            },
          },
        ],
      }),
    })
    expect(said.status).toBe(200)

    const row = await vi.waitFor(async () => {
      const view = await ask('/api/inbox?view=open', owner)
      const { rows } = (await view.json()) as { rows: SessionRow[] }
      const found = rows.find((one) => one.connectionId === connection.id)
      if (!found) throw new Error('no session yet')
      return found
    }, 5_000)
    const profile = await vi.waitFor(async () => {
      const answer = await ask(`/api/customers/${row.customer.id}`, owner)
      const found = (await answer.json()) as CustomerProfile
      if (!found.fields.some(({ field }) => field === 'plan')) throw new Error('not fed yet')
      return found
    }, 5_000)

    const fed = profile.fields.filter(({ source }) => source === 'parameter')
    expect(fed).toMatchObject([
      { field: 'plan', title: 'Plan tier', value: 'Gold', pinned: false, sessionId: row.id },
      { field: 'since', value: '2027-02-03', sessionId: row.id },
    ])
    expect(profile.fields.some(({ field }) => field === 'email')).toBe(false)
    const logs = await ask(`/api/sessions/${row.id satisfies SessionId}/logs`, owner)
    const { system } = (await logs.json()) as { system: { text: string }[] }
    expect(system.some(({ text }) => text.includes('«seats»'))).toBe(true)
    expect(JSON.stringify(system)).not.toContain('many')
  })
})

// Changing a record over HTTP: what is written, who may, and what two editors do to each other.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { CustomerProfile, IdentityKind } from '../../../shared/customer.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { newId } from '../../../shared/new-id.ts'
import type { Entry, HistoryRow } from '../../../shared/record.ts'
import type { Refusal } from '../../../shared/refusal.ts'
import { auditOf, newTenant, type TestOperator, type TestTenant } from '../../../tests/tenants.ts'
import { ask } from '../../../tests/world.ts'
import { statements, tenantDb, type Db } from '../../base/db.ts'
import { customerAliases } from '../../base/schema.ts'
import { learn } from '../enrich.ts'
import { resolveCustomer } from '../match.ts'
import { writeValues } from '../values/queries.ts'
import { keptText } from '../values/rules.ts'

const noon = Date.UTC(2027, 1, 3, 12)
const heard: Parameters<NonNullable<typeof statements.heard>>[0][] = []
let acme: TestTenant
let other: TestTenant
let db: Db
let ann: TestOperator

beforeEach(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
  db = tenantDb(env, acme.tenantId)
  ann = acme.operators.operator
  await send(
    'POST',
    '/api/fields',
    { name: 'plan', title: 'Plan', type: 'text' },
    acme.operators.owner,
  )
  statements.heard = (statement) => heard.push(statement)
})

afterEach(() => {
  delete statements.heard
  const foreign = heard
    .splice(0)
    .filter(({ params, tenantId }) => tenantId && !params.includes(tenantId))
  // oxlint-disable-next-line vitest/no-standalone-expect -- it is about every test
  expect(foreign).toEqual([])
})

interface Answer<Body> {
  readonly status: number
  readonly body: Body
}

async function send<Body = CustomerProfile>(
  method: string,
  path: string,
  body?: unknown,
  by: TestOperator = ann,
): Promise<Answer<Body>> {
  const response = await ask(path, by, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
  const text = await response.text()
  return { status: response.status, body: (text ? JSON.parse(text) : undefined) as Body }
}

function add(values: Record<string, Entry>, id = newId('cus')) {
  return send<CustomerProfile & Refusal>('POST', '/api/customers', { id, values })
}

async function added(values: Record<string, Entry>): Promise<CustomerProfile> {
  const { status, body } = await add(values)
  expect({ status, body }).toMatchObject({ status: 200 })
  return body
}

function edit(id: CustomerId, version: number, values: Record<string, Entry>, by = ann) {
  return send<CustomerProfile & Refusal>('PATCH', `/api/customers/${id}`, { version, values }, by)
}

async function arrived(identities: Partial<Record<IdentityKind, string>>, name = '') {
  const list = Object.entries(identities) as [IdentityKind, string][]
  const address = list[0]?.[1] ?? 'x'
  const proven = list.map(([kind, value]) => ({ kind, value, proof: 'channel' as const }))
  const sender = { address, contact: address, name, identities: proven }
  return (await resolveCustomer(db, sender, newId('con'), noon)).id
}

async function profile(id: CustomerId): Promise<CustomerProfile> {
  return (await send('GET', `/api/customers/${id}`)).body
}

async function history(id: CustomerId): Promise<HistoryRow[]> {
  const { body } = await send<{ rows: HistoryRow[] }>('GET', `/api/customers/${id}/history`)
  return body.rows
}

function valuesOf({ fields }: CustomerProfile, field: string) {
  return fields.filter((one) => one.field === field).map(({ value }) => value)
}

async function said(field: 'email' | 'phone', value: string) {
  const id = await arrived({ 'telegram-id': newId('msg') }, 'Tomas')
  await learn(db, id, { field, value, sessionId: newId('ses'), at: noon })
  return id
}

describe('adding a contact', () => {
  it('makes a record with what was entered, by whom and from where', async () => {
    const made = await added({
      name: 'Dana Whitfield',
      email: 'Dana@Example.com',
      phone: '312 555 0142',
      plan: 'Gold',
    })

    expect(made).toMatchObject({ name: 'Dana Whitfield', version: 1, lastCommunicationAt: null })
    expect(made.fields).toMatchObject([
      { field: 'name', value: 'Dana Whitfield', source: 'operator', pinned: true },
      { field: 'email', value: 'dana@example.com', verified: true, neverContacted: true },
      { field: 'phone', value: '+1 312 555 0142', source: 'operator' },
      { field: 'plan', value: 'Gold', pinned: true },
    ])
    expect(
      (await history(made.id)).map(({ field, before, operator }) => [
        field,
        before,
        operator?.name,
      ]),
    ).toEqual(expect.arrayContaining([['plan', '', ann.name]]))
    const [row] = await auditOf(env, acme.tenantId)
    expect(row).toMatchObject({ action: 'customer.add', subject: made.id })
    expect(JSON.stringify(row)).not.toContain('Gold')
  })

  it('finds the record again when the person writes', async () => {
    const made = await added({ name: 'Dana', phone: '+1 312 555 0142' })
    expect(await arrived({ phone: '+13125550142' })).toBe(made.id)
  })

  it('adds once, however often the panel asks', async () => {
    const id = newId('cus')
    const [one, two] = [await add({ name: 'Dana' }, id), await add({ name: 'Dana' }, id)]
    expect([one.status, two.status, two.body.id]).toEqual([200, 200, id])
  })

  it('refuses an address another record has, shows that record and makes none', async () => {
    const id = await arrived({ email: 'dana@example.com' }, 'Dana W.')
    const clash = await add({ name: 'Somebody', email: 'DANA@example.com' })

    expect(clash).toMatchObject({
      status: 409,
      body: {
        refusal: 'already-exists',
        at: 'email',
        detail: id,
        customer: { id, name: 'Dana W.' },
      },
    })
    const count = await env.DB.prepare('SELECT n FROM customer_count WHERE tenant_id = ?')
      .bind(acme.tenantId)
      .first('n')
    expect(count).toBe(1)
  })

  it('lets one address stand on two who are surely not the same: other External IDs', async () => {
    const one = await added({ external_id: 'A1', email: 'family@example.com' })
    const two = await added({ external_id: 'B2', email: 'family@example.com' })

    expect(two.possibleDuplicates).toMatchObject([{ customer: { id: one.id }, kind: 'email' }])
    expect((await add({ external_id: 'A1' })).body).toMatchObject({ at: 'external_id' })
  })

  it('gives an address to one of many who ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => add({ name: 'Dana', email: 'dana@example.com' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409])
  })

  it.each([
    [{}, 'name'],
    [{ plan: 'Gold' }, 'name'],
    [{ name: 'Dana', email: 'nonsense' }, 'email'],
    [{ name: 'Dana', phone: '1' }, 'phone'],
    [{ name: 'Dana', visitor_id: 'x' }, 'visitor_id'],
    [{ name: 'Dana', no_such: 'x' }, 'no_such'],
  ])('%j is refused at %s', async (values, at) => {
    expect(await add(values as Record<string, Entry>)).toMatchObject({
      status: 400,
      body: { refusal: 'invalid', at },
    })
  })
})

describe('editing', () => {
  it('changes several fields at once, and whoever writes next is found by them', async () => {
    const { id } = await added({ name: 'Dana', email: 'old@example.com', plan: 'Gold' })
    const { body } = await edit(id, 1, {
      email: ['new@example.com', 'work@example.com'],
      plan: null,
      name: 'Dana Whitfield',
    })

    expect(body).toMatchObject({ name: 'Dana Whitfield', version: 2 })
    expect(valuesOf(body, 'email').sort()).toEqual(['new@example.com', 'work@example.com'])
    expect(valuesOf(body, 'plan')).toEqual([])
    expect(await arrived({ email: 'work@example.com' })).toBe(id)
    expect(await arrived({ email: 'old@example.com' })).not.toBe(id)
    const columns = await env.DB.prepare('SELECT name_key, search_text FROM customer WHERE id = ?')
      .bind(id)
      .first<{ name_key: string; search_text: string }>()
    expect(columns?.name_key).toBe('dana whitfield')
    expect(columns?.search_text).toContain('work@example.com')
    expect(columns?.search_text).not.toContain('gold')
  })

  it('shows a colleague’s change instead of writing over it', async () => {
    const { id } = await added({ name: 'Dana', plan: 'Gold' })
    await edit(id, 1, { plan: 'Silver' }, acme.operators.admin)
    const late = await edit(id, 1, { plan: 'Bronze', name: 'D.' })

    expect(late).toMatchObject({ status: 409, body: { refusal: 'changed-meanwhile' } })
    const { current } = late.body
    expect(current && [current.version, valuesOf(current, 'plan'), current.name]).toEqual([
      2,
      ['Silver'],
      'Dana',
    ])
    expect((await edit(id, 2, { plan: 'Bronze' })).status).toBe(200)
  })

  it('lets one of two who save at once win, whole', async () => {
    const { id } = await added({ name: 'Dana' })
    const answers = await Promise.all(
      ['A', 'B', 'C', 'D'].map((x) => edit(id, 1, { name: `Dana ${x}`, plan: x })),
    )
    const won = answers.filter(({ status }) => status === 200)
    const now = await profile(id)

    expect(won).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3)
    expect(now.name).toBe(`Dana ${valuesOf(now, 'plan')[0]}`)
    expect(now.version).toBe(2)
    expect((await history(id)).filter(({ field }) => field === 'plan')).toHaveLength(1)
  })

  it('refuses another’s address and a second External ID, and changes nothing then', async () => {
    const taken = await arrived({ phone: '+13125550142' }, 'Wanda')
    const { id } = await added({ name: 'Dana', external_id: 'A1' })
    const clash = await edit(id, 1, { name: 'New', phone: '+1 312 555 0142' })

    expect(clash.body).toMatchObject({ at: 'phone', customer: { id: taken, name: 'Wanda' } })
    expect((await edit(id, 1, { external_id: ['A1', 'B2'] })).body).toMatchObject({
      refusal: 'invalid',
      at: 'external_id',
    })
    expect(await profile(id)).toMatchObject({ name: 'Dana', version: 1 })
  })

  it('pins: feeds suggest from then on, and the suggestion can be taken or sent away', async () => {
    const { id } = await added({ name: 'Dana', plan: 'Gold' })
    const at = Date.now() + 1_000
    const feed = { customerId: id, source: 'parameter', sessionId: newId('ses'), at } as const
    await writeValues(db, [{ ...feed, field: 'plan', ...keptText('Silver') }], 'system')
    await learn(db, id, { field: 'name', value: 'Mallory', sessionId: newId('ses'), at })
    const now = await profile(id)

    expect([now.name, valuesOf(now, 'plan')]).toEqual(['Dana', ['Gold']])
    expect(now.suggestions).toMatchObject([
      { field: 'name', title: 'Name', value: 'Mallory', source: 'conversation' },
      { field: 'plan', value: 'Silver', raw: 'Silver', source: 'parameter' },
    ])
    const path = `/api/customers/${id}/suggestions`
    const stale = await send('POST', path, { field: 'plan', value: 'Gold', answer: 'accept' })
    expect(stale.status).toBe(409)
    const taken = await send('POST', path, { field: 'plan', value: 'Silver', answer: 'accept' })
    expect(taken.body.fields).toContainEqual(
      expect.objectContaining({
        field: 'plan',
        value: 'Silver',
        source: 'parameter',
        pinned: true,
        verified: true,
      }),
    )
    const sent = await send('POST', path, { field: 'name', value: 'Mallory', answer: 'dismiss' })
    expect([sent.body.name, sent.body.suggestions]).toEqual(['Dana', []])
    const gone = await send('POST', path, { field: 'name', value: 'Mallory', answer: 'dismiss' })
    expect(gone.status).toBe(404)
  })

  it('of a merged record reaches the one it is part of', async () => {
    const { id } = await added({ name: 'Dana' })
    const aliasId = newId('cus')
    await db.orm.insert(customerAliases).values({ tenantId: db.tenantId, aliasId, customerId: id })

    expect(await profile(aliasId)).toMatchObject({ id, name: 'Dana' })
    expect((await send('GET', `/api/customers/${aliasId}/sessions`)).status).toBe(200)
    expect((await edit(aliasId, 1, { plan: 'Gold' })).body).toMatchObject({ id, version: 2 })
  })

  it('takes a name away and leaves what the customer is reached by', async () => {
    const { id } = await added({ name: 'Dana', email: 'dana@example.com' })
    expect((await edit(id, 1, { name: null })).body.name).toBe('dana@example.com')
  })
})

describe('confirming', () => {
  it('makes an address of what was said', async () => {
    const id = await said('email', 'tomas@example.com')
    expect((await profile(id)).fields.find(({ field }) => field === 'email')).toMatchObject({
      verified: false,
    })
    const path = `/api/customers/${id}/confirmations`
    const { body } = await send('POST', path, { field: 'email', value: 'Tomas@example.com' })

    const email = body.fields.find(({ field }) => field === 'email')
    expect(email).toMatchObject({ verified: true, pinned: true })
    expect(email?.neverContacted).toBeUndefined()
    expect(await arrived({ email: 'tomas@example.com' })).toBe(id)
    expect((await send('POST', path, { field: 'email', value: 'tomas@example.com' })).status).toBe(
      404,
    )
  })

  it('makes an email that was typed in good to write to', async () => {
    const { id } = await added({ email: 'dana@example.com' })
    const path = `/api/customers/${id}/confirmations`
    const { body } = await send('POST', path, { field: 'email', value: 'dana@example.com' })

    expect(body.identities).toMatchObject([{ proof: 'confirmed' }])
    expect(body.fields[0]?.neverContacted).toBeUndefined()
  })

  it('gives no address a second owner: the two stay possible duplicates', async () => {
    const owner = await arrived({ phone: '+13125550142' }, 'Dana')
    const id = await said('phone', '(312) 555-0142')
    const clash = await send<Refusal>('POST', `/api/customers/${id}/confirmations`, {
      field: 'phone',
      value: '+1 312 555 0142',
    })

    expect(clash).toMatchObject({ status: 409, body: { customer: { id: owner, name: 'Dana' } } })
    expect((await profile(id)).possibleDuplicates).toMatchObject([{ customer: { id: owner } }])
    expect(await arrived({ phone: '+13125550142' })).toBe(owner)
  })

  it('makes a parameter known', async () => {
    const id = await arrived({ external: 'A1' }, 'Dana')
    const feed = { customerId: id, source: 'parameter', sessionId: newId('ses'), at: noon } as const
    await writeValues(db, [{ ...feed, field: 'plan', ...keptText('Gold') }], 'system')
    const { body } = await send('POST', `/api/customers/${id}/confirmations`, {
      field: 'plan',
      value: 'Gold',
    })

    expect(body.fields.find(({ field }) => field === 'plan')).toMatchObject({
      verified: true,
      pinned: true,
      source: 'parameter',
      sessionId: feed.sessionId,
    })
  })
})

describe('the history', () => {
  it('tells every change, newest first, page by page', async () => {
    const { id } = await added({ name: 'Dana' })
    for (let n = 1; n <= 5; n += 1) await edit(id, n, { plan: `Plan ${n}` })
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = cursor ? `&cursor=${cursor}` : ''
      const { body }: Answer<{ rows: HistoryRow[]; next: string | null }> = await send(
        'GET',
        `/api/customers/${id}/history?limit=2${query}`,
      )
      seen.push(...body.rows.map(({ before, value }) => `${before}>${value}`))
      cursor = body.next
    }

    expect(seen).toEqual([
      'Plan 4>Plan 5',
      'Plan 3>Plan 4',
      'Plan 2>Plan 3',
      'Plan 1>Plan 2',
      '>Plan 1',
      '>Dana',
    ])
  })

  it('takes a change back, addresses with their proof too, and not over a later one', async () => {
    const id = await arrived({ phone: '+13125550142' }, 'Dana')
    await edit(id, 1, { phone: '+49 171 5550142', plan: 'Gold' })
    await edit(id, 2, { plan: 'Silver' })
    const rows = await history(id)
    const revert = (change: HistoryRow | undefined) =>
      send<CustomerProfile & Refusal>('POST', `/api/customers/${id}/history/${change?.id}/revert`)
    const phone = rows.find(({ field }) => field === 'phone')
    const gold = rows.find(({ value }) => value === 'Gold')
    const silver = rows.find(({ value }) => value === 'Silver')

    expect(phone).toMatchObject({ before: '+1 312 555 0142', value: '+49 171 5550142' })
    expect((await revert(gold)).body).toMatchObject({ refusal: 'changed-meanwhile' })
    expect(valuesOf((await revert(silver)).body, 'plan')).toEqual(['Gold'])
    const back = (await revert(phone)).body
    expect(back.identities).toEqual([{ kind: 'phone', value: '+13125550142', proof: 'channel' }])
    expect(await arrived({ phone: '+13125550142' })).toBe(id)
    expect((await send('POST', `/api/customers/${id}/history/${newId('chg')}/revert`)).status).toBe(
      404,
    )
  })
})

describe('permissions', () => {
  it('are asked for every change', async () => {
    const { id } = await added({ name: 'Dana' })
    const { viewer } = acme.operators
    const answers = await Promise.all([
      send('POST', '/api/customers', { id: newId('cus'), values: { name: 'x' } }, viewer),
      send('PATCH', `/api/customers/${id}`, { version: 1, values: { name: 'x' } }, viewer),
      send('POST', `/api/customers/${id}/confirmations`, { field: 'email', value: 'x' }, viewer),
      send(
        'POST',
        `/api/customers/${id}/suggestions`,
        { field: 'plan', value: 'x', answer: 'accept' },
        viewer,
      ),
      send('POST', `/api/customers/${id}/history/chg_x/revert`, {}, viewer),
    ])
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
    expect((await send('GET', `/api/customers/${id}/history`, undefined, viewer)).status).toBe(200)
    expect(await profile(id)).toMatchObject({ name: 'Dana', version: 1 })
  })

  it('of another tenant: as if there were no such customer', async () => {
    const { id } = await added({ name: 'Dana' })
    const by = other.operators.owner
    const answers = await Promise.all([
      send('PATCH', `/api/customers/${id}`, { version: 1, values: { name: 'x' } }, by),
      send(
        'POST',
        `/api/customers/${id}/confirmations`,
        { field: 'email', value: 'a@b.example' },
        by,
      ),
      send(
        'POST',
        `/api/customers/${id}/suggestions`,
        { field: 'name', value: 'x', answer: 'accept' },
        by,
      ),
      send('GET', `/api/customers/${id}/history`, undefined, by),
    ])
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      answers.map(() => [404, { refusal: 'not-found' }]),
    )
  })
})

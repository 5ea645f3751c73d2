// The tenant over HTTP: getting in and out, people, settings, the audit log.

import { beforeEach, expect, test, vi } from 'vitest'

import { api, type RouteName } from '../../shared/api.ts'
import { may, roleNames, roles, type Permission, type Role } from '../../shared/permissions.ts'
import { auditOf, newTenant, newOperator, type TestTenant } from '../../tests/tenants.ts'
import { desk, type Asked } from '../../tests/tenant-desk.ts'
// The runner can't import for the first time inside a request; the worker itself does.
import './auth.ts'

// Passwords are slow to hash on purpose, one after another.
vi.setConfig({ testTimeout: 30_000 })

const { env, ask, kicked } = desk()
let acme: TestTenant
let other: TestTenant
let place = 0

beforeEach(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
  kicked.length = 0
  place += 1
})

/** A person nobody else in these tests is, from a place of their own. */
function somebody() {
  return {
    name: 'Dana Fox',
    email: `Dana.${crypto.randomUUID()}@Example.com`,
    password: 'correct horse battery',
  }
}

function from(where = place): HeadersInit {
  return { 'CF-Connecting-IP': `192.0.2.${where}` }
}

async function signUp(person = somebody(), more: Asked = {}) {
  const body = { ...person, company: 'Fox & Co', timeZone: 'Europe/Lisbon' }
  return ask('POST /api/sign-up', { body, headers: from(), ...more })
}

// --- In and out

test('sign-up founds a tenant, and its owner is in', async () => {
  const person = somebody()
  const { status, json } = await signUp(person)
  expect(status).toBe(200)

  const me = await ask('GET /api/me', { bearer: json.token })
  expect(me.json).toMatchObject({
    operator: { name: 'Dana Fox', email: person.email.toLowerCase() },
    tenant: { name: 'Fox & Co', timeZone: 'Europe/Lisbon', plan: 'free', statuses: ['resolved'] },
    role: 'owner',
    permissions: roles.owner,
  })
  expect(await auditOf(env, me.json.tenant.id)).toMatchObject([
    { action: 'tenant/founded', actor: `operator:${me.json.operator.id}`, detail: {} },
  ])
})

test('neither the bearer nor the password is in the database', async () => {
  const person = somebody()
  const { json } = await signUp(person)
  const tables = ['operator', 'sign_in', 'credential', 'tenant', 'member', 'audit']
  const dump = await Promise.all(
    tables.map((table) => env.DB.prepare(`SELECT * FROM ${table}`).all()),
  )
  const text = JSON.stringify(dump)
  expect(text).toContain('scrypt$16384$8$5$')
  expect(text).not.toContain(json.token)
  expect(text).not.toContain(person.password)
})

test('an email founds one tenant: again, with other capitals, and twice at once', async () => {
  const person = somebody()
  const both = await Promise.all([signUp(person), signUp(person)])
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])

  const again = await signUp({ ...person, email: person.email.toUpperCase() })
  expect(again).toMatchObject({ status: 409, json: { refusal: 'already-exists', at: 'email' } })
  const { results } = await env.DB.prepare('SELECT id FROM tenant WHERE name = ?')
    .bind('Fox & Co')
    .all()
  const { results: owners } = await env.DB.prepare(
    "SELECT tenant_id FROM member WHERE role = 'owner' AND tenant_id IN (SELECT id FROM tenant WHERE name = ?)",
  )
    .bind('Fox & Co')
    .all()
  expect(owners).toHaveLength(results.length)
})

test('sign-up asks for a real time zone and a password of ten', async () => {
  const body = { ...somebody(), company: 'Fox', timeZone: 'Mars/Olympus' }
  const far = await ask('POST /api/sign-up', { body, headers: from() })
  expect(far).toMatchObject({ status: 400, json: { refusal: 'invalid', at: 'timeZone' } })
  const short = await signUp({ ...somebody(), password: 'short' })
  expect(short).toMatchObject({ status: 400, json: { at: 'password' } })
})

test('sign-in takes the right password; wrong and unknown answer alike', async () => {
  const person = somebody()
  await signUp(person)
  const right = await ask('POST /api/sign-in', {
    body: { email: ` ${person.email} `, password: person.password },
    headers: from(),
  })
  expect(right.status).toBe(200)
  const me = await ask('GET /api/me', { bearer: right.json.token })
  expect(me.json.operator.email).toBe(person.email.toLowerCase())
  const audit = await auditOf(env, me.json.tenant.id)
  expect(audit.map(({ action }) => action)).toContain('operator/signed-in')

  const wrong = await ask('POST /api/sign-in', {
    body: { email: person.email, password: 'correct horse batterz' },
    headers: from(),
  })
  const unknown = await ask('POST /api/sign-in', {
    body: { email: 'nobody@example.com', password: person.password },
    headers: from(),
  })
  expect(wrong).toMatchObject({ status: 401, json: { refusal: 'wrong-password' } })
  expect(unknown.json).toEqual(wrong.json)
})

test('guessing ends at «too-many», for the guessed email from that place alone', async () => {
  const person = somebody()
  await signUp(person)
  const guess = (password: string, where = place) =>
    ask('POST /api/sign-in', { body: { email: person.email, password }, headers: from(where) })
  const guesses = await Promise.all(Array.from({ length: 10 }, (_, n) => guess(`wrong ${n}`)))
  expect(guesses.filter(({ status }) => status === 429)).toHaveLength(2)
  expect((await guess(person.password)).json).toMatchObject({ refusal: 'too-many' })
  expect((await guess(person.password, 250)).status).toBe(200)
})

test('sign-out ends this sign-in, its cookie and its sockets', async () => {
  const { bearer, id } = acme.operators.operator
  await ask('GET /api/me', { bearer })
  const out = await ask('POST /api/sign-out', { bearer })
  expect(out.status).toBe(204)
  expect(out.headers.get('Set-Cookie')).toMatch(/^alongside=; .*Max-Age=0/)
  expect((await ask('GET /api/me', { bearer })).json).toEqual({ refusal: 'signed-out' })
  expect(kicked).toEqual([[acme.tenantId, expect.stringMatching(/^[0-9a-f]{64}$/)]])
  expect(await auditOf(env, acme.tenantId)).toMatchObject([
    { action: 'operator/signed-out', subject: id },
  ])
})

// --- The portal's cookie

const ourPage = 'https://alongside.example'

test('only a page of ours is given the cookie', async () => {
  const own = await signUp(somebody(), { headers: { ...from(), Origin: ourPage } })
  expect(own.headers.get('Set-Cookie')).toBe(
    `alongside=${own.json.token}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure`,
  )
  for (const Origin of ['https://evil.example', 'chrome-extension://abc', 'null']) {
    const foreign = await signUp(somebody(), { headers: { ...from(), Origin } })
    expect(foreign.headers.get('Set-Cookie')).toBeNull()
  }
})

test('the cookie reads from anywhere, and changes something from our pages only', async () => {
  const Cookie = `theme=dark; alongside=${acme.operators.admin.bearer}`
  expect((await ask('GET /api/me', { headers: { Cookie } })).json.role).toBe('admin')

  const body = { name: 'Renamed' }
  const change = (headers: HeadersInit) => ask('PATCH /api/settings', { body, headers })
  expect((await change({ Cookie })).status).toBe(401)
  expect((await change({ Cookie, Origin: 'https://evil.example' })).status).toBe(401)
  expect((await change({ Cookie, Origin: 'null' })).status).toBe(401)
  expect((await change({ Cookie, Origin: ourPage })).json.name).toBe('Renamed')
})

// --- Who may

const mine = (Object.keys(api) as RouteName[]).filter((name) =>
  /\/api\/(me|members|settings|audit|channels|connections)\b/.test(name),
)

test.each(mine)('%s lets in whom it should', async (name) => {
  const { access } = api[name]
  const params = {
    operatorId: other.operators.viewer.id,
    connectionId: `con_${'0'.repeat(26)}`,
  }
  const allowed = await Promise.all(
    roleNames.map(async (role) => {
      const { bearer } = acme.operators[role]
      const { status } = await ask(name, { bearer, params, body: {} })
      return status !== 401 && status !== 403
    }),
  )
  const should = (role: Role) => access === 'signed-in' || may(role, access as Permission)
  expect(allowed).toEqual(roleNames.map(should))
  expect((await ask(name, { params, body: {} })).status).toBe(401)
})

// --- People

test('a person is added, and signs in with the password they were given', async () => {
  const person = somebody()
  const { bearer, id } = acme.operators.admin
  const added = await ask('POST /api/members', { bearer, body: { ...person, role: 'operator' } })
  expect(added).toMatchObject({ status: 200, json: { name: 'Dana Fox', role: 'operator' } })

  const { email, password } = person
  const { json } = await ask('POST /api/sign-in', { body: { email, password }, headers: from() })
  const me = await ask('GET /api/me', { bearer: json.token })
  expect(me.json).toMatchObject({ operator: { id: added.json.id }, tenant: { id: acme.tenantId } })
  const audit = await auditOf(env, acme.tenantId)
  expect(audit).toContainEqual(
    expect.objectContaining({
      action: 'member/added',
      actor: `operator:${id}`,
      subject: added.json.id,
      detail: { role: 'operator' },
    }),
  )
  expect(JSON.stringify(audit)).not.toContain(password)
})

test('an email that is known, here or at another tenant, answers alike', async () => {
  const { bearer } = acme.operators.owner
  const add = (email: string) =>
    ask('POST /api/members', { bearer, body: { ...somebody(), email, role: 'viewer' } })
  const here = await add(acme.operators.viewer.email)
  const there = await add(other.operators.viewer.email)
  expect(here).toMatchObject({ status: 409, json: { refusal: 'already-exists', at: 'email' } })
  expect(there.json).toEqual(here.json)
})

test('an admin makes no owner, and changes or removes none', async () => {
  const { bearer } = acme.operators.admin
  const second = await newOperator(env, acme.tenantId, 'owner')
  const params = { operatorId: second.id }
  const refusals = await Promise.all([
    ask('POST /api/members', { bearer, body: { ...somebody(), role: 'owner' } }),
    ask('PATCH /api/members/:operatorId', { bearer, params, body: { role: 'viewer' } }),
    ask('DELETE /api/members/:operatorId', { bearer, params }),
    ask('PATCH /api/members/:operatorId', {
      bearer,
      params: { operatorId: acme.operators.admin.id },
      body: { role: 'owner' },
    }),
  ])
  expect(refusals.map(({ json }) => json.refusal)).toEqual(Array(4).fill('not-permitted'))
  expect(await auditOf(env, acme.tenantId)).toEqual([])
})

test('a lost role bites at once, and sockets are closed', async () => {
  const { bearer } = acme.operators.owner
  const { admin } = acme.operators
  const settings = () =>
    ask('PATCH /api/settings', { bearer: admin.bearer, body: { plan: 'paid' } })
  expect((await settings()).status).toBe(200)

  const params = { operatorId: admin.id }
  const changed = await ask('PATCH /api/members/:operatorId', {
    bearer,
    params,
    body: { role: 'viewer' },
  })
  expect(changed.json).toMatchObject({ id: admin.id, role: 'viewer' })
  expect((await settings()).json).toEqual({ refusal: 'not-permitted', detail: 'settings.manage' })
  expect(kicked).toEqual([[acme.tenantId, admin.id]])
  expect(await auditOf(env, acme.tenantId)).toContainEqual(
    expect.objectContaining({
      action: 'member/role-changed',
      detail: { from: 'admin', to: 'viewer' },
    }),
  )
})

test('a removed person is out at once, and may be added again', async () => {
  const { bearer } = acme.operators.owner
  const { operator } = acme.operators
  await ask('GET /api/me', { bearer: operator.bearer })
  const params = { operatorId: operator.id }
  expect((await ask('DELETE /api/members/:operatorId', { bearer, params })).status).toBe(204)
  expect((await ask('GET /api/me', { bearer: operator.bearer })).status).toBe(401)
  expect(kicked).toEqual([[acme.tenantId, operator.id]])
  const { json } = await ask('GET /api/members', { bearer })
  expect(json.members.map(({ id }: { id: string }) => id)).not.toContain(operator.id)

  const body = { ...somebody(), email: operator.email, role: 'viewer' }
  expect((await ask('POST /api/members', { bearer, body })).status).toBe(200)
})

test('the last owner stays, whoever asks and however many ask at once', async () => {
  const { owner } = acme.operators
  const asOwner = { bearer: owner.bearer, params: { operatorId: owner.id } }
  const down = await ask('PATCH /api/members/:operatorId', { ...asOwner, body: { role: 'admin' } })
  expect(down).toMatchObject({ status: 409, json: { refusal: 'last-owner' } })
  const out = await ask('DELETE /api/members/:operatorId', asOwner)
  expect(out).toMatchObject({ status: 409, json: { refusal: 'last-owner' } })
  expect(await auditOf(env, acme.tenantId)).toEqual([])

  const second = await newOperator(env, acme.tenantId, 'owner')
  const both = await Promise.all(
    [owner, second].map(({ id, bearer }) =>
      ask('DELETE /api/members/:operatorId', { bearer, params: { operatorId: id } }),
    ),
  )
  expect(both.map(({ status }) => status).toSorted()).toEqual([204, 409])
})

// --- Settings and the audit log

test('settings change by name, for this tenant', async () => {
  const { bearer, id } = acme.operators.admin
  const body = { timeZone: 'Asia/Tokyo', statuses: ['won', 'lost'], plan: 'paid' }
  const changed = await ask('PATCH /api/settings', { bearer, body })
  expect(changed.json).toEqual({ name: 'Acme', defaultCountry: 'US', ...body })
  const read = await ask('GET /api/settings', { bearer: acme.operators.viewer.bearer })
  expect(read.json).toEqual(changed.json)
  const theirs = await ask('GET /api/settings', { bearer: other.operators.viewer.bearer })
  expect(theirs.json.timeZone).toBe('UTC')
  expect(await auditOf(env, acme.tenantId)).toMatchObject([
    {
      action: 'settings/changed',
      actor: `operator:${id}`,
      detail: { changed: ['timeZone', 'plan', 'statuses'] },
    },
  ])
  const bad = await ask('PATCH /api/settings', { bearer, body: { timeZone: '+02:00' } })
  expect(bad).toMatchObject({ status: 400, json: { at: 'timeZone' } })
})

test('the audit log is read in pages, newest first, and no other tenant’s', async () => {
  const { bearer } = acme.operators.owner
  for (const name of ['One', 'Two', 'Three', 'Four', 'Five']) {
    await ask('PATCH /api/settings', { bearer, body: { name } })
  }
  await ask('PATCH /api/settings', { bearer: other.operators.owner.bearer, body: { name: 'X' } })

  const seen: string[] = []
  let before: string | null = ''
  while (before !== null) {
    const query = { limit: '2', ...(before ? { before } : {}) }
    const { json } = await ask('GET /api/audit', { bearer, query })
    expect(json.rows.length).toBeLessThanOrEqual(2)
    seen.push(...json.rows.map(({ id }: { id: string }) => id))
    before = json.next
  }
  const all = await auditOf(env, acme.tenantId)
  expect(seen).toEqual(all.map(({ id }) => id))
  expect(seen).toHaveLength(5)
  const bad = await ask('GET /api/audit', { bearer, query: { before: 'yesterday' } })
  expect(bad).toMatchObject({ status: 400, json: { at: 'before' } })
})

// --- The wall

test('another tenant’s people are as people who are not there', async () => {
  const { bearer } = acme.operators.owner
  const nobody = { operatorId: `opr_${'0'.repeat(26)}` }
  const foreign = { operatorId: other.operators.operator.id }
  for (const params of [nobody, foreign]) {
    const body = { role: 'viewer' }
    const change = await ask('PATCH /api/members/:operatorId', { bearer, params, body })
    const remove = await ask('DELETE /api/members/:operatorId', { bearer, params })
    expect([change, remove]).toMatchObject([
      { status: 404, json: { refusal: 'not-found' } },
      { status: 404, json: { refusal: 'not-found' } },
    ])
  }
  const { json } = await ask('GET /api/members', { bearer })
  expect(json.members).toHaveLength(4)
  expect((await ask('GET /api/me', { bearer: other.operators.operator.bearer })).status).toBe(200)
})

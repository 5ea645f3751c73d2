// Finding over HTTP: the list, its counter, live rows and the download all mean the same.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'

import type { CustomerRow } from '../../../shared/customer.ts'
import { encodeFilter, quickFilter } from '../../../shared/filter-url.ts'
import { allOf, kindOf, type Filter } from '../../../shared/filters.ts'
import { fieldStatement, peopleStatements } from '../../../scripts/generate/rows.ts'
import { generatedFields, personAt } from '../../../scripts/generate/people.ts'
import { deskOf } from '../../../tests/desk.ts'
import { auditOf, newTenant, type TestTenant } from '../../../tests/tenants.ts'
import type { Role } from '../../../shared/permissions.ts'
import { findHandlers } from './routes.ts'

const ask = deskOf(findHandlers)
const people = 400
const seed = 3
const everybody = Array.from({ length: people }, (_, n) => personAt(n, seed))
const known = everybody.filter(({ anonymous }) => !anonymous)
const customFields = Object.fromEntries(generatedFields.map(({ name, type }) => [name, type]))
let acme: TestTenant
let other: TestTenant

beforeAll(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
  const statements = [
    fieldStatement(acme.tenantId),
    ...peopleStatements(acme.tenantId, { from: 0, to: people, seed }),
    fieldStatement(other.tenantId),
    ...peopleStatements(other.tenantId, { from: 0, to: 20, seed: seed + 1 }),
  ]
  await env.DB.batch(statements.map(({ sql, params }) => env.DB.prepare(sql).bind(...params)))
  await add('Zoë Ångström', [['phone', '+442079460123']])
  await add('=cmd|calc', [['email', 'formula@example.com']])
  await add('O’Neil, "Bob"', [])
})

/** A record as somebody may have typed it. */
async function add(name: string, addresses: readonly (readonly [string, string])[]) {
  const id = `cus_${String(Math.random()).slice(2).padEnd(26, 'x').slice(0, 26)}`
  const first = (kind: string) => addresses.find(([one]) => one === kind)?.[1] ?? ''
  const folded = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const text = [folded, ...addresses.map(([, value]) => value.replace('+', ''))].join('\n')
  await env.DB.prepare(
    `insert into customer (tenant_id, id, name, name_key, email, phone, anonymous, search_text, created_at)
     values (?, ?, ?, ?, ?, ?, 0, ?, 1700000000000)`,
  )
    .bind(acme.tenantId, id, name, folded, first('email'), first('phone'), text)
    .run()
  for (const [kind, value] of addresses) {
    await env.DB.prepare(`insert into identity values (?, ?, ?, '', ?, 'operator', 1)`)
      .bind(acme.tenantId, kind, value, id)
      .run()
  }
  return id
}
const added = 3

interface List {
  rows: CustomerRow[]
  next: string | null
  total: number | null
}

async function get<Answer>(path: string, tenant = acme, role: Role = 'viewer'): Promise<Answer> {
  const response = await ask('GET', path, { bearer: tenant.operators[role].bearer })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json<Answer>()
}

function query(filter: Filter | undefined, more: Record<string, string> = {}): string {
  const params = new URLSearchParams(more)
  if (filter) params.set('filter', encodeFilter(filter))
  return params.toString()
}

async function allOfList(params: string): Promise<CustomerRow[]> {
  const rows: CustomerRow[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: List = await get(`/api/customers?${params}&limit=90${next && `&cursor=${next}`}`)
    rows.push(...page.rows)
    next = page.next
  }
  return rows
}

const inCity: Filter = { field: 'city', op: 'equals', values: ['ZURICH'] }
const tree: Filter = {
  all: [
    { any: [inCity, { field: 'plan', op: 'any_of', values: ['pro', 'Enterprise'] }] },
    { field: 'score', op: 'gte', values: [500] },
  ],
}
function inTree({ values }: (typeof everybody)[number]): boolean {
  const of = (field: string) => values.find((one) => one.field === field)
  const isMeant =
    of('city')?.value === 'Zürich' || ['pro', 'enterprise'].includes(of('plan')?.value ?? '')
  return isMeant && (of('score')?.num ?? -1) >= 500
}

describe('the list', () => {
  it('knows how many there are without counting, and pages through all of them', async () => {
    const { rows, total } = await get<List>('/api/customers')

    expect(rows).toHaveLength(50)
    expect(total).toBe(known.length + added)
    const all = await allOfList('sort=name')
    expect(new Set(all.map(({ id }) => id)).size).toBe(known.length + added)
  })

  it('keeps to the filter, as the counter, the live row and the download do', async () => {
    const wanted = known
      .filter(inTree)
      .map(({ id }) => id)
      .sort()
    const rows = await allOfList(query(tree))

    expect(wanted.length).toBeGreaterThan(20)
    expect(rows.map(({ id }) => id).sort()).toEqual(wanted)
    expect(await get(`/api/customers/count?${query(tree)}`)).toEqual({ total: wanted.length })
    const live = async (id: string) =>
      (await get<{ matches: boolean }>(`/api/customers/${id}/row?${query(tree)}`)).matches
    const unwanted = known.find((one) => !inTree(one))!
    expect([await live(wanted[0]!), await live(unwanted.id)]).toEqual([true, false])
  })

  it('does not wait for the count of a filter', async () => {
    const { total, next } = await get<List>(`/api/customers?${query(tree, { limit: '10' })}`)

    expect(next).not.toBeNull()
    expect(total).toBeNull()
  })

  it('hides anonymous visitors until they are asked for', async () => {
    const shown = await get<{ total: number }>('/api/customers/count?anonymous=show')

    expect(shown.total).toBe(people + added)
    const all = await allOfList('anonymous=show&sort=-created_at')
    const times = all.map(({ createdAt }) => createdAt)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect(all).toHaveLength(people + added)
  })

  it('shows the columns that are asked for', async () => {
    const person = known.find(({ addresses }) => addresses.some(({ kind }) => kind === 'external'))!
    const { row } = await get<{ row: CustomerRow }>(
      `/api/customers/${person.id}/row?columns=city,external_id,name,nothing`,
    )

    const external = person.addresses.find(({ kind }) => kind === 'external')!.value
    expect(row.values).toEqual({ city: person.values[0]!.value, external_id: external })
  })

  it.each([
    ['angstrom zoe', 'Zoë Ångström'],
    ['ZOË', 'Zoë Ångström'],
    ['(020) 7946 0123', 'Zoë Ångström'],
    ['+44 20 7946', 'Zoë Ångström'],
    ['ormula@exam', '=cmd|calc'],
    ['neil bob', 'O’Neil, "Bob"'],
  ])('forgives %s', async (q, name) => {
    const { rows } = await get<List>(`/api/customers?${query(undefined, { q })}`)

    expect(rows.map((row) => row.name)).toContain(name)
    expect(await get(`/api/customers/count?${query(undefined, { q })}`)).toEqual({
      total: rows.length,
    })
  })

  it('looks up an address and nothing else', async () => {
    const person = known.find(({ addresses }) => addresses.length > 2)!
    for (const { value } of person.addresses) {
      const page = await get<List>(
        `/api/customers?${query(undefined, { q: ` ${value}`, match: 'exact' })}`,
      )
      expect(page.rows.map(({ id }) => id)).toEqual([person.id])
    }
    expect(await get(`/api/customers?q=example.com&match=exact`)).toMatchObject({
      rows: [],
      total: 0,
    })
  })

  it('finds two characters of Chinese', async () => {
    const person = known.find(({ name }) => /\p{Script=Han}{2}/u.test(name))!
    const rows = await allOfList(query(undefined, { q: person.name }))

    expect(rows.map(({ id }) => id)).toContain(person.id)
  })

  it('takes the texts under the column heads for the same predicate', async () => {
    const texts = { name: 'an', score: '100..900', born: '1970-01-01..', vip: '' }
    const quick = quickFilter(texts, (field) => kindOf(field, customFields))
    const rows = await allOfList(query(allOf([quick, inCity]), { columns: 'score,born' }))

    expect(rows.length).toBeGreaterThan(0)
    for (const { name, values } of rows) {
      expect(name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()).toContain('an')
      expect(Number(values['score'])).toBeGreaterThanOrEqual(100)
      expect(values['born']! >= '1970-01-01').toBe(true)
    }
  })

  it.each([
    [{ field: 'shoe_size', op: 'equals', values: ['1'] }, 'filter.all.0.field'],
    [{ field: 'score', op: 'contains', values: ['1'] }, 'filter.all.0.op'],
    [{ field: 'score', op: 'gt', values: ['many'] }, 'filter.all.0.values.0'],
    [{ field: 'born', op: 'on', values: ['1990-02-31'] }, 'filter.all.0.values.0'],
    [{ field: 'name', op: 'contains', values: [' '] }, 'filter.all.0.values.0'],
  ] as [Filter, string][])('refuses %j with the place', async (condition, at) => {
    const response = await ask('GET', `/api/customers?${query({ all: [condition] })}`, {
      bearer: acme.operators.viewer.bearer,
    })

    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ refusal: 'invalid', at })
  })

  it.each([
    'filter=%',
    'filter=AAAA',
    'filter=bnVsbA',
    'sort=nothing',
    'sort=campaign',
    'cursor=W10',
  ])('refuses %s', async (params) => {
    const response = await ask('GET', `/api/customers?${params}`, {
      bearer: acme.operators.viewer.bearer,
    })
    expect(response.status).toBe(400)
  })

  it('is a wall between tenants', async () => {
    const filter: Filter = { field: 'name', op: 'not_equals', values: ['x'] }

    expect(await get(`/api/customers/count?${query(filter)}`, other)).toEqual({ total: 20 })
    const response = await ask('GET', `/api/customers/${known[0]!.id}/row`, {
      bearer: other.operators.owner.bearer,
    })
    expect(response.status).toBe(404)
  })

  it('opens the survivor under the id of a record that was merged away', async () => {
    const merged = `cus_${'9'.repeat(26)}`
    await env.DB.prepare('insert into customer_alias values (?, ?, ?)')
      .bind(acme.tenantId, merged, known[0]!.id)
      .run()

    expect(await get(`/api/customers/${merged}/row`)).toMatchObject({ row: { id: known[0]!.id } })
  })
})

describe('the download', () => {
  it('has a line for every customer the counter counts, and is noted', async () => {
    const url = `/api/customers/export?${query(tree, { format: 'csv', columns: 'name,phone,score,channels' })}`
    const response = await ask('GET', url, { bearer: acme.operators.admin.bearer })
    const bytes = new Uint8Array(await response.arrayBuffer())
    const text = new TextDecoder().decode(bytes)
    const wanted = known.filter(inTree)

    expect(Array.from(bytes.slice(0, 3))).toEqual([0xef, 0xbb, 0xbf])
    expect(response.headers.get('X-Total')).toBe(String(wanted.length))
    const [head, ...lines] = text.trimEnd().split('\r\n')
    expect(head).toBe('Name,Phone,Score,Channels')
    expect(lines).toHaveLength(wanted.length)
    // A number with its plus is a text, not a sum.
    expect(text).not.toMatch(/(^|,)\+/m)
    const [noted] = await auditOf(env, acme.tenantId)
    expect(noted).toMatchObject({ action: 'customers.download', detail: { total: wanted.length } })
  })

  it('makes no formula of a name, and quotes what must be', async () => {
    const response = await ask('GET', '/api/customers/export?format=csv&columns=name&sort=name', {
      bearer: acme.operators.owner.bearer,
    })
    const lines = (await response.text()).split('\r\n')

    expect(lines).toContain("'=cmd|calc")
    expect(lines).toContain('"O’Neil, ""Bob"""')
  })

  it('loses nothing as JSON', async () => {
    const response = await ask('GET', '/api/customers/export?format=json&anonymous=show', {
      bearer: acme.operators.owner.bearer,
    })
    const all = (await response.json()) as Record<string, unknown>[]

    expect(all).toHaveLength(people + added)
    expect(Number(response.headers.get('X-Total'))).toBe(people + added)
    for (const person of everybody) {
      const one = all.find(({ id }) => id === person.id)!
      expect(one['name']).toBe(person.name)
      for (const { field, value, num } of person.values) {
        expect(one[field]).toEqual(field === 'score' ? num : field === 'vip' ? true : value)
      }
      const emails = person.addresses
        .filter(({ kind }) => kind === 'email')
        .map(({ value }) => value)
      expect(one['email'] ?? []).toEqual(emails)
      expect([...(one['channels'] as string[])].sort()).toEqual(
        [...new Set(person.sessions.map(({ channel }) => channel))].sort(),
      )
    }
  })

  it('is not for viewers and operators', async () => {
    for (const role of ['viewer', 'operator'] as const) {
      const response = await ask('GET', '/api/customers/export?format=csv', {
        bearer: acme.operators[role].bearer,
      })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ refusal: 'not-permitted' })
    }
  })
})

describe('where somebody has spoken, and how many sessions are open', () => {
  const id = `cus_${'7'.repeat(26)}`
  const twin = `cus_${'8'.repeat(26)}`
  const run = (sql: string, ...params: unknown[]) =>
    env.DB.prepare(sql)
      .bind(...params, acme.tenantId)
      .run()
  const shown = async (customer: string) => {
    const { row } = await get<{ row: CustomerRow }>(`/api/customers/${customer}/row`)
    return [row.channels, row.active]
  }
  const customer = (customerId: string) =>
    run(
      `insert into customer (id, tenant_id, name, name_key, anonymous, search_text, created_at)
       select ?, ?, 'Ida', 'ida', 0, 'ida', 1`,
      customerId,
    )
  const session = (sessionId: string, channel: string, startedAt: number) =>
    run(
      `insert into session (id, channel, customer_id, started_at, tenant_id, seq, customer_name, contact,
         connection_id, agent_id, agent_name, mode, last_text, message_count, status, parameters, results,
         has_attachments) select ?, ?, ?, ?, ?, 1, '', '', '', '', '', 'ai', '', 1, '', '{}', '{}', 0`,
      sessionId,
      channel,
      id,
      startedAt,
    )

  it('is kept through everything that happens to sessions', async () => {
    await customer(id)
    expect(await shown(id)).toEqual([[], 0])
    await session('ses_a', 'telegram', 1)
    await session('ses_b', 'email', 2)
    await session('ses_c', 'telegram', 3)
    expect(await shown(id)).toEqual([['telegram', 'email'], 3])

    await run(`update session set finished_at = 9 where id = ? and tenant_id = ?`, 'ses_a')
    await run(`update session set finished_at = 10 where id = ? and tenant_id = ?`, 'ses_a')
    expect(await shown(id)).toEqual([['telegram', 'email'], 2])
    await run(`update session set finished_at = null where id = ? and tenant_id = ?`, 'ses_a')
    expect(await shown(id)).toEqual([['telegram', 'email'], 3])

    await customer(twin)
    await run(`update session set customer_id = ? where id = 'ses_b' and tenant_id = ?`, twin)
    expect([await shown(id), await shown(twin)]).toEqual([
      [['telegram'], 2],
      [['email'], 1],
    ])

    await run(`delete from customer where id = ? and tenant_id = ?`, twin)
    await customer(twin)
    expect(await shown(twin)).toEqual([['email'], 1])
    await run(`delete from session where id = ? and tenant_id = ?`, 'ses_b')
    expect(await shown(twin)).toEqual([['email'], 0])
  })
})

// Campaigns and uploads, as an operator's panel asks for them.

import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

import type {
  Campaign,
  Products,
  Upload,
  UploadId,
  UploadLine,
  UploadPreview,
} from '../../shared/campaign.ts'
import type { CustomerProfile, IdentityKind } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { auditOf, newTenant, type TestOperator, type TestTenant } from '../../tests/tenants.ts'
import { ask, post } from '../../tests/world.ts'
import { tenantDb, type Db } from '../base/db.ts'
import { hmac, toHex, utf8 } from '../base/crypto.ts'
import { customers, fields, identities, participants } from '../base/schema.ts'
import { mergeCustomers } from '../customer/merge/merging.ts'
import { resolveCustomer } from '../customer/match.ts'
import { uploadWorker } from './object.ts'

const noon = Date.UTC(2027, 1, 3, 12)
let acme: TestTenant
let admin: TestOperator
let db: Db

beforeEach(async () => {
  acme = await newTenant(env)
  admin = acme.operators.admin
  db = tenantDb(env, acme.tenantId)
})

afterEach(() => {
  vi.unstubAllGlobals()
})

function get<Answer>(path: string, by = admin): Promise<Answer> {
  return ask(path, by).then((response) => response.json<Answer>())
}

function newCampaign(name = 'Spring', stages: string[] = []): Promise<Campaign> {
  return post<Campaign>('/api/campaigns', admin, { name, stages })
}

async function send(campaign: Campaign, csv: string | Uint8Array, by = admin): Promise<Response> {
  return ask(`/api/campaigns/${campaign.id}/uploads?name=people.csv`, by, {
    method: 'POST',
    body: csv as string,
  })
}

async function bring(campaign: Campaign, csv: string): Promise<UploadPreview> {
  const response = await send(campaign, csv)
  if (!response.ok) throw new Error(await response.text())
  return response.json<UploadPreview>()
}

async function until(id: string, holds: (upload: Upload) => boolean): Promise<Upload> {
  return vi.waitFor(
    async () => {
      const upload = await get<Upload>(`/api/uploads/${id}`)
      if (!holds(upload)) throw new Error(JSON.stringify(upload))
      return upload
    },
    { timeout: 20_000, interval: 20 },
  )
}

const isOver = ({ state }: Upload) => state !== 'running' && state !== 'ready'

/** Uploads a file by the mapping its header suggests, and waits for the end. */
async function load(campaign: Campaign, csv: string, more: object = {}) {
  const { upload, mapping } = await bring(campaign, csv)
  await post(`/api/uploads/${upload.id}/start`, admin, { mapping, ...more })
  const done = await until(upload.id, isOver)
  const { lines } = await get<{ lines: UploadLine[] }>(`/api/uploads/${upload.id}/lines?limit=200`)
  return { ...done, report: lines }
}

function person(
  known: Partial<Record<IdentityKind, string>>,
  at = noon,
  name = '',
): Promise<CustomerId> {
  const list = Object.entries(known) as [IdentityKind, string][]
  const contact = list[0]?.[1] ?? ''
  return resolveCustomer(
    db,
    {
      address: contact,
      contact,
      name,
      identities: list.map(([kind, value]) => ({ kind, value, proof: 'channel' })),
    },
    newId('con'),
    at,
  ).then(({ id }) => id)
}

async function everybody() {
  const rows = await db.orm.select().from(customers).where(db.mine(customers))
  const known = await db.orm.select().from(identities).where(db.mine(identities))
  return rows.map((row) => ({
    ...row,
    known: known
      .filter((one) => one.customerId === row.id)
      .map(({ value }) => value)
      .sort(),
  }))
}

describe('campaigns', () => {
  it('are made, renamed and listed, with the virtual one last', async () => {
    const { id } = await newCampaign('Spring', ['Call', 'Won'])

    await post(`/api/campaigns/${id}`, admin, { name: 'Spring 2027' }, 'PATCH')

    const { campaigns } = await get<{ campaigns: Campaign[] }>(
      '/api/campaigns',
      acme.operators.viewer,
    )
    expect(campaigns).toMatchObject([
      { id, name: 'Spring 2027', kind: 'outbound', stages: ['Call', 'Won'] },
      { id: 'customer-service', name: 'Customer Service', kind: 'virtual' },
    ])
  })

  it('of no campaign can neither be changed, deleted nor uploaded to', async () => {
    const path = '/api/campaigns/customer-service'
    const answers = await Promise.all([
      ask(path, admin, { method: 'PATCH', body: JSON.stringify({ name: 'Mine' }) }),
      ask(path, admin, { method: 'DELETE' }),
      ask(`${path}/uploads?name=a.csv`, admin, { method: 'POST', body: 'email\na@b.example\n' }),
    ])

    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422])
  })

  it('are for those who may, and of their own tenant', async () => {
    const campaign = await newCampaign()
    const { upload } = await bring(campaign, 'email\na@acme.example\n')
    const foreign = (await newTenant(env)).operators.owner
    const calls: [string, string, object?][] = [
      ['POST', '/api/campaigns', { name: 'Mine' }],
      ['PATCH', `/api/campaigns/${campaign.id}`, { name: 'Mine' }],
      ['DELETE', `/api/campaigns/${campaign.id}`],
      ['GET', `/api/campaigns/${campaign.id}/uploads`],
      ['POST', `/api/uploads/${upload.id}/start`, { mapping: { 0: 'field:email' } }],
      ['POST', `/api/uploads/${upload.id}/cancel`],
      ['GET', `/api/uploads/${upload.id}`],
      ['GET', `/api/uploads/${upload.id}/lines`],
      ['GET', `/api/uploads/${upload.id}/report`],
    ]
    for (const [method, path, body] of calls) {
      const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) }
      expect((await ask(path, acme.operators.operator, init)).status, path).toBe(403)
      if (path === '/api/campaigns' || path.endsWith('/uploads')) continue
      expect((await ask(path, foreign, init)).status, `${path} of another`).toBe(404)
    }
  })
})

describe('a file', () => {
  it('is shown before it is read, with where its columns seem to go', async () => {
    const campaign = await newCampaign()

    const preview = await bring(
      campaign,
      '\ufeffFirst name;Last name;E-mail;Mobile;Seat;Product;Status\nAda;Brandt;ada@acme.example;+46701234567;12A;Plan;active\n',
    )

    expect(preview.header).toEqual([
      'First name',
      'Last name',
      'E-mail',
      'Mobile',
      'Seat',
      'Product',
      'Status',
    ])
    expect(preview.rows).toEqual([
      ['Ada', 'Brandt', 'ada@acme.example', '+46701234567', '12A', 'Plan', 'active'],
    ])
    expect(preview.mapping).toEqual({
      0: 'field:name',
      1: 'field:name',
      2: 'field:email',
      3: 'field:phone',
      4: 'data:Seat',
      5: 'product',
      6: 'status',
    })
    expect(preview.upload).toMatchObject({ state: 'ready', lines: 0, error: null })
    expect(await everybody()).toEqual([])
  })

  it.each([
    ['empty', ''],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0])],
    ['in another encoding', new Uint8Array([0x6e, 0xfc, 0x0a])],
    ['a workbook', new Uint8Array([0x50, 0x4b, 3, 4])],
    ['without a header', '\n1,2\n'],
  ])('that is %s is refused', async (_, body) => {
    const response = await send(await newCampaign(), body)

    expect(response.status).toBe(400)
    expect((await env.FILES.list({ prefix: `t/${acme.tenantId}/` })).objects).toEqual([])
  })

  it('is not started by a mapping nobody can be told by', async () => {
    const { upload } = await bring(await newCampaign(), 'name,plan\nAda,gold\n')
    const path = `/api/uploads/${upload.id}/start`

    for (const mapping of [
      { 0: 'field:name' },
      { 9: 'field:email' },
      { 0: 'field:email', 1: 'field:nothing' },
      { 0: 'field:email', 1: 'product:tier' },
    ]) {
      const response = await ask(path, admin, { method: 'POST', body: JSON.stringify({ mapping }) })
      expect(response.status, JSON.stringify(mapping)).toBe(400)
    }
  })
})

describe('an upload', () => {
  it('makes, changes and skips, line by line, and says so', async () => {
    const campaign = await newCampaign('Spring', ['Call', 'Won'])
    await db.orm.insert(fields).values({
      tenantId: acme.tenantId,
      name: 'tier',
      title: 'Tier',
      type: 'enum',
      options: ['gold', 'silver'],
      hidden: false,
      column: false,
      position: 50,
      createdAt: noon,
    })
    const known = await person({ phone: '+13125550142' })

    const { report, counts, ...upload } = await load(
      campaign,
      [
        'name,email,phone,tier,stage,seat',
        'Ada Brandt,ada@acme.example,,gold,Call,12A',
        'Dana,,(312) 555-0142,platinum,Lost,',
        '',
        'Nobody,,,,,',
        'Broken,not an email,,,,',
        'Ada B.,ADA@acme.example,,silver,Won,12B',
      ].join('\n'),
      { status: 'active' },
    )

    expect(upload).toMatchObject({ state: 'done', lines: 5, error: null })
    expect(counts).toEqual({ created: 1, updated: 2, merged: 0, conflict: 0, skipped: 2 })
    expect(report.map(({ line, outcome }) => [line, outcome])).toEqual([
      [2, 'created'],
      [3, 'updated'],
      [5, 'skipped'],
      [6, 'skipped'],
      [7, 'updated'],
    ])
    expect(report[1]?.detail).toContain('Tier «platinum» left out')
    expect(report[1]?.detail).toContain('Stage «Lost» is none of the campaign’s')
    expect(report[3]?.detail).toBe('Email «not an email» is not valid')
    const ada = report[0]!.customerId!
    const profile = await get<CustomerProfile>(`/api/customers/${ada}`)
    expect(profile).toMatchObject({ name: 'Ada B.', anonymous: false })
    expect(profile.fields.find(({ field }) => field === 'tier')).toMatchObject({
      value: 'silver',
      source: 'upload',
    })
    const rows = await db.orm.select().from(participants).where(db.mine(participants))
    expect(rows.find(({ customerId }) => customerId === ada)).toMatchObject({
      status: 'active',
      stage: 'Won',
      data: { seat: '12B' },
    })
    expect(rows.find(({ customerId }) => customerId === known)).toMatchObject({
      status: 'active',
      stage: null,
    })
    // The file is full of people, and has done its work.
    expect((await env.FILES.list({ prefix: `t/${acme.tenantId}/` })).objects).toEqual([])
  })

  it('merges the several records a line matches into the oldest (check 2)', async () => {
    const visitor = await person({ visitor: 'vis-1', phone: '+13125550142' }, noon + 2)
    const phone = await person({ 'whatsapp-user': 'wa-1' }, noon)
    await db.orm.insert(identities).values({
      tenantId: acme.tenantId,
      kind: 'phone',
      value: '+13125550142',
      scope: '',
      customerId: phone,
      proof: 'channel',
      createdAt: noon,
    })
    const mail = await person({ email: 'dana@northpeak.example' }, noon + 1)

    const { report, counts } = await load(
      await newCampaign(),
      'name,phone,email\nDana,+1 312 555 0142,dana@northpeak.example\n',
    )

    expect(counts).toMatchObject({ merged: 1, created: 0 })
    expect(report).toMatchObject([
      { outcome: 'merged', customerId: phone, detail: 'Merged 3 records into the oldest' },
    ])
    const [only, ...others] = await everybody()
    expect(others).toEqual([])
    expect(only).toMatchObject({ id: phone, name: 'Dana' })
    expect(only!.known).toEqual(['+13125550142', 'dana@northpeak.example', 'vis-1', 'wa-1'])
    expect(
      (await auditOf(env, acme.tenantId)).filter(({ action }) => action === 'customer.merge'),
    ).toHaveLength(2)
    for (const id of [visitor, mail]) {
      expect((await get<CustomerProfile>(`/api/customers/${id}`)).id).toBe(phone)
    }
  })

  it('leaves records of different External IDs apart and lists them (check 3)', async () => {
    const one = await person({ external: 'A1', email: 'x@acme.example' }, noon)
    const other = await person({ external: 'B2', email: 'x@acme.example' }, noon + 1)

    const { report, counts } = await load(await newCampaign(), 'email\nx@acme.example\n')

    expect(counts).toMatchObject({ conflict: 1, merged: 0 })
    expect(report[0]).toMatchObject({ outcome: 'conflict', customerId: one })
    expect(report[0]!.detail).toContain(other)
    expect(report[0]!.detail).toContain('External ID B2')
    expect((await everybody()).map(({ id }) => id).sort()).toEqual([one, other].sort())
    const profile = await get<CustomerProfile>(`/api/customers/${one}`)
    expect(profile.possibleDuplicates.map(({ customer }) => customer.id)).toContain(other)
  })

  it('of one person to two campaigns keeps a status, stage and data for each (check 4)', async () => {
    const [spring, autumn] = [await newCampaign('Spring'), await newCampaign('Autumn')]
    const first = await load(spring, 'email,stage,seat\nada@acme.example,Call,1\n')
    await load(autumn, 'email,stage,seat\nada@acme.example,Won,2\n', { status: 'completed' })
    const ada = first.report[0]!.customerId!

    await post(
      `/api/campaigns/${spring.id}/participants/${ada}`,
      admin,
      { status: 'active' },
      'PATCH',
    )

    expect(await everybody()).toHaveLength(1)
    const { participations } = await get<CustomerProfile>(`/api/customers/${ada}`)
    const shown = participations.map(({ name, status, stage, kind }) => [name, kind, status, stage])
    expect(shown.sort()).toEqual([
      ['Autumn', 'outbound', 'completed', 'Won'],
      ['Spring', 'outbound', 'active', 'Call'],
    ])
    const { rows } = await get<{ rows: { data: object }[] }>(
      `/api/campaigns/${spring.id}/participants`,
    )
    expect(rows).toMatchObject([{ data: { seat: '1' }, status: 'active', customer: { id: ada } }])
  })

  it('brings products, each with its attributes and its campaign', async () => {
    const campaign = await newCampaign()
    const { upload } = await bring(
      campaign,
      'email,product,tier\na@acme.example,Plan,gold\na@acme.example,Router,\n',
    )
    await post(`/api/uploads/${upload.id}/start`, admin, {
      mapping: { 0: 'field:email', 1: 'product', 2: 'product:Tier' },
    })
    await until(upload.id, isOver)

    const [only] = await everybody()
    const { products, connected } = await get<Products>(`/api/customers/${only!.id}/products`)

    expect(connected).toBe(false)
    expect(products).toMatchObject([
      { name: 'Plan', attributes: { Tier: 'gold' }, campaign: { id: campaign.id, name: 'Spring' } },
      { name: 'Router', attributes: {} },
    ])
  })

  it('is told in a file that holds no formula', async () => {
    const campaign = await newCampaign()
    const { id } = await load(campaign, 'email\n=cmd()\n')

    const response = await ask(`/api/uploads/${id}/report`, admin)

    expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect(await response.text()).toBe(
      'Line,Outcome,Customer,Detail\r\n2,skipped,,Email «=cmd()» is not valid\r\n',
    )
  })
})

// --- What comes between

function many(from: number, to: number): string {
  const lines = Array.from(
    { length: to - from },
    (_, n) => `Person ${from + n},p${from + n}@acme.example,+4670${String(1_000_000 + from + n)}`,
  )
  return `name,email,phone\n${lines.join('\n')}\n`
}

async function begin(csv: string): Promise<UploadId> {
  const { upload, mapping } = await bring(await newCampaign(), csv)
  await post(`/api/uploads/${upload.id}/start`, admin, { mapping })
  return upload.id
}

describe('whatever comes between', () => {
  it('a crash in the middle doubles nothing and loses nothing', async () => {
    const id = await begin(many(0, 2_500))
    await until(id, ({ lines }) => lines > 0)
    await abortAllDurableObjects()
    const between = await get<Upload>(`/api/uploads/${id}`)
    await uploadWorker(env, acme.tenantId, id).wake()

    const done = await until(id, isOver)

    expect(between.lines).toBeLessThan(2_500)
    expect(done).toMatchObject({ state: 'done', lines: 2_500 })
    expect(done.counts).toMatchObject({ created: 2_500, updated: 0 })
    const all = await everybody()
    expect(all).toHaveLength(2_500)
    expect(new Set(all.flatMap(({ known }) => known)).size).toBe(5_000)
  }, 60_000)

  it('two workers at once do each line once', async () => {
    const id = await begin(many(0, 1_500))
    const worker = uploadWorker(env, acme.tenantId, id)
    await Promise.all([runDurableObjectAlarm(worker), worker.wake(), runDurableObjectAlarm(worker)])
    await evictDurableObject(worker).catch(() => undefined)
    await worker.wake()

    const done = await until(id, isOver)

    expect(done.counts).toMatchObject({ created: 1_500, updated: 0 })
    expect(await everybody()).toHaveLength(1_500)
  }, 60_000)

  it('cancelled and taken up again, it goes on where it was', async () => {
    const id = await begin(many(0, 4_200))
    await until(id, ({ lines }) => lines > 0)

    const stopped = await post<Upload>(`/api/uploads/${id}/cancel`, admin, {})
    expect(stopped).toMatchObject({ state: 'cancelled' })
    expect(stopped.lines).toBeLessThan(4_200)
    const again = await post<Upload>(`/api/uploads/${id}/resume`, admin, {})

    expect(again.state).toBe('running')
    expect((await until(id, isOver)).counts).toMatchObject({ created: 4_200, updated: 0 })
  }, 60_000)

  it('records that are merged meanwhile are found where they are', async () => {
    const ids: CustomerId[] = []
    for (let n = 0; n < 8; n += 1)
      ids.push(await person({ email: `p${n * 250}@acme.example` }, noon + n))
    const id = await begin(many(0, 2_200))
    const actor = { kind: 'operator', id: admin.id } as const
    for (const other of ids.slice(1)) {
      await mergeCustomers(db, [ids[0]!, other], { choices: {}, actor, at: Date.now() })
    }

    const done = await until(id, isOver)

    expect(done).toMatchObject({ state: 'done', lines: 2_200 })
    const all = await everybody()
    const values = all.flatMap(({ known }) => known)
    expect(new Set(values).size).toBe(4_400)
    const orphans = await db.orm.select().from(identities).where(db.mine(identities))
    expect(orphans.every(({ customerId }) => all.some((one) => one.id === customerId))).toBe(true)
    expect(all.some((one) => ids.slice(1).includes(one.id))).toBe(false)
  }, 60_000)

  it('messages that arrive meanwhile find or make one record each', async () => {
    const id = await begin(many(0, 1_500))
    const writers = Array.from({ length: 40 }, (_, n) =>
      person({ phone: `+4670${1_000_000 + n * 30}` }, Date.now()),
    )
    await Promise.all(writers)

    await until(id, isOver)

    const all = await everybody()
    const values = all.flatMap(({ known }) => known)
    expect(new Set(values).size).toBe(3_000)
    for (const writer of writers) {
      const found = await writer
      expect(all.some((one) => one.id === found)).toBe(true)
    }
  }, 60_000)
})

describe('Get products', () => {
  const url = 'https://crm.acme.example/products'
  const secret = 'a-secret-of-sixteen-letters'

  beforeAll(() => undefined)

  async function connect(): Promise<CustomerId> {
    const response = await ask('/api/settings', admin, {
      method: 'PATCH',
      body: JSON.stringify({ productUrl: url, productSecret: secret }),
    })
    const settings = await response.text()
    expect(settings).toContain(url)
    expect(settings).not.toContain(secret)
    return person({ email: 'ada@acme.example' }, noon, 'Ada')
  }

  it('is off until a system is connected', async () => {
    const ada = await person({ email: 'ada@acme.example' })

    const response = await ask(`/api/customers/${ada}/products/refresh`, admin, { method: 'POST' })

    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ refusal: 'not-connected' })
  })

  it('asks with the customer’s identities, signed, and shows what is answered', async () => {
    const ada = await connect()
    const asked: { url: string; init: RequestInit }[] = []
    vi.stubGlobal('fetch', async (input: string | URL, init: RequestInit) => {
      asked.push({ url: String(input), init })
      return Response.json({
        products: [{ id: 7, name: 'Plan', attributes: { tier: 'gold', seats: 3, none: null } }],
      })
    })

    const shown = await post<Products>(
      `/api/customers/${ada}/products/refresh`,
      acme.operators.viewer,
      undefined,
    )

    expect(shown).toMatchObject({
      connected: true,
      error: null,
      products: [{ name: 'Plan', attributes: { tier: 'gold', seats: '3' }, campaign: null }],
    })
    const { init } = asked[0]!
    const headers = new Headers(init.headers)
    const at = headers.get('X-Alongside-Timestamp')!
    expect(headers.get('X-Alongside-Signature')).toBe(
      `sha256=${toHex(await hmac(secret, utf8(`${at}.${String(init.body)}`)))}`,
    )
    expect(JSON.parse(String(init.body))).toEqual({
      customer: {
        id: ada,
        name: 'Ada',
        identities: [{ kind: 'email', value: 'ada@acme.example' }],
      },
    })
  })

  it('keeps what was there when the system fails, and says why', async () => {
    const ada = await connect()
    const answers = [
      () => Response.json({ products: [{ name: 'Plan' }] }),
      () => new Response('no', { status: 500 }),
      () => new Response('<html>'),
      () => Response.json({ products: 'many' }),
      () => {
        throw new DOMException('No answer in time', 'TimeoutError')
      },
      () => Response.json({ products: [] }),
    ]
    vi.stubGlobal('fetch', async () => answers.shift()!())
    const seen: [number, string | null][] = []
    for (let n = 0; n < 6; n += 1) {
      const { products, error } = await post<Products>(
        `/api/customers/${ada}/products/refresh`,
        admin,
        undefined,
      )
      seen.push([products.length, error])
    }

    expect(seen).toEqual([
      [1, null],
      [1, 'The product system answered 500'],
      [1, 'The product system’s answer is not JSON'],
      [1, expect.stringContaining('not what we read')],
      [1, 'The product system did not answer in time'],
      [0, null],
    ])
  })

  it('is asked for by nobody of another tenant, and only of public addresses', async () => {
    const ada = await connect()
    const foreign = (await newTenant(env)).operators.owner

    expect((await ask(`/api/customers/${ada}/products`, foreign)).status).toBe(404)
    const inside = await ask('/api/settings', admin, {
      method: 'PATCH',
      body: JSON.stringify({ productUrl: 'https://10.0.0.1/x' }),
    })
    expect(inside.status).toBe(400)
  })
})

// Campaigns and uploads, as an operator's panel asks for them.

import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Campaign, Products } from '../../shared/campaign.ts'
import type { CustomerProfile } from '../../shared/customer.ts'
import { auditOf, newTenant } from '../../tests/tenants.ts'
import { ask, post } from '../../tests/world.ts'
import { fields, identities, participants } from '../base/schema.ts'
import { isOver, newOffice, noon, type Office } from './testing.ts'

let office: Office

beforeEach(async () => {
  office = await newOffice()
})

describe('campaigns', () => {
  it('are made, renamed and listed, with the virtual one last', async () => {
    const { id } = await office.newCampaign('Spring', ['Call', 'Won'])

    await post(`/api/campaigns/${id}`, office.admin, { name: 'Spring 2027' }, 'PATCH')

    const { campaigns } = await office.get<{ campaigns: Campaign[] }>(
      '/api/campaigns',
      office.acme.operators.viewer,
    )
    expect(campaigns).toMatchObject([
      { id, name: 'Spring 2027', kind: 'outbound', stages: ['Call', 'Won'] },
      { id: 'customer-service', name: 'Customer Service', kind: 'virtual' },
    ])
  })

  it('of no campaign can neither be changed, deleted nor uploaded to', async () => {
    const path = '/api/campaigns/customer-service'
    const answers = await Promise.all([
      ask(path, office.admin, { method: 'PATCH', body: JSON.stringify({ name: 'Mine' }) }),
      ask(path, office.admin, { method: 'DELETE' }),
      ask(`${path}/uploads?name=a.csv`, office.admin, {
        method: 'POST',
        body: 'email\na@b.example\n',
      }),
    ])

    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422])
  })

  it('are for those who may, and of their own tenant', async () => {
    const campaign = await office.newCampaign()
    const { upload } = await office.bring(campaign, 'email\na@office.acme.example\n')
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
      expect((await ask(path, office.acme.operators.operator, init)).status, path).toBe(403)
      if (path === '/api/campaigns' || path.endsWith('/uploads')) continue
      expect((await ask(path, foreign, init)).status, `${path} of another`).toBe(404)
    }
  })
})

describe('a file', () => {
  it('is shown before it is read, with where its columns seem to go', async () => {
    const campaign = await office.newCampaign()

    const preview = await office.bring(
      campaign,
      '\ufeffFirst name;Last name;E-mail;Mobile;Seat;Product;Status\nAda;Brandt;ada@office.acme.example;+46701234567;12A;Plan;active\n',
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
      ['Ada', 'Brandt', 'ada@office.acme.example', '+46701234567', '12A', 'Plan', 'active'],
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
    expect(await office.everybody()).toEqual([])
  })

  it.each([
    ['empty', ''],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0])],
    ['in another encoding', new Uint8Array([0x6e, 0xfc, 0x0a])],
    ['a workbook', new Uint8Array([0x50, 0x4b, 3, 4])],
    ['without a header', '\n1,2\n'],
  ])('that is %s is refused', async (_, body) => {
    const response = await office.send(await office.newCampaign(), body)

    expect(response.status).toBe(400)
    expect(await office.files()).toEqual([])
  })

  it('is not started by a mapping nobody can be told by', async () => {
    const { upload } = await office.bring(await office.newCampaign(), 'name,plan\nAda,gold\n')
    const path = `/api/uploads/${upload.id}/start`

    for (const mapping of [
      { 0: 'field:name' },
      { 9: 'field:email' },
      { 0: 'field:email', 1: 'field:nothing' },
      { 0: 'field:email', 1: 'product:tier' },
    ]) {
      const response = await ask(path, office.admin, {
        method: 'POST',
        body: JSON.stringify({ mapping }),
      })
      expect(response.status, JSON.stringify(mapping)).toBe(400)
    }
  })
})

describe('an upload', () => {
  it('makes, changes and skips, line by line, and says so', async () => {
    const campaign = await office.newCampaign('Spring', ['Call', 'Won'])
    await office.db.orm.insert(fields).values({
      tenantId: office.acme.tenantId,
      name: 'tier',
      title: 'Tier',
      type: 'enum',
      options: ['gold', 'silver'],
      hidden: false,
      column: false,
      position: 50,
      createdAt: noon,
    })
    const known = await office.person({ phone: '+13125550142' })

    const { report, counts, ...upload } = await office.load(
      campaign,
      [
        'name,email,phone,tier,stage,seat',
        'Ada Brandt,ada@office.acme.example,,gold,Call,12A',
        'Dana,,(312) 555-0142,platinum,Lost,',
        '',
        'Nobody,,,,,',
        'Broken,not an email,,,,',
        'Ada B.,ADA@office.acme.example,,silver,Won,12B',
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
    const profile = await office.get<CustomerProfile>(`/api/customers/${ada}`)
    expect(profile).toMatchObject({ name: 'Ada B.', anonymous: false })
    expect(profile.fields.find(({ field }) => field === 'tier')).toMatchObject({
      value: 'silver',
      source: 'upload',
    })
    const rows = await office.db.orm.select().from(participants).where(office.db.mine(participants))
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
    await vi.waitFor(async () => expect(await office.files()).toEqual([]))
  })

  it('merges the several records a line matches into the oldest (check 2)', async () => {
    const visitor = await office.person({ visitor: 'vis-1', phone: '+13125550142' }, noon + 2)
    const phone = await office.person({ 'whatsapp-user': 'wa-1' }, noon)
    await office.db.orm.insert(identities).values({
      tenantId: office.acme.tenantId,
      kind: 'phone',
      value: '+13125550142',
      scope: '',
      customerId: phone,
      proof: 'channel',
      createdAt: noon,
    })
    const mail = await office.person({ email: 'dana@northpeak.example' }, noon + 1)

    const { report, counts } = await office.load(
      await office.newCampaign(),
      'name,phone,email\nDana,+1 312 555 0142,dana@northpeak.example\n',
    )

    expect(counts).toMatchObject({ merged: 1, created: 0 })
    expect(report).toMatchObject([
      { outcome: 'merged', customerId: phone, detail: `Merged 3 into ${phone}, the oldest` },
    ])
    const [only, ...others] = await office.everybody()
    expect(others).toEqual([])
    expect(only).toMatchObject({ id: phone, name: 'Dana' })
    expect(only!.known).toEqual(['+13125550142', 'dana@northpeak.example', 'vis-1', 'wa-1'])
    expect(
      (await auditOf(env, office.acme.tenantId)).filter(
        ({ action }) => action === 'customer.merge',
      ),
    ).toHaveLength(2)
    for (const id of [visitor, mail]) {
      expect((await office.get<CustomerProfile>(`/api/customers/${id}`)).id).toBe(phone)
    }
  })

  it('leaves records of different External IDs apart and lists them (check 3)', async () => {
    const one = await office.person({ external: 'A1', email: 'x@office.acme.example' }, noon)
    const other = await office.person({ external: 'B2', email: 'x@office.acme.example' }, noon + 1)

    const { report, counts } = await office.load(
      await office.newCampaign(),
      'email\nx@office.acme.example\n',
    )

    expect(counts).toMatchObject({ conflict: 1, merged: 0 })
    expect(report[0]).toMatchObject({ outcome: 'conflict', customerId: one })
    expect(report[0]!.detail).toContain(other)
    expect(report[0]!.detail).toContain('External ID B2')
    expect((await office.everybody()).map(({ id }) => id).sort()).toEqual([one, other].sort())
    const profile = await office.get<CustomerProfile>(`/api/customers/${one}`)
    expect(profile.possibleDuplicates.map(({ customer }) => customer.id)).toContain(other)
  })

  it('of one person to two campaigns keeps a status, stage and data for each (check 4)', async () => {
    const [spring, autumn] = [
      await office.newCampaign('Spring'),
      await office.newCampaign('Autumn'),
    ]
    const first = await office.load(
      spring,
      'id,email,stage,seat\nA7,ada@office.acme.example,Call,1\n',
    )
    await office.load(autumn, 'id,email,stage,seat\nA7,ada@office.acme.example,Won,2\n', {
      status: 'completed',
    })
    const ada = first.report[0]!.customerId!

    await post(
      `/api/campaigns/${spring.id}/participants/${ada}`,
      office.admin,
      { status: 'active' },
      'PATCH',
    )

    expect(await office.everybody()).toHaveLength(1)
    const { participations } = await office.get<CustomerProfile>(`/api/customers/${ada}`)
    const shown = participations.map(({ name, status, stage, kind }) => [name, kind, status, stage])
    expect(shown.sort()).toEqual([
      ['Autumn', 'outbound', 'completed', 'Won'],
      ['Spring', 'outbound', 'active', 'Call'],
    ])
    const { rows } = await office.get<{ rows: { data: object }[] }>(
      `/api/campaigns/${spring.id}/participants`,
    )
    expect(rows).toMatchObject([{ data: { seat: '1' }, status: 'active', customer: { id: ada } }])
  })

  it('brings products, each with its attributes and its campaign', async () => {
    const campaign = await office.newCampaign()
    const { upload } = await office.bring(
      campaign,
      'email,product,tier\na@office.acme.example,Plan,gold\na@office.acme.example,Router,\n',
    )
    await post(`/api/uploads/${upload.id}/start`, office.admin, {
      mapping: { 0: 'field:email', 1: 'product', 2: 'product:Tier' },
    })
    await office.until(upload.id, isOver)

    const [only] = await office.everybody()
    const { products, connected } = await office.get<Products>(
      `/api/customers/${only!.id}/products`,
    )

    expect(connected).toBe(false)
    expect(products).toMatchObject([
      { name: 'Plan', attributes: { Tier: 'gold' }, campaign: { id: campaign.id, name: 'Spring' } },
      { name: 'Router', attributes: {} },
    ])
  })

  it('is told in a file that holds no formula', async () => {
    const campaign = await office.newCampaign()
    const { id } = await office.load(campaign, 'email\n=cmd()\n')

    const response = await ask(`/api/uploads/${id}/report`, office.admin)

    expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect(await response.text()).toBe(
      'Line,Outcome,Customer,Detail\r\n2,skipped,,Email «=cmd()» is not valid\r\n',
    )
  })
})

// One record per customer, on a real D1: matching, races, enrichment, the list and its search.

import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Identity, IdentityKind } from '../../shared/customer.ts'
import type { CustomerId, SessionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { newTenant } from '../../tests/tenants.ts'
import { statements, tenantDb, type Db } from '../base/db.ts'
import { customers, fieldValues, identities, possibleDuplicates } from '../base/schema.ts'
import type { Sender } from '../channels/channel.ts'
import { knownFields, learn, saidFields } from './enrich.ts'
import { resolveCustomer } from './match.ts'
import { profileOf } from './profile.ts'
import { projectCustomer } from './project.ts'
import { findingOf } from './find/finding.ts'
import { countAll, listPage, type Place } from './find/list.ts'

const noon = Date.UTC(2027, 1, 3, 12)
const connection = newId('con')
const heard: Parameters<NonNullable<typeof statements.heard>>[0][] = []

beforeEach(() => {
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

async function newDb(): Promise<Db> {
  const { tenantId } = await newTenant(env)
  return tenantDb(env, tenantId)
}

function sender(identities: Partial<Record<IdentityKind, string>>, name = ''): Sender {
  const list = Object.entries(identities) as [IdentityKind, string][]
  const [, address = 'nobody'] = list[0] ?? []
  return {
    address,
    contact: address,
    name,
    identities: list.map(([kind, value]): Identity => ({ kind, value, proof: 'channel' })),
    scoped: 'visitor' in identities,
  }
}

const dana = sender({ phone: '+13125550142' }, 'Dana Whitfield')
const visitor = sender({ visitor: 'vis-1b9e-8f2c' })
const mailer = sender({ email: 'dana@northpeak.example' })

function find(db: Db, from: Sender, at = noon, by = connection) {
  return resolveCustomer(db, from, by, at)
}

function said(field: 'name' | 'email' | 'phone', value: string, at = noon, sessionId?: SessionId) {
  return { field, value, at, sessionId: sessionId ?? newId('ses') }
}

async function duplicates(db: Db, id: CustomerId): Promise<string[]> {
  const profile = await profileOf(db, id)
  return profile?.possibleDuplicates.map((one) => `${one.kind}:${one.customer.id}`) ?? []
}

/** A page as the list opens: who was spoken with last comes first. */
async function page(
  db: Db,
  query: { readonly q?: string; readonly anonymous?: 'hide' | 'show' },
  limit: number,
  after?: Place,
) {
  const finding = await findingOf(db, query, noon)
  if (isRefusal(finding)) throw new Error(finding.detail)
  const sort = { by: 'last_communication' } as const
  const found = await listPage(db, finding, { sort, order: 'down', limit, after })
  return { ...found, total: await countAll(db, finding) }
}

async function search(db: Db, q: string, anonymous: 'hide' | 'show' = 'hide') {
  const { rows } = await page(db, { q, anonymous }, 50)
  return rows.map(({ name }) => name)
}

describe('an inbound sender', () => {
  it('gets one record per channel while no identity is shared', async () => {
    const db = await newDb()
    const found = [await find(db, visitor), await find(db, dana), await find(db, mailer)]

    expect(new Set(found.map(({ id }) => id)).size).toBe(3)
    expect(found.map(({ name }) => name)).toEqual([
      'Visitor 8f2c',
      'Dana Whitfield',
      'dana@northpeak.example',
    ])
  })

  it('is the same customer the next time, on any connection', async () => {
    const db = await newDb()
    const first = await find(db, dana)

    expect(await find(db, { ...dana, name: 'D.' }, noon + 1, newId('con'))).toEqual(first)
  })

  it('is a visitor of one connection only', async () => {
    const db = await newDb()
    const here = await find(db, visitor)

    expect((await find(db, visitor, noon, newId('con'))).id).not.toBe(here.id)
  })

  it('becomes one record, however many first messages race', async () => {
    const db = await newDb()
    const telegram = sender({ 'telegram-id': '7', 'telegram-username': 'dana' }, 'Dana')
    const reversed = { ...telegram, identities: telegram.identities.toReversed() }
    const raced = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        find(db, n % 2 ? telegram : reversed, noon + n, newId('con')),
      ),
    )

    expect(new Set(raced.map(({ id }) => id)).size).toBe(1)
    expect(await db.orm.select().from(customers).where(db.mine(customers))).toHaveLength(1)
    expect(await db.orm.select().from(identities).where(db.mine(identities))).toHaveLength(2)
    expect(
      await db.orm.select().from(possibleDuplicates).where(db.mine(possibleDuplicates)),
    ).toHaveLength(0)
  })

  it('is found under an address added later', async () => {
    const db = await newDb()
    const first = await find(db, sender({ phone: '+13125550142', 'whatsapp-user': 'US.17' }))
    await find(db, sender({ 'whatsapp-user': 'US.17', 'telegram-username': 'dana' }))

    expect((await find(db, sender({ 'telegram-username': '@Dana' }))).id).toBe(first.id)
    expect(await search(db, '@dana')).toHaveLength(1)
  })

  it('joins the oldest of several, and flags the others both ways', async () => {
    const db = await newDb()
    const older = await find(db, mailer, noon)
    const newer = await find(db, dana, noon + 1)
    const both = sender({ email: 'Dana@northpeak.example', phone: '+1 312 555 0142' })

    expect((await find(db, both, noon + 2)).id).toBe(older.id)
    expect(await duplicates(db, older.id)).toEqual([`phone:${newer.id}`])
    expect(await duplicates(db, newer.id)).toEqual([`phone:${older.id}`])
  })

  it('with another External ID is another record; the email stands on both, flagged', async () => {
    const db = await newDb()
    const email = 'dana@northpeak.example'
    const a1 = await find(db, sender({ external: 'A1', email }), noon)
    const b2 = await find(db, sender({ external: 'B2', email }), noon + 1)

    expect(b2.id).not.toBe(a1.id)
    expect(await duplicates(db, a1.id)).toEqual([`email:${b2.id}`])
    expect(await duplicates(db, b2.id)).toEqual([`email:${a1.id}`])
  })

  it('gives its External ID to the record that had none', async () => {
    const db = await newDb()
    const first = await find(db, mailer)
    const email = 'dana@northpeak.example'

    expect((await find(db, sender({ email, external: 'A1' }))).id).toBe(first.id)
    expect((await find(db, sender({ external: 'A1' }))).id).toBe(first.id)
  })

  it('takes a placeholder’s name away, and leaves a name', async () => {
    const db = await newDb()
    const nameless = await find(db, mailer)
    const email = 'dana@northpeak.example'
    const named = await find(db, sender({ email, phone: '+13125550142' }, 'Dana'))
    const again = await find(db, sender({ email, 'telegram-id': '7' }, 'D.'))

    expect(nameless.name).toBe(email)
    expect(named.name).toBe('Dana')
    expect(again).toEqual(named)
  })

  it('is nobody of another tenant', async () => {
    const [ours, theirs] = [await newDb(), await newDb()]
    const here = await find(ours, dana)

    expect((await find(theirs, dana)).id).not.toBe(here.id)
    expect(await profileOf(theirs, here.id)).toBeUndefined()
  })

  it('never puts two External IDs on one record, whoever writes in whatever order', async () => {
    const value = fc.constantFrom('1', '2', '3')
    const writer = fc.record({ external: value, email: value, phone: value }, { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(fc.array(writer, { minLength: 1, maxLength: 8 }), async (writers) => {
        const db = tenantDb(env, newId('ten'))
        for (const [n, { external, email, phone }] of writers.entries()) {
          const from = sender({
            ...(external ? { external: `X${external}` } : {}),
            ...(email ? { email: `e${email}@example.com` } : {}),
            ...(phone ? { phone: `+1312555010${phone}` } : {}),
          })
          const { id } = await find(db, from, noon + n)
          expect((await find(db, from, noon + n)).id).toBe(id)
        }
        const held = await db.orm.select().from(identities).where(db.mine(identities))
        const external = held.filter(({ kind }) => kind === 'external')
        expect(new Set(external.map(({ customerId }) => customerId)).size).toBe(external.length)
        expect(new Set(external.map((one) => one.value)).size).toBe(external.length)
      }),
      { numRuns: 25 },
    )
  }, 30_000)
})

describe('what is learnt', () => {
  it('of a visitor’s number: promoted, unverified, a possible duplicate, not merged', async () => {
    const db = await newDb()
    const anonymous = await find(db, visitor, noon)
    const known = await find(db, dana, noon + 1)

    await learn(db, anonymous.id, said('phone', '(312) 555-0142', noon + 2))

    expect(await profileOf(db, anonymous.id)).toMatchObject({
      id: anonymous.id,
      anonymous: false,
      identities: [{ kind: 'visitor' }],
      fields: [
        { field: 'phone', value: '+1 312 555 0142', verified: false, source: 'conversation' },
      ],
      possibleDuplicates: [{ customer: known, kind: 'phone', value: '+1 312 555 0142' }],
    })
    expect(await duplicates(db, known.id)).toEqual([`phone:${anonymous.id}`])
    expect((await find(db, dana)).id).toBe(known.id)
  })

  it('is flagged too when the number writes only afterwards', async () => {
    const db = await newDb()
    const anonymous = await find(db, visitor)
    await learn(db, anonymous.id, said('phone', '+13125550142'))
    const later = await find(db, dana, noon + 1)

    expect(later.id).not.toBe(anonymous.id)
    expect(await duplicates(db, later.id)).toEqual([`phone:${anonymous.id}`])
  })

  it('only moves forward in time, and the same however often it is told', async () => {
    const told = [
      said('email', 'first@example.com', noon),
      said('email', 'second@example.com', noon + 1),
      said('email', 'third@example.com', noon + 2),
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...told), { maxLength: 8 }), async (tellings) => {
        const db = tenantDb(env, newId('ten'))
        const { id } = await find(db, dana)
        for (const one of fc.sample(fc.shuffledSubarray(told, { minLength: 3 }), 1)[0] ?? []) {
          await learn(db, id, one)
        }
        for (const one of tellings) await learn(db, id, one)

        expect(await saidFields(db, id)).toEqual({ email: 'third@example.com' })
      }),
      { numRuns: 8 },
    )
  }, 30_000)

  it('names a visitor, and says so again when asked again', async () => {
    const db = await newDb()
    const { id } = await find(db, visitor)
    const name = said('name', ' Dana  Whitfield ')

    expect(await learn(db, id, name)).toEqual({ renamed: 'Dana Whitfield' })
    expect(await learn(db, id, name)).toEqual({ renamed: 'Dana Whitfield' })
    expect(await learn(db, id, said('name', 'Old', noon - 1))).toEqual({})
    expect(await profileOf(db, id)).toMatchObject({ name: 'Dana Whitfield', anonymous: false })
    expect(await search(db, 'whitfield dana')).toEqual(['Dana Whitfield'])
    expect(await search(db, 'visitor')).toEqual([])
  })

  it('goes before a channel’s display name, never before an operator’s', async () => {
    const db = await newDb()
    const { id } = await find(db, dana)
    expect(await learn(db, id, said('name', 'Dana W.'))).toEqual({ renamed: 'Dana W.' })

    await db.orm
      .update(fieldValues)
      .set({ source: 'operator', verified: true, value: 'D. Whitfield' })
      .where(db.mine(fieldValues))
    await db.orm.update(customers).set({ name: 'D. Whitfield' }).where(db.mine(customers))

    expect(await learn(db, id, said('name', 'Mallory', noon + 9))).toEqual({})
    expect(await profileOf(db, id)).toMatchObject({ name: 'D. Whitfield' })
  })

  it('that is already proven stands once, as proven', async () => {
    const db = await newDb()
    const { id } = await find(db, dana)
    await learn(db, id, said('phone', '312-555-0142'))

    const fields = (await profileOf(db, id))?.fields.filter(({ field }) => field === 'phone')
    expect(fields).toMatchObject([{ value: '+1 312 555 0142', verified: true }])
  })

  it('is apart from what is known', async () => {
    const db = await newDb()
    const { id } = await find(db, dana)
    await learn(db, id, said('email', 'Dana@Example.com'))

    expect(await knownFields(db, id)).toEqual({ name: 'Dana Whitfield', phone: '+13125550142' })
    expect(await saidFields(db, id)).toEqual({ email: 'dana@example.com' })
  })

  it('is nothing when it is no address, or of nobody', async () => {
    const db = await newDb()
    const { id } = await find(db, visitor)
    await learn(db, id, said('email', 'at example dot com'))
    await learn(db, id, said('phone', 'later'))
    await learn(db, newId('cus'), said('email', 'dana@example.com'))

    expect(await db.orm.select().from(fieldValues).where(db.mine(fieldValues))).toEqual([])
    expect(await profileOf(db, id)).toMatchObject({ anonymous: true })
  })

  it('is searchable though something else is learnt between reading and writing', async () => {
    const db = await newDb()
    const { id } = await find(db, visitor)
    let between = () => learn(db, id, said('email', 'dana@example.com'))
    const slow = (sql: string, whole: D1PreparedStatement) => ({
      whole,
      run: () => whole.run(),
      raw: async () => {
        if (sql.startsWith('update "customer" set "name_key"')) {
          const once = between
          between = async () => ({})
          await once()
        }
        return whole.raw()
      },
    })
    const DB = {
      prepare: (sql: string) => ({
        bind: (...params: unknown[]) => slow(sql, env.DB.prepare(sql).bind(...params)),
      }),
      batch: (list: ReturnType<typeof slow>[]) => env.DB.batch(list.map(({ whole }) => whole)),
    } as unknown as D1Database
    await learn(tenantDb({ ...env, DB }, db.tenantId), id, said('name', 'Dana Whitfield'))

    expect(await search(db, 'dana@example.com')).toEqual(['Dana Whitfield'])
    expect(await search(db, 'whitfield')).toEqual(['Dana Whitfield'])
  })

  it('is all searchable, however many learn at once', async () => {
    const db = await newDb()
    const { id } = await find(db, visitor)
    await Promise.all([
      learn(db, id, said('name', 'Dana Whitfield')),
      learn(db, id, said('email', 'dana@example.com')),
      learn(db, id, said('phone', '+13125550142')),
      find(db, { ...sender({ visitor: 'vis-1b9e-8f2c', external: 'NP-7' }), scoped: true }),
    ])

    for (const q of ['Whitfield', 'dana@example', '555 0142', 'np-7', 'vis-1b9e-8f2c']) {
      expect(await search(db, q)).toEqual(['Dana Whitfield'])
    }
  })
})

async function house(): Promise<Db> {
  const db = await newDb()
  await find(db, { ...dana, name: 'Dána Whitfield' }, noon)
  await find(db, sender({ email: 'damir@begic.example' }, 'Damir Begić'), noon + 1)
  await find(db, sender({ 'telegram-id': '77', 'telegram-username': 'wanda_n' }, 'Wanda Novak'))
  await find(db, sender({ external: 'NP-20418', phone: '+491715550142' }, 'Łukasz Lind'))
  await find(db, visitor)
  return db
}

describe('the search', () => {
  it.each([
    ['dana', ['Dána Whitfield']],
    ['WHITFIELD dana', ['Dána Whitfield']],
    ['begic', ['Damir Begić']],
    ['lukasz', ['Łukasz Lind']],
    ['damir@begic.example', ['Damir Begić']],
    ['@begic', ['Damir Begić']],
    ['(312) 555-0142', ['Dána Whitfield']],
    ['+1 312.555.01', ['Dána Whitfield']],
    ['0171 555', ['Łukasz Lind']],
    ['0049 171 5550142', ['Łukasz Lind']],
    ['@wanda_n', ['Wanda Novak']],
    ['Wanda_N', ['Wanda Novak']],
    ['77', ['Wanda Novak']],
    ['NP-20418', ['Łukasz Lind']],
    ['20418', ['Łukasz Lind']],
    ['100%', []],
    ['_', ['Wanda Novak']],
    ["' or 1=1 --", []],
    ['visitor', []],
    ['vis-1b9e-8f2c', ['Visitor 8f2c']],
    ['zq '.repeat(84), []],
    ['dana'.repeat(60), []],
  ])('finds by %s', async (q, names) => {
    expect(await search(await house(), q)).toEqual(names)
  })

  it('shows anonymous visitors when asked', async () => {
    expect(await search(await house(), 'visitor', 'show')).toEqual(['Visitor 8f2c'])
  })

  it('puts who has the very address first, though others were spoken with later', async () => {
    const db = await newDb()
    await find(db, sender({ external: '4711' }, 'Exact'), noon)
    await find(db, sender({ external: '4711-2' }, 'Near'), noon + 1)
    await find(db, sender({ external: '0' }, 'Mr 4711'), noon + 2)

    expect(await search(db, '4711')).toEqual(['Exact', 'Mr 4711', 'Near'])
    const paged: string[] = []
    let one = await page(db, { q: '4711' }, 1)
    for (;;) {
      expect(one.total).toBe(3)
      paged.push(...one.rows.map(({ name }) => name))
      if (!one.next) break
      one = await page(db, { q: '4711' }, 1, one.next)
    }
    expect(paged).toEqual(['Exact', 'Mr 4711', 'Near'])
  })
})

describe('the list', () => {
  it('pages through everybody once, with and without a time, in any page length', async () => {
    const db = await newDb()
    const made = Array.from({ length: 23 }, (_, n) => ({
      tenantId: db.tenantId,
      id: newId('cus'),
      name: `Customer ${n}`,
      nameKey: `customer ${n}`,
      anonymous: false,
      searchText: '',
      createdAt: noon,
      // Several at the same time, and some never spoken with.
      lastCommunicationAt: n % 4 === 0 ? null : noon + (n % 5),
    }))
    for (const one of made) await db.orm.insert(customers).values(one)
    const order = made
      .toSorted(
        (a, b) =>
          (b.lastCommunicationAt ?? 0) - (a.lastCommunicationAt ?? 0) || (a.id < b.id ? 1 : -1),
      )
      .map(({ id }) => id)

    for (const limit of [1, 4, 7, 22, 23, 24]) {
      const ids: CustomerId[] = []
      let one = await page(db, {}, limit)
      for (;;) {
        expect(one.total).toBe(23)
        ids.push(...one.rows.map(({ id }) => id))
        if (!one.next) break
        one = await page(db, {}, limit, one.next)
      }
      expect(ids).toEqual(order)
    }
  }, 30_000)

  it('moves a customer up with what they say, never back', async () => {
    const db = await newDb()
    const { id } = await find(db, dana, noon)
    await db.orm.batch([projectCustomer(db, id, noon + 5), projectCustomer(db, id, noon + 3)])

    expect(await profileOf(db, id)).toMatchObject({ lastCommunicationAt: noon + 5 })
  })
})

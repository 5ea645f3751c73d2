// The one way feeds write, on a real D1, beside the rule it repeats in SQL.

import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import type { Source } from '../../../shared/customer.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { newId } from '../../../shared/new-id.ts'
import { newTenant } from '../../../tests/tenants.ts'
import { tenantDb, type Db } from '../../base/db.ts'
import {
  customerAliases,
  customers,
  fieldChanges,
  fields,
  fieldSuggestions,
  fieldValues,
} from '../../base/schema.ts'
import { makeRecord } from '../record/queries.ts'
import { writeValues, type Write } from './queries.ts'
import { givesWay, keptText, type Standing } from './rules.ts'

const noon = Date.UTC(2027, 1, 3, 12)
let db: Db

async function newRecord(name = 'Dana'): Promise<CustomerId> {
  const id = newId('cus')
  await makeRecord(db, { id, name, named: false, anonymous: false, addresses: [] }, noon)
  return id
}

function write(customerId: CustomerId, value: string, more: Partial<Write> = {}): Write {
  const usual = { field: 'plan', source: 'parameter', sessionId: null, at: noon } as const
  return { customerId, ...usual, ...keptText(value), ...more }
}

function held(id: CustomerId) {
  return db.orm
    .select()
    .from(fieldValues)
    .where(db.mine(fieldValues, eq(fieldValues.customerId, id)))
    .all()
}

function recordOf(id: CustomerId) {
  return db.orm
    .select()
    .from(customers)
    .where(db.mine(customers, eq(customers.id, id)))
    .get()
}

beforeAll(async () => {
  const { tenantId } = await newTenant(env)
  db = tenantDb(env, tenantId)
  await db.orm.insert(fields).values({
    tenantId,
    name: 'plan',
    title: 'Plan',
    type: 'text',
    options: [],
    hidden: false,
    column: false,
    position: 99,
    createdAt: noon,
  })
})

describe('a feed', () => {
  it('writes a value with its source, its time and its history, and it is found by it', async () => {
    const id = await newRecord()
    const sessionId = newId('ses')
    await writeValues(db, [write(id, 'Größe Gold', { sessionId })], 'system')
    await writeValues(db, [write(id, 'Silver', { at: noon + 1 })], 'system')

    expect(await held(id)).toMatchObject([
      { field: 'plan', value: 'Silver', key: 'silver', verified: false, source: 'parameter' },
    ])
    const rows = await db.orm.select().from(fieldChanges).where(db.mine(fieldChanges)).all()
    expect(
      rows.filter((row) => row.customerId === id).map(({ before, value }) => [before, value]),
    ).toEqual(
      expect.arrayContaining([
        ['', 'Größe Gold'],
        ['Größe Gold', 'Silver'],
      ]),
    )
    expect((await recordOf(id))?.searchText).toContain('silver')
  })

  it('changes nothing when it says the same again', async () => {
    const id = await newRecord()
    const one = write(id, 'Gold', { sessionId: newId('ses') })
    for (let n = 0; n < 3; n += 1) await writeValues(db, [one], 'system')

    const rows = await db.orm.select().from(fieldChanges).where(db.mine(fieldChanges)).all()
    expect(rows.filter((row) => row.customerId === id)).toHaveLength(1)
  })

  it('only suggests over what a person has pinned', async () => {
    const id = await newRecord()
    await writeValues(db, [write(id, 'Gold')], 'system')
    await db.orm.update(fieldValues).set({ pinned: true }).where(db.mine(fieldValues))
    await writeValues(db, [write(id, 'Silver', { source: 'upload', at: noon + 1 })], 'system')
    await writeValues(db, [write(id, 'Bronze', { at: noon - 1 })], 'system')

    expect(await held(id)).toMatchObject([{ value: 'Gold', source: 'parameter' }])
    const all = await db.orm.select().from(fieldSuggestions).where(db.mine(fieldSuggestions)).all()
    expect(all.filter((one) => one.customerId === id)).toMatchObject([
      { field: 'plan', value: 'Silver', source: 'upload' },
    ])
  })

  it('writes where a merged record is now, and nothing where there is no record or no field', async () => {
    const id = await newRecord()
    const [alias, missing] = [newId('cus'), newId('cus')]
    const { tenantId } = db
    await db.orm.insert(customerAliases).values({ tenantId, aliasId: alias, customerId: id })
    await writeValues(
      db,
      [write(alias, 'Gold'), write(missing, 'Gold'), write(id, 'x', { field: 'no_such_field' })],
      'system',
    )

    expect(await held(id)).toMatchObject([{ field: 'plan', value: 'Gold' }])
    expect(await held(missing)).toEqual([])
  })

  it('writes many records in one go', async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, () => newRecord()))
    await writeValues(
      db,
      ids.map((id, n) => write(id, `Plan ${n}`)),
      'system',
    )

    const rows = await db.orm.select().from(fieldValues).where(db.mine(fieldValues)).all()
    expect(
      ids.every((id, n) => rows.some((row) => row.customerId === id && row.value === `Plan ${n}`)),
    ).toBe(true)
  })

  it('ends where the rule says, whatever is written', async () => {
    const sources = fc.constantFrom<Exclude<Source, 'operator'>>(
      'channel',
      'conversation',
      'parameter',
      'analysis',
      'upload',
    )
    const sessions = [newId('ses'), newId('ses'), null] as const
    const news = fc.record({
      field: fc.constantFrom('plan', 'name'),
      value: fc.constantFrom('a', 'b', 'c'),
      source: sources,
      sessionId: fc.constantFrom(...sessions),
      at: fc.integer({ min: noon, max: noon + 2 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(news, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (all, pin) => {
          const id = await newRecord()
          const model = new Map<string, Standing & { value: string }>()
          for (const [n, one] of all.entries()) {
            await writeValues(db, [write(id, one.value, one)], 'system')
            const known = model.get(one.field)
            if (!known || givesWay(known, one)) model.set(one.field, { ...one, pinned: false })
            const mine = model.get(one.field)
            if (pin && n === 1 && mine) {
              await db.orm.update(fieldValues).set({ pinned: true }).where(db.mine(fieldValues))
              for (const [field, value] of model) model.set(field, { ...value, pinned: true })
            }
          }
          const rows = await held(id)
          expect(
            rows.map(({ field, value, source, sessionId, at }) => ({
              field,
              value,
              source,
              sessionId,
              at,
            })),
          ).toEqual(
            expect.arrayContaining([...model.values()].map(({ pinned: _pinned, ...one }) => one)),
          )
          expect(rows).toHaveLength(model.size)
          const record = await recordOf(id)
          expect(record?.name).toBe(model.get('name')?.value ?? 'Dana')
          expect(record?.nameKey).toBe(record?.name.toLowerCase())
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)
})

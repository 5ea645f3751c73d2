// Merging and taking back on a real D1.

import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'

import type { CustomerId } from '../../../shared/ids.ts'
import { newId } from '../../../shared/new-id.ts'
import { isRefusal } from '../../../shared/refusal.ts'
import { customers, fieldChanges, identities, participants, products } from '../../base/schema.ts'
import { learn } from '../enrich.ts'
import { projectCustomer } from '../project.ts'
import { mergeCustomers, mergeHistory, previewMerge, undoMerge } from './merging.ts'
import { actor, isThere, mergeOf, newDb, noon, person, spoke, wholeOf } from './testing.ts'

describe('a merge', () => {
  it('goes into the oldest record, whichever of the two was named first', async () => {
    const db = await newDb()
    const old = await person(db, { phone: '+13125550142' }, { at: noon })
    const young = await person(db, { email: 'dana@northpeak.example' }, { at: noon + 10 })

    const { customerId } = await mergeOf(db, [young, old])

    expect(customerId).toBe(old)
    expect(await isThere(db, young)).toBe(false)
    expect((await wholeOf(db, old)).identities.map(({ value }) => value).sort()).toEqual([
      '+13125550142',
      'dana@northpeak.example',
    ])
  })

  it('moves sessions, values with their history, campaigns and products', async () => {
    const db = await newDb()
    const { tenantId } = db
    const [old, young] = [
      await person(db, { phone: '+13125550142' }, { at: noon }),
      await person(db, { email: 'dana@northpeak.example' }, { at: noon + 10, name: 'Dana' }),
    ]
    const session = await spoke(db, young, 'dana@northpeak.example', noon + 20)
    await db.orm.batch([
      db.orm.insert(participants).values([
        {
          tenantId,
          campaignId: 'cmp_a',
          customerId: old,
          status: 'active',
          stage: 'Call',
          data: { seat: '1', row: 'A' },
          loadedAt: noon + 5,
        },
        {
          tenantId,
          campaignId: 'cmp_a',
          customerId: young,
          status: 'completed',
          stage: 'Won',
          data: { seat: '2', gate: 'C' },
          loadedAt: noon + 2,
        },
        {
          tenantId,
          campaignId: 'cmp_b',
          customerId: young,
          status: 'pending',
          data: {},
          loadedAt: noon,
        },
      ]),
      db.orm.insert(products).values([
        {
          tenantId,
          customerId: young,
          campaignId: 'cmp_b',
          key: 'plan',
          name: 'Plan',
          attributes: { tier: 'gold' },
          at: noon,
        },
      ]),
    ])

    await mergeOf(db, [old, young])

    const whole = await wholeOf(db, old)
    expect(whole.customer).toMatchObject({ name: 'Dana', lastCommunicationAt: noon + 25 })
    expect(whole.sessions.map(({ id }) => id)).toEqual([session])
    expect(whole.participants).toEqual([
      {
        campaignId: 'cmp_a',
        status: 'completed',
        stage: 'Won',
        data: { seat: '1', row: 'A', gate: 'C' },
        summary: null,
        loadedAt: noon + 2,
      },
      {
        campaignId: 'cmp_b',
        status: 'pending',
        stage: null,
        data: {},
        summary: null,
        loadedAt: noon,
      },
    ])
    expect(whole.products).toMatchObject([{ key: 'plan', attributes: { tier: 'gold' } }])
    expect(whole.values).toMatchObject([{ field: 'name', value: 'Dana', source: 'channel' }])
    const history = await db.orm.select().from(fieldChanges).where(db.mine(fieldChanges))
    expect(history).toMatchObject([{ customerId: old, field: 'name', before: '', value: 'Dana' }])
  })

  it('never combines different External IDs, and says so', async () => {
    const db = await newDb()
    const one = await person(db, { external: 'A1', email: 'x@acme.example' })
    const other = await person(db, { external: 'B2', email: 'x@acme.example' }, { at: noon + 1 })

    expect(await mergeCustomers(db, [one, other], { choices: {}, actor, at: noon })).toMatchObject({
      refusal: 'different-external-ids',
      detail: 'External ID: A1 ≠ B2',
    })
    expect(await previewMerge(db, [one, other], {})).toMatchObject({
      refusal: 'different-external-ids',
    })
    expect(await isThere(db, other)).toBe(true)
  })

  it('says the same again to a request that is repeated', async () => {
    const db = await newDb()
    const one = await person(db, { phone: '+13125550142' })
    const other = await person(db, { email: 'x@acme.example' }, { at: noon + 1 })

    const first = await mergeOf(db, [one, other])

    expect(await mergeCustomers(db, [one, other], { choices: {}, actor, at: noon })).toEqual(first)
    expect(await mergeHistory(db, one)).toHaveLength(1)
  })

  it('of two at once for one record, one is done and the other is told', async () => {
    const db = await newDb()
    const ids = [
      await person(db, { phone: '+13125550142' }, { at: noon }),
      await person(db, { phone: '+13125550143' }, { at: noon + 1 }),
      await person(db, { phone: '+13125550144' }, { at: noon + 2 }),
    ] as const
    const go = (a: CustomerId, b: CustomerId) =>
      mergeCustomers(db, [a, b], { choices: {}, actor, at: noon + 9 })

    const answers = await Promise.all([go(ids[0], ids[1]), go(ids[1], ids[2])])

    const left = await db.orm.select({ id: customers.id }).from(customers).where(db.mine(customers))
    const done = answers.filter((one) => !isRefusal(one))
    expect(left).toHaveLength(3 - done.length)
    const all = await Promise.all(left.map(({ id }) => wholeOf(db, id)))
    expect(all.flatMap((one) => one.identities.map(({ value }) => value)).sort()).toEqual([
      '+13125550142',
      '+13125550143',
      '+13125550144',
    ])
  })
})

describe('late events', () => {
  it('find the record that a merged one has become part of', async () => {
    const db = await newDb()
    const old = await person(db, { phone: '+13125550142' })
    const young = await person(db, { visitor: 'vis-1' }, { at: noon + 10 })
    await mergeOf(db, [old, young])

    await learn(db, young, {
      field: 'email',
      value: 'Late@acme.example',
      sessionId: newId('ses'),
      at: noon + 50,
    })
    await db.orm.batch([projectCustomer(db, young, noon + 60)])
    const again = await person(db, { visitor: 'vis-1', 'telegram-id': '77' }, { at: noon + 70 })

    const whole = await wholeOf(db, old)
    expect(again).toBe(old)
    expect(whole.values).toMatchObject([{ field: 'email', value: 'late@acme.example' }])
    expect(whole.customer.lastCommunicationAt).toBe(noon + 60)
    expect(whole.identities.map(({ kind }) => kind).sort()).toEqual([
      'phone',
      'telegram-id',
      'visitor',
    ])
    expect(await isThere(db, young)).toBe(false)
  })

  it('do not bring back a record that was read before it was merged', async () => {
    const db = await newDb()
    const old = await person(db, { phone: '+13125550142' })
    const young = await person(db, { email: 'dana@northpeak.example' }, { at: noon + 1 })
    // Somebody has read «nobody has this email», and writes after the record came and was merged.
    await mergeOf(db, [old, young])
    await db.orm.delete(identities).where(db.mine(identities, sql`kind = 'email'`))
    const late = await person(db, { email: 'dana@northpeak.example' }, { at: noon + 5 })

    expect(late).toBe(young)
    expect(await isThere(db, young)).toBe(false)
    expect((await wholeOf(db, old)).identities.map(({ kind }) => kind)).toEqual(['phone', 'email'])
  })
})

describe('undo', () => {
  it('restores both records, with what has come since on the side it belongs to', async () => {
    const db = await newDb()
    const old = await person(db, { phone: '+13125550142' }, { name: 'D. Whitfield' })
    const young = await person(
      db,
      { email: 'dana@northpeak.example' },
      { at: noon + 10, name: 'Dana' },
    )
    const sessionsBefore = [
      await spoke(db, old, '+1 312 555 0142', noon + 20),
      await spoke(db, young, 'dana@northpeak.example', noon + 30),
    ]
    const before = [await wholeOf(db, old), await wholeOf(db, young)] as const
    const { mergeId } = await mergeOf(db, [old, young], { name: 'merged' })
    expect((await wholeOf(db, old)).customer.name).toBe('Dana')
    const later = [
      await spoke(db, old, 'dana@northpeak.example', noon + 2_000),
      await spoke(db, old, '+1 312 555 0142', noon + 3_000),
    ]
    await learn(db, old, {
      field: 'phone',
      value: '+46701234567',
      sessionId: later[0]!,
      at: noon + 2_001,
    })

    expect(await undoMerge(db, mergeId, { actor, at: noon + 9_000 })).toEqual({
      survivorId: old,
      restoredId: young,
    })

    const after = [await wholeOf(db, old), await wholeOf(db, young)] as const
    expect(after[0].sessions.map(({ id }) => id)).toEqual([sessionsBefore[0], later[1]])
    expect(after[1].sessions.map(({ id }) => id)).toEqual([sessionsBefore[1], later[0]])
    expect(after[0].customer).toMatchObject({
      name: 'D. Whitfield',
      email: '',
      phone: '+13125550142',
    })
    expect(after[1].customer).toMatchObject({
      name: 'Dana',
      email: 'dana@northpeak.example',
      createdAt: noon + 10,
    })
    expect(after[0].values).toEqual(before[0].values)
    expect(after[1].values.map(({ field }) => field)).toEqual(['name', 'phone'])
    expect(after[0].identities).toEqual(before[0].identities)
    expect(after[1].identities).toEqual(before[1].identities)
    expect(after[0].changes).toEqual(before[0].changes)
    expect(after[0].aliases).toEqual([])
  })

  it('is refused while a later merge stands on it, and works once that is undone', async () => {
    const db = await newDb()
    const ids = [
      await person(db, { phone: '+13125550142' }, { at: noon }),
      await person(db, { phone: '+13125550143' }, { at: noon + 1 }),
      await person(db, { phone: '+13125550144' }, { at: noon + 2 }),
    ] as const
    const first = await mergeOf(db, [ids[1], ids[2]])
    const second = await mergeOf(db, [ids[0], ids[1]])
    const by = { actor, at: noon + 9 }

    expect(await undoMerge(db, first.mergeId, by)).toEqual({
      refusal: 'merged-further',
      detail: second.mergeId,
    })
    expect(isRefusal(await undoMerge(db, second.mergeId, by))).toBe(false)
    expect((await wholeOf(db, ids[1])).aliases).toEqual([ids[2]])
    expect(isRefusal(await undoMerge(db, first.mergeId, by))).toBe(false)
    expect(await undoMerge(db, first.mergeId, by)).toEqual({ refusal: 'not-found' })
    for (const id of ids) expect((await wholeOf(db, id)).identities).toHaveLength(1)
  })
})

// Merging and taking back on a real D1, held against the plain rules and against a plain model.

import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'

import type { IdentityKind } from '../../../shared/customer.ts'
import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import type { MergeChoices, MergeId } from '../../../shared/merge.ts'
import { newId } from '../../../shared/new-id.ts'
import { isRefusal } from '../../../shared/refusal.ts'
import { newTenant } from '../../../tests/tenants.ts'
import { tenantDb, type Db } from '../../base/db.ts'
import {
  customers,
  fieldChanges,
  identities,
  participants,
  products,
  sessions,
} from '../../base/schema.ts'
import { learn } from '../enrich.ts'
import { resolveCustomer } from '../match.ts'
import { projectCustomer } from '../project.ts'
import { homeOf } from '../values/queries.ts'
import { mergeCustomers, mergeHistory, previewMerge, undoMerge } from './merging.ts'
import { readWhole } from './queries.ts'
import { merge, type Whole } from './rules.ts'

const noon = Date.UTC(2027, 1, 3, 12)
const connection = newId('con')
const actor = { kind: 'operator', id: newId('opr') } as const

async function newDb(): Promise<Db> {
  const { tenantId } = await newTenant(env)
  return tenantDb(env, tenantId)
}

function person(
  db: Db,
  known: Partial<Record<IdentityKind, string>>,
  more: { name?: string; at?: number } = {},
) {
  const list = Object.entries(known) as [IdentityKind, string][]
  const contact = list[0]?.[1] ?? 'nobody'
  return resolveCustomer(
    db,
    {
      address: contact,
      contact,
      name: more.name ?? '',
      identities: list.map(([kind, value]) => ({ kind, value, proof: 'channel' })),
    },
    connection,
    more.at ?? noon,
  ).then(({ id }) => id)
}

async function spoke(
  db: Db,
  customerId: CustomerId,
  contact: string,
  at: number,
): Promise<SessionId> {
  const id = newId('ses')
  await db.orm.insert(sessions).values({
    tenantId: db.tenantId,
    id,
    seq: 1,
    customerId: homeOf(db.tenantId, sql`${customerId}`),
    customerName: 'Dana',
    contact,
    connectionId: connection,
    channel: 'telegram',
    agentId: newId('agt'),
    agentName: 'Mira',
    mode: 'ai',
    startedAt: at,
    lastMessageAt: at + 5,
    lastText: 'Hello',
    messageCount: 1,
    status: 'open',
    parameters: {},
    results: {},
    hasAttachments: false,
  })
  await db.orm.batch([projectCustomer(db, customerId, at + 5)])
  return id
}

async function wholeOf(db: Db, id: CustomerId): Promise<Whole> {
  const read = await readWhole(db, id)
  if (!read) throw new Error(`${id} is gone`)
  return read.whole
}

async function isThere(db: Db, id: CustomerId): Promise<boolean> {
  return (await readWhole(db, id)) !== undefined
}

async function mergeOf(
  db: Db,
  ids: readonly [CustomerId, CustomerId],
  choices: MergeChoices = {},
  at = noon + 1_000,
) {
  const merged = await mergeCustomers(db, ids, { choices, actor, at })
  if (isRefusal(merged)) throw new Error(merged.refusal)
  return merged
}

/** What the rules speak of: rows without order, the record without what is only computed. */
function plain({ customer, ...rows }: Whole) {
  const { searchText: _text, email: _email, phone: _phone, version: _version, ...record } = customer
  const sorted = Object.entries(rows).map(([key, list]) => [
    key,
    list
      .map((row) => JSON.stringify(row, Object.keys(typeof row === 'object' ? row : {}).sort()))
      .sort(),
  ])
  return { record, ...Object.fromEntries(sorted) }
}

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

// --- Command lists against a plain model

const phones = ['+13125550101', '+13125550102', '+13125550103']
const emails = ['a@acme.example', 'b@acme.example', 'c@acme.example']
const externals = ['A1', 'B2']

type Command =
  | {
      readonly do: 'write'
      readonly phone: number
      readonly email: number
      readonly external: number
    }
  | { readonly do: 'merge'; readonly one: number; readonly other: number; readonly take: boolean }
  | { readonly do: 'undo'; readonly which: number }
  | { readonly do: 'learn'; readonly who: number; readonly value: string }
  | {
      readonly do: 'join'
      readonly who: number
      readonly campaign: string
      readonly status: number
    }

const someIndex = fc.integer({ min: -2, max: 2 })
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        phone: someIndex,
        email: someIndex,
        external: fc.integer({ min: -4, max: 1 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('merge' as const),
        one: fc.nat(9),
        other: fc.nat(9),
        take: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('undo' as const), which: fc.nat(5) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('learn' as const),
        who: fc.nat(9),
        value: fc.constantFrom('Ada', 'Grace', 'Linus'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('rush' as const),
        one: fc.nat(9),
        other: fc.nat(9),
        phone: fc.nat(2),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('join' as const),
        who: fc.nat(9),
        campaign: fc.constantFrom('cmp_a', 'cmp_b'),
        status: fc.nat(2),
      }),
    },
  ),
  { minLength: 3, maxLength: 16 },
)

/** What must hold after any list of commands. */
interface Ledger {
  /** Every id a thread has ever been told, dead ones too. */
  readonly told: CustomerId[]
  readonly sessions: Set<SessionId>
  readonly proven: Set<string>
  readonly merges: MergeId[]
}

async function play(db: Db, list: readonly Command[]): Promise<void> {
  const ledger: Ledger = { told: [], sessions: new Set(), proven: new Set(), merges: [] }
  let at = noon
  for (const command of list) {
    at += 1_000
    await carry(db, command, ledger, at)
    await check(db, ledger)
  }
}

async function carry(db: Db, command: Command, ledger: Ledger, at: number): Promise<void> {
  const { told, sessions: known, proven, merges } = ledger
  const who = (n: number) => told[n % Math.max(1, told.length)]
  switch (command.do) {
    case 'write': {
      const parts = {
        ...(phones[command.phone] ? { phone: phones[command.phone]! } : {}),
        ...(emails[command.email] ? { email: emails[command.email]! } : {}),
        ...(externals[command.external] ? { external: externals[command.external]! } : {}),
      }
      if (Object.keys(parts).length === 0) return
      const id = await person(db, parts, { at })
      for (const [kind, value] of Object.entries(parts)) proven.add(`${kind} ${value}`)
      told.push(id)
      known.add(await spoke(db, id, Object.values(parts)[0] ?? '', at + 1))
      return
    }
    case 'merge': {
      const [one, other] = [who(command.one), who(command.other)]
      if (!one || !other) return
      const pair = await Promise.all([readWhole(db, one), readWhole(db, other)])
      const answer = await mergeCustomers(db, [one, other], {
        choices: command.take ? { name: 'merged' } : {},
        actor,
        at,
      })
      if (isRefusal(answer) || merges.includes(answer.mergeId)) return
      merges.push(answer.mergeId)
      const [a, b] = pair
      const [survivor, merged] = [a!.whole, b!.whole].sort(
        (x, y) =>
          x.customer.createdAt - y.customer.createdAt || (x.customer.id < y.customer.id ? -1 : 1),
      )
      const wanted = plain(
        merge({
          survivor: survivor!,
          merged: merged!,
          choices: command.take ? { name: 'merged' } : {},
        }),
      )
      const got = await wholeOf(db, answer.customerId)
      const own = {
        ...got,
        changes: got.changes.filter(({ id }) => !id.startsWith(answer.mergeId)),
      }
      expect(plain(own)).toEqual(wanted)
      return
    }
    case 'undo': {
      const id = merges[command.which % Math.max(1, merges.length)]
      if (id) await undoMerge(db, id, { actor, at })
      return
    }
    case 'learn': {
      const id = who(command.who)
      if (id)
        await learn(db, id, { field: 'name', value: command.value, sessionId: newId('ses'), at })
      return
    }
    case 'rush': {
      // All at once: two merges, an undo, a message of somebody known or new, a value learnt.
      const [one, other, third] = [command.one, command.other, command.one + command.other].map(who)
      const phone = phones[command.phone]!
      const merging = (a?: CustomerId, b?: CustomerId) =>
        a && b ? mergeCustomers(db, [a, b], { choices: {}, actor, at }) : undefined
      const last = merges.at(-1)
      const [first, second, , id] = await Promise.all([
        merging(one, other),
        merging(other, third),
        last ? undoMerge(db, last, { actor, at }) : undefined,
        person(db, { phone }, { at }),
        one
          ? learn(db, one, { field: 'name', value: 'Ada', sessionId: newId('ses'), at })
          : undefined,
      ])
      for (const answer of [first, second]) {
        if (answer && !isRefusal(answer) && !merges.includes(answer.mergeId))
          merges.push(answer.mergeId)
      }
      proven.add(`phone ${phone}`)
      told.push(id)
      known.add(await spoke(db, id, phone, at + 1))
      return
    }
    case 'join': {
      const id = who(command.who)
      if (!id || !(await isThere(db, id))) return
      const status = (['pending', 'active', 'completed'] as const)[command.status]!
      await db.orm
        .insert(participants)
        .values({
          tenantId: db.tenantId,
          campaignId: command.campaign,
          customerId: id,
          status,
          data: { by: `${at}` },
          loadedAt: at,
        })
        .onConflictDoNothing()
    }
  }
}

async function check(db: Db, ledger: Ledger): Promise<void> {
  const { results } = await env.DB.prepare(
    `select
      (select count(*) from customer_alias a where a.tenant_id = ?1
        and (not exists (select 1 from customer c where c.tenant_id = ?1 and c.id = a.customer_id)
          or exists (select 1 from customer c where c.tenant_id = ?1 and c.id = a.alias_id))) as bad_aliases,
      (select count(*) from session s where s.tenant_id = ?1
        and not exists (select 1 from customer c where c.tenant_id = ?1 and c.id = s.customer_id)) as lost_sessions,
      (select count(*) from identity i where i.tenant_id = ?1
        and not exists (select 1 from customer c where c.tenant_id = ?1 and c.id = i.customer_id)) as lost_identities,
      (select count(*) from field_value v where v.tenant_id = ?1
        and not exists (select 1 from customer c where c.tenant_id = ?1 and c.id = v.customer_id)) as lost_values,
      (select count(*) from possible_duplicate d where d.tenant_id = ?1
        and (not exists (select 1 from customer c where c.tenant_id = ?1 and c.id = d.customer_id)
          or not exists (select 1 from customer c where c.tenant_id = ?1 and c.id = d.other_id)
          or d.customer_id = d.other_id)) as lost_duplicates,
      (select count(*) from (select 1 from identity i where i.tenant_id = ?1 and i.kind = 'external'
        group by i.customer_id having count(distinct i.value) > 1)) as combined,
      (select count(*) from session s where s.tenant_id = ?1) as sessions,
      (select group_concat(distinct kind || ' ' || value) from identity where tenant_id = ?1) as proven`,
  )
    .bind(db.tenantId)
    .all<Record<string, number | string>>()
  const { proven, ...numbers } = results[0]!
  expect(numbers).toEqual({
    bad_aliases: 0,
    lost_sessions: 0,
    lost_identities: 0,
    lost_values: 0,
    lost_duplicates: 0,
    combined: 0,
    sessions: ledger.sessions.size,
  })
  expect(new Set(proven ? String(proven).split(',') : [])).toEqual(ledger.proven)
}

describe('any list of commands', () => {
  const runs = Number(env.DEEP_RUNS ?? 0) || 25

  it(`keeps every session, identity and External ID where it belongs (${runs} lists)`, async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (list) => {
        await play(await newDb(), list)
      }),
      { numRuns: runs },
    )
  }, 1_200_000)

  it(`undone from the last to the first, leaves the records as they were`, async () => {
    await fc.assert(
      fc.asyncProperty(
        commands,
        fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 1, maxLength: 4 }),
        async (list, pairs) => {
          const db = await newDb()
          await play(
            db,
            list.filter((one) => !['merge', 'undo', 'rush'].includes(one.do)),
          )
          const rows = await db.orm
            .select({ id: customers.id })
            .from(customers)
            .where(db.mine(customers))
          if (rows.length < 2) return
          const ids = rows.map(({ id }) => id)
          const before = await Promise.all(ids.map((id) => wholeOf(db, id)))
          const done: MergeId[] = []
          for (const [one, other] of pairs) {
            const answer = await mergeCustomers(
              db,
              [ids[one % ids.length]!, ids[other % ids.length]!],
              { choices: {}, actor, at: noon + 90_000 },
            )
            if (!isRefusal(answer) && !done.includes(answer.mergeId)) done.push(answer.mergeId)
          }
          for (const id of done.toReversed()) {
            expect(isRefusal(await undoMerge(db, id, { actor, at: noon + 99_000 }))).toBe(false)
          }

          const after = await Promise.all(ids.map((id) => wholeOf(db, id)))
          expect(after.map(plain)).toEqual(before.map(plain))
        },
      ),
      { numRuns: runs },
    )
  }, 1_200_000)
})

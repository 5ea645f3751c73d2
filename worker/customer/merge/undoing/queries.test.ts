// Any list of merges, undos, messages, values and campaigns, on a real D1: what must hold after each.

import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { CustomerId, SessionId } from '../../../../shared/ids.ts'
import type { MergeId } from '../../../../shared/merge.ts'
import { newId } from '../../../../shared/new-id.ts'
import { isRefusal } from '../../../../shared/refusal.ts'
import type { Db } from '../../../base/db.ts'
import { customers, participants } from '../../../base/schema.ts'
import { learn } from '../../enrich.ts'
import { mergeCustomers, undoMerge } from '../merging.ts'
import { readWhole } from '../queries.ts'
import { merge } from '../rules.ts'
import { actor, isThere, newDb, noon, person, plain, spoke, wholeOf } from '../testing.ts'

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
  | { readonly do: 'rush'; readonly one: number; readonly other: number; readonly phone: number }
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
    const holds = fc.asyncProperty(commands, async (list) => {
      await play(await newDb(), list)
    })

    await expect(fc.assert(holds, { numRuns: runs })).resolves.toBeUndefined()
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

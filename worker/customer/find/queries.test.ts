// The predicate's oracle: SQL and memory agree on every customer, whatever is asked. And what the
// statements read: their plans and the rows they touch.

import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { IdentityKind } from '../../../shared/customer.ts'
import { encodeFilter } from '../../../shared/filter-url.ts'
import { parseFilter, type Operand, type Operator } from '../../../shared/filters.ts'
import {
  evaluate,
  prepare,
  type Check,
  type Facts,
  type Predicate,
} from '../../../shared/predicate.ts'
import { isRefusal } from '../../../shared/refusal.ts'
import { fieldStatement, peopleStatements } from '../../../scripts/generate/rows.ts'
import { counted, type Counted } from '../../../tests/rows-read.ts'
import { newTenant } from '../../../tests/tenants.ts'
import { statements, tenantDb, type Db } from '../../base/db.ts'
import { conditionOf, newBinds, sourceOf } from '../filters.ts'
import { findingOf, sortOf } from './finding.ts'
import { countAll, listPage, type Place } from './list.ts'
import { planFor } from './plan.ts'
import { countOf, factsOf, lookUp, pageOf } from './queries.ts'
import { rowsOf } from './rows.ts'
import { customFields, filter, noon, person, settle } from './testing.ts'

const reading = { customFields, timeZone: 'America/New_York', now: noon }

async function newDb(): Promise<Db> {
  const { tenantId } = await newTenant(env)
  return tenantDb(env, tenantId)
}

/** Who each predicate means, says the database. One trip. */
async function idsOf(db: Db, asked: readonly { readonly predicate: Predicate }[]) {
  const [first, ...others] = asked.map(({ predicate }) => {
    const binds = newBinds()
    const condition = conditionOf(predicate, binds)
    return db.orm.select({ id: sql<string>`id` }).from(sql`(${binds.given()}
      select id from customer where tenant_id = ${db.tenantId} and ${condition} order by id)`)
  })
  const found = first ? await db.orm.batch([first, ...others]) : []
  return found.map((rows) => rows.map(({ id }) => id))
}

describe('the predicate', () => {
  it('means the same customers in SQL and in memory', async () => {
    const runs = Number(env.ORACLE_RUNS) || 1500
    const db = await newDb()
    const foreign = await newDb()
    const seed = Number(env.ORACLE_RUNS) ? Date.now() % 1e6 : 42
    const people = fc.sample(person, { numRuns: 300, seed })
    const ids = await settle(db, people)
    await settle(foreign, people.slice(0, 50))
    const facts: Facts[] = []
    for (const id of ids) {
      const known = await factsOf(db, id)
      if (known) facts.push(known.facts)
    }
    expect(facts).toHaveLength(people.length)

    let [asked, meant] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(filter, { minLength: 10, maxLength: 10 }), async (trees) => {
        const ready = trees.flatMap((tree) => {
          const parsed = parseFilter(tree)
          if (isRefusal(parsed)) throw new Error(`${parsed.at}: ${parsed.detail}`)
          const predicate = prepare(parsed, reading)
          if (isRefusal(predicate)) return []
          const wanted = facts.filter((one) => evaluate(predicate, one)).map(({ id }) => id)
          return [{ tree, predicate, wanted: wanted.sort() }]
        })
        asked += ready.length
        for (const { wanted } of ready) meant += wanted.length
        const found = await idsOf(db, ready)
        for (const [at, { tree, wanted }] of ready.entries()) {
          expect(found[at], `${JSON.stringify(tree)}`).toEqual(wanted)
        }

        // By way of the indexes, when few can pass and when many can.
        for (const { predicate, wanted, tree } of ready.filter(
          (one, at) => at === 0 || 'field' in one.tree,
        )) {
          for (const most of [undefined, 0]) {
            const plan = await planFor(db, predicate, most)
            expect(await countOf(db, plan, 'show'), `${JSON.stringify(tree)}`).toBe(wanted.length)
          }
        }
      }),
      { numRuns: Math.ceil(runs / 10), seed },
    )
    // Most filters are real ones, and they tell customers apart.
    expect(asked).toBeGreaterThan(runs / 2)
    expect(meant / asked / people.length).toBeGreaterThan(0.05)
    expect(meant / asked / people.length).toBeLessThan(0.95)
    console.info(`${asked} of ${runs} filters asked, ${(meant / asked).toFixed(0)} of 300 meant`)
  }, 1_800_000)
})

function urlOf(...conditions: readonly (readonly [string, Operator, ...Operand[]])[]) {
  const all = conditions.map(([field, op, ...values]) => ({ field, op, values }))
  return encodeFilter({ all })
}

describe('with three thousand customers', () => {
  const people = 3000
  let db: Db
  let quiet: Db
  let told: Counted

  beforeAll(async () => {
    const { tenantId } = await newTenant(env)
    const neighbour = await newTenant(env)
    told = counted(env)
    db = tenantDb({ ...env, DB: told.DB }, tenantId)
    quiet = tenantDb(env, tenantId)
    for (const id of [tenantId, neighbour.tenantId]) {
      const statements = [
        fieldStatement(id),
        ...peopleStatements(id, { from: 0, to: people, seed: 7 }),
      ]
      await env.DB.batch(statements.map(({ sql, params }) => env.DB.prepare(sql).bind(...params)))
    }
    told.read()
  }, 60_000)

  async function found(query: Parameters<typeof findingOf>[1]) {
    const finding = await findingOf(quiet, query, noon)
    if (isRefusal(finding)) throw new Error(`${finding.at}: ${finding.detail}`)
    return finding
  }

  const orders = [
    'name',
    'email',
    'phone',
    'created_at',
    'last_communication',
    'score',
    'city',
    'born',
  ]

  it.each(orders.flatMap((one) => [one, `-${one}`]))(
    'sorts by %s, everybody once, reading little for any page',
    async (wish) => {
      const finding = await found({ sort: wish })
      const order = sortOf(wish, finding.fields)
      if (isRefusal(order)) throw new Error(order.detail)
      const ids: string[] = []
      const places: (string | number | null)[] = []
      let after: Place | undefined
      let most = 0
      do {
        told.read()
        const page = await listPage(db, finding, { ...order, limit: 50, after })
        await rowsOf(db, page.rows, [])
        const rows = told.read().reduce((sum, one) => sum + one.rows, 0)
        // Those without a value of the field stand at the end, and are not to be found by an index.
        const isWhole = page.next && page.rows.every(({ place }) => place !== null)
        if (isWhole) most = Math.max(most, rows)
        ids.push(...page.rows.map(({ id }) => id))
        places.push(...page.rows.map(({ place }) => (place === '' ? null : place)))
        after = page.next
      } while (after)

      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toHaveLength(await countAll(quiet, finding))
      const filled = places.filter((place) => place !== null)
      expect(places.slice(filled.length).every((place) => place === null)).toBe(true)
      const sorted = filled.toSorted((a, b) => compare(a, b) * (order.order === 'up' ? 1 : -1))
      expect(filled).toEqual(sorted)
      expect(most).toBeLessThanOrEqual(120)
    },
    30_000,
  )

  it('finds by an address reading as good as nothing', async () => {
    const [row] = await quiet.orm.all<{ value: string }>(
      sql`select value from identity where tenant_id = ${db.tenantId} and kind = 'email' limit 1 offset 999`,
    )
    told.read()
    const { value } = row!
    const addresses = IdentityKind.options.map((kind) => ({ kind, value }))
    expect(await rowsOf(db, await lookUp(db, addresses, 50), [])).toHaveLength(1)
    const heard = told.read()
    expect(heard.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(5)
  })

  it.each<[string, readonly [string, Operator, ...Operand[]], RegExp]>([
    [
      'equality of a text',
      ['city', 'equals', 'Zürich'],
      /field_value_key \(tenant_id=\? AND field=\? AND key=\?\)/,
    ],
    [
      'a beginning',
      ['city', 'starts_with', 'lis'],
      /field_value_key \(tenant_id=\? AND field=\? AND key>\? AND key<\?\)/,
    ],
    [
      'one of several',
      ['plan', 'any_of', 'pro', 'free'],
      /field_value_key \(tenant_id=\? AND field=\? AND key=\?\)/,
    ],
    [
      'an option',
      ['plan', 'is', 'enterprise'],
      /field_value_key \(tenant_id=\? AND field=\? AND key=\?\)/,
    ],
    [
      'an equal number',
      ['score', 'eq', 12.5],
      /field_value_num \(tenant_id=\? AND field=\? AND num>\? AND num<\?\)/,
    ],
    [
      'a range',
      ['score', 'between', 10, 12],
      /field_value_num \(tenant_id=\? AND field=\? AND num>\? AND num<\?\)/,
    ],
    [
      'a larger number',
      ['score', 'gt', 990],
      /field_value_num \(tenant_id=\? AND field=\? AND num>\?\)/,
    ],
    [
      'a day',
      ['born', 'on', '1990-01-01'],
      /field_value_num \(tenant_id=\? AND field=\? AND num>\? AND num<\?\)/,
    ],
    [
      'yes or no',
      ['vip', 'is', true],
      /field_value_num \(tenant_id=\? AND field=\? AND num>\? AND num<\?\)/,
    ],
    [
      'a value at all',
      ['vip', 'not_empty'],
      /field_value_num \(tenant_id=\? AND field=\? AND num>\?\)/,
    ],
    [
      'an email',
      ['email', 'equals', 'a@example.com'],
      /identity .*\(tenant_id=\? AND kind=\? AND value=\?\)/,
    ],
    [
      'the beginning of a phone',
      ['phone', 'starts_with', '+1312'],
      /identity .*\(tenant_id=\? AND kind=\? AND value>\? AND value<\?\)/,
    ],
    [
      'a name',
      ['name', 'equals', 'Dana Müller'],
      /customer_name \(tenant_id=\? AND anonymous=\? AND name_key=\?\)/,
    ],
    [
      'a time',
      ['created_at', 'on', '2026-03-03'],
      /customer_created \(tenant_id=\? AND anonymous=\? AND created_at>\? AND created_at<\?\)/,
    ],
    ['a part of a name', ['name', 'contains', 'üller'], /customer_search VIRTUAL TABLE INDEX/],
    ['a part of a value', ['city', 'contains', 'kjav'], /customer_search VIRTUAL TABLE INDEX/],
    ['a channel', ['channels', 'has', 'email'], /session_channel \(tenant_id=\? AND channel=\?\)/],
    [
      'a campaign',
      ['campaign', 'in', 'cmp_x'],
      /participant .*\(tenant_id=\? AND campaign_id=\?\)/,
    ],
    [
      'a status',
      ['campaign_status', 'is', 'active'],
      /participant_status \(tenant_id=\? AND status=\?\)/,
    ],
    [
      'a stage',
      ['campaign_stage', 'equals', 'Lead'],
      /participant_stage \(tenant_id=\? AND stage=\?\)/,
    ],
  ])('looks up %s in an index', async (_, condition, wanted) => {
    const { filter } = await found({ filter: urlOf(condition) })
    if (!('all' in filter)) throw new Error('a group was asked for')
    const [check] = filter.all as [Check]
    const { sql: text, params } = new SQLiteSyncDialect().sqlToQuery(sourceOf(check, db.tenantId)!)
    const plan = await env.DB.prepare(`explain query plan ${text}`)
      .bind(...params)
      .all<{ detail: string }>()
    const details = plan.results.map(({ detail }) => detail).join('\n')

    expect(details).toMatch(wanted)
    expect(details).not.toMatch(
      /SCAN (customer|identity|field_value|session|participant)\b(?! VIRTUAL)/,
    )
  })

  it('binds fewer than ninety values, were there fifty conditions of the widest kind', async () => {
    const wide: [string, Operator, ...Operand[]] = ['score', 'between', 1.25, 99.75]
    const { filter } = await found({ filter: urlOf(...Array.from({ length: 50 }, () => wide)) })
    const most: number[] = []
    statements.heard = ({ params }) => most.push(params.length)
    const listening = tenantDb(env, db.tenantId)
    const plan = { predicate: filter, candidates: undefined, wide: [] }
    const sort = { by: 'value', field: 'score', numeric: true } as const
    const rows = await pageOf(
      listening,
      plan,
      { sort, order: 'up', filled: true, after: { place: 2, id: 'cus_' } },
      { anonymous: 'show', limit: 50 },
    )
    delete statements.heard

    expect(rows).toHaveLength(50)
    expect(Math.max(...most)).toBeLessThan(90)
  })
})

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  const [one, other] = [new TextEncoder().encode(a), new TextEncoder().encode(b)]
  for (const [at, byte] of one.entries()) {
    const difference = byte - (other[at] ?? -1)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

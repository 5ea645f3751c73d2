// What is measured of filters: the exact counter against the same count written by hand, the page
// beside it, and what the operators on custom fields read.

import { encodeFilter } from '../../shared/filter-url.ts'
import type { Filter, Operand, Operator } from '../../shared/filters.ts'
import { compared, milliseconds, type Figure } from '../report.ts'
import { alternate } from '../rounds.ts'
import type { House } from './house.ts'
import { body, timed, timeOf } from './timing.ts'

interface Tree {
  readonly name: string
  readonly filter: Filter
  /** The same in SQL; `{field = …}` is a test of their values. */
  readonly bare: string
}

const trees: readonly Tree[] = [
  {
    name: 'one option of four',
    filter: { field: 'plan', op: 'is', values: ['pro'] },
    bare: `{field = 'plan' and key = 'pro'}`,
  },
  {
    name: 'a rare option and a range',
    filter: {
      all: [
        { field: 'plan', op: 'is', values: ['enterprise'] },
        { field: 'score', op: 'gte', values: [900] },
      ],
    },
    bare: `{field = 'plan' and key = 'enterprise'} and {field = 'score' and num >= 900}`,
  },
  {
    name: 'A and (B or C)',
    filter: {
      all: [
        { field: 'city', op: 'equals', values: ['Chicago'] },
        {
          any: [
            { field: 'plan', op: 'is', values: ['basic'] },
            { field: 'score', op: 'lt', values: [250] },
          ],
        },
      ],
    },
    bare: `{field = 'city' and key = 'chicago'} and ({field = 'plan' and key = 'basic'}
      or {field = 'score' and num < 250})`,
  },
  {
    name: 'nothing but negations',
    filter: {
      all: [
        { field: 'plan', op: 'is_not', values: ['free'] },
        { field: 'last_communication', op: 'not_empty', values: [] },
      ],
    },
    bare: `not {field = 'plan' and key = 'free'} and c.last_communication_at is not null`,
  },
]

/** The ways to write a test by hand: of each record, or as a list of ids. The quicker one counts. */
const byHand: Readonly<Record<string, (test: string) => string>> = {
  'of each record': (test) => `exists (select 1 from field_value
    where tenant_id = ?1 and customer_id = c.id and ${test.replace(' num ', ' +num ')})`,
  'ids in a list': (test) =>
    `c.id in (select customer_id from field_value where tenant_id = ?1 and ${test})`,
}

/** The exact counter against the same statement written by hand. */
export async function counting(house: House, size: number): Promise<Figure[]> {
  const everybody = await house.rowsRead('/api/customers/count')
  const figures: Figure[] = [
    {
      measure: 'counter without a filter: rows read',
      ours: String(everybody),
      against: '',
      ratio: '',
      aim: 'no scan',
      kept: everybody <= 5,
    },
  ]
  for (const tree of trees) figures.push(...(await countingOf(house, tree, size)))
  return figures
}

async function countingOf(house: House, { name, filter, bare }: Tree, size: number) {
  const path = `filter=${encodeFilter(filter)}`
  let [counted, written] = [-1, -2]
  const count = async () => {
    const answer = await body(await house.get(`/api/customers/count?${path}`))
    counted = (answer as { total: number }).total
  }
  const write = async (text: string) => {
    const [row] = await house.sql<{ n: number }>(text, house.tenantId)
    written = row?.n ?? -2
  }
  const texts = Object.values(byHand).map(
    (way) => `select count(*) as n from customer c where c.tenant_id = ?1 and c.anonymous = 0
      and ${bare.replaceAll(/\{([^}]*)\}/g, (_, test: string) => way(test))}`,
  )
  const took: number[] = []
  for (const text of texts) took.push(await timed(() => write(text)))
  const text = texts[took.indexOf(Math.min(...took))] ?? ''
  const rounds = await alternate(
    size > 300_000 ? 3 : 7,
    () => timed(count),
    () => timed(() => write(text)),
  )
  if (counted !== written) throw new Error(`${name}: ${counted} counted, ${written} by hand`)
  const found = counted.toLocaleString('en')
  const list = `/api/customers?${path}`
  const rows = await house.rowsRead(list)
  return [
    compared(`exact counter, ${name} (${found})`, rounds, milliseconds, {
      ratio: 1.2,
      better: 'lower',
    }),
    {
      measure: `first 50, ${name}`,
      ours: milliseconds(await timeOf(house, list, 5)),
      against: `${rows.toLocaleString('en')} rows read`,
      ratio: '',
      aim: 'waits for no count',
    },
  ]
}

const conditions: readonly (readonly [string, Operator, ...Operand[]])[] = [
  ['city', 'equals', 'Odense'],
  ['city', 'starts_with', 'reyk'],
  ['plan', 'is', 'enterprise'],
  ['plan', 'any_of', 'enterprise', 'pro'],
  ['score', 'eq', 512.5],
  ['score', 'between', 500, 501],
  ['score', 'gt', 999],
  ['score', 'lte', 0.5],
  ['born', 'on', '1990-01-01'],
  ['born', 'before', '1959-02-01'],
  ['vip', 'is', true],
  ['vip', 'not_empty'],
]

/** Every indexed operator on custom fields: what page and counter read, against those who are meant. */
export async function operatorsRead(house: House, size: number): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [field, op, ...values] of conditions) {
    const path = `filter=${encodeFilter({ field, op, values })}`
    const { total } = (await body(await house.get(`/api/customers/count?${path}`))) as {
      total: number
    }
    if (total === 0) throw new Error(`${field} ${op} means nobody: nothing is measured by it`)
    const page = await house.rowsRead(`/api/customers?${path}`)
    const count = await house.rowsRead(`/api/customers/count?${path}`)
    figures.push({
      measure: `${[field, op, ...values].join(' ')}: rows read by page / counter`,
      ours: `${page.toLocaleString('en')} / ${count.toLocaleString('en')}`,
      against: `${total.toLocaleString('en')} meant`,
      ratio: '',
      aim: 'no scan',
      // A scan reads everybody at least once.
      kept: page < size / 10 && count < Math.min(size, 6 * total + 5000),
    })
  }
  return figures
}

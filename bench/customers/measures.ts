// What is measured of finding: rows read, times against the bare statement, streams.

import { chance, personAt } from '../../scripts/generate/people.ts'
import { fold } from '../../shared/fold.ts'
import { encodeFilter } from '../../shared/filter-url.ts'
import type { Filter } from '../../shared/filters.ts'
import { toUrlText } from '../../shared/url-text.ts'
import { volley } from '../load.ts'
import { compared, milliseconds, perSecond, type Figure } from '../report.ts'
import { alternate, median } from '../rounds.ts'
import { memoryMb, type House } from './house.ts'

interface Measured {
  readonly figures: readonly Figure[]
}
const random = chance(99)
const upTo = (count: number) => Math.floor(random() * count)
const plain = { against: '', ratio: '', aim: '' }

function lookUpPath(q: string): string {
  return `/api/customers?${new URLSearchParams({ q, match: 'exact' }).toString()}`
}

/** A look-up by each kind of address, and its rate against one bare read. */
export async function lookUps(
  house: House,
  size: number,
  rowsBefore?: number,
): Promise<Measured & { readonly rows: number }> {
  const people = Array.from({ length: 300 }, () => personAt(upTo(size), 1)).filter(
    ({ anonymous }) => !anonymous,
  )
  const addresses = people.flatMap((one) => one.addresses.map(({ value }) => value))
  let rows = 0
  for (const value of addresses.slice(0, 60))
    rows = Math.max(rows, await house.rowsRead(lookUpPath(value)))
  if (rowsBefore === undefined) return { figures: [], rows }

  const requests = (from: (n: number) => string, count: number) =>
    Array.from({ length: count }, (_, n) =>
      Buffer.from(
        `GET ${from(n)} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${house.token}\r\n\r\n`,
      ),
    )
  const count = 3000
  const ours = requests((n) => lookUpPath(addresses[n % addresses.length] ?? ''), count)
  const bare = requests(
    (n) => `/point/${house.tenantId}/${people[n % people.length]?.id ?? ''}`,
    count,
  )
  const rate = async (door: string, list: Buffer[]) =>
    count / ((await volley(house.running.url(door), list, 16)) / 1000)
  const rounds = await alternate(
    7,
    () => rate('main', ours),
    () => rate('point', bare),
  )
  return {
    rows,
    figures: [
      {
        measure: 'look-up by any address: rows read at most',
        ours: String(rows),
        against: `${rowsBefore} among 1,000`,
        ratio: '',
        aim: '≤ 5, the same',
        kept: rows <= 5 && rows === rowsBefore,
      },
      compared(
        'look-up by any address, against a bare route with one point read',
        rounds,
        perSecond,
        {
          ratio: 0.7,
          better: 'higher',
        },
      ),
    ],
  }
}

const sorts = {
  name: 'name_key',
  email: 'email',
  phone: 'phone',
  created_at: 'created_at',
  last_communication: 'last_communication_at',
} as const

/** A page of fifty, first and deep, by every order. */
export async function pages(house: House, size: number): Promise<Measured> {
  const figures: Figure[] = []
  for (const sort of [...Object.keys(sorts), 'score', 'city', 'born']) {
    for (const order of ['', '-']) {
      const path = `/api/customers?limit=50&sort=${order}${sort}`
      const deep = `${path}&cursor=${toUrlText(await middleOf(house, sort, size))}`
      const rows = [await house.rowsRead(path), await house.rowsRead(deep)]
      const times = [await timeOf(house, path), await timeOf(house, deep)]
      figures.push({
        measure: `page of 50 by ${order}${sort}, first / half-way: rows read`,
        ours: rows.join(' / '),
        against: times.map(milliseconds).join(' / '),
        ratio: '',
        aim: '≤ 120',
        kept: Math.max(...rows) <= 120,
      })
    }
  }
  return { figures }
}

/** A place half-way down the list. */
async function middleOf({ sql, tenantId }: House, sort: string, size: number) {
  const column = (sorts as Readonly<Record<string, string>>)[sort]
  const half = Math.floor(size * 0.3)
  const [row] = column
    ? await sql<{ id: string; place: string | number }>(
        `select id, ${column} as place from customer where tenant_id = ? and anonymous = 0
         and ${column} > '' order by ${column}, id limit 1 offset ${half}`.replace(
          /_at > ''/,
          '_at is not null',
        ),
        tenantId,
      )
    : await sql<{ id: string; place: string | number }>(
        `select customer_id as id, ${sort === 'city' ? 'key' : 'num'} as place from field_value
         where tenant_id = ? and field = ? order by 2, 1 limit 1 offset ${half}`,
        tenantId,
        sort,
      )
  return [true, row?.place ?? null, row?.id ?? '']
}

async function timeOf(house: House, path: string, times = 15): Promise<number> {
  const all: number[] = []
  for (let n = 0; n < times; n += 1) {
    const began = performance.now()
    await body(await house.get(path))
    all.push(performance.now() - began)
  }
  return median(all)
}

async function body(response: Response): Promise<unknown> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url}: ${text}`)
  return JSON.parse(text)
}

/** Substrings of names, emails and phones: the page and the exact count against a scan. */
export async function substrings(house: House): Promise<Measured> {
  const { sql, tenantId } = house
  const infixes = Array.from({ length: 30 }, (_, n) => {
    for (;;) {
      const person = personAt(upTo(1000), 1)
      const texts = [
        fold(person.name),
        ...person.addresses.map(({ value }) => value.replace('+', '')),
      ]
      const text = texts[n % texts.length] ?? ''
      const length = 4 + upTo(5)
      const infix = text.slice(upTo(Math.max(1, text.length - length))).slice(0, length)
      if (infix.length >= 4 && /^[a-z0-9.@]+$/.test(infix)) return infix
    }
  })
  const scan =
    'select count(*) as n from customer where tenant_id = ? and anonymous = 0 and instr(search_text, ?) > 0'
  const took = { page: [] as number[], count: [] as number[], scan: [] as number[] }
  let wrong = 0
  for (const infix of infixes) {
    const q = encodeURIComponent(infix)
    took.page.push(await timed(() => house.get(`/api/customers?q=${q}`).then(body)))
    let counted = 0
    took.count.push(
      await timed(async () => {
        counted = (
          (await body(await house.get(`/api/customers/count?q=${q}`))) as { total: number }
        ).total
      }),
    )
    let scanned = 0
    took.scan.push(
      await timed(async () => {
        scanned = (await sql<{ n: number }>(scan, tenantId, infix))[0]?.n ?? -1
      }),
    )
    if (counted !== scanned) wrong += 1
  }
  const scanMs = median(took.scan)
  const line = (what: string, ms: number): Figure => ({
    measure: `substring: ${what}, against a scan`,
    ours: milliseconds(ms),
    against: milliseconds(scanMs),
    ratio: `1/${(scanMs / ms).toFixed(1)}`,
    aim: '≤ 1/30',
    kept: ms <= scanMs / 30,
  })
  return {
    figures: [
      line('first 50', median(took.page)),
      line('exact count', median(took.count)),
      {
        measure: 'substring: recall against the scan',
        ours: `${((1 - wrong / infixes.length) * 100).toFixed(0)} % of ${infixes.length} words`,
        ...plain,
        aim: '100 %',
        kept: wrong === 0,
      },
    ],
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const value = (test: string) => `exists (select 1 from field_value v where v.tenant_id = c.tenant_id
  and v.customer_id = c.id and ${test})`
const trees: readonly { readonly name: string; readonly filter: Filter; readonly bare: string }[] =
  [
    {
      name: 'one option of four',
      filter: { field: 'plan', op: 'is', values: ['pro'] },
      bare: value(`v.field = 'plan' and v.key = 'pro'`),
    },
    {
      name: 'a rare option and a range',
      filter: {
        all: [
          { field: 'plan', op: 'is', values: ['enterprise'] },
          { field: 'score', op: 'gte', values: [900] },
        ],
      },
      bare: `${value(`v.field = 'plan' and v.key = 'enterprise'`)} and ${value(`v.field = 'score' and +v.num >= 900`)}`,
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
      bare: `${value(`v.field = 'city' and v.key = 'chicago'`)} and (${value(`v.field = 'plan' and v.key = 'basic'`)}
      or ${value(`v.field = 'score' and +v.num < 250`)})`,
    },
    {
      name: 'nothing but negations',
      filter: {
        all: [
          { field: 'plan', op: 'is_not', values: ['free'] },
          { field: 'last_communication', op: 'not_empty', values: [] },
        ],
      },
      bare: `not ${value(`v.field = 'plan' and v.key = 'free'`)} and c.last_communication_at is not null`,
    },
  ]

/** The exact counter against the same statement written by hand. */
export async function counting(house: House, size: number): Promise<Measured> {
  const figures: Figure[] = [
    {
      measure: 'counter without a filter: rows read',
      ours: String(await house.rowsRead('/api/customers/count')),
      ...plain,
      aim: 'no scan',
      kept: (await house.rowsRead('/api/customers/count')) <= 3,
    },
  ]
  for (const { name, filter, bare } of trees) {
    const path = `filter=${encodeFilter(filter)}`
    const text = `select count(*) as n from customer c where c.tenant_id = ? and c.anonymous = 0 and ${bare}`
    let [counted, written] = [-1, -2]
    const rounds = await alternate(
      size > 300_000 ? 3 : 7,
      () =>
        timed(async () => {
          const answer = await body(await house.get(`/api/customers/count?${path}`))
          counted = (answer as { total: number }).total
        }),
      () =>
        timed(async () => {
          written = (await house.sql<{ n: number }>(text, house.tenantId))[0]?.n ?? -2
        }),
    )
    if (counted !== written) throw new Error(`${name}: ${counted} counted, ${written} by hand`)
    figures.push(
      compared(
        `exact counter, ${name} (${counted.toLocaleString('en')}), against bare SQL`,
        rounds,
        milliseconds,
        {
          ratio: 1.2,
          better: 'lower',
        },
      ),
      {
        measure: `page of 50, ${name}: rows read`,
        ours: String(await house.rowsRead(`/api/customers?${path}`)),
        against: milliseconds(await timeOf(house, `/api/customers?${path}`, 5)),
        ratio: '',
        aim: '',
      },
    )
  }
  return { figures }
}

/** The whole download: its first byte, its rate, and what it holds in memory meanwhile. */
export async function exporting(house: House): Promise<Measured> {
  const figures: Figure[] = []
  for (const format of ['csv', 'json']) {
    const before = await memoryMb()
    const began = performance.now()
    const answer = await house.get(
      `/api/customers/export?format=${format}&columns=name,email,phone,city,plan,score`,
    )
    if (!answer.ok || !answer.body) throw new Error(await answer.text())
    let [firstMs, bytes, lines, most] = [0, 0, 0, before]
    let chunks = 0
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      firstMs ||= performance.now() - began
      bytes += chunk.byteLength
      for (const byte of chunk) if (byte === 10) lines += 1
      chunks += 1
      if (chunks % 50 === 0) most = Math.max(most, await memoryMb())
    }
    const tookMs = performance.now() - began
    const total = Number(answer.headers.get('X-Total'))
    const rows = format === 'csv' ? lines - 1 : lines - 2
    figures.push(
      {
        measure: `export of ${total.toLocaleString('en')} as ${format}: first byte`,
        ours: milliseconds(firstMs),
        against: `${(tookMs / 1000).toFixed(1)} s, ${perSecond(rows / (tookMs / 1000))}, ${(bytes / 1e6).toFixed(0)} MB`,
        ratio: '',
        aim: 'at once',
      },
      {
        measure: `export as ${format}: memory of the process, before / at most`,
        ours: `${before.toFixed(0)} / ${most.toFixed(0)} MB`,
        against: rows === total ? 'rows as counted' : `${rows} rows, ${total} counted`,
        ratio: '',
        aim: 'flat',
        kept: rows === total && most - before < 150,
      },
    )
  }
  return { figures }
}

// What is measured of finding: rows read, times against a scan of everybody.

import { chance, personAt, type Person } from '../../scripts/generate/people.ts'
import { fold } from '../../shared/fold.ts'
import { toUrlText } from '../../shared/url-text.ts'
import { volley } from '../load.ts'
import { compared, milliseconds, perSecond, type Figure } from '../report.ts'
import { alternate, median } from '../rounds.ts'
import type { House } from './house.ts'
import { body, timed, timeOf } from './timing.ts'

const random = chance(99)
const upTo = (count: number) => Math.floor(random() * count)
const plain = { against: '', ratio: '', aim: '' }

function lookUpPath(q: string): string {
  return `/api/customers?${new URLSearchParams({ q, match: 'exact' }).toString()}`
}

/** People by chance, none of them a visitor without a name. */
function somePeople(count: number, size: number): Person[] {
  return Array.from({ length: count }, () => personAt(upTo(size), 1)).filter(
    ({ anonymous }) => !anonymous,
  )
}

/** The most rows a look-up reads, by any kind of address. */
export async function lookUpRows(house: House, size: number): Promise<number> {
  const addresses = somePeople(60, size).flatMap((one) => one.addresses.map(({ value }) => value))
  let most = 0
  for (const value of addresses.slice(0, 80)) {
    most = Math.max(most, await house.rowsRead(lookUpPath(value)))
  }
  return most
}

/** A look-up by each kind of address, and its rate against one bare read. */
export async function lookUps(house: House, size: number, rowsAmongFew: number): Promise<Figure[]> {
  const rows = await lookUpRows(house, size)
  const people = somePeople(300, size)
  const addresses = people.flatMap((one) => one.addresses.map(({ value }) => value))
  const requests = (from: (n: number) => string, count: number) =>
    Array.from({ length: count }, (_, n) =>
      Buffer.from(
        `GET ${from(n)} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${house.token}\r\n\r\n`,
      ),
    )
  const count = 2000
  const ours = requests((n) => lookUpPath(addresses[n % addresses.length] ?? ''), count)
  const bare = requests(
    (n) => `/point/${house.tenantId}/${people[n % people.length]?.id ?? ''}`,
    count,
  )
  const rate = async (door: string, list: Buffer[]) =>
    count / ((await volley(house.running.url(door), list, 16)) / 1000)
  const rounds = await alternate(
    9,
    () => rate('main', ours),
    () => rate('point', bare),
  )
  const aim = { ratio: 0.7, better: 'higher' } as const
  return [
    {
      measure: 'look-up by any address: rows read at most',
      ours: String(rows),
      against: `${rowsAmongFew} among 1,000`,
      ratio: '',
      aim: '≤ 5, the same',
      kept: rows <= 5 && rows === rowsAmongFew,
    },
    compared('look-up by any address, against a bare route with one read', rounds, perSecond, aim),
  ]
}

/** What the list can be sorted by, and where it stands: a column of the record, or a field's values. */
const sorts: Readonly<Record<string, { readonly column: string; readonly field?: true }>> = {
  name: { column: 'name_key' },
  email: { column: 'email' },
  phone: { column: 'phone' },
  created_at: { column: 'created_at' },
  last_communication: { column: 'last_communication_at' },
  score: { column: 'num', field: true },
  city: { column: 'key', field: true },
  born: { column: 'num', field: true },
}

/** Pages of fifty by every order, both ways: the first, one half-way, and the last full one. */
export async function pages(house: House): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const sort of Object.keys(sorts)) {
    const rows: number[] = []
    const times: number[] = []
    for (const part of [0, 0.5, 1]) {
      const paths: string[] = []
      for (const order of ['', '-'] as const) {
        const place = part === 0 ? undefined : await placeAt(house, sort, order, part)
        const cursor = place ? `&cursor=${toUrlText([true, ...place])}` : ''
        paths.push(`/api/customers?limit=50&sort=${order}${sort}${cursor}`)
      }
      const [read, took]: [number[], number[]] = [[], []]
      for (const path of paths) {
        read.push(await house.rowsRead(path))
        took.push(await timeOf(house, path))
      }
      rows.push(Math.max(...read))
      times.push(Math.max(...took))
    }
    figures.push({
      measure: `50 by ${sort}, first / half-way / last: rows read`,
      ours: rows.join(' / '),
      against: times.map(milliseconds).join(' / '),
      ratio: '',
      aim: '≤ 120',
      kept: Math.max(...rows) <= 120,
    })
  }
  for (const sort of ['score', 'city']) {
    const path = `/api/customers?limit=50&sort=${sort}&cursor=${toUrlText([false, null, ''])}`
    const rows = await house.rowsRead(path)
    figures.push({
      measure: `50 of those without a ${sort}, who come last: rows read`,
      ours: rows.toLocaleString('en'),
      against: milliseconds(await timeOf(house, path, 1)),
      ratio: '',
      aim: '≤ 120',
      kept: rows <= 120,
    })
  }
  return figures
}

/** A place so far down the list: half-way, or a page and a little before the end. */
async function placeAt({ sql, tenantId }: House, sort: string, order: '' | '-', part: number) {
  const { column, field } = sorts[sort] ?? { column: '' }
  const there = /_at$|num/.test(column) ? `${column} is not null` : `${column} > ''`
  const from = field
    ? `field_value where tenant_id = ? and field = '${sort}' and ${there}`
    : `customer where tenant_id = ? and anonymous = 0 and ${there}`
  const [all] = await sql<{ n: number }>(`select count(*) as n from ${from}`, tenantId)
  const offset = Math.floor(((all?.n ?? 0) - 55) * part)
  const id = field ? 'customer_id' : 'id'
  const way = order === '-' ? 'desc' : 'asc'
  const [row] = await sql<{ id: string; place: string | number }>(
    `select ${id} as id, ${column} as place from ${from}
     order by ${column} ${way}, ${id} ${way} limit 1 offset ${offset}`,
    tenantId,
  )
  return [row?.place ?? null, row?.id ?? ''] as const
}

const wordsOf: Readonly<Record<string, (person: Person) => string | undefined>> = {
  name: ({ name }) => fold(name),
  email: ({ addresses }) => addresses.find(({ kind }) => kind === 'email')?.value,
  phone: ({ addresses }) => addresses.find(({ kind }) => kind === 'phone')?.value.slice(1),
}

/** Of each kind. */
const pieces = 10

/** Pieces of what people are called by, three to eight characters long. */
function piecesOf(kind: string, count: number, size: number): string[] {
  const found: string[] = []
  while (found.length < count) {
    const [person] = somePeople(1, size)
    const chars = Array.from((person && wordsOf[kind]?.(person)) ?? '')
    const length = 3 + upTo(6)
    const piece = chars.slice(upTo(Math.max(1, chars.length - length + 1))).slice(0, length)
    const text = piece.join('')
    // Two words are looked for each by itself, and a number without the noughts before it as well.
    if (piece.length >= 3 && !/ |^0/.test(text)) found.push(text)
  }
  return found
}

interface Taken {
  readonly page: number
  readonly count: number
  readonly scan: number
  readonly found: number
}

/** Pieces of names, emails and phones: the first page and the exact count, each against a scan. */
export async function substrings(house: House, size: number): Promise<Figure[]> {
  const all: Taken[] = []
  const figures: Figure[] = []
  let wrong = 0
  for (const kind of Object.keys(wordsOf)) {
    const taken: Taken[] = []
    for (const piece of piecesOf(kind, pieces, size)) {
      const { counted, scanned, ...rest } = await sought(house, piece)
      if (counted !== scanned) wrong += 1
      taken.push({ ...rest, found: scanned })
    }
    all.push(...taken)
    figures.push(againstScan(`substring in ${kind}: first 50`, taken, 'page', 1 / 30))
  }
  const few = all.filter(({ found }) => found <= size / 100)
  const many = all.filter(({ found }) => found > size / 100)
  return [
    ...figures,
    againstScan(`substring, exact count of up to 1 % (${few.length})`, few, 'count', 1 / 30),
    ...(many.length > 0
      ? [
          againstScan(
            `substring, exact count of more than 1 % (${many.length})`,
            many,
            'count',
            1 / 30,
          ),
        ]
      : []),
    {
      ...plain,
      measure: 'substring: recall against the scan',
      ours: `${(100 - (wrong / all.length) * 100).toFixed(0)} % of ${all.length} pieces`,
      aim: '100 %',
      kept: wrong === 0,
    },
  ]
}

/** One piece by turns with its scan. */
async function sought(house: House, piece: string) {
  const q = encodeURIComponent(piece)
  let [counted, scanned] = [-1, -2]
  const page = await timed(async () => body(await house.get(`/api/customers?q=${q}`)))
  const scan = await timed(async () => {
    const [row] = await house.sql<{ n: number }>(
      `select count(*) as n from customer
       where tenant_id = ? and anonymous = 0 and instr(search_text, ?) > 0`,
      house.tenantId,
      piece,
    )
    scanned = row?.n ?? -2
  })
  const count = await timed(async () => {
    const answer = await body(await house.get(`/api/customers/count?q=${q}`))
    counted = (answer as { total: number }).total
  })
  return { page, count, scan, counted, scanned }
}

function againstScan(
  measure: string,
  taken: readonly Taken[],
  of: 'page' | 'count',
  aim: number,
): Figure {
  const ratios = taken.map((one) => one[of] / one.scan)
  const ratio = median(ratios)
  const as = (value: number) => `1/${(1 / value).toFixed(value > 0.1 ? 1 : 0)}`
  return {
    measure: `${measure}, against a scan`,
    ours: milliseconds(median(taken.map((one) => one[of]))),
    against: milliseconds(median(taken.map(({ scan }) => scan))),
    ratio: `${as(ratio)} (${as(Math.min(...ratios))}–${as(Math.max(...ratios))})`,
    aim: `≤ ${as(aim)}`,
    kept: ratio <= aim,
  }
}

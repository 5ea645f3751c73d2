// Download contacts: everybody who is on the screen's list, streamed a page at a time.

import type { CustomerRow } from '../../../shared/customer.ts'
import type { Field } from '../../../shared/fields.ts'
import type { Actor, Db } from '../../base/db.ts'
import { cell, line, numberCell } from './cells.ts'
import type { Finding } from '../find/finding.ts'
import { allPages, countAll, type Order } from '../find/list.ts'
import { rowsOf } from '../find/rows.ts'
import type { Found } from '../find/queries.ts'
import { noteDownload, wholeOf } from './queries.ts'

/** Records read at once: what is held in memory of a million. */
const length = 1000

export interface Wanted {
  readonly finding: Finding
  readonly order: Order
  readonly columns: readonly Field[]
  readonly format: 'csv' | 'json'
  /** As they were asked, for the audit log. */
  readonly filter: string | undefined
  readonly q: string | undefined
}

/** The download, begun: `X-Total` says how many rows it will have. */
export async function download(db: Db, by: Actor, wanted: Wanted): Promise<Response> {
  const { finding, format, filter = '', q = '' } = wanted
  const total = await countAll(db, finding)
  await noteDownload(db, by, { format, total, filter, q })
  const isCsv = format === 'csv'
  return new Response(streamed(isCsv ? csvOf(db, wanted) : jsonOf(db, wanted)), {
    headers: {
      'Content-Type': isCsv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
      'Content-Disposition': `attachment; filename="contacts.${format}"`,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Total': String(total),
    },
  })
}

/** A chunk is made when the one before it has been taken: memory stays flat, however slow the reader. */
function streamed(chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      async cancel() {
        await chunks.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

async function* csvOf(db: Db, { finding, order, columns }: Wanted): AsyncGenerator<string> {
  const shown = columns.length > 0 ? columns : finding.fields.filter(({ column }) => column)
  const time = clockOf(finding.timeZone)
  // The mark that says it is UTF-8: spreadsheets ask for it.
  yield `\uFEFF${line(shown.map(({ title }) => cell(title)))}`
  for await (const found of allPages(db, finding, { ...order, length })) {
    const rows = await rowsOf(db, found, shown)
    yield rows.map((row) => line(shown.map((field) => csvCell(field, row, time)))).join('')
  }
}

function csvCell({ name, type }: Field, row: CustomerRow, time: (at: number) => string): string {
  switch (name) {
    case 'name':
    case 'email':
    case 'phone':
      return cell(row[name])
    case 'channels':
      return cell(row.channels.join(', '))
    case 'created_at':
      return time(row.createdAt)
    case 'last_communication':
      return row.lastCommunicationAt === null ? '' : time(row.lastCommunicationAt)
  }
  const value = row.values[name] ?? ''
  return type === 'number' ? numberCell(value) : cell(value)
}

/** Times as the company's clock shows them: `2027-02-03 14:05:00`. */
function clockOf(timeZone: string): (at: number) => string {
  const clock = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return (at) => clock.format(at)
}

/** Everything that is known of each, under the fields' names. */
async function* jsonOf(db: Db, { finding, order }: Wanted): AsyncGenerator<string> {
  const types = new Map(finding.fields.map(({ name, type }) => [name, type]))
  yield '['
  let before = '\n'
  for await (const found of allPages(db, finding, { ...order, length })) {
    const whole = await wholeOf(
      db,
      found.map(({ id }) => id),
    )
    yield (
      before +
        found.map((one) => JSON.stringify(objectOf(one, whole.get(one.id), types))).join(',\n')
    )
    before = ',\n'
  }
  yield '\n]\n'
}

type Whole = Awaited<ReturnType<typeof wholeOf>> extends Map<string, infer One> ? One : never

function objectOf(
  { id, name, createdAt, lastCommunicationAt, channels }: Found,
  whole: Whole | undefined,
  types: ReadonlyMap<string, Field['type']>,
) {
  const values = (whole?.values ?? []).map(({ field, value, num }) => {
    const type = types.get(field)
    if (type === 'number') return [field, num ?? value]
    return [field, type === 'boolean' ? num === 1 : value]
  })
  return {
    id,
    name,
    created_at: new Date(createdAt).toISOString(),
    last_communication:
      lastCommunicationAt === null ? null : new Date(lastCommunicationAt).toISOString(),
    ...Object.fromEntries(values.filter(([field]) => field !== 'name')),
    ...whole?.addresses,
    channels: JSON.parse(channels ?? '[]') as unknown,
    campaigns: whole?.campaigns ?? [],
  }
}

// An upload of very many lines, half of which match, against bare bulk inserts of the same rows: by
// turns in one workerd, on disk, with the memory it takes. `--lines=` says how many lines.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { build } from '../../scripts/build.ts'
import { runProduct, type Product } from '../../scripts/product.ts'
import { apiAt } from '../../scripts/seed/api.ts'
import { say, Trouble } from '../../scripts/terminal.ts'
import type { Upload, UploadPreview } from '../../shared/campaign.ts'
import { newId } from '../../shared/new-id.ts'
import { compared, perSecond, type Found } from '../report.ts'
import { alternate, median } from '../rounds.ts'
import { memoryMb } from './house.ts'

const rounds = 3
/** How often the memory is looked at, in milliseconds. */
const sampleMs = 100

export async function upload(): Promise<Found> {
  const lines = Number(optionOf('lines') ?? 100_000)
  if (!Number.isInteger(lines) || lines < 1000) throw new Trouble('Say it so: --lines=100000')
  await build(say, ['worker'])
  // Not on the memory disk: what an upload writes is to be on a disk when it says so.
  const folder = await mkdtemp(join(tmpdir(), 'alongside-upload-'))
  const product = await runProduct({ stateDir: folder, front })
  try {
    return await measured(product, lines)
  } finally {
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function optionOf(name: string): string | undefined {
  const option = process.argv.find((one) => one.startsWith(`--${name}=`))
  return option?.slice(name.length + 3)
}

async function measured(product: Product, lines: number): Promise<Found> {
  const plain: number[] = []
  const memory: Memory[] = []
  const rates = await alternate(
    rounds,
    async () => {
      const { ms, samples } = await uploadHalfKnown(product, lines)
      memory.push(memoryOf(samples))
      say(`  uploaded: ${perSecond(lines / (ms / 1000))}`)
      return lines / (ms / 1000)
    },
    async () => {
      plain.push(lines / ((await insertBare(product, { lines, what: 'customer' })) / 1000))
      const rate = lines / ((await insertBare(product, { lines, what: 'all' })) / 1000)
      say(`  inserted: ${perSecond(rate)}, the records alone ${perSecond(plain.at(-1) ?? 0)}`)
      return rate
    },
  )
  // The first round does not count: everything is warmed there.
  const records = { ours: rates.ours, bare: plain.slice(1) }
  const counted = memory.slice(1)
  const of = (pick: (one: Memory) => number) => counted.map(pick)
  const mb = (value: number) => `${value.toFixed(0)} MB`
  const title = `upload of ${lines.toLocaleString('en')} lines, half of them matching`
  return {
    figures: [
      compared(
        `${title}: against bulk inserts of its records, addresses, values and participants`,
        rates,
        perSecond,
        {
          ratio: 0.2,
          better: 'higher',
        },
      ),
      compared(`${title}: against bulk inserts of the records alone`, records, perSecond),
      compared(
        `${title}: memory in its last fifth, against its first`,
        { ours: of(({ last }) => last), bare: of(({ first }) => first) },
        mb,
        { ratio: 1.2, better: 'lower' },
      ),
    ],
    notes: [
      `Upload: ${rounds} rounds on the disk, both sides in one workerd with Miniflare’s D1 and R2, a thousand people in each statement of the bare side; each upload is a tenant’s first, over ${(lines / 2).toLocaleString('en')} records that are there, every fifth of which it gives another name. Ours reads the file, matches every line, writes records, addresses, values, participants, the history of each value and the report of each line, and keeps the columns of the list and the search index right. At most ${mb(Math.max(...of(({ most }) => most)))} while it runs, ${mb(median(of(({ before }) => before)))} before. A line that gives a known record another name costs several new ones in the search index, which takes the old words out one by one.`,
    ],
  }
}

// --- Ours

interface Line {
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly seat: string
}

function lineOf(n: number): Line {
  return {
    name: `Person ${n}`,
    email: `p${n}@acme.example`,
    phone: `+4670${1_000_000 + n}`,
    seat: `${n}A`,
  }
}

/** Of a new tenant, every second of whose lines is somebody known. */
async function uploadHalfKnown(product: Product, lines: number) {
  const { url } = product
  const { token } = await apiAt(url)('POST /api/sign-up', {
    body: {
      name: 'Ada Berg',
      email: `${newId('cmd')}@bench.example`,
      password: newId('cmd'),
      company: 'Bench',
      timeZone: 'UTC',
    },
  })
  const api = apiAt(url, token)
  const { tenant } = await api('GET /api/me')
  await insertBare(product, { lines: lines / 2, what: 'all', tenant: tenant.id, step: 2 })
  const campaign = await api('POST /api/campaigns', { body: { name: 'Bench' } })
  const text = Array.from({ length: lines }, (_, n) => Object.values(lineOf(n)).join(','))
  const answer = await fetch(`${url}/api/campaigns/${campaign.id}/uploads?name=people.csv`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: `name,email,phone,Seat\n${text.join('\n')}\n`,
  })
  // Safe: it is what the route's contract says.
  const { upload: made, mapping } = (await answer.json()) as UploadPreview
  const params = { uploadId: made.id }
  const samples = [await memoryMb()]
  const began = Date.now()
  await api('POST /api/uploads/:uploadId/start', { params, body: { mapping } })
  for (;;) {
    await sleep(sampleMs)
    samples.push(await memoryMb())
    const now: Upload = await api('GET /api/uploads/:uploadId', { params })
    if (now.state === 'running') continue
    const { created, updated } = now.counts
    if (now.state !== 'done' || created !== lines / 2 || updated !== lines / 2) {
      throw new Trouble(`the upload is ${now.state}: ${now.error} ${JSON.stringify(now.counts)}`)
    }
    // By the row's own time: whoever asks has to wait for the answer.
    return { ms: now.updatedAt - began, samples }
  }
}

interface Memory {
  readonly before: number
  readonly first: number
  readonly last: number
  readonly most: number
}

function memoryOf([before = 0, ...samples]: readonly number[]): Memory {
  const fifth = Math.max(1, Math.floor(samples.length / 5))
  return {
    before,
    first: median(samples.slice(0, fifth)),
    last: median(samples.slice(-fifth)),
    most: Math.max(...samples),
  }
}

// --- The bare side

/**
 * Stands in front of the worker, in the same workerd: puts there the rows an upload of these lines
 * makes, by plain statements, a thousand people in each.
 */
const front = `
import worker from './index.js'
export * from './index.js'

const statements = [
  "insert into customer (tenant_id, id, name, name_key, email, phone, anonymous, search_text, version, created_at) select ?1, value ->> 'id', value ->> 'name', value ->> 'key', value ->> 'email', value ->> 'phone', 0, value ->> 'search', 1, 1 from json_each(?2)",
  "insert into identity (tenant_id, kind, value, scope, customer_id, proof, created_at) select ?1, 'email', value ->> 'email', '', value ->> 'id', 'upload', 1 from json_each(?2)",
  "insert into identity (tenant_id, kind, value, scope, customer_id, proof, created_at) select ?1, 'phone', value ->> 'phone', '', value ->> 'id', 'upload', 1 from json_each(?2)",
  "insert into field_value (tenant_id, customer_id, field, value, key, verified, source, pinned, at) select ?1, value ->> 'id', 'name', value ->> 'name', value ->> 'key', 1, 'channel', 0, 1 from json_each(?2)",
  "insert into participant (tenant_id, campaign_id, customer_id, status, data, loaded_at) select ?1, 'cmp_bare', value ->> 'id', 'pending', json_object('Seat', value ->> 'seat'), 1 from json_each(?2)",
]

// As random as the product's: rows in the order of their ids would go in two or three times as fast.
function newId() {
  return 'cus_' + Array.from(crypto.getRandomValues(new Uint8Array(26)), (one) => (one % 36).toString(36)).join('')
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url)
    if (url.pathname !== '/hooks/bare') return worker.fetch(request, env, ctx)
    const [lines, step] = ['lines', 'step'].map((name) => Number(url.searchParams.get(name)))
    const tenant = url.searchParams.get('tenant')
    const wanted = url.searchParams.get('what') === 'all' ? statements : statements.slice(0, 1)
    for (let from = 0; from < lines; from += 1000) {
      const people = Array.from({ length: Math.min(1000, lines - from) }, (_, at) => {
        const n = (from + at) * step
        // Every fifth of the known is called otherwise than in the file: a line that has something to say.
        const name = (step === 2 && n % 10 === 0 ? 'P. ' : 'Person ') + n
        const one = { id: newId(), name, key: name.toLowerCase(), email: 'p' + n + '@acme.example', phone: '+4670' + (1000000 + n), seat: n + 'A' }
        return { ...one, search: [one.key, one.phone.slice(1), one.email].join('\\n') }
      })
      const rows = JSON.stringify(people)
      await env.DB.batch(wanted.map((one) => env.DB.prepare(one).bind(tenant, rows)))
    }
    return new Response('done')
  },
}
`

/** In milliseconds. */
async function insertBare(
  { url }: Product,
  wish: {
    readonly lines: number
    readonly what: 'all' | 'customer'
    readonly tenant?: string
    readonly step?: number
  },
): Promise<number> {
  const { lines, what, tenant = newId('ten'), step = 1 } = wish
  const query = new URLSearchParams({ lines: `${lines}`, what, tenant, step: `${step}` })
  const began = performance.now()
  const answer = await fetch(`${url}/hooks/bare?${query}`, { method: 'POST' })
  if ((await answer.text()) !== 'done') throw new Trouble(`bare inserts failed: ${answer.status}`)
  return performance.now() - began
}

// `node bench/customers/upload.ts [lines]`: an upload with matching against bare bulk inserts of the
// same rows, side by side on the same database, and the memory it takes.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { build } from '../../scripts/build.ts'
import { runProduct, type Product } from '../../scripts/product.ts'
import { apiAt } from '../../scripts/seed/api.ts'
import { fail, say } from '../../scripts/terminal.ts'
import type { Upload, UploadPreview } from '../../shared/campaign.ts'
import { newId } from '../../shared/new-id.ts'
import { tableOf } from '../report.ts'
import { memoryMb } from './house.ts'

const lines = Number(process.argv[2] ?? 100_000)
if (!Number.isInteger(lines) || lines < 1000) fail(new Error('Say how many lines: 100000'))
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

async function run(): Promise<void> {
  await build(say, ['worker'])
  const folder = await mkdtemp(join(tmpdir(), 'alongside-upload-'))
  const product = await runProduct({ stateDir: folder, front })
  try {
    const { token } = await apiAt(product.url)('POST /api/sign-up', {
      body: {
        name: 'Ada Berg',
        email: 'ada@bench.example',
        password: newId('cmd'),
        company: 'Bench',
        timeZone: 'UTC',
      },
    })
    const bare = await insertBare(product)
    say(`bare inserts: ${rate(bare)}`)
    const first = await upload(product, token)
    say(`upload of new people: ${rate(first.ms)}`)
    const again = await upload(product, token)
    say(`the same once more, every line matching: ${rate(again.ms)}`)
    console.log(
      `\n${lines.toLocaleString('en')} lines\n\n${tableOf([
        figureOf('upload, everybody new', bare, first),
        figureOf('upload, everybody known', bare, again),
        {
          measure: 'memory while uploading: at most, against at the beginning',
          ours: `${Math.max(first.most, again.most).toFixed(0)} MB`,
          against: `${first.before.toFixed(0)} MB`,
          ratio: '',
          aim: '',
        },
      ])}\n`,
    )
  } finally {
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function rate(ms: number): string {
  return `${Math.round(lines / (ms / 1000)).toLocaleString('en')}/s`
}

function figureOf(measure: string, bareMs: number, { ms }: { readonly ms: number }) {
  const ratio = bareMs / ms
  return {
    measure,
    ours: rate(ms),
    against: rate(bareMs),
    ratio: ratio.toFixed(2),
    aim: '≥ 0.2',
    kept: ratio >= 0.2,
  }
}

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
  "insert into field_value (tenant_id, customer_id, field, value, key, verified, source, pinned, at) select ?1, value ->> 'id', 'name', value ->> 'name', value ->> 'key', 1, 'upload', 0, 1 from json_each(?2)",
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
    const lines = Number(url.searchParams.get('lines'))
    for (let from = 0; from < lines; from += 1000) {
      const people = Array.from({ length: Math.min(1000, lines - from) }, (_, at) => {
        const n = from + at
        const one = { id: newId(), name: 'Person ' + n, key: 'person ' + n, email: 'p' + n + '@acme.example', phone: '+4670' + (1000000 + n), seat: n + 'A' }
        return { ...one, search: [one.key, one.phone.slice(1), one.email].join('\\n') }
      })
      const rows = JSON.stringify(people)
      await env.DB.batch(statements.map((one) => env.DB.prepare(one).bind('ten_bare', rows)))
    }
    return new Response('done')
  },
}
`

/** In milliseconds. */
async function insertBare({ url }: Product): Promise<number> {
  const began = performance.now()
  const answer = await fetch(`${url}/hooks/bare?lines=${lines}`, { method: 'POST' })
  if ((await answer.text()) !== 'done') throw new Error(`the bare inserts failed: ${answer.status}`)
  return performance.now() - began
}

async function upload({ url }: Product, token: string) {
  const api = apiAt(url, token)
  const campaign = await api('POST /api/campaigns', { body: { name: 'Bench' } })
  const text = Array.from({ length: lines }, (_, n) => Object.values(lineOf(n)).join(',')).join(
    '\n',
  )
  const answer = await fetch(`${url}/api/campaigns/${campaign.id}/uploads?name=people.csv`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: `name,email,phone,Seat\n${text}\n`,
  })
  // Safe: it is what the route's contract says.
  const { upload: made, mapping } = (await answer.json()) as UploadPreview
  const before = await memoryMb()
  const began = performance.now()
  const params = { uploadId: made.id }
  await api('POST /api/uploads/:uploadId/start', { params, body: { mapping } })
  let most = before
  for (;;) {
    const now: Upload = await api('GET /api/uploads/:uploadId', { params })
    most = Math.max(most, await memoryMb())
    if (now.state === 'done') return { ms: performance.now() - began, before, most }
    if (now.state !== 'running') throw new Error(`the upload is ${now.state}: ${now.error}`)
    await sleep(200)
  }
}

await run().catch(fail)

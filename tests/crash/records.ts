// Kills workerd in the middle of an upload, and in the middle of merges: the upload goes on and ends
// as one that nobody disturbed, and every merge is whole or has not been.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { runProduct } from '../../scripts/product.ts'
import type { Api } from '../../scripts/seed/api.ts'
import type { Say } from '../../scripts/terminal.ts'
import type { Upload, UploadPreview } from '../../shared/campaign.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { found, type Colleague } from '../journeys/house.ts'
import { until } from '../journeys/until.ts'
import type { Findings } from './judge.ts'
import { killWorkerd } from './workerd.ts'

const lines = 8_000
/** Lines that bring two records together, and lines that change one. */
const pairs = 12
/** How far the upload has come at each kill. After the last it is left to go on by itself. */
const killsAt = [0.1, 0.4, 0.7]
const merges = 32
const mergeKillsAt = [6, 18]

export async function crashRecords(say: Say): Promise<Findings> {
  const folder = await mkdtemp(join(tmpdir(), 'alongside-records-'))
  const product = await runProduct({ stateDir: folder, heard: () => {} })
  try {
    const { url } = product
    const quiet = (await found(url)).people.owner
    const undisturbed = await uploadAt(url, quiet, () => Promise.resolve())
    say(`uploaded ${lines} lines undisturbed`)
    const disturbed = (await found(url)).people.owner
    const began = Date.now()
    let kills = 0
    const crashed = await uploadAt(url, disturbed, async (upload) => {
      if (upload.lines < lines * (killsAt[kills] ?? 2)) return
      killWorkerd()
      kills += 1
      say(`killed workerd at line ${upload.lines} of ${lines}`)
      // Whoever asks again wakes the worker at once. The last time it has to wake by itself.
      if (kills < killsAt.length) await asked(() => resume(disturbed.api, upload))
    })
    say(`the upload ended after ${Math.round((Date.now() - began) / 1000)} s`)
    return [
      {
        name: `an upload of ${lines} lines, killed ${kills} times, says the same of every line, once`,
        wrong: [
          ...(kills === killsAt.length ? [] : [`killed only ${kills} times`]),
          ...different(undisturbed.report, crashed.report),
          ...different([JSON.stringify(undisturbed.counts)], [JSON.stringify(crashed.counts)]),
        ],
      },
      {
        name: `its ${undisturbed.people.length} customers are those of one that nobody killed`,
        wrong: different(undisturbed.people, crashed.people),
      },
      await mergesWrong(disturbed, say),
    ]
  } finally {
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A call that is repeated while nobody answers it, as a panel's is. */
async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return until('an answer', () =>
    ask().catch((error: unknown) => {
      // What was answered is no crash, unless the runtime died while it answered.
      if (error instanceof Error && /answered 4/.test(error.message)) throw error
      return undefined
    }),
  )
}

function resume(api: Api, { id }: Upload): Promise<Upload> {
  return api('POST /api/uploads/:uploadId/resume', { params: { uploadId: id } })
}

async function add(api: Api, values: Record<string, string>): Promise<CustomerId> {
  const id = newId('cus')
  await api('POST /api/customers', { body: { id, values } })
  return id
}

// --- The upload

function fileOf(): string {
  const rows = Array.from({ length: lines }, (_, n) => {
    // Every hundredth says nothing to tell anybody by, every seventh comes twice.
    if (n % 100 === 99) return `Nobody ${n},,,`
    const who = n % 7 === 6 ? n - 1 : n
    return `Person ${who},p${who}@crash.example,${phoneOf(who)},${n}A`
  })
  return `name,email,phone,Seat\n${rows.join('\n')}\n`
}

function phoneOf(n: number): string {
  return `+4670${1_000_000 + n}`
}

/** Uploads the file over some records that are there, and reads all that has come of it. */
async function uploadAt(
  url: string,
  { token, api }: Colleague,
  look: (upload: Upload) => Promise<void>,
) {
  for (let n = 0; n < pairs; n += 1) {
    const who = Math.floor((n * lines) / pairs) + 1
    await add(api, { phone: phoneOf(who), name: `Old ${n}` })
    await add(api, { email: `p${who}@crash.example` })
  }
  const campaign = await api('POST /api/campaigns', { body: { name: 'Crash' } })
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/api/campaigns/${campaign.id}/uploads?name=people.csv`, {
    method: 'POST',
    headers,
    body: fileOf(),
  })
  // Safe: it is what the route's contract says.
  const { upload, mapping } = (await answer.json()) as UploadPreview
  const params = { uploadId: upload.id }
  await api('POST /api/uploads/:uploadId/start', { params, body: { mapping } })
  const { counts } = await until(
    'the end of the upload',
    async () => {
      const now = await asked(() => api('GET /api/uploads/:uploadId', { params }))
      await look(now)
      if (now.state === 'failed') throw new Error(`the upload failed: ${now.error}`)
      return now.state === 'done' && now
    },
    120_000,
  )
  const text = async (path: string) => (await fetch(`${url}${path}`, { headers })).text()
  const report = await text(`/api/uploads/${upload.id}/report`)
  const people = await text('/api/customers/export?format=json&sort=name')
  return {
    counts,
    // Without the ids, which are of each record's own.
    report: report
      .replaceAll(/cus_[0-9a-z]+/g, 'cus')
      .trim()
      .split('\r\n'),
    people: (JSON.parse(people) as Record<string, unknown>[])
      .map(({ id: _id, created_at: _at, ...one }) => JSON.stringify(one))
      .sort(),
  }
}

function different(wanted: readonly string[], got: readonly string[]): string[] {
  const at = wanted.findIndex((one, place) => one !== got[place])
  if (at === -1 && wanted.length === got.length) return []
  return [`${got.length} for ${wanted.length}; first at ${at}: «${got[at]}» for «${wanted[at]}»`]
}

// --- Merges

interface Pair {
  readonly old: CustomerId
  readonly young: CustomerId
  readonly phone: string
  readonly email: string
}

/** Merges many pairs, some at a time, kills meanwhile, looks at each pair, and merges all once more. */
async function mergesWrong({ api }: Colleague, say: Say): Promise<Findings[number]> {
  const all: Pair[] = []
  for (let n = 0; n < merges; n += 1) {
    const [phone, email] = [`+4671${1_000_000 + n}`, `m${n}@crash.example`]
    const old = await add(api, { phone, name: `Pair ${n}` })
    all.push({ old, young: await add(api, { email }), phone, email })
  }
  let answered = 0
  let kills = 0
  const merge = ({ old, young }: Pair) =>
    api('POST /api/customers/:customerId/merges', {
      params: { customerId: young },
      body: { with: old },
    })
  const waiting = [...all]
  const hand = async () => {
    for (let pair = waiting.shift(); pair; pair = waiting.shift()) {
      // One that dies with the runtime is not said again here: it is looked at as it was left.
      await merge(pair).catch(() => asked(() => api('GET /api/me')))
      answered += 1
      if (answered !== mergeKillsAt[kills]) continue
      kills += 1
      killWorkerd()
      say(`killed workerd at ${answered} of ${merges} merges`)
    }
  }
  await Promise.all([hand(), hand(), hand(), hand()])
  const left = await Promise.all(all.map((pair) => asked(() => look(api, pair))))
  const halves = left.flatMap(({ wrong }) => wrong)
  const undone = left.filter(({ merged }) => !merged).length
  say(`${merges - undone} of ${merges} are merged, ${undone} are not`)
  for (const pair of all) await merge(pair)
  const now = await Promise.all(all.map((pair) => look(api, pair)))
  return {
    name: `of ${merges} merges under ${kills} kills each is whole or not at all, and can be done again`,
    wrong: [
      ...halves,
      ...now.flatMap(({ wrong }) => wrong),
      ...now.flatMap(({ merged, count }, n) =>
        merged && count === 1 ? [] : [`pair ${n}: merged ${count} times in the end`],
      ),
    ],
  }
}

/** A pair as it is: one record with both addresses and one merge, or two as they were made. */
async function look(api: Api, { old, young, phone, email }: Pair) {
  const profileOf = (customerId: CustomerId) =>
    api('GET /api/customers/:customerId', { params: { customerId } })
  const [one, other, { merges: known }] = await Promise.all([
    profileOf(old),
    profileOf(young),
    api('GET /api/customers/:customerId/merges', { params: { customerId: old } }),
  ])
  const addressesOf = ({ identities }: typeof one) =>
    identities.map(({ value }) => value.replaceAll(' ', '')).sort()
  const merged = other.id === old
  const is = JSON.stringify([one.id, addressesOf(one), other.id, addressesOf(other), known.length])
  const wanted = JSON.stringify(
    merged ? [old, [phone, email], old, [phone, email], 1] : [old, [phone], young, [email], 0],
  )
  return { merged, count: known.length, wrong: is === wanted ? [] : [`${is} for ${wanted}`] }
}

// The work of an upload: one chunk after the other, each beginning where the last one says it ended.

import type { Upload, UploadId } from '../../../shared/campaign.ts'
import { newId } from '../../../shared/new-id.ts'
import { isRefusal } from '../../../shared/refusal.ts'
import type { Db } from '../../base/db.ts'
import type { Env } from '../../base/env.ts'
import { report } from '../../base/report.ts'
import { fieldsOf } from '../../customer/fields/queries.ts'
import { tombstoneOf } from '../../customer/tombstone.ts'
import { Overtaken } from '../../tenant/queries.ts'
import { tenantSettings } from '../../tenant/settings.ts'
import { contactOf, type Contact, type Reading, type Skipped } from '../contact.ts'
import { isBlank } from '../csv.ts'
import { columnsIn, planOf } from '../mapping.ts'
import { stagesOf } from '../queries.ts'
import { planChunk } from '../rules.ts'
import { matchesOf, writeChunk } from './chunk/queries.ts'
import {
  deletedSince,
  noCounts,
  readJob,
  readUpload,
  reindexLast,
  turnUpload,
  type Job,
  type UploadRow,
} from './queries.ts'
import { fileKeyOf, nextRecords } from './reading.ts'

/** Lines of one chunk, and values: each goes to the database as a text of at most two million bytes. */
const chunkLength = 1_000
const chunkValues = 5_000
/** Columns a file may have. */
export const mostColumns = 1_000
/** Chunks one record may spoil in a row before the job gives up: each is planned anew. */
const mostTries = 20
/** How long fields, stages and settings are taken for what they were, in milliseconds. */
const readingMs = 5_000
/** How long a file waits for its start, or to be taken up again. */
export const keptForMs = 7 * 86_400_000

/** What became of a chunk. `again`: something came between, and it has to be planned anew. */
type Step = 'done' | 'again'

/**
 * Goes on with a job until it is over or the time is up. `true`: there is more to do. Each chunk is
 * read from where the database says the job is, so it makes no difference who did the last one.
 */
export async function workOn(
  env: Env,
  db: Db,
  id: UploadId,
  wish: { readonly until: number; readonly tell: (upload: Upload) => Promise<void> },
): Promise<boolean> {
  await reindexLast(db, id, chunkLength)
  let tries = 0
  let step: Step | undefined
  let known: { readonly reading: Reading | string; readonly until: number } | undefined
  for (;;) {
    const job = await readJob(db, id)
    if (!job) return false
    const { row } = job
    if (step) await wish.tell(shownUpload(row))
    if (row.state !== 'running') return false
    if (Date.now() >= wish.until) return true
    if (!known || known.until < Date.now()) {
      known = { reading: await readingOf(db, row), until: Date.now() + readingMs }
    }
    step = await doChunk(env, db, job, known.reading)
    tries = step === 'again' ? tries + 1 : 0
    if (tries > mostTries) {
      report(new Error(`overtaken at ${row.offset} each time`), `upload ${id}`)
      step = await fail(db, row, 'Its records change all the time: take it up again in a while')
    }
    // Where one process is all there is, nobody else is heard before it has nothing to do for a moment.
    await scheduler.wait(1)
  }
}

async function doChunk(env: Env, db: Db, job: Job, reading: Reading | string): Promise<Step> {
  const { row } = job
  if (typeof reading === 'string') return fail(db, row, reading)
  const file = { key: row.fileKey, size: row.size, delimiter: row.mapping['delimiter'] ?? ',' }
  const { offset, line } = row
  const columns = Object.keys(columnsIn(row.mapping)).length
  const most = Math.max(1, Math.min(chunkLength, Math.floor(chunkValues / columns)))
  const records = await nextRecords(env, file, { offset, line, most })
  if (records === 'gone') return fail(db, row, 'The uploaded file is gone')
  if (records === 'too-long') return fail(db, row, `The record on line ${line} never ends`)
  if (records.length === 0) {
    await turnUpload(db, row.id, { from: ['running'], state: 'done' })
    return 'done'
  }
  const filled = records.filter((record) => !isBlank(record))
  const read = await Promise.all(filled.map((record) => contactOf(record, reading)))
  const lines = await withoutDeleted(db, job, read)
  const addresses = lines.flatMap((one) => ('skipped' in one ? [] : one.identities))
  const plan = planChunk(lines, await matchesOf(db, addresses), () => newId('cus'))
  // The plan may end before the records do: then the next chunk begins where it ended.
  const cut = filled[plan.taken]
  const before = cut ? records.indexOf(cut) : records.length
  const last = records[before - 1]
  try {
    await writeChunk(db, {
      job,
      plan,
      offset: offset + (last?.end ?? 0),
      line: last?.nextLine ?? line,
      at: Date.now(),
    })
    return 'done'
  } catch (error) {
    if (error instanceof Overtaken) return 'again'
    throw error
  }
}

/**
 * Removes the file of a job that does not need it any more: it is full of people. One that may still be
 * started or taken up again keeps it for a week. Gives when to look again, if ever.
 */
export async function settle(env: Env, db: Db, id: UploadId): Promise<number | false> {
  const row = await readUpload(db, id)
  if (row?.state === 'running') return false
  if (row && row.state !== 'done') {
    const until = row.updatedAt + keptForMs
    if (Date.now() < until) return until
    const error = 'The file was removed after a week. Upload it again.'
    // Whoever has started it this very moment keeps it.
    if (!(await turnUpload(db, id, { from: [row.state], state: 'failed', error }))) return false
  }
  await env.FILES.delete(fileKeyOf(db.tenantId, id))
  return false
}

/** Who has been deleted since the file came is not brought back by it. */
async function withoutDeleted(
  db: Db,
  { row, lastDeletion }: Job,
  lines: readonly (Contact | Skipped)[],
): Promise<readonly (Contact | Skipped)[]> {
  if (lastDeletion < row.createdAt) return lines
  const hashed = await Promise.all(
    lines.map((one) =>
      Promise.all('skipped' in one ? [] : one.identities.map((each) => tombstoneOf(db, each))),
    ),
  )
  const gone = await deletedSince(db, hashed.flat(), row.createdAt)
  return lines.map((one, at) =>
    hashed[at]?.some((hash) => gone.has(hash))
      ? { line: one.line, skipped: 'Deleted since the file was uploaded' }
      : one,
  )
}

/** How the lines are read now: fields and stages may have changed since the job began. */
async function readingOf(db: Db, row: UploadRow): Promise<Reading | string> {
  const [fields, settings, stages] = await Promise.all([
    fieldsOf(db),
    tenantSettings(db),
    stagesOf(db, row.campaignId),
  ])
  if (!stages) return 'The campaign is gone'
  const plan = planOf(columnsIn(row.mapping), fields, mostColumns)
  if (isRefusal(plan)) return `The mapping does not fit any more: ${plan.detail ?? plan.refusal}`
  const { defaultCountry, timeZone } = settings
  return { plan, defaultCountry, timeZone, stages }
}

async function fail(db: Db, { id }: UploadRow, error: string): Promise<Step> {
  await turnUpload(db, id, { from: ['running'], state: 'failed', error })
  return 'done'
}

/** The job as the screens show it. */
export function shownUpload(row: UploadRow): Upload {
  const { id, campaignId, fileName, state, size, offset, error, createdAt, updatedAt } = row
  const counts = { ...noCounts, ...row.counts }
  return {
    id,
    campaignId,
    fileName,
    state,
    size,
    offset,
    lines: Object.values(counts).reduce((sum, n) => sum + n, 0),
    counts,
    error,
    mapping: columnsIn(row.mapping),
    createdAt,
    updatedAt,
  }
}

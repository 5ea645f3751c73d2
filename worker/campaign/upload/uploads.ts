// What operators do with uploads: bring a file, look at it, start, stop, take up again, watch.

import {
  customerServiceId,
  type Upload,
  type UploadId,
  type UploadPreview,
  type UploadStart,
} from '../../../shared/campaign.ts'
import { newId } from '../../../shared/new-id.ts'
import { isRefusal, refuse, type Refusal } from '../../../shared/refusal.ts'
import type { Db } from '../../base/db.ts'
import type { Env } from '../../base/env.ts'
import type { Principal } from '../../base/http.ts'
import { fieldsOf } from '../../customer/fields/queries.ts'
import { columnsIn, keptMapping, planOf, suggestMapping } from '../mapping.ts'
import { uploadWorker } from '../object.ts'
import { stagesOf } from '../queries.ts'
import { mostColumns, shownUpload } from './job.ts'
import { insertUpload, noCounts, readUpload, turnUpload, type UploadRow } from './queries.ts'
import { fileKeyOf, keepUpload, readHead } from './reading.ts'

/** Rows of a file that are shown before it is started. */
const previewLength = 20
/** A running job that has not moved for so long is woken by whoever looks at it. */
const staleMs = 30_000

export interface Desk {
  readonly env: Env
  readonly db: Db
  readonly me: Principal
  readonly request: Request
  readonly later: (work: Promise<unknown>) => void
}

/** Keeps a file. Nothing is read into records before it is started. */
export async function receive(
  { env, db, me, request }: Desk,
  campaignId: string,
  fileName: string,
): Promise<UploadPreview | Refusal> {
  if (campaignId === customerServiceId || !request.body) return refuse('invalid')
  const id = newId('upl') as UploadId
  // First of all: whatever becomes of this request, the file does not lie about for ever.
  await uploadWorker(env, db.tenantId, id).expect()
  const fileKey = fileKeyOf(db.tenantId, id)
  const size = await keepUpload(env, fileKey, request.body)
  if (isRefusal(size)) return size
  const head = await readHead(env, fileKey, size, previewLength)
  if (isRefusal(head) || head.header.length > mostColumns) {
    await env.FILES.delete(fileKey)
    return isRefusal(head) ? head : refuse('invalid', { detail: `${mostColumns} columns at most` })
  }
  const now = Date.now()
  const mapping = suggestMapping(head.header, await fieldsOf(db))
  const row: UploadRow = {
    tenantId: db.tenantId,
    id,
    campaignId,
    fileName,
    fileKey,
    mapping: keptMapping({ mapping }, head.delimiter),
    state: 'ready',
    offset: head.offset,
    size,
    line: head.line,
    counts: noCounts,
    error: null,
    createdBy: me.operatorId,
    createdAt: now,
    updatedAt: now,
  }
  await insertUpload(db, actorOf(me), row)
  return {
    upload: shownUpload(row),
    header: [...head.header],
    rows: head.rows.map((one) => [...one]),
    mapping,
  }
}

export async function previewOf({ env, db }: Desk, id: UploadId): Promise<UploadPreview | Refusal> {
  const row = await readUpload(db, id)
  if (!row) return refuse('not-found')
  const head = await readHead(env, row.fileKey, row.size, previewLength)
  if (isRefusal(head)) return head
  return {
    upload: shownUpload(row),
    header: [...head.header],
    rows: head.rows.map((one) => [...one]),
    mapping: columnsIn(row.mapping),
  }
}

/** Begins to read the file into records. */
export async function start(
  desk: Desk,
  id: UploadId,
  wish: UploadStart,
): Promise<Upload | Refusal> {
  const { env, db } = desk
  const row = await readUpload(db, id)
  if (!row) return refuse('not-found')
  const head = await readHead(env, row.fileKey, row.size, 0)
  if (isRefusal(head)) return head
  const [fields, stages] = await Promise.all([fieldsOf(db), stagesOf(db, row.campaignId)])
  if (!stages) return refuse('not-found')
  const plan = planOf(wish.mapping, fields, head.header.length)
  if (isRefusal(plan)) return plan
  if (wish.stage && stages.length > 0 && !stages.includes(wish.stage)) {
    return refuse('invalid', { at: 'stage', detail: `One of: ${stages.join(', ')}` })
  }
  const mapping = keptMapping(wish, row.mapping['delimiter'] ?? ',')
  return turn(desk, row, { from: ['ready'], mapping, action: 'upload.start' })
}

/** Takes a stopped or failed job up again, where it is. */
export async function resume(desk: Desk, id: UploadId): Promise<Upload | Refusal> {
  const row = await readUpload(desk.db, id)
  if (!row) return refuse('not-found')
  return turn(desk, row, { from: ['cancelled', 'failed'], action: 'upload.resume' })
}

async function turn(
  { env, db, me }: Desk,
  { id, mapping: known }: UploadRow,
  wish: {
    readonly from: readonly Upload['state'][]
    readonly mapping?: UploadRow['mapping']
    readonly action: string
  },
): Promise<Upload | Refusal> {
  const { from, action, mapping = known } = wish
  const turned = await turnUpload(db, id, {
    from,
    state: 'running',
    mapping,
    error: null,
    audit: { actor: actorOf(me), action },
  })
  const row = await readUpload(db, id)
  if (!row) return refuse('not-found')
  // A repeated request finds it running: that is what was asked for.
  if (!turned && row.state !== 'running') return refuse('changed-meanwhile', { detail: row.state })
  await uploadWorker(env, db.tenantId, id as UploadId).wake()
  return shownUpload(row)
}

/** Stops. What is done stays done. */
export async function cancel({ db, me }: Desk, id: UploadId): Promise<Upload | Refusal> {
  await turnUpload(db, id, {
    from: ['ready', 'running'],
    state: 'cancelled',
    audit: { actor: actorOf(me), action: 'upload.cancel' },
  })
  const row = await readUpload(db, id)
  return row ? shownUpload(row) : refuse('not-found')
}

export async function watch({ env, db, later }: Desk, id: UploadId): Promise<Upload | Refusal> {
  const row = await readUpload(db, id)
  if (!row) return refuse('not-found')
  // Its start may have died before it could wake the worker.
  if (row.state === 'running' && row.updatedAt < Date.now() - staleMs) {
    later(uploadWorker(env, db.tenantId, id).wake())
  }
  return shownUpload(row)
}

function actorOf({ operatorId }: Principal) {
  return { kind: 'operator', id: operatorId } as const
}

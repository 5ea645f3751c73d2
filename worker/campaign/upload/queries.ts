// The SQL of uploads: the job's row, the records its lines match, and one batch for each chunk. How far
// the job is stands in the same batch as what it did: a crash between the two does not exist.

import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm'

import type { Outcome, Upload, UploadLine } from '../../../shared/campaign.ts'
import type { CustomerId, OperatorId } from '../../../shared/ids.ts'
import type { MergeId } from '../../../shared/merge.ts'
import { newId } from '../../../shared/new-id.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { rowsFrom } from '../../base/rows.ts'
import {
  customers,
  identities,
  participants,
  possibleDuplicates,
  products,
  uploadLines,
  uploads,
} from '../../base/schema.ts'
import { reindex } from '../../customer/columns/queries.ts'
import { guard, merging } from '../../customer/merge/queries.ts'
import { columnsOf, type Address } from '../../customer/rules.ts'
import { writing } from '../../customer/values/queries.ts'
import { keptText } from '../../customer/values/rules.ts'
import { carryOut, type Write } from '../../tenant/queries.ts'
import type { Contact } from '../contact.ts'
import { mostMatches, type ChunkPlan, type Match, type Row } from '../rules.ts'

export type UploadRow = typeof uploads.$inferSelect
export const noCounts: Record<Outcome, number> = {
  created: 0,
  updated: 0,
  merged: 0,
  conflict: 0,
  skipped: 0,
}

export async function insertUpload(db: Db, actor: Actor, row: UploadRow): Promise<void> {
  const { id, fileName, campaignId, size } = row
  await db.orm.batch([
    db.orm.insert(uploads).values(row),
    audited(db, actor, 'upload.add', id, { campaign: campaignId, file: fileName, size }),
  ])
}

export async function readUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  return db.orm
    .select()
    .from(uploads)
    .where(db.mine(uploads, eq(uploads.id, id)))
    .get()
}

export async function listUploads(db: Db, campaignId: string): Promise<UploadRow[]> {
  return db.orm
    .select()
    .from(uploads)
    .where(db.mine(uploads, eq(uploads.campaignId, campaignId)))
    .orderBy(desc(uploads.createdAt), desc(uploads.id))
    .limit(100)
}

/** Changes the job's state, if it is one of those given. `false`: it was not. */
export async function turnUpload(
  db: Db,
  id: string,
  change: Partial<Pick<UploadRow, 'state' | 'mapping' | 'error'>> & {
    readonly from: readonly Upload['state'][]
    readonly audit?: { readonly actor: Actor; readonly action: string }
  },
): Promise<boolean> {
  const { from, audit, ...news } = change
  const turn = db.orm
    .update(uploads)
    .set({ ...news, updatedAt: Date.now() })
    .where(db.mine(uploads, eq(uploads.id, id), inArray(uploads.state, [...from])))
  if (!audit) return (await turn).meta.changes > 0
  const [turned] = await db.orm.batch([turn, audited(db, audit.actor, audit.action, id)])
  return turned.meta.changes > 0
}

/** Every record that has one of the identities, with all of its own; of one identity not many more than may be. */
export async function matchesOf(db: Db, addresses: readonly Address[]): Promise<Match[]> {
  if (addresses.length === 0) return []
  const { tenantId: t } = db
  const wanted = JSON.stringify(addresses.map(({ kind, value, scope }) => [kind, value, scope]))
  const sharing = sql`${customers.id} in (
    select held.customer_id from json_each(${wanted}) wanted
    cross join identity held on held.tenant_id = ${t} and held.kind = wanted.value ->> 0
      and held.value = wanted.value ->> 1 and held.scope = wanted.value ->> 2
      and held.customer_id in (select few.customer_id from identity few where few.tenant_id = ${t}
        and few.kind = wanted.value ->> 0 and few.value = wanted.value ->> 1
        and few.scope = wanted.value ->> 2 limit ${mostMatches + 1}))`
  const rows = await db.orm
    .select({
      id: customers.id,
      createdAt: customers.createdAt,
      kind: identities.kind,
      value: identities.value,
      scope: identities.scope,
    })
    .from(customers)
    .innerJoin(identities, db.mine(identities, eq(identities.customerId, customers.id)))
    .where(db.mine(customers, sharing))
  const found = new Map<CustomerId, Match & { identities: Match['identities'][number][] }>()
  for (const { id, createdAt, ...identity } of rows) {
    const match = found.get(id) ?? { id, createdAt, identities: [] }
    match.identities.push(identity)
    found.set(id, match)
  }
  return [...found.values()]
}

/** One chunk as it is to be written. */
export interface ChunkWrite {
  readonly upload: UploadRow
  readonly plan: ChunkPlan
  /** Where the next chunk begins. */
  readonly offset: number
  readonly line: number
  readonly at: number
}

/**
 * Writes a chunk, all of it or nothing. Throws `Overtaken` when the job has been stopped or is further
 * already, or when a record the plan counts on has gone.
 */
export async function writeChunk(db: Db, chunk: ChunkWrite): Promise<void> {
  const { upload, plan, at } = chunk
  // Safe: uploads are made by operators alone.
  const actor: Actor = { kind: 'operator', id: upload.createdBy as OperatorId }
  const done = plan.rows.flatMap(({ contact, customerId }) =>
    contact && customerId ? [{ contact, id: customerId }] : [],
  )
  await carryOut(db, [
    ...stepOn(db, chunk),
    ...allAreThere(db, plan.counted),
    ...plan.merges.flatMap((pair) =>
      merging(db, {
        ...pair,
        // Safe: it was made for this prefix.
        mergeId: newId('mrg') as MergeId,
        choices: {},
        actor,
        cause: 'upload',
        at,
      }),
    ),
    ...makeRecords(db, plan, at),
    ...addIdentities(db, done, at),
    ...writing(db, valuesOf(done, at), `operator:${actor.id}`),
    ...join(db, upload, done, at),
    ...addProducts(db, upload, done, at),
    ...flag(db, plan, done, at),
    noteLines(db, upload, plan.rows),
  ])
  // Of a record one line has made, all is right already.
  const lines = Map.groupBy(done, ({ id }) => id)
  const changed = [...lines].filter(([id, { length }]) => !plan.made.has(id) || length > 1)
  await reindex(
    db,
    changed.map(([id]) => id),
  )
}

/** The job moves on, from where this chunk was read. The guard looks at the statement before it. */
function stepOn(db: Db, { upload, plan, offset, line, at }: ChunkWrite): Write[] {
  const counts = { ...noCounts, ...upload.counts }
  for (const { outcome } of plan.rows) counts[outcome] = (counts[outcome] ?? 0) + 1
  return [
    db.orm
      .update(uploads)
      .set({ offset, line, counts, updatedAt: at })
      .where(
        db.mine(
          uploads,
          eq(uploads.id, upload.id),
          eq(uploads.state, 'running'),
          eq(uploads.offset, upload.offset),
        ),
      ),
    guard(db, sql`changes() > 0`),
  ]
}

function allAreThere(db: Db, ids: ReadonlySet<CustomerId>): Write[] {
  if (ids.size === 0) return []
  const list = JSON.stringify([...ids])
  return [
    guard(
      db,
      sql`(select count(*) from customer there where there.tenant_id = ${db.tenantId}
        and there.id in (select value from json_each(${list}))) = ${ids.size}`,
    ),
  ]
}

interface Done {
  readonly id: CustomerId
  readonly contact: Contact
}

function makeRecords(db: Db, { rows, made }: ChunkPlan, at: number): Write[] {
  const byId = Map.groupBy(
    rows.filter(({ customerId }) => customerId && made.has(customerId)),
    ({ customerId }) => customerId,
  )
  const records = [...byId].flatMap(([id, lines], place) => {
    const contacts = lines.flatMap(({ contact }) => contact ?? [])
    const name =
      contacts.findLast((one) => one.name !== '')?.name ?? contacts[0]?.identities[0]?.value
    const proven = contacts.flatMap((one) => one.identities)
    const values = contacts.flatMap((one) => [
      ...one.values.map(({ field, value }) => ({ kind: field, value })),
      ...(one.name ? [{ kind: 'name', value: one.name }] : []),
    ])
    // Of two the earlier line's is the older.
    const createdAt = at - byId.size + place
    const record = { id, name, anonymous: 0, version: 1, createdAt, lastCommunicationAt: null }
    // In the order in which `reindex` reads them: what it finds is right already.
    const known = [...sortedBy(proven, 'value'), ...sortedBy(values, 'kind')]
    return name ? [{ ...record, ...columnsOf(name, known) }] : []
  })
  if (records.length === 0) return []
  return [db.orm.insert(customers).select(rowsFrom(customers, JSON.stringify(records), db))]
}

function sortedBy<Key extends string, Row extends Readonly<Record<Key, string>>>(
  rows: readonly Row[],
  key: Key,
): Row[] {
  return [...rows].sort((a, b) => (a[key] < b[key] ? -1 : 1))
}

/** A second External ID is never added, whatever the plan has seen. */
function addIdentities(db: Db, done: readonly Done[], createdAt: number): Write[] {
  if (done.length === 0) return []
  const rows = done.flatMap(({ id, contact }) =>
    contact.identities.map((one) => ({ ...one, customerId: id, createdAt })),
  )
  const free = sql`(value ->> 'kind' <> 'external' or not exists (select 1 from identity held
    where held.tenant_id = ${db.tenantId} and held.customer_id = value ->> 'customerId'
      and held.kind = 'external'))`
  const select = rowsFrom(identities, JSON.stringify(rows), { tenantId: db.tenantId, where: free })
  return [db.orm.insert(identities).select(select).onConflictDoNothing()]
}

/** The values of all lines; of several lines for one record, the last one's. */
function valuesOf(done: readonly Done[], at: number) {
  const last = new Map<string, Parameters<typeof writing>[1][number]>()
  for (const { id, contact } of done) {
    const { name, values } = contact
    const all = name === '' ? values : [...values, { field: 'name', ...keptText(name) }]
    for (const one of all) {
      const write = { ...one, customerId: id, source: 'upload', sessionId: null, at } as const
      last.set(`${id} ${one.field}`, write)
    }
  }
  return [...last.values()]
}

/** Those in the campaign already keep their status, stage and data where the file says nothing. */
function join(db: Db, upload: UploadRow, done: readonly Done[], loadedAt: number): Write[] {
  const { mapping, campaignId } = upload
  const rows = new Map<CustomerId, Record<string, unknown>>()
  for (const { id, contact } of done) {
    const known = rows.get(id)
    rows.set(id, {
      customerId: id,
      status: contact.status ?? known?.status ?? null,
      stage: contact.stage ?? known?.stage ?? null,
      data: { ...(known?.data as object | undefined), ...contact.data },
    })
  }
  if (rows.size === 0) return []
  const select = sql`
    select ${db.tenantId}, ${campaignId}, value ->> 'customerId',
      coalesce(value ->> 'status', known.status, ${mapping['status'] ?? 'pending'}),
      coalesce(value ->> 'stage', known.stage, ${mapping['stage'] ?? null}),
      json_patch(coalesce(known.data, '{}'), value -> 'data'),
      known.summary, coalesce(known.loaded_at, ${loadedAt})
    from json_each(${JSON.stringify([...rows.values()])})
    left join participant known on known.tenant_id = ${db.tenantId}
      and known.campaign_id = ${campaignId} and known.customer_id = value ->> 'customerId'
    where true`
  return [
    db.orm
      .insert(participants)
      .select(select)
      .onConflictDoUpdate({
        target: [participants.tenantId, participants.campaignId, participants.customerId],
        set: {
          status: sql`excluded.status`,
          stage: sql`excluded.stage`,
          data: sql`excluded.data`,
        },
      }),
  ]
}

function addProducts(
  db: Db,
  { campaignId }: UploadRow,
  done: readonly Done[],
  at: number,
): Write[] {
  const rows = new Map<string, object>()
  for (const { id, contact } of done) {
    const { product } = contact
    if (product) rows.set(`${id} ${product.key}`, { ...product, customerId: id, campaignId, at })
  }
  if (rows.size === 0) return []
  return [
    db.orm
      .insert(products)
      .select(rowsFrom(products, JSON.stringify([...rows.values()]), db))
      .onConflictDoUpdate({
        target: [products.tenantId, products.customerId, products.campaignId, products.key],
        set: {
          name: sql`excluded.name`,
          attributes: sql`json_patch(${products.attributes}, excluded.attributes)`,
          at: sql`excluded.at`,
        },
      }),
  ]
}

/** Look-alikes, both ways: those of another External ID, and those who have said the same address. */
function flag(db: Db, { rows }: ChunkPlan, done: readonly Done[], at: number): Write[] {
  const { tenantId: t } = db
  const apart = rows.flatMap(({ customerId, apart: others }) =>
    others.map(({ id, identity }) => [customerId, id, identity.kind, identity.value]),
  )
  const said = done.flatMap(({ id, contact }) =>
    contact.identities
      .filter(({ kind }) => kind === 'email' || kind === 'phone')
      .map(({ kind, value }) => [id, kind, value, keptText(value).key]),
  )
  const pairs = sql`
    with pair as (
      select value ->> 0 as one, value ->> 1 as other, value ->> 2 as kind, value ->> 3 as shared
      from json_each(${JSON.stringify(apart)})
      union
      select mine.value ->> 0, held.customer_id, mine.value ->> 1, mine.value ->> 2
      from json_each(${JSON.stringify(said)}) mine
      cross join field_value held on held.tenant_id = ${t} and held.field = mine.value ->> 1
        and held.key = mine.value ->> 3 and held.customer_id <> mine.value ->> 0
      limit 2000
    )
    select ${t}, one, other, kind, shared, 0, ${at} from pair
    union all
    select ${t}, other, one, kind, shared, 0, ${at} from pair where true`
  return [db.orm.insert(possibleDuplicates).select(pairs).onConflictDoNothing()]
}

function noteLines(db: Db, upload: UploadRow, rows: readonly Row[]): Write {
  const lines = rows.map(({ line, outcome, detail, customerId }) => ({
    uploadId: upload.id,
    line,
    outcome,
    detail,
    customerId,
  }))
  return db.orm.insert(uploadLines).select(rowsFrom(uploadLines, JSON.stringify(lines), db))
}

/** Makes the columns of the last lines' records right again, should the last run have ended before. */
export async function reindexLast(db: Db, uploadId: string, lines: number): Promise<void> {
  const rows = await db.orm
    .select({ id: uploadLines.customerId })
    .from(uploadLines)
    .where(db.mine(uploadLines, eq(uploadLines.uploadId, uploadId)))
    .orderBy(desc(uploadLines.line))
    .limit(lines)
  await reindex(db, [...new Set(rows.flatMap(({ id }) => id ?? []))])
}

export async function linesOf(
  db: Db,
  uploadId: string,
  page: { readonly after: number; readonly limit: number; readonly outcome?: Outcome },
): Promise<UploadLine[]> {
  const { after, limit, outcome } = page
  const { line, detail, customerId } = uploadLines
  return db.orm
    .select({ line, outcome: uploadLines.outcome, detail, customerId })
    .from(uploadLines)
    .where(
      db.mine(
        uploadLines,
        and(
          eq(uploadLines.uploadId, uploadId),
          sql`${line} > ${after}`,
          outcome ? eq(uploadLines.outcome, outcome) : undefined,
        ),
      ),
    )
    .orderBy(asc(line))
    .limit(limit)
}

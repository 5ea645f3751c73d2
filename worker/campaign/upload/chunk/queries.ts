// The SQL of one chunk of an upload: the records its lines match, and one batch for all it does. How far
// the job is stands in the same batch: a crash between the two does not exist.

import { eq, sql, type SQL } from 'drizzle-orm'

import { builtInFields } from '../../../../shared/fields.ts'
import type { CustomerId, OperatorId } from '../../../../shared/ids.ts'
import type { MergeId } from '../../../../shared/merge.ts'
import { newId } from '../../../../shared/new-id.ts'
import type { Actor, Db } from '../../../base/db.ts'
import { onlyIf } from '../../../base/guard.ts'
import { rowsInto } from '../../../base/rows.ts'
import {
  customers,
  fieldChanges,
  fieldValues,
  identities,
  participants,
  possibleDuplicates,
  products,
  uploadLines,
  uploads,
} from '../../../base/schema.ts'
import { reindex } from '../../../customer/columns/queries.ts'
import { merging } from '../../../customer/merge/queries.ts'
import { columnsOf, type Address } from '../../../customer/rules.ts'
import { writing, type Write as ValueWrite } from '../../../customer/values/queries.ts'
import { keptText } from '../../../customer/values/rules.ts'
import { carryOut, type Write } from '../../../tenant/queries.ts'
import type { Contact } from '../../contact.ts'
import { mostMatches, type ChunkPlan, type Match, type Row } from '../../rules.ts'
import { lastDeletion, noCounts, type Job, type UploadRow } from '../queries.ts'

/** Rows of one chunk's matches that are read at a stroke; an address thousands share makes more. */
const mostRows = 20_000

/** Every record that has one of the identities, with all of its own; of one identity not many more than may be. */
export async function matchesOf(db: Db, addresses: readonly Address[]): Promise<Match[]> {
  if (addresses.length === 0) return []
  const wanted = JSON.stringify(addresses.map(({ kind, value, scope }) => [kind, value, scope]))
  const plainly = await sharing(db, wanted, { only: sql`true`, most: mostRows })
  const rows =
    plainly.length < mostRows
      ? plainly
      : await sharing(db, wanted, {
          most: 1_000_000,
          only: sql`held.customer_id in (select few.customer_id from identity few
            where few.tenant_id = ${db.tenantId} and few.kind = wanted.value ->> 0
              and few.value = wanted.value ->> 1 and few.scope = wanted.value ->> 2
            limit ${mostMatches + 1})`,
        })
  const found = new Map<CustomerId, Match & { identities: Match['identities'][number][] }>()
  for (const { id, createdAt, ...identity } of rows) {
    const match = found.get(id) ?? { id, createdAt, identities: [] }
    match.identities.push(identity)
    found.set(id, match)
  }
  return [...found.values()]
}

function sharing(
  db: Db,
  wanted: string,
  { only, most }: { readonly only: SQL; readonly most: number },
) {
  const ids = sql`select held.customer_id from json_each(${wanted}) wanted
    cross join identity held on held.tenant_id = ${db.tenantId} and held.kind = wanted.value ->> 0
      and held.value = wanted.value ->> 1 and held.scope = wanted.value ->> 2 and ${only}`
  return db.orm
    .select({
      id: customers.id,
      createdAt: customers.createdAt,
      kind: identities.kind,
      value: identities.value,
      scope: identities.scope,
    })
    .from(customers)
    .innerJoin(identities, db.mine(identities, eq(identities.customerId, customers.id)))
    .where(db.mine(customers, sql`${customers.id} in (${ids})`))
    .limit(most)
}

/** One chunk as it is to be written. */
export interface ChunkWrite {
  readonly job: Job
  readonly plan: ChunkPlan
  /** Where the next chunk begins. */
  readonly offset: number
  readonly line: number
  readonly at: number
}

/**
 * Writes a chunk, all of it or nothing. Throws `Overtaken` when the job has been stopped or is further
 * already, or when a record the plan counts on has gone, or any has been deleted.
 */
export async function writeChunk(db: Db, chunk: ChunkWrite): Promise<void> {
  const { plan, at } = chunk
  const upload = chunk.job.row
  // Safe: uploads are made by operators alone.
  const actor: Actor = { kind: 'operator', id: upload.createdBy as OperatorId }
  const done = plan.rows.flatMap(({ contact, customerId }) =>
    contact && customerId ? [{ contact, id: customerId }] : [],
  )
  const values = await withoutRepeats(db, plan, valuesOf(done, at))
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
    ...addValues(db, plan, values, `operator:${actor.id}`),
    ...join(db, upload, done, at),
    ...addProducts(db, upload, done, at),
    ...flag(db, plan, done, at),
    noteLines(db, upload, plan.rows),
  ])
  await reindex(db, changedBy(plan, values))
}

/** The records whose columns may not be right. Of one that a single line has made, all is right already. */
function changedBy({ rows, made }: ChunkPlan, values: readonly ValueWrite[]): CustomerId[] {
  const lines = Map.groupBy(rows, ({ customerId }) => customerId)
  const written = new Set(values.map(({ customerId }) => customerId))
  return [...lines].flatMap(([id, all]) => {
    if (!id || (made.has(id) && all.length === 1)) return []
    return written.has(id) || all.some(({ hasNews }) => hasNews) ? [id] : []
  })
}

/**
 * The values that are not there already, from an upload before: nothing but a person or another upload
 * could have changed those meanwhile, and the last line of a file counts.
 */
async function withoutRepeats(
  db: Db,
  { made, merges }: ChunkPlan,
  values: readonly ValueWrite[],
): Promise<readonly ValueWrite[]> {
  const merged = new Set(merges.map(({ survivor }) => survivor))
  const isOld = ({ customerId }: ValueWrite) => !made.has(customerId) && !merged.has(customerId)
  const ids = new Set(values.filter(isOld).map(({ customerId }) => customerId))
  if (ids.size === 0) return values
  const held = await db.orm
    .select({
      customerId: fieldValues.customerId,
      field: fieldValues.field,
      value: fieldValues.value,
    })
    .from(fieldValues)
    .where(
      db.mine(
        fieldValues,
        sql`${fieldValues.customerId} in (select value from json_each(${JSON.stringify([...ids])}))`,
        eq(fieldValues.source, 'upload'),
      ),
    )
  const there = new Set(held.map((one) => `${one.customerId} ${one.field} ${one.value}`))
  return values.filter(
    (one) => !isOld(one) || !there.has(`${one.customerId} ${one.field} ${one.value}`),
  )
}

/** The job moves on, from where this chunk was read. The guard looks at the statement before it. */
function stepOn(db: Db, { job, plan, offset, line, at }: ChunkWrite): Write[] {
  const upload = job.row
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
          // Whose deletion began since the lines were read is not to come back by one of them.
          sql`${lastDeletion(db)} = ${job.lastDeletion}`,
        ),
      ),
    onlyIf(db, sql`changes() > 0`),
  ]
}

function allAreThere(db: Db, ids: ReadonlySet<CustomerId>): Write[] {
  if (ids.size === 0) return []
  const list = JSON.stringify([...ids])
  return [
    onlyIf(
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
  return [db.orm.insert(customers).select(rowsInto(customers, records, db))]
}

function sortedBy<Key extends string, Row extends Readonly<Record<Key, string>>>(
  rows: readonly Row[],
  key: Key,
): Row[] {
  return [...rows].sort((a, b) => (a[key] < b[key] ? -1 : 1))
}

/** A second External ID is never added, whatever the plan has seen. */
function addIdentities(db: Db, done: readonly Done[], createdAt: number): Write[] {
  const rows = done.flatMap(({ id, contact }) =>
    contact.identities.map((one) => ({ ...one, customerId: id, createdAt })),
  )
  const add = (some: typeof rows, where?: (column: (key: string) => SQL) => SQL) => {
    const select = rowsInto(identities, some, { tenantId: db.tenantId, ...(where && { where }) })
    return some.length > 0 ? [db.orm.insert(identities).select(select).onConflictDoNothing()] : []
  }
  return [
    ...add(rows.filter(({ kind }) => kind !== 'external')),
    ...add(
      rows.filter(({ kind }) => kind === 'external'),
      (column) => sql`not exists (select 1 from identity held
        where held.tenant_id = ${db.tenantId} and held.customer_id = ${column('customerId')}
          and held.kind = 'external')`,
    ),
  ]
}

/** Over what records held there is a rule; what has just been made holds nothing yet. */
function addValues(
  db: Db,
  { made }: ChunkPlan,
  values: readonly ValueWrite[],
  actor: string,
): Write[] {
  const { tenantId: t } = db
  const changed = values.filter(({ customerId }) => !made.has(customerId))
  const first = values
    .filter(({ customerId }) => made.has(customerId))
    .map((one) => ({ ...one, id: newId('chg'), before: '', actor, verified: 1, pinned: 0 }))
  // A custom field may have been deleted since the lines were read.
  const where = (column: (key: string) => SQL) => {
    const builtIns = JSON.stringify(Object.keys(builtInFields))
    return sql`(${column('field')} in (select value from json_each(${builtIns})) or exists (
      select 1 from field custom
      where custom.tenant_id = ${t} and custom.name = ${column('field')}))`
  }
  const rows = (table: typeof fieldValues | typeof fieldChanges) =>
    rowsInto(table, first, { tenantId: t, where })
  return [
    ...(changed.length > 0 ? writing(db, changed, actor) : []),
    db.orm.insert(fieldChanges).select(rows(fieldChanges)),
    db.orm.insert(fieldValues).select(rows(fieldValues)),
  ]
}

/** The values of all lines; of several lines for one record, the last one's. */
function valuesOf(done: readonly Done[], at: number): ValueWrite[] {
  const last = new Map<string, ValueWrite>()
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
  const rows = new Map<string, Record<string, unknown>>()
  for (const { id, contact } of done) {
    const { product } = contact
    if (product) rows.set(`${id} ${product.key}`, { ...product, customerId: id, campaignId, at })
  }
  if (rows.size === 0) return []
  return [
    db.orm
      .insert(products)
      .select(rowsInto(products, [...rows.values()], db))
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
  return db.orm.insert(uploadLines).select(rowsInto(uploadLines, lines, db))
}

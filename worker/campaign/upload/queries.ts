// The SQL of uploads: the job's row and what became of its lines.

import { and, asc, desc, eq, gte, inArray, sql, type SQL } from 'drizzle-orm'

import type { Outcome, Upload, UploadLine } from '../../../shared/campaign.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { tombstones, uploadLines, uploads } from '../../base/schema.ts'
import { reindex } from '../../customer/columns/queries.ts'

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

/** A job as it is taken up, and when a customer of the tenant was deleted last; 0: never. */
export interface Job {
  readonly row: UploadRow
  readonly lastDeletion: number
}

export async function readJob(db: Db, id: string): Promise<Job | undefined> {
  return db.orm
    .select({ row: uploads, lastDeletion: lastDeletion(db).as('last_deletion') })
    .from(uploads)
    .where(db.mine(uploads, eq(uploads.id, id)))
    .get()
}

export function lastDeletion({ tenantId }: Db): SQL<number> {
  return sql<number>`(select coalesce(max(gone.at), 0) from tombstone gone
    where gone.tenant_id = ${tenantId})`
}

/** Those of the hashes whose customer has been deleted since. */
export async function deletedSince(
  db: Db,
  hashes: readonly string[],
  since: number,
): Promise<ReadonlySet<string>> {
  const rows = await db.orm
    .select({ hash: tombstones.hash })
    .from(tombstones)
    .where(
      db.mine(
        tombstones,
        sql`${tombstones.hash} in (select value from json_each(${JSON.stringify(hashes)}))`,
        gte(tombstones.at, since),
      ),
    )
  return new Set(rows.map(({ hash }) => hash))
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

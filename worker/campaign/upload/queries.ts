// The SQL of uploads: the job's row and what became of its lines.

import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm'

import type { Outcome, Upload, UploadLine } from '../../../shared/campaign.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { uploadLines, uploads } from '../../base/schema.ts'
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

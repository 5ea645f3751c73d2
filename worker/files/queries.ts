// The rows of files. What they hold is in R2, under the hash of its bytes.

import { eq, sql } from 'drizzle-orm'

import type { FileId, SessionId } from '../../shared/ids.ts'
import type { Db } from '../base/db.ts'
import { files, sessions } from '../base/schema.ts'

export type FileRow = typeof files.$inferSelect

export function fileRow(db: Db, id: FileId): Promise<FileRow | undefined> {
  return db.orm
    .select()
    .from(files)
    .where(db.mine(files, eq(files.id, id)))
    .get()
}

/** Keeps a file's row. An id that has one already keeps what it has. */
export async function insertFile(db: Db, row: Omit<FileRow, 'tenantId'>): Promise<void> {
  await db.orm
    .insert(files)
    .values({ tenantId: db.tenantId, ...row })
    .onConflictDoNothing()
}

export async function hasSession(db: Db, id: SessionId): Promise<boolean> {
  const found = await db.orm
    .select({ id: sessions.id })
    .from(sessions)
    .where(db.mine(sessions, eq(sessions.id, id)))
    .get()
  return found !== undefined
}

/** Hashes of the sessions' files that no other session of the tenant holds. */
export async function filesOnlyOf(db: Db, ids: readonly SessionId[]): Promise<string[]> {
  const theirs = sql`(select value from json_each(${JSON.stringify(ids)}))`
  const rows = await db.orm
    .selectDistinct({ sha256: files.sha256 })
    .from(files)
    .where(
      db.mine(
        files,
        sql`${files.sessionId} in ${theirs}`,
        sql`${files.sha256} not in (select other.sha256 from file other
          where other.tenant_id = ${db.tenantId} and other.session_id not in ${theirs})`,
      ),
    )
  return rows.map(({ sha256 }) => sha256)
}

export async function deleteFiles(db: Db, ids: readonly SessionId[]): Promise<void> {
  const theirs = sql`(select value from json_each(${JSON.stringify(ids)}))`
  await db.orm.delete(files).where(db.mine(files, sql`${files.sessionId} in ${theirs}`))
}

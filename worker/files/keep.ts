// Files at rest: taken in with a limit, known by their bytes, kept once per tenant.

import type { FileId, SessionId, TenantId } from '../../shared/ids.ts'
import type { AttachmentKind } from '../../shared/message.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import { sha256Hex } from '../base/crypto.ts'
import type { Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { readCapped } from '../base/http.ts'
import { deleteFiles, fileRow, filesOnlyOf, insertFile, type FileRow } from './queries.ts'
import { cleanFileName, largestFile, sniff } from './rules.ts'

export interface NewFile {
  readonly id: FileId
  readonly sessionId: SessionId
  readonly name: string
  /** What was claimed. It decides nothing. */
  readonly type: string
  readonly body: Response | Request
}

/**
 * Keeps a file's bytes and its row, under the type its bytes have. Reading stops at the limit.
 * The same id again keeps what it has, so a retry changes nothing.
 */
export async function keepFile(
  env: Pick<Env, 'FILES'>,
  db: Db,
  file: NewFile,
): Promise<{ type: string; kind: AttachmentKind; size: number } | Refusal> {
  const { id, sessionId, body } = file
  const bytes = await readCapped(body, largestFile)
  if (!bytes) return refuse('too-large', { detail: '25 MB at most' })

  const size = bytes.byteLength
  if (size === 0) return refuse('invalid', { detail: 'The file is empty' })
  const name = cleanFileName(file.name)
  const { type, kind } = sniff(bytes, name)
  const sha256 = await sha256Hex(bytes)
  // The bytes before the row: a row without its bytes would be a promise broken.
  await env.FILES.put(keyOf(db.tenantId, sha256), bytes, { sha256 })
  await insertFile(db, { id, sessionId, name, type, size, sha256, createdAt: Date.now() })
  return { type, kind, size }
}

/** A kept file, whole; nothing when the tenant has none of this id. */
export async function fileBytes(
  env: Pick<Env, 'FILES'>,
  db: Db,
  id: FileId,
): Promise<
  { name: string; type: string; bytes: Uint8Array<ArrayBuffer>; sessionId: SessionId } | undefined
> {
  const file = await openFile(env, db, id)
  if (!file) return undefined
  const { name, type, sessionId } = file.row
  return { name, type, bytes: new Uint8Array(await file.kept.arrayBuffer()), sessionId }
}

/** A kept file's row and its bytes, not yet read. */
export async function openFile(
  env: Pick<Env, 'FILES'>,
  db: Db,
  id: FileId,
): Promise<{ row: FileRow; kept: R2ObjectBody } | undefined> {
  const row = await fileRow(db, id)
  const kept = row && (await env.FILES.get(keyOf(db.tenantId, row.sha256)))
  return row && kept ? { row, kept } : undefined
}

/** Forgets the files of sessions: the bytes nobody else's are the same as, and then their rows. */
export async function forgetFiles(
  env: Pick<Env, 'FILES'>,
  db: Db,
  ids: readonly SessionId[],
): Promise<void> {
  const hashes = await filesOnlyOf(db, ids)
  if (hashes.length > 0) {
    await env.FILES.delete(hashes.map((sha256) => keyOf(db.tenantId, sha256)))
  }
  await deleteFiles(db, ids)
}

/** By content within a tenant: the same file twice is kept once, and never shared with another. */
function keyOf(tenantId: TenantId, sha256: string): string {
  return `t/${tenantId}/a/${sha256}`
}

// Files over HTTP: an operator's upload, and the download of what a conversation holds.

import type { FileId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { isRefusal, refuse } from '../../shared/refusal.ts'
import type { Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { handlers, refused } from '../base/http.ts'
import { openFile, keepFile } from './keep.ts'
import { hasSession } from './queries.ts'
import { cleanFileName, dispositionOf } from './rules.ts'

export const fileHandlers = handlers({
  async 'POST /api/files'({ env, db, request, query }) {
    const { name, session } = query
    if (!(await hasSession(db, session))) return refuse('not-found')
    const id = newId('fil')
    const type = request.headers.get('Content-Type') ?? ''
    const kept = await keepFile(env, db, { id, sessionId: session, name, type, body: request })
    if (isRefusal(kept)) return kept
    return { id, name: cleanFileName(name), ...kept, state: 'ready' }
  },

  'GET /api/files/:fileId'({ env, db, params }) {
    return downloadOf(env, db, params.fileId)
  },
})

/**
 * A kept file as an answer for a browser: it can't run, can't be taken for another type, and
 * nobody on the way keeps it. Whether the asker may see it is for the caller to know.
 */
export async function downloadOf(env: Pick<Env, 'FILES'>, db: Db, id: FileId): Promise<Response> {
  const file = await openFile(env, db, id)
  if (!file) return refused(refuse('not-found'))
  const { name, type, size } = file.row
  return new Response(file.kept.body, {
    headers: {
      'Content-Type': type,
      'Content-Length': String(size),
      'Content-Disposition': dispositionOf(type, name),
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'private, max-age=3600',
      Vary: 'Authorization, Cookie',
    },
  })
}

// The report of an upload: every line of the file with what became of it, as a page or as a CSV.

import type { Outcome, UploadId, UploadLine } from '../../../shared/campaign.ts'
import { refuse, type Refusal } from '../../../shared/refusal.ts'
import type { Db } from '../../base/db.ts'
import { cell, line } from '../../customer/export/cells.ts'
import { linesOf, readUpload } from './queries.ts'

const pageLength = 50
/** Lines read at once for the file. */
const pieceLength = 2_000

export async function linesPage(
  { db }: { readonly db: Db },
  id: UploadId,
  query: {
    readonly outcome?: Outcome | undefined
    readonly cursor?: string | undefined
    readonly limit?: number | undefined
  },
): Promise<{ lines: UploadLine[]; next: string | null } | Refusal> {
  const { outcome, cursor = '0', limit = pageLength } = query
  if (!/^\d{1,12}$/.test(cursor)) return refuse('invalid', { at: 'cursor' })
  if (!(await readUpload(db, id))) return refuse('not-found')
  const page = { after: Number(cursor), limit: limit + 1, ...(outcome ? { outcome } : {}) }
  const lines = await linesOf(db, id, page)
  const shown = lines.slice(0, limit)
  const last = shown.at(-1)
  return { lines: shown, next: lines.length > limit && last ? String(last.line) : null }
}

/** The report as a file, streamed. Spreadsheets find no formula in it. */
export async function report(
  { db }: { readonly db: Db },
  id: UploadId,
): Promise<Response | Refusal> {
  const upload = await readUpload(db, id)
  if (!upload) return refuse('not-found')
  const encoder = new TextEncoder()
  let after = 0
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`\ufeff${line(['Line', 'Outcome', 'Customer', 'Detail'])}`))
    },
    async pull(controller) {
      const lines = await linesOf(db, id, { after, limit: pieceLength })
      const text = lines
        .map((one) => line([String(one.line), one.outcome, one.customerId ?? '', cell(one.detail)]))
        .join('')
      if (text !== '') controller.enqueue(encoder.encode(text))
      const last = lines.at(-1)
      if (last && lines.length === pieceLength) after = last.line
      else controller.close()
    },
  })
  const name = upload.fileName.replace(/\.csv$/i, '').replaceAll(/[^\p{L}\p{N} ._-]/gu, '_')
  return new Response(body, {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(`${name} report.csv`)}`,
      'Cache-Control': 'no-store',
    },
  })
}

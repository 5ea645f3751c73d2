// A file of contacts: into R2 as it streams in, and out of it piece by piece.

import { refuse, type Refusal } from '../../../shared/refusal.ts'
import type { TenantId } from '../../../shared/ids.ts'
import type { Env } from '../../base/env.ts'
import { bomLength, delimiterOf, recordsOf, type CsvRecord } from '../csv.ts'

export const largestFile = 200 * 1024 * 1024
/** Every part but the last has this size: R2 asks for at least 5 MB. */
const partLength = 8 * 1024 * 1024
/** How much is read at once, and how far that grows for a record that is longer. */
const pieceLength = 256 * 1024
const longestRecord = 4 * 1024 * 1024

type Files = Pick<Env, 'FILES'>

export function fileKeyOf(tenantId: TenantId, uploadId: string): string {
  return `t/${tenantId}/u/${uploadId}`
}

/** Keeps a file as it streams in, a part in memory at a time. Gives its size. */
export async function keepUpload(
  { FILES }: Files,
  key: string,
  body: ReadableStream<Uint8Array>,
): Promise<number | Refusal> {
  const upload = await FILES.createMultipartUpload(key)
  try {
    const parts: R2UploadedPart[] = []
    let part = new Uint8Array(partLength)
    let [filled, size] = [0, 0]
    for await (const chunk of body) {
      size += chunk.byteLength
      if (size > largestFile) {
        await upload.abort()
        return refuse('too-large', { detail: '200 MB at most' })
      }
      let rest = chunk
      while (rest.byteLength > 0) {
        const taken = rest.subarray(0, partLength - filled)
        part.set(taken, filled)
        filled += taken.byteLength
        rest = rest.subarray(taken.byteLength)
        if (filled < partLength) continue
        parts.push(await upload.uploadPart(parts.length + 1, part))
        part = new Uint8Array(partLength)
        filled = 0
      }
    }
    if (size === 0) {
      await upload.abort()
      return refuse('invalid', { detail: 'The file is empty' })
    }
    if (filled > 0) parts.push(await upload.uploadPart(parts.length + 1, part.slice(0, filled)))
    await upload.complete(parts)
    return size
  } catch (error) {
    await upload.abort().catch(() => undefined)
    throw error
  }
}

/** The beginning of a file: its header, its first rows, and where they begin. */
export interface Head {
  readonly delimiter: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The byte and the line the first row begins on. */
  readonly offset: number
  readonly line: number
}

export async function readHead(
  env: Files,
  key: string,
  size: number,
  most: number,
): Promise<Head | Refusal> {
  const bytes = await pieceOf(env, key, 0, Math.min(size, pieceLength))
  if (!bytes) return refuse('not-found')
  const trouble = troubleOf(bytes)
  if (trouble) return refuse('invalid', { detail: trouble })
  const mark = bomLength(bytes)
  const text = bytes.subarray(mark)
  const delimiter = delimiterOf(text)
  const isLast = size <= pieceLength
  const [first, ...rows] = recordsOf({ bytes: text, delimiter, line: 1, isLast, most: most + 1 })
  if (!first || first.cells.every((cell) => cell.trim() === '')) {
    return refuse('invalid', { detail: 'The first line names the columns; here it is empty' })
  }
  return {
    delimiter,
    header: first.cells.map((cell) => cell.trim().slice(0, 200)),
    rows: rows.map(({ cells }) => cells.map((cell) => cell.slice(0, 500))),
    offset: mark + first.end,
    line: first.nextLine,
  }
}

/** Why the file can't be read, as a sentence. */
function troubleOf(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return 'The file is UTF-16. Save it as CSV UTF-8.'
  }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return 'This is a workbook. Save it as CSV UTF-8.'
  if (bytes.includes(0)) return 'This is no text file. Save it as CSV UTF-8.'
  try {
    // The end may be in the middle of a letter.
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true })
    return undefined
  } catch {
    return 'The file is not UTF-8. Save it as CSV UTF-8.'
  }
}

/** The next whole records from a byte on; none at the end. `too-long`: no record ends anywhere near. */
export async function nextRecords(
  env: Files,
  file: { readonly key: string; readonly size: number; readonly delimiter: string },
  from: { readonly offset: number; readonly line: number; readonly most: number },
): Promise<readonly CsvRecord[] | 'gone' | 'too-long'> {
  const { key, size, delimiter } = file
  const { offset, line, most } = from
  if (offset >= size) return []
  for (let length = pieceLength; ; length *= 4) {
    const bytes = await pieceOf(env, key, offset, Math.min(length, size - offset))
    if (!bytes) return 'gone'
    const isLast = offset + bytes.byteLength >= size
    const records = recordsOf({ bytes, delimiter, line, isLast, most })
    if (records.length > 0) return records
    if (length >= longestRecord) return 'too-long'
  }
}

async function pieceOf(
  { FILES }: Files,
  key: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const piece = await FILES.get(key, { range: { offset, length } })
  return piece ? new Uint8Array(await piece.arrayBuffer()) : undefined
}

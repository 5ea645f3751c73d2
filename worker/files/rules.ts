// What a file is, by its own first bytes. What it was claimed to be is never asked.

import type { AttachmentKind } from '../../shared/message.ts'

/** The largest file taken in or sent. */
export const largestFile = 25 * 1024 * 1024

export interface FileType {
  readonly type: string
  readonly kind: AttachmentKind
}

const unknown: FileType = { type: 'application/octet-stream', kind: 'file' }

/** Documents that are archives inside: what the name says may refine a zip, and nothing else. */
const documents: Readonly<Record<string, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
}

/** The types a browser may show by itself: they carry no script and load nothing. */
const inline: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'video/mp4',
  'audio/mp4',
  'audio/ogg',
  'audio/mpeg',
])

export function isInline(type: string): boolean {
  return inline.has(type)
}

/** The type of a file by its beginning. Not recognised: a file of unknown type, never shown. */
export function sniff(bytes: Uint8Array, name: string): FileType {
  const begins = (...wanted: (number | string)[]) => has(bytes, 0, wanted)
  if (begins(0x89, 'PNG\r\n', 0x1a, '\n')) return { type: 'image/png', kind: 'image' }
  if (begins(0xff, 0xd8, 0xff)) return { type: 'image/jpeg', kind: 'image' }
  if (begins('GIF87a') || begins('GIF89a')) return { type: 'image/gif', kind: 'image' }
  if (begins('RIFF') && has(bytes, 8, ['WEBP'])) return { type: 'image/webp', kind: 'image' }
  if (begins('RIFF') && has(bytes, 8, ['WAVE'])) return { type: 'audio/wav', kind: 'audio' }
  if (begins('OggS', 0)) return { type: 'audio/ogg', kind: 'audio' }
  if (begins('ID3') || isMpegFrame(bytes)) return { type: 'audio/mpeg', kind: 'audio' }
  if (begins('%PDF-')) return { type: 'application/pdf', kind: 'file' }
  if (begins('PK', 3, 4)) return { type: archiveType(name), kind: 'file' }
  if (has(bytes, 4, ['ftyp'])) return mp4(bytes)
  return unknown
}

/** Whether the bytes stand there: numbers are bytes, texts are ASCII. */
function has(bytes: Uint8Array, at: number, wanted: readonly (number | string)[]): boolean {
  const flat = wanted.flatMap((one) =>
    typeof one === 'number' ? [one] : Array.from(one, (char) => char.charCodeAt(0)),
  )
  return flat.every((byte, index) => bytes[at + index] === byte)
}

/** MPEG audio without a tag before it: a whole frame header of layer III, not only its two first bytes. */
function isMpegFrame(bytes: Uint8Array): boolean {
  const [first = 0, second = 0, third = 0] = bytes
  const version = (second >> 3) & 3
  const layer = (second >> 1) & 3
  const bitrate = third >> 4
  const rate = (third >> 2) & 3
  const isSync = first === 0xff && second >> 5 === 7
  return isSync && version !== 1 && layer === 1 && bitrate !== 0 && bitrate !== 15 && rate !== 3
}

/** The box of an MP4 says what it is for. Others of the family, like HEIC, are not shown. */
function mp4(bytes: Uint8Array): FileType {
  const brand = String.fromCharCode(...bytes.subarray(8, 12))
  if (brand.startsWith('M4A')) return { type: 'audio/mp4', kind: 'audio' }
  return /^(isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash|3gp)/.test(brand)
    ? { type: 'video/mp4', kind: 'video' }
    : unknown
}

function archiveType(name: string): string {
  return documents[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/zip'
}

/** A file's name without what could be a path, a header or a trick of direction. */
export function cleanFileName(raw: string): string {
  const name = raw
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .replaceAll(/[/\\]/g, '_')
    .replaceAll(/^[.\s]+|\s+$/g, '')
    .slice(0, 255)
  return name.toWellFormed() || 'file'
}

/** The header that names a download. Every reader understands one of its two forms. */
export function dispositionOf(type: string, name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const exact = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const how = isInline(type) ? 'inline' : 'attachment'
  return `${how}; filename="${plain}"; filename*=UTF-8''${exact}`
}

// Files are what their bytes say, whatever they are called.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cleanFileName, dispositionOf, isInline, sniff } from './rules.ts'

function bytes(...parts: (string | number)[]): Uint8Array {
  const flat = parts.flatMap((part) =>
    typeof part === 'number' ? [part] : Array.from(part, (char) => char.charCodeAt(0)),
  )
  return Uint8Array.from(flat)
}

describe('sniff', () => {
  it.each([
    ['image/png', 'image', bytes(0x89, 'PNG\r\n', 0x1a, '\n', 0, 0)],
    ['image/jpeg', 'image', bytes(0xff, 0xd8, 0xff, 0xe0)],
    ['image/gif', 'image', bytes('GIF89a', 1, 0)],
    ['image/webp', 'image', bytes('RIFF', 9, 0, 0, 0, 'WEBPVP8 ')],
    ['audio/wav', 'audio', bytes('RIFF', 9, 0, 0, 0, 'WAVEfmt ')],
    ['audio/ogg', 'audio', bytes('OggS', 0, 2)],
    ['audio/mpeg', 'audio', bytes('ID3', 4, 0)],
    ['audio/mpeg', 'audio', bytes(0xff, 0xfb, 0x90, 0x64)],
    ['video/mp4', 'video', bytes(0, 0, 0, 24, 'ftypisom')],
    ['audio/mp4', 'audio', bytes(0, 0, 0, 24, 'ftypM4A ')],
    ['application/pdf', 'file', bytes('%PDF-1.7')],
    ['application/zip', 'file', bytes('PK', 3, 4)],
    ['application/octet-stream', 'file', bytes('<svg onload=alert(1)>')],
    ['application/octet-stream', 'file', bytes('<!doctype html><script>')],
    ['application/octet-stream', 'file', bytes(0, 0, 0, 24, 'ftypheic')],
    ['application/octet-stream', 'file', bytes(' \n', 0x89, 'PNG\r\n', 0x1a, '\n')],
    ['application/octet-stream', 'file', bytes(0xff, 0xff, 0xff, 0xff)],
    ['application/octet-stream', 'file', bytes('RIFF', 9, 0, 0, 0, '<svg')],
    ['application/octet-stream', 'file', bytes(0x89)],
    ['application/octet-stream', 'file', bytes()],
  ])('says %s', (type, kind, given) => {
    expect(sniff(given, 'photo.png')).toEqual({ type, kind })
  })

  it('lets a name refine an archive, and nothing that could be shown', () => {
    expect(sniff(bytes('PK', 3, 4), 'Report.DOCX').type).toContain('wordprocessingml')
    expect(sniff(bytes('<html>'), 'Report.docx').type).toBe('application/octet-stream')
  })

  it('never calls a text of markup or script something that is shown', () => {
    const markup = fc.constantFrom('<', ' <', '\n<!--', '/*', 'GIF', 'RIFF', '\u00ff', '%PDF-1.')
    fc.assert(
      fc.property(markup, fc.string({ maxLength: 4 }), (start, rest) => {
        expect(isInline(sniff(bytes(`${start}<html>${rest}`), 'a.png').type)).toBe(false)
      }),
    )
  })
})

describe('a file’s name', () => {
  it.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['a\r\nSet-Cookie: x', 'aSet-Cookie: x'],
    ['   ', 'file'],
    ['Rechnung März.pdf', 'Rechnung März.pdf'],
  ])('%j is kept as %j', (raw, name) => {
    expect(cleanFileName(raw)).toBe(name)
  })

  it('always makes a header of two readable forms', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (raw) => {
        const name = cleanFileName(raw)
        const header = dispositionOf('image/svg+xml', name)
        expect(header).toMatch(
          /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w.!~%&+^`|$#-]*$/,
        )
        expect(decodeURIComponent(header.split("UTF-8''")[1] ?? '')).toBe(name)
      }),
    )
  })
})

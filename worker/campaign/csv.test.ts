// CSV as it comes: however it is quoted, whatever the line ends, wherever a piece is cut.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bomLength, delimiterOf, isBlank, recordsOf } from './csv.ts'

const encoder = new TextEncoder()

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text) as Uint8Array<ArrayBuffer>
}

function all(text: string, delimiter = ',') {
  const piece = { bytes: bytesOf(text), delimiter, line: 1, isLast: true, most: 1_000 }
  return recordsOf(piece).map(({ cells, line }) => [line, ...cells])
}

const cell = fc.string({
  unit: fc.constantFrom('a', 'ß', '日', '😀', '"', ',', '\n', '\r\n', ' ', ';', "'"),
  maxLength: 6,
})
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), {
  minLength: 1,
  maxLength: 8,
})

function written(rows: readonly (readonly string[])[], lineEnd: string): string {
  return rows
    .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',') + lineEnd)
    .join('')
}

describe('records', () => {
  it('are what was written, with any cells and line ends', () => {
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n', '\r'), (rows, lineEnd) => {
        const read = all(written(rows, lineEnd)).map(([, ...cells]) => cells)

        expect(read).toEqual(rows)
      }),
    )
  })

  it('are the same when the file is cut anywhere, taken up at the byte where the last one ended', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 30 }), fc.nat(3), (rows, step, most) => {
        const bytes = bytesOf(written(rows, '\r\n'))
        const read: (string | number)[][] = []
        let [at, line, size] = [0, 1, step]
        while (at < bytes.length) {
          const isLast = at + size >= bytes.length
          const piece = {
            bytes: bytes.slice(at, at + size),
            delimiter: ',',
            line,
            isLast,
            most: most + 1,
          }
          const records = recordsOf(piece)
          for (const record of records) read.push([record.line, ...record.cells])
          const last = records.at(-1)
          at += last?.end ?? 0
          line = last?.nextLine ?? line
          size = last ? step : size + step
        }

        expect(read).toEqual(all(written(rows, '\r\n')))
      }),
    )
  })

  it('begin on the line an editor shows', () => {
    expect(all('a,b\n"two\nlines",2\r\n\r\n3,4')).toEqual([
      [1, 'a', 'b'],
      [2, 'two\nlines', '2'],
      [4, ''],
      [5, '3', '4'],
    ])
  })

  it('keep what badly written cells say', () => {
    expect(all('5" pipe,"quoted" tail,"open, and never\nclosed')).toEqual([
      [1, '5" pipe', 'quoted tail', 'open, and never\nclosed'],
    ])
  })

  it('survive bytes that are no UTF-8, each in its place', () => {
    const bytes = new Uint8Array([0x4d, 0xfc, 0x2c, 0x31, 0x0a, 0x32, 0x0a])

    const read = recordsOf({ bytes, delimiter: ',', line: 1, isLast: true, most: 9 })

    expect(read.map(({ cells, end }) => [...cells, end])).toEqual([
      ['M\ufffd', '1', 5],
      ['2', 7],
    ])
  })

  it('of an empty line are blank', () => {
    const [record] = recordsOf({
      bytes: bytesOf(' \n'),
      delimiter: ',',
      line: 1,
      isLast: true,
      most: 1,
    })

    expect(record && isBlank(record)).toBe(true)
  })
})

describe('a file', () => {
  it.each([
    ['name,email\n', ','],
    ['name;"a,b,c";email\n1,2,3,4', ';'],
    ['name\temail\n', '\t'],
    ['name\n', ','],
  ])('%j is delimited by %j', (text, delimiter) => {
    expect(delimiterOf(bytesOf(text))).toBe(delimiter)
  })

  it('may begin with a mark', () => {
    expect(bomLength(bytesOf('\ufeffname'))).toBe(3)
    expect(bomLength(bytesOf('name'))).toBe(0)
  })
})

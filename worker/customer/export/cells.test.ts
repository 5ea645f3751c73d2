// No cell is a formula, and every cell reads back as what it was.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cell, line, numberCell } from './cells.ts'

/** What RFC 4180 says a line means. */
function read(text: string): string[] {
  const cells: string[] = []
  for (const [, quoted, plain] of `,${text}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)) {
    cells.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
  }
  return cells
}

describe('a cell', () => {
  it.each([
    '=1+1',
    '+1 312 555 0142',
    '-2',
    '@sum',
    '\t=1',
    '\rx',
    '\n=1',
    ' =1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '\u200b=1',
  ])('makes no formula of %j', (text) => {
    expect(read(line([cell(text)]))[0]).toBe(`'${text}`)
  })

  it.each(['Dana', '', '5', 'a-b', 'x=1', '漢字'])('leaves %j as it is', (text) => {
    expect(cell(text)).toBe(text)
  })

  it('leaves a number a number', () => {
    expect(['-2.5', '1e21', '-1+1', '=2'].map(numberCell)).toEqual(['-2.5', '1e21', "'-1+1", "'=2"])
  })

  it('reads back, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }),
        (texts) => {
          const back = read(line(texts.map(cell)).slice(0, -2))
          expect(back.map((text, at) => (text === `'${texts[at]}` ? texts[at] : text))).toEqual(
            texts,
          )
        },
      ),
    )
  })
})

import { describe, expect, it } from 'vitest'

import { hitsIn } from './found.ts'

const words = (text: string, phrase: string) =>
  hitsIn(text, phrase).map(({ from, to }) => text.slice(from, to))

describe('hits', () => {
  it('mind neither case nor accents', () => {
    expect(words('Café, CAFE and cafés', 'cafe')).toEqual(['Café', 'CAFE', 'café'])
  })

  it('stand where they stand, after letters of two units', () => {
    expect(hitsIn('👍👍 ok', 'ok')).toEqual([{ from: 5, to: 7 }])
  })

  it('take a line break for a space', () => {
    expect(words('pay on\n15 Feb', 'on 15')).toEqual(['on\n15'])
  })

  it('grow with letters that come apart', () => {
    expect(words('the oﬀice', 'off')).toEqual(['oﬀ'])
  })

  it('are none for nothing', () => {
    expect(hitsIn('anything', '  ')).toEqual([])
  })
})

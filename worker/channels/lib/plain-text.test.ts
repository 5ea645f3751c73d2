// Markdown as plain text: the marks go, the words and what may be meant stay.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { plainText } from './plain-text.ts'

test.each([
  ['**Bold** and plain', 'Bold and plain'],
  ['## Prices\n- one\n- two', 'Prices\n- one\n- two'],
  ['See [the page](https://a.example/b?c=1).', 'See the page (https://a.example/b?c=1).'],
  ['[https://a.example](https://a.example)', 'https://a.example'],
  ['![](https://a.example/x.png)', 'https://a.example/x.png'],
  ['Use `npm i`', 'Use npm i'],
  ['```js\nlet a\n```', 'let a'],
  ['2 * 3 * 4 = 24, a_b_c, #5', '2 * 3 * 4 = 24, a_b_c, #5'],
  ['[not a link] (really)', '[not a link] (really)'],
  ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
])('%j', (markdown, plain) => {
  expect(plainText(markdown)).toBe(plain)
})

test('never longer than it was, and done in a moment however odd', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'*`[]()!# \nahttps:/') }), (text) => {
      expect(plainText(text).length).toBeLessThanOrEqual(text.length)
    }),
  )
  for (const piece of ['[', '![', '**a', '`', '# ', '[a](https:', '```']) {
    const started = performance.now()
    plainText(piece.repeat(100_000 / piece.length))
    expect(performance.now() - started).toBeLessThan(3000)
  }
})

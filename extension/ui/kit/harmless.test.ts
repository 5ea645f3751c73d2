import { describe, expect, it } from 'vitest'

import { harmless, safeHref } from './harmless.ts'

describe('harmless', () => {
  it('takes away what turns the writing direction', () => {
    expect(harmless('invoice\u202Efdp.exe')).toBe('invoicefdp.exe')
  })

  it('takes away what can’t be seen', () => {
    expect(harmless('pay\u200Bpal\uFEFF\u{E0041}\u0007')).toBe('paypal')
  })

  it('keeps what joins emoji and letters', () => {
    expect(harmless('👩‍💻 می‌خواهم ❤️')).toBe('👩‍💻 می‌خواهم ❤️')
  })

  it('keeps tabs and reads every kind of line end', () => {
    expect(harmless('a\r\nb\u2028c\td')).toBe('a\nb\nc\td')
  })
})

describe('safeHref', () => {
  it.each(['https://example.com/', 'http://example.com/', 'mailto:dana@example.com', 'tel:+3512'])(
    'lets %s through',
    (href) => {
      expect(safeHref(href)).toBe(href)
    },
  )

  it.each([
    'javascript:alert(1)',
    ' java\nscript:alert(1)',
    'JAVASCRIPT:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,x',
    'blob:https://example.com/1',
    '/relative',
    '//example.com',
    '',
  ])('refuses %j', (href) => {
    expect(safeHref(href)).toBeUndefined()
  })
})

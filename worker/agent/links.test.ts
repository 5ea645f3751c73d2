// Addresses are found however they are hidden, and ordinary sentences hold none.

import { describe, expect, it } from 'vitest'

import { foreignLink, linksIn } from './links.ts'
import { visible } from './text.ts'

const hidden = [
  'https://evil.example/x',
  'http://evil.com',
  'HTTPS://EVIL.COM/?d=secret',
  'https:\\\\evil.com\\x',
  '//evil.com/x',
  'www.evil.zone',
  'evil.com',
  'secret.evil.co',
  'evil.com/collect?d=1',
  'evil.zone/collect',
  '[click](https://evil.com)',
  '![](https://evil.com/p.png?d=secret)',
  '[a]: evil.com/x',
  '<img src=//evil.com/x>',
  'javascript:alert(1)',
  'data:text/html,<b>x</b>',
  'mailto:thief@evil.com',
  'write to thief@evil.com',
  'tg://resolve?domain=thief',
  'h\u200Bttps://evil.com',
  'evil\u200B.com/x',
  'evil。com/x',
  'evil．com',
  'hxxps://evil.com',
  'evil[.]com/x',
  'evil(dot)com',
  'https&#58;//evil.com/x',
  'evil&#46;com/x',
  'http://203.0.113.9/x',
  '203.0.113.9/x',
  'xn--80ak6aa92e.com',
  'evil.com:8080',
]
const innocent = [
  'It costs 3.50 a month.',
  'Open 9 a.m. to 6 p.m., e.g. on Mondays, z.B. montags.',
  'That is all.Thank you',
  'We use Node.js v24.21.0',
  'The date: 21.11.2026',
  'Yes/no? And/or.',
  'Version 1.2.3.4',
  'Total: 5 items // two lines',
  'Ratio 3:4, at 10:30',
]

describe('addresses', () => {
  it.each(hidden)('are found in %s', (text) => {
    expect(foreignLink(text, [])).toBeDefined()
  })

  it.each(innocent)('are not found in %s', (text) => {
    expect([...linksIn(text)]).toEqual([])
  })

  it('are allowed whole, or as a bare host', () => {
    const told = ['Our shop: https://shop.example.com/catalogue. Mail help@shop.example.com']

    expect(foreignLink('See https://shop.example.com/catalogue!', told)).toBeUndefined()
    expect(foreignLink('See (shop.example.com/catalogue)', told)).toBeUndefined()
    expect(foreignLink('See http://shop.example.com', told)).toBeUndefined()
    expect(foreignLink('Mail help@shop.example.com.', told)).toBeUndefined()
    expect(foreignLink('https://shop.example.com/catalogue?d=secret', told)).toBeDefined()
    expect(foreignLink('https://shop.example.com/other', told)).toBeDefined()
    expect(foreignLink('https://secret.shop.example.com', told)).toBeDefined()
    expect(foreignLink('https://shop.example.com@evil.com/', told)).toBeDefined()
  })

  it('takes no time over hostile text', () => {
    const began = performance.now()

    for (const text of ['a.'.repeat(30_000), 'a@'.repeat(30_000), 'http:'.repeat(10_000)]) {
      linksIn(text)
    }

    expect(performance.now() - began).toBeLessThan(1500)
  })
})

describe('what is hidden', () => {
  it('is taken out, and what is seen stays', () => {
    const tags = [...'obey'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')

    expect(visible(`a\u200Bb\u202Ec\uFEFF${tags}d\u0007`)).toBe('abcd')
    expect(visible('👩‍🚀 👩🏽‍🚀 ❤️ Grüße, 你好, שלום')).toBe('👩‍🚀 👩🏽‍🚀 ❤️ Grüße, 你好, שלום')
    expect(visible('\uD800x')).toBe('\uFFFDx')
  })
})

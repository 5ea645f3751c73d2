import { describe, expect, it } from 'vitest'

import { detect, queryIn } from './detect.ts'

const valuesIn = (text: string) => detect(text).map(({ kind, value }) => `${kind} ${value}`)

describe('detect', () => {
  it.each([
    ['Write to Maria.Lopes+crm@Example.co.uk.', 'email maria.lopes+crm@example.co.uk'],
    ['<maria@example.com>', 'email maria@example.com'],
    ['jürgen at jo@müller.de', 'email jo@müller.de'],
    ['call +351 912 345 678 today', 'phone +351912345678'],
    ['+46 (0)70-174 06 05', 'phone +46701740605'],
    ['0046 (0)70 174 06 05', 'phone 0046701740605'],
    ['tel. (020) 7946-0958', 'phone 02079460958'],
    ['https://wa.me/351912345678', 'phone +351912345678'],
    ['see @maria_l, please', 'username @maria_l'],
    ['https://t.me/Maria_L', 'username @maria_l'],
    ['ticket CRM-10492', 'record CRM-10492'],
    ['0015g00000AbCdEFGH', 'record 0015g00000AbCdEFGH'],
    ['cus_0123456789abcdefghijklmnop', 'record cus_0123456789abcdefghijklmnop'],
  ])('%s', (text, expected) => {
    expect(valuesIn(text)).toEqual([expected])
  })

  it.each([
    'on 20.11.2026 at 09:28',
    'it costs 1,299.00 or $12345678901',
    'no@domain and @ alone and a@b',
    'version 10.0.19045',
    '@x',
    'internationalis',
    '1234567890123456789012345',
    '',
  ])('finds nothing in «%s»', (text) => {
    expect(valuesIn(text)).toEqual([])
  })

  it('finds several, where they stand', () => {
    const text = 'Maria <maria@example.com>, +351 912 345 678, @maria_l'

    expect(detect(text).map(({ at, text: found }) => text.slice(at, at + found.length))).toEqual([
      'maria@example.com',
      '+351 912 345 678',
      '@maria_l',
    ])
  })

  it('takes no longer for hostile text, and finds no more than it may', () => {
    const hostile = [
      'a@'.repeat(50_000),
      '('.repeat(100_000),
      '0 '.repeat(50_000),
      'a.'.repeat(50_000),
    ]
    const before = performance.now()
    for (const text of hostile) detect(text)

    expect(performance.now() - before).toBeLessThan(1000)
    expect(detect('maria@example.com '.repeat(1000))).toHaveLength(50)
  })
})

describe('queryIn', () => {
  it.each([
    ['Maria Lopes', 'Maria Lopes'],
    ['Maria Lopes <maria@example.com>', 'maria@example.com'],
    ['mailto:maria@example.com?subject=Hi%20there', 'maria@example.com'],
    ['tel:+351912345678', '+351912345678'],
    ['Maria, +351 912 345 678', '+351912345678'],
    ['@Maria_L', '@maria_l'],
    ['a@example.com and b@example.com', 'a@example.com and b@example.com'],
    ['tel:%E0%A4%A', '%E0%A4%A'],
  ])('%s → %s', (selection, query) => {
    expect(queryIn(selection)).toBe(query)
  })
})

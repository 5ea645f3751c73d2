// The web widget, row by row: who a visitor is, what comes in, what goes out.

import { describe, expect, test } from 'vitest'

import type { Inbound, VisitorChannel } from './channel.ts'
import { newToken, tokenLife, visitorLife } from './lib/visitor-token.ts'
import { configs, envelope, outbound, script, troubleOf, visitor } from './testing.ts'
import { web } from './web.ts'

const config = configs.web
const door = web.visitor as VisitorChannel

/** Admits who has the page's key. */
async function admit(request: { token?: string; now: number }) {
  const admitted = await door.admit(config, { key: 'key', ...request })
  if (!admitted) throw new Error('not admitted')
  return admitted
}
const now = 1_760_000_000_000
const minute = 60_000

describe('who a visitor is', () => {
  test('a new one gets an id and a token for a day', async () => {
    const { address, token } = await admit({ now })
    expect(address).toMatch(/^v_[0-9a-z]{26}$/)
    expect(await door.addressOf(config, token, now)).toBe(address)
    expect(await door.addressOf(config, token, now + tokenLife - 1)).toBe(address)
    expect(await door.addressOf(config, token, now + tokenLife)).toBeUndefined()
    expect(await door.addressOf(config, token, now - 10 * minute)).toBeUndefined()
    expect((await admit({ now })).address).not.toBe(address)
  })

  test('who comes back within 400 days is the same, with a new token', async () => {
    const { address, token } = await admit({ now })
    const later = now + visitorLife - 1
    const again = await admit({ token, now: later })
    expect(again.address).toBe(address)
    expect(await door.addressOf(config, again.token, later)).toBe(address)
    const tooLate = await admit({ token, now: now + visitorLife })
    expect(tooLate.address).not.toBe(address)
  })

  test('without the page’s key nobody is admitted', async () => {
    for (const key of ['', 'other', 'KEY'])
      expect(await door.admit(config, { key, now })).toBeUndefined()
    expect(await door.admit({ ...config, widgetKey: '' }, { key: '', now })).toBeUndefined()
  })

  test('a token that another signed makes nobody', async () => {
    const forged = await newToken('another secret', visitor, now)
    expect(await door.addressOf(config, forged, now)).toBeUndefined()
    expect((await admit({ token: forged, now })).address).not.toBe(visitor)
    const good = await newToken('signing', visitor, now)
    const odd = ['', '.', 'a.b', `${good}.x`, `x${good}`, good.slice(0, -1), good.toUpperCase()]
    for (const token of [...odd, 'x'.repeat(5000)]) {
      expect(await door.addressOf(config, token, now)).toBeUndefined()
      expect((await admit({ token, now })).address).not.toBe(visitor)
    }
  })

  test('claims of one token don’t go under the signature of another', async () => {
    const mine = await newToken('signing', visitor, now)
    const theirs = await newToken('signing', 'v_zzzzzzzzzzzzzzzzzzzzzzzzzz', now)
    const mixed = `${theirs.split('.')[0]}.${mine.split('.')[1]}`
    expect(await door.addressOf(config, mixed, now)).toBeUndefined()
  })

  test('without a signing secret nobody is let in', async () => {
    expect(await door.addressOf({}, await newToken('x', visitor, now), now)).toBeUndefined()
    await expect(door.admit({ widgetKey: 'key' }, { key: 'key', now })).rejects.toThrow(
      'no signing secret',
    )
  })

  test('an old token does not sign a request', async () => {
    const old = await newToken('signing', visitor, Date.now() - tokenLife - minute)
    const sent = envelope('{}', { Authorization: `Bearer ${old}` })
    expect(await web.verify(sent, config)).toBe(false)
  })

  test.each([
    ['https://shop.example', 'https://shop.example', true],
    ['https://a.example  https://shop.example/', 'https://shop.example', true],
    ['https://shop.example', 'http://shop.example', false],
    ['https://shop.example', 'https://evil-shop.example', false],
    ['https://shop.example', 'https://shop.example.evil.example', false],
    ['https://shop.example', 'null', false],
    ['https://shop.example', null, false],
    ['*', 'https://any.example', true],
    ['*', null, true],
    ['', 'https://shop.example', false],
    ['odd', 'null', false],
  ])('allowed «%s», asked from %s: %s', (allowedOrigins, origin, expected) => {
    expect(door.allows({ ...config, allowedOrigins }, origin)).toBe(expected)
  })
})

async function receive(events: unknown, more: object = {}): Promise<Inbound[]> {
  const token = await newToken('signing', visitor, now)
  const sent = envelope({ events }, { Authorization: `Bearer ${token}` })
  return web.receive({ ...sent, ...more }, config)
}

describe('what comes in', () => {
  test('a message, with all that a website knows', async () => {
    const visit = { ip: '203.0.113.7', country: 'US' }
    const parameters = { plan: 'gold', age: 7, trial: true }
    const file = { ref: 'up_1', kind: 'image', name: 'a.png', type: 'image/png', size: 9 }
    const event = { type: 'message', id: 'c1', text: 'Hello', files: [file], parameters, at: now }
    expect(await receive([{ ...event, name: 'Dana', replyTo: 'msg_1' }], { visit })).toEqual([
      {
        type: 'message',
        id: `${visitor}:c1`,
        address: visitor,
        externalId: 'c1',
        sentAt: now,
        text: 'Hello',
        files: [file],
        places: [],
        contacts: [],
        replyTo: 'msg_1',
        parameters,
        visit,
        sender: {
          address: visitor,
          contact: visitor,
          name: 'Dana',
          identities: [{ kind: 'visitor', value: visitor, proof: 'channel' }],
          scoped: true,
        },
      },
    ])
  })

  test('a choice is shown even without its title; a reaction has its target', async () => {
    expect(
      await receive([
        { type: 'message', id: 'c1', chosen: 'blue' },
        { type: 'reaction', id: 'c2', target: 'msg_1', emoji: '👍' },
      ]),
    ).toMatchObject([
      { text: 'blue', chosen: 'blue', sender: { name: 'Visitor mnop' } },
      { type: 'reaction', id: `${visitor}:c2`, target: 'msg_1', emoji: '👍' },
    ])
  })

  test.each([
    ['an empty text', { text: '  ' }],
    ['a text too long', { text: 'x'.repeat(8001) }],
    ['an id too long', { id: 'x'.repeat(65), text: 'x' }],
    ['an id that is none', { id: 'a b', text: 'x' }],
    ['another type', { type: 'note', text: 'x' }],
    [
      'too many parameters',
      { text: 'x', parameters: Object.fromEntries([...'x'.repeat(51)].map((x, n) => [x + n, 1])) },
    ],
    ['parameters of depth', { text: 'x', parameters: { a: { b: 1 } } }],
    ['a parameter too long', { text: 'x', parameters: { a: 'x'.repeat(1001) } }],
    ['too many files', { text: 'x', files: Array.from({ length: 11 }, () => ({ ref: 'r' })) }],
  ])('%s is left out, and the next is not', async (_name, event) => {
    const good = { type: 'message', id: 'good', text: 'x' }
    const opened = await receive([{ type: 'message', id: 'odd', ...event }, good])
    expect(opened.map(({ id }) => id)).toEqual([`${visitor}:good`])
  })

  test('no more than twenty at once', async () => {
    const events = Array.from({ length: 30 }, (_, n) => ({
      type: 'message',
      id: `c${n}`,
      text: 'x',
    }))
    expect(await receive(events)).toHaveLength(20)
  })
})

test('a message goes to the line and keeps its id; a line that fails may be tried again', async () => {
  const { shown, asked, ports } = script('')
  expect(await web.send(outbound, config, ports)).toEqual({ externalId: 'msg_1' })
  expect([shown, asked]).toEqual([[outbound], []])
  const line = { show: () => Promise.reject(new Error('gone')) }
  const said = await troubleOf(web.send(outbound, config, { ...ports, line }))
  expect(said.trouble).toBe('unreachable')
})

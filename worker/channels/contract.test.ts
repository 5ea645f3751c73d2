// What every channel holds to, whatever its provider.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { EgressRefused } from '../base/egress.ts'
import type { Channel, Outbound } from './channel.ts'
import { channels } from './registry.ts'
import { configs, envelope, outbound, proofs, script, troubleOf, visitor } from './testing.ts'

const samples: Record<keyof typeof configs, unknown> = {
  whatsapp: {
    object: 'whatsapp_business_account',
    entry: [
      {
        changes: [
          {
            field: 'messages',
            value: {
              metadata: { phone_number_id: '5550100' },
              contacts: [{ wa_id: '13125550142', user_id: 'US.9', profile: { name: 'Dana' } }],
              messages: [
                {
                  from: '13125550142',
                  id: 'wamid.A',
                  timestamp: '1760000000',
                  type: 'text',
                  text: { body: 'Grüße 👋' },
                },
              ],
              statuses: [
                { id: 'wamid.B', status: 'read', timestamp: '1760000001', recipient_id: '1312' },
              ],
            },
          },
        ],
      },
    ],
  },
  telegram: {
    update_id: 77,
    message: {
      message_id: 5,
      date: 1760000000,
      from: { id: 9, first_name: 'Dana' },
      chat: { id: 9, type: 'private' },
      text: 'Grüße 👋',
    },
  },
  web: { events: [{ type: 'message', id: 'e1', text: 'Grüße 👋' }] },
}

const kinds = Object.keys(configs) as (keyof typeof configs)[]

test('every registered channel is held to the contract', () => {
  expect(Object.keys(channels).sort()).toEqual([...kinds].sort())
  for (const kind of kinds) expect(channels[kind]?.kind).toBe(kind)
})

describe.each(kinds)('%s', (kind) => {
  const channel = channels[kind] as Channel
  const config = configs[kind]
  const proof = proofs[kind]
  const body = JSON.stringify(samples[kind])
  const signed = async (text = body) => envelope(text, { [proof.header]: await proof.value(text) })

  test('takes what is rightly signed', async () => {
    expect(await channel.verify(await signed(), config)).toBe(true)
  })

  test('refuses a proof with any bit changed, and none at all', async () => {
    const value = await proof.value(body)
    for (let at = 0; at < value.length; at += 1) {
      // Bits above the sixth would leave ASCII, and a header with it.
      for (let bit = 0; bit < 6; bit += 1) {
        const changed = String.fromCharCode(value.charCodeAt(at) ^ (1 << bit))
        const forged = value.slice(0, at) + changed + value.slice(at + 1)
        if (!/^[\x21-\x7e]+( [\x21-\x7e]+)?$/.test(forged)) continue
        const sent = envelope(body, { [proof.header]: forged })
        expect([forged, await channel.verify(sent, config)]).toEqual([forged, false])
      }
    }
    expect(await channel.verify(envelope(body), config)).toBe(false)
    expect(await channel.verify(envelope(body, { [proof.header]: '' }), config)).toBe(false)
  })

  test('a connection without its secret takes nothing', async () => {
    const empty = Object.fromEntries(Object.keys(config).map((name) => [name, '']))
    expect(await channel.verify(await signed(), empty)).toBe(false)
    expect(await channel.verify(await signed(), {})).toBe(false)
    expect(await channel.verify(envelope(body, { [proof.header]: '' }), empty)).toBe(false)
  })

  test('verify answers no to any header, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'aB0=:._- ') }), async (text) => {
        expect(await channel.verify(envelope(body, { [proof.header]: text }), config)).toBe(false)
      }),
    )
  })

  test('opens its sample, the same each time, with ids of their own', async () => {
    const first = channel.receive(await signed(), config)
    expect(first.length).toBeGreaterThan(0)
    expect(channel.receive(await signed(), config)).toEqual(first)
    expect(new Set(first.map(({ id }) => id)).size).toBe(first.length)
    for (const inbound of first) {
      expect(inbound.id).not.toBe('')
      expect(inbound.address).not.toBe('')
    }
    const said = first.find((one) => one.type === 'message')
    expect(said).toMatchObject({ text: 'Grüße 👋', files: [], places: [], contacts: [] })
    expect(said?.sender.address).toBe(said?.address)
  })

  test('garbage and unknown contents give nothing and throw nothing', async () => {
    const header = { [proof.header]: await proof.value(body) }
    for (const odd of ['', '{', 'null', '[]', '1', '"x"', '{}', '{"object":1,"entry":[null]}']) {
      expect(channel.receive(envelope(odd, header), config)).toEqual([])
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(channel.receive(envelope(value, header), config)).toEqual([])
      }),
    )
  })

  test('a sample with any part replaced gives well-formed events or none', async () => {
    const header = { [proof.header]: await proof.value(body) }
    const paths = pathsOf(samples[kind])
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const mutant = replaced(samples[kind], path, value)
        for (const inbound of channel.receive(envelope(mutant, header), config)) {
          expect(typeof inbound.id).toBe('string')
          expect(inbound.address.trim()).not.toBe('')
          if (inbound.type !== 'message') continue
          expect(typeof inbound.text).toBe('string')
          expect(Number.isSafeInteger(inbound.sentAt)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const senders = kinds.filter((kind) => kind !== 'web')

describe.each(senders)('sending by %s', (kind) => {
  const channel = channels[kind] as Channel
  const config = configs[kind]
  const send = (answer: Response | Error, message: Outbound = outbound) =>
    troubleOf(channel.send(message, config, script(channel.baseUrl, answer).ports))

  test.each([
    [401, 'unauthorized'],
    [429, 'throttled'],
    [400, 'rejected'],
    [413, 'rejected'],
    [500, 'unreachable'],
    [503, 'unreachable'],
    [504, 'unknown'],
  ])('HTTP %i with no more words is %s', async (status, trouble) => {
    expect((await send(new Response('oops', { status }))).trouble).toBe(trouble)
  })

  test.each([
    ['a timeout', new DOMException('timed out', 'TimeoutError'), 'unknown'],
    ['an abort', new DOMException('aborted', 'AbortError'), 'unknown'],
    ['a connection lost', new Error('Network connection lost.'), 'unknown'],
    ['a reset', fetchFailed('ECONNRESET'), 'unknown'],
    ['nobody there', fetchFailed('ECONNREFUSED'), 'unreachable'],
    ['no such name', fetchFailed('ENOTFOUND'), 'unreachable'],
    ['an address inside', new EgressRefused('https://127.0.0.1/botSECRET'), 'rejected'],
  ])('%s', async (_name, error, trouble) => {
    const said = await send(error)
    expect(said.trouble).toBe(trouble)
    expect(`${said.message} ${said.note}`).not.toContain('SECRET')
  })

  test('an answer that breaks off or says nothing is unknown', async () => {
    const broken = new ReadableStream({ start: (out) => out.error(new Error('reset')) })
    expect((await send(new Response(broken))).trouble).toBe('unknown')
    expect((await send(new Response('{}'))).trouble).toBe('unknown')
    expect((await send(new Response('<html>'))).trouble).toBe('unknown')
    expect((await send(new Response('x'.repeat(300_000)))).trouble).toBe('unknown')
  })

  test('Retry-After is heard', async () => {
    const answer = new Response('', { status: 429, headers: { 'Retry-After': '7' } })
    expect((await send(answer)).retryAfterMs).toBe(7000)
  })

  test('nothing to say is rejected, without a request', async () => {
    const { asked, ports } = script(channel.baseUrl)
    const said = await troubleOf(channel.send({ ...outbound, text: '' }, config, ports))
    expect([said.trouble, asked.length]).toEqual(['rejected', 0])
  })

  test('a file of ours that can’t be read is not sent, and may be tried again', async () => {
    const file = {
      kind: 'image' as const,
      name: 'a.png',
      type: 'image/png',
      bytes: () => Promise.reject(new Error('gone')),
    }
    const said = await send(new Response('{}'), { ...outbound, files: [file] })
    expect(said.trouble).toBe('unreachable')
  })
})

function fetchFailed(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}

type Path = readonly (string | number)[]

/** The way to each part of a JSON value. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))]
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return by
  const copy = structuredClone(value) as Record<string, unknown>
  copy[key] = replaced(copy[key], rest, by)
  return copy
}

test('the visitor of the samples is one the web channel could have made', () => {
  expect(visitor).toMatch(/^v_[0-9a-z]{26}$/)
})

// Every recorded webhook of these channels, opened and held against what it is known to mean.
// The fixtures are not part of the repository; without them nothing is tested here.
/// <reference types="vite/client" />

import { describe, expect, test } from 'vitest'

import type { Inbound } from './channel.ts'
import { hubSignatureIsRight } from './lib/signature.ts'
import { telegram } from './telegram.ts'
import { configs, envelope, outbound, script, troubleOf } from './testing.ts'
import { whatsapp } from './whatsapp.ts'

type Known = Readonly<Record<string, unknown>>
interface Fixture {
  readonly file: string
  readonly channel: string
  readonly kind: string
  readonly expected: Known
}

const files = import.meta.glob<unknown>(
  '../../../shared/fixtures/{index,whatsapp/*,telegram/*,messenger/handshake*}.json',
  { eager: true, import: 'default' },
)
const index = (json('index.json') ?? []) as readonly Fixture[]
const isHere = index.length > 0
if (!isHere) console.info('skipped: ../shared/fixtures is not here')

function json(file: string): unknown {
  return files[`../../../shared/fixtures/${file}`]
}

const of = (channel: string, ...kinds: string[]) =>
  index
    .filter((one) => one.channel === channel && kinds.includes(one.kind))
    .map((one) => [one.file, one] as const)

/** What each expectation means of the event that came out. One that is not here fails the test. */
type Checks = Readonly<Record<string, (inbound: Inbound, value: never, all: Known) => void>>

function check(checks: Checks, inbound: Inbound, expected: Known) {
  for (const [name, value] of Object.entries(expected)) {
    expect(checks, `nobody checks «${name}»`).toHaveProperty(name)
    // Safe: the name chooses the check that knows this value's shape.
    checks[name]?.(inbound, value as never, expected)
  }
}

function message(inbound: Inbound) {
  if (inbound.type !== 'message') throw new Error(`a message was expected, not ${inbound.type}`)
  return inbound
}

const notOurs = () => undefined

/** WhatsApp's types that are not shown, and those that are no message. */
const unsupported: ReadonlySet<string> = new Set(['order', 'system', 'unsupported'])
const otherTypes: Readonly<Record<string, Inbound['type']>> = {
  reaction: 'reaction',
  edit: 'edit',
  revoke: 'deletion',
}

const whatsappChecks: Checks = {
  field: (_inbound, field: string) => expect(field).toBe('messages'),
  waba_id: notOurs,
  phone_number_id: notOurs,
  contact: (inbound, contact: { wa_id: string; user_id?: string; name: string }, all) => {
    if (inbound.type !== 'message') return
    expect(inbound.sender.name).toBe(contact.name)
    expect(inbound.sender.identities).toEqual([
      { kind: 'phone', value: `+${all['sender']}`, proof: 'channel' },
      ...(contact.user_id
        ? [{ kind: 'whatsapp-user', value: contact.user_id, proof: 'channel' }]
        : []),
    ])
  },
  sender: (inbound, sender: string) => expect(inbound.address).toBe(sender),
  recipient: (inbound, recipient: string) => expect(inbound.address).toBe(recipient),
  idempotency_key: (inbound, key: string, all) =>
    expect(inbound.id).toBe(`${all['phone_number_id']}:${key}`),
  type: (inbound, type: string, all) => {
    expect(inbound.type).toBe(otherTypes[type] ?? 'message')
    if (inbound.type !== 'message') return
    if (unsupported.has(type)) return expect(inbound.unsupported).toBe(type)
    // The one whose contents Meta left out.
    if (type === 'interactive' && !all['payload'] && inbound.text === '') {
      return expect(inbound.unsupported).toBe(type)
    }
    return expect(inbound.unsupported).toBeUndefined()
  },
  timestamp: (inbound, seconds: string) => {
    if (inbound.type === 'message') expect(inbound.sentAt).toBe(Number(seconds) * 1000)
    if (inbound.type === 'status') expect(inbound.at).toBe(Number(seconds) * 1000)
  },
  text: (inbound, text: string) => expect(message(inbound).text).toBe(text),
  reply_to: (inbound, target: string) => expect(message(inbound).replyTo).toBe(target),
  payload: (inbound, payload: string) => expect(message(inbound).chosen).toBe(payload),
  media_id: (inbound, id: string) => expect(message(inbound).files[0]?.ref).toBe(id),
  mime: (inbound, type: string) => expect(message(inbound).files[0]?.type).toBe(type),
  voice: (inbound) => expect(message(inbound).files[0]?.kind).toBe('audio'),
  filename: (inbound, name: string) => expect(message(inbound).files[0]?.name).toBe(name),
  location: (inbound, place: { lat: number; lng: number; name?: string }) => {
    expect(message(inbound).places).toHaveLength(1)
    expect(message(inbound).places[0]).toMatchObject({
      latitude: place.lat,
      longitude: place.lng,
      ...(place.name ? { name: place.name } : {}),
    })
  },
  reaction: (inbound, { emoji, target }: { emoji: string; target: string }) =>
    expect(inbound).toMatchObject({ type: 'reaction', emoji, target }),
  status: (inbound, status: string) =>
    expect(inbound).toMatchObject({
      type: 'status',
      status: status === 'played' ? 'read' : status,
    }),
  message_id: (inbound, id: string, all) =>
    expect(inbound).toMatchObject({ id: `${id}:${all['status']}`, target: id }),
  errors: (inbound, errors: { code: number; title: string }[]) => {
    for (const { code, title } of errors) {
      expect(inbound).toMatchObject({ note: expect.stringContaining(`${code} · ${title} · `) })
    }
  },
  signature_verified_here: notOurs,
}

function openWhatsapp(name: string, phoneNumberId: string): Inbound[] {
  const config = { ...configs.whatsapp, phoneNumberId }
  return whatsapp.receive(envelope(json(`whatsapp/${name}.json`)), config)
}

describe.skipIf(!isHere)('whatsapp fixtures', () => {
  test.each(of('whatsapp', 'payload').filter(([, one]) => !('190' in one.expected)))(
    '%s',
    (file, { expected }) => {
      const body = json(file)
      const phoneNumberId = /"phone_number_id":"([^"]+)"/.exec(JSON.stringify(body))?.[1] ?? ''
      const opened = whatsapp.receive(envelope(body), { ...configs.whatsapp, phoneNumberId })
      const isMessages = (expected['field'] ?? 'messages') === 'messages'
      expect(opened).toHaveLength(isMessages ? 1 : 0)
      for (const inbound of opened) check(whatsappChecks, inbound, expected)
      expect(whatsapp.receive(envelope(body), configs.whatsapp)).toEqual([])
    },
  )

  test('an empty reaction takes back, a tracker comes back as our id, an edit is its caption', () => {
    expect(openWhatsapp('msg_unreaction_empty', '1122334455667')[0]).toMatchObject({ emoji: '' })
    expect(openWhatsapp('status_with_tracker', '5467539754836534')).toEqual([])
    expect(openWhatsapp('status_with_tracker', '1122334455667')[0]).toMatchObject({
      messageId: 'some data',
    })
    expect(openWhatsapp('edited_image', '106540352242922')[0]).toMatchObject({
      type: 'edit',
      target: 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=',
      text: 'Updated image caption',
    })
    expect(openWhatsapp('flow_completion', '1122334455667')[0]).toMatchObject({
      text: expect.stringContaining('comment_text: Comment Text'),
    })
    expect(openWhatsapp('deleted_revoke', '<BUSINESS_PHONE_NUMBER_ID>')[0]).toMatchObject({
      type: 'deletion',
      target: '<ORIGINAL_WHATSAPP_MESSAGE_ID>',
    })
  })

  test('Meta’s own signature', async () => {
    const { body, app_secret, headers } = json('whatsapp/signed_webhook_real.json') as {
      body: string
      app_secret: string
      headers: Record<string, string>
    }
    const config = {
      ...configs.whatsapp,
      appSecret: app_secret,
      phoneNumberId: '277321005464405',
    }
    const sent = envelope(body, headers)
    expect(await whatsapp.verify(sent, config)).toBe(true)
    expect(await whatsapp.verify(envelope(`${body} `, headers), config)).toBe(false)
    const { expected } = index.find((one) => one.file === 'whatsapp/signed_webhook_real.json') ?? {}
    check(whatsappChecks, whatsapp.receive(sent, config)[0] as Inbound, expected ?? {})
  })

  test('the signature vectors', async () => {
    const { vectors } = json('whatsapp/signature_unicode_escaped_body.json') as {
      vectors: { body: string; app_secret: string; signature: string; valid: boolean }[]
    }
    expect(vectors.length).toBeGreaterThan(0)
    for (const { body, app_secret, signature, valid } of vectors) {
      const sent = envelope(body, { 'X-Hub-Signature-256': signature })
      expect(await hubSignatureIsRight(sent, app_secret)).toBe(valid)
    }
  })

  test('the handshake', async () => {
    const { cases } = json('messenger/handshake_hub_challenge.json') as {
      cases: {
        query: Record<string, string>
        configured_verify_token: string
        expected_status: number
        expected_body: string
      }[]
    }
    for (const one of cases) {
      const url = new URL(`https://alongside.example/?${new URLSearchParams(one.query)}`)
      const asked = { ...envelope(''), method: 'GET', url }
      const config = { ...configs.whatsapp, verifyToken: one.configured_verify_token }
      expect(await whatsapp.handshake?.(asked, config)).toBe(
        one.expected_status === 200 ? one.expected_body : undefined,
      )
    }
  })

  test.each([
    ['media_upload', 'rejected', '131053 · Media upload error'],
    ['expired_token', 'unauthorized', '190 · Error validating access token'],
    ['outside_24h_window', 'window-closed', '131047 · Re-engagement message'],
  ])('the error %s', async (name, trouble, words) => {
    const errors = json('whatsapp/error_objects.json') as Record<string, unknown>
    const { ports } = script(
      whatsapp.baseUrl,
      Response.json({ error: errors[name] }, { status: 400 }),
    )
    const said = await troubleOf(whatsapp.send(outbound, configs.whatsapp, ports))
    expect(said.trouble).toBe(trouble)
    expect(said.note).toContain(words)
  })
})

const telegramChecks: Checks = {
  idempotency_key: (inbound, key: string) => {
    const id = /^update_id (\d+)$/.exec(key)?.[1]
    if (id) expect(inbound.id).toBe(id)
  },
  kind: (inbound) => expect(inbound.type).toBe('message'),
  sender: (inbound, sender: { id: number; name: string; username?: string }) => {
    const { identities, name } = message(inbound).sender
    expect(name).toBe(sender.name)
    expect(identities).toContainEqual({
      kind: 'telegram-id',
      value: String(sender.id),
      proof: 'channel',
    })
    const username = identities.find(({ kind }) => kind === 'telegram-username')?.value
    expect(username).toBe(sender.username)
  },
  // What is pressed in a group belongs to who pressed it; the chat is where the button stands.
  conversation_chat_id: (inbound, chatId: number, all) =>
    all['kind'] === 'callback_query'
      ? expect(message(inbound).replyTo).toBe(`${chatId}:${all['message_id']}`)
      : expect(inbound.address).toBe(String(chatId)),
  chat_type: notOurs,
  message_id: (inbound, id: number, all) => {
    const chat = all['conversation_chat_id']
    const { externalId, replyTo } = message(inbound)
    expect(all['kind'] === 'callback_query' ? replyTo : externalId).toBe(`${chat}:${id}`)
  },
  text: (inbound, text: string) => expect(message(inbound).text).toBe(text),
  attachment: (inbound, kind: string) => {
    const { files, places, contacts } = message(inbound)
    if (kind === 'contact') return expect(contacts).toHaveLength(1)
    if (kind === 'location' || kind === 'venue') return expect(places).toHaveLength(1)
    const ours = { photo: 'image', document: 'file' }[kind] ?? kind
    return expect(files.map((one) => one.kind)).toEqual([ours])
  },
  file_id: (inbound, id: string) => expect(message(inbound).files[0]?.ref).toBe(id),
  contact: (inbound, card: { phone_number: string; first_name: string }) =>
    expect(message(inbound).contacts).toEqual([
      { name: card.first_name, phones: [card.phone_number], emails: [] },
    ]),
  location: (inbound, place: { latitude: string; longitude: string }) =>
    expect(message(inbound).places).toEqual([
      { latitude: Number(place.latitude), longitude: Number(place.longitude) },
    ]),
  callback_data: (inbound, data: string) => expect(message(inbound).chosen).toBe(data),
  callback_query_id: notOurs,
}

function openTelegram(name: string): Inbound[] {
  const update = { update_id: 9000, ...(json(`telegram/${name}.json`) as object) }
  return telegram.receive(envelope(update), configs.telegram)
}

describe.skipIf(!isHere)('telegram fixtures', () => {
  test.each(of('telegram', 'payload'))('%s', (file, { expected }) => {
    const opened = openTelegram(file.slice('telegram/'.length, -'.json'.length))
    expect(opened).toHaveLength(expected['kind'] === 'channel_post' ? 0 : 1)
    for (const inbound of opened) check(telegramChecks, inbound, expected)
  })

  test('a venue is a place with its name, an answer knows what it answers', () => {
    expect(openTelegram('venue_message')[0]).toMatchObject({
      places: [{ latitude: 99.99, longitude: 111.111, name: 'title', address: 'addressssss' }],
    })
    expect(openTelegram('reply_to_text_message')[0]).toMatchObject({ replyTo: '427770117:777' })
  })
})

// WhatsApp, row by row: what comes in, what goes out, what goes wrong.

import { describe, expect, test } from 'vitest'

import type { Inbound, Outbound } from './channel.ts'
import { configs, envelope, jsonOf, outbound, script, troubleOf } from './testing.ts'
import { whatsapp } from './whatsapp.ts'

const config = configs.whatsapp
const id = '5550100'

function receive(value: Record<string, unknown>, field = 'messages', numberId = id): Inbound[] {
  const metadata = { phone_number_id: numberId, display_phone_number: '+1 555 01 00' }
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: 'WABA', changes: [{ field, value: { metadata, ...value } }] }],
  }
  return whatsapp.receive(envelope(body), config)
}

const dana = { wa_id: '13125550142', user_id: 'US.77', profile: { name: 'Dana ' } }
function one(message: Record<string, unknown>, contacts: unknown[] = [dana]): unknown {
  const base = { from: '13125550142', id: 'wamid.1', timestamp: '1760000000' }
  return receive({ contacts, messages: [{ ...base, ...message }] })[0]
}

const media = { id: 'M1', mime_type: 'application/pdf; x=1' }

describe('what comes in', () => {
  test('who wrote: number, user id and name', () => {
    expect(one({ type: 'text', text: { body: 'Hello' } })).toEqual({
      type: 'message',
      id: '5550100:wamid.1',
      address: '13125550142',
      externalId: 'wamid.1',
      sentAt: 1_760_000_000_000,
      text: 'Hello',
      files: [],
      places: [],
      contacts: [],
      sender: {
        address: '13125550142',
        contact: '+13125550142',
        name: 'Dana',
        identities: [
          { kind: 'phone', value: '+13125550142', proof: 'channel' },
          { kind: 'whatsapp-user', value: 'US.77', proof: 'channel' },
        ],
      },
    })
  })

  test('somebody without a number is known by the user id', () => {
    const contacts = [{ user_id: 'US.77', profile: { username: 'dana.w' } }]
    expect(
      one({ from: undefined, from_user_id: 'US.77', type: 'text', text: { body: 'Hi' } }, contacts),
    ).toMatchObject({
      address: 'US.77',
      sender: {
        contact: '@dana.w',
        name: 'dana.w',
        identities: [{ kind: 'whatsapp-user', value: 'US.77', proof: 'channel' }],
      },
    })
  })

  test('another’s card in the delivery proves nothing about the sender', () => {
    const other = { wa_id: '4915112345', user_id: 'DE.1', profile: { name: 'Otto' } }
    expect(one({ type: 'text', text: { body: 'Hi' } }, [other])).toMatchObject({
      sender: {
        name: '+13125550142',
        identities: [{ kind: 'phone', value: '+13125550142', proof: 'channel' }],
      },
    })
  })

  test.each([
    [
      'document',
      { document: { ...media, filename: 'Bill.pdf', caption: 'my bill' } },
      {
        text: 'my bill',
        files: [{ kind: 'file', ref: 'M1', type: 'application/pdf; x=1', name: 'Bill.pdf' }],
      },
    ],
    [
      'image',
      { image: { id: 'M2', mime_type: 'image/jpeg' } },
      { text: '', files: [{ kind: 'image', ref: 'M2', type: 'image/jpeg', name: 'image.jpg' }] },
    ],
    [
      'audio',
      { audio: { id: 'M3', mime_type: 'audio/ogg; codecs=opus', voice: true } },
      { files: [{ kind: 'audio', ref: 'M3', name: 'audio.ogg', type: 'audio/ogg; codecs=opus' }] },
    ],
    [
      'sticker',
      { sticker: { id: 'M4' } },
      {
        files: [{ kind: 'sticker', ref: 'M4', name: 'sticker', type: 'application/octet-stream' }],
      },
    ],
    ['video', { video: { id: 'M5', mime_type: 'video/mp4' } }, { text: '' }],
    [
      'location',
      { location: { latitude: 41.9, longitude: -87.6, address: 'Chicago' } },
      { places: [{ latitude: 41.9, longitude: -87.6, address: 'Chicago' }] },
    ],
    [
      'contacts',
      {
        contacts: [
          {
            name: { formatted_name: 'Otto K' },
            phones: [{ phone: '+49 151' }, { type: 'HOME' }],
            emails: [{ email: 'o@k.de' }],
          },
          'odd',
        ],
      },
      { contacts: [{ name: 'Otto K', phones: ['+49 151'], emails: ['o@k.de'] }] },
    ],
    [
      'button',
      { button: { text: 'Yes', payload: 'yes-1' }, context: { id: 'wamid.0' } },
      { text: 'Yes', chosen: 'yes-1', replyTo: 'wamid.0' },
    ],
    [
      'interactive',
      { interactive: { type: 'button_reply', button_reply: { id: 'b', title: 'Blue' } } },
      { text: 'Blue', chosen: 'b' },
    ],
    [
      'interactive',
      { interactive: { type: 'list_reply', list_reply: { id: 'l', title: 'Row' } } },
      { text: 'Row', chosen: 'l' },
    ],
    [
      'interactive',
      {
        interactive: {
          nfm_reply: { body: 'Sent', response_json: '{"flow_token":"x","size":"M","n":2}' },
        },
      },
      { text: 'size: M\nn: 2' },
    ],
    [
      'interactive',
      { interactive: { nfm_reply: { body: 'Sent', response_json: 'odd' } } },
      { text: 'Sent' },
    ],
    ['order', { order: { text: 'fast please' } }, { unsupported: 'order', text: 'fast please' }],
    ['system', { system: { body: 'new number' } }, { unsupported: 'system', text: 'new number' }],
    ['unsupported', { unsupported: { type: 'poll_creation' } }, { unsupported: 'poll' }],
    ['hologram', {}, { unsupported: 'hologram', text: '' }],
    ['text', { text: 'of another shape' }, { unsupported: 'text' }],
  ])('%s %#', (type, content, expected) => {
    expect(one({ type, ...content })).toMatchObject({ type: 'message', ...expected })
  })

  test('reactions, edits and deletions name what they are about', () => {
    const target = { message_id: 'wamid.0' }
    expect(one({ type: 'reaction', reaction: { ...target, emoji: '👍' } })).toEqual({
      type: 'reaction',
      id: '5550100:wamid.1',
      address: '13125550142',
      target: 'wamid.0',
      emoji: '👍',
    })
    expect(one({ type: 'reaction', reaction: target })).toMatchObject({ emoji: '' })
    const edit = {
      original_message_id: 'wamid.0',
      message: { type: 'text', text: { body: 'Better' } },
    }
    expect(one({ type: 'edit', edit })).toMatchObject({
      type: 'edit',
      target: 'wamid.0',
      text: 'Better',
    })
    expect(one({ type: 'revoke', revoke: { original_message_id: 'wamid.0' } })).toMatchObject({
      type: 'deletion',
      target: 'wamid.0',
    })
  })

  test('statuses have an id for each step, our id and the provider’s words', () => {
    const status = { id: 'wamid.9', timestamp: '1760000009', recipient_id: '13125550142' }
    const errors = [
      { code: 131026, title: 'Undeliverable', error_data: { details: 'No such number' } },
    ]
    expect(
      receive({
        statuses: [
          { ...status, status: 'sent', biz_opaque_callback_data: 'msg_1' },
          { ...status, status: 'failed', errors },
          { ...status, status: 'warped' },
          { ...status, status: 'read', recipient_id: undefined, recipient_user_id: 'US.77' },
        ],
      }),
    ).toEqual([
      {
        type: 'status',
        id: 'wamid.9:sent',
        address: '13125550142',
        target: 'wamid.9',
        messageId: 'msg_1',
        status: 'sent',
        at: 1_760_000_009_000,
      },
      {
        type: 'status',
        id: 'wamid.9:failed',
        address: '13125550142',
        target: 'wamid.9',
        status: 'failed',
        at: 1_760_000_009_000,
        note: '131026 · Undeliverable · No such number',
      },
      expect.objectContaining({ id: 'wamid.9:read', address: 'US.77' }),
    ])
  })

  test('what is not for this number, not a message or from ourselves is left', () => {
    const messages = [{ from: '1', id: 'w', timestamp: '1', type: 'text', text: { body: 'x' } }]
    expect(receive({ messages }, 'messages', 'another')).toEqual([])
    expect(receive({ messages }, 'smb_message_echoes')).toEqual([])
    expect(receive({ messages: [{ ...messages[0], from: '15550100' }] })).toEqual([])
    expect(receive({ messages: [{ ...messages[0], group_id: 'g' }] })).toEqual([])
    expect(receive({ messages: [{ ...messages[0], from: undefined }] })).toEqual([])
  })

  test('one odd message doesn’t cost the others', () => {
    const good = { from: '13125', id: 'w2', timestamp: '1', type: 'text', text: { body: 'ok' } }
    expect(receive({ messages: [{ id: 5 }, null, good] })).toHaveLength(1)
  })
})

const ask = (query: string, method = 'GET') =>
  whatsapp.handshake?.(
    { ...envelope(''), method, url: new URL(`https://a.example/?${query}`) },
    config,
  )

test('the handshake answers the challenge to the right token alone', async () => {
  const right = 'hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=42'
  expect(await ask(right)).toBe('42')
  expect(await ask(right, 'POST')).toBeUndefined()
  expect(await ask(right.replace('verify-me', 'wrong'))).toBeUndefined()
  expect(await ask(right.replace('subscribe', 'x'))).toBeUndefined()
  expect(await ask('')).toBeUndefined()
  expect(
    await whatsapp.handshake?.(
      { ...envelope(''), method: 'GET', url: new URL('https://a/?hub.mode=subscribe') },
      {},
    ),
  ).toBeUndefined()
})

const taken = (wamid: string) => Response.json({ messages: [{ id: wamid }] })

async function sent(message: Partial<Outbound>, ...answers: Response[]) {
  const { asked, ports } = script(whatsapp.baseUrl, ...answers)
  const result = await whatsapp.send({ ...outbound, ...message }, config, ports)
  return { asked, bodies: asked.map((one) => one.init.body), externalId: result.externalId }
}

const file = (type: string, kind: 'image' | 'file' | 'audio' = 'image') => ({
  kind,
  name: 'a file',
  type,
  bytes: async () => new Uint8Array([1, 2, 3]),
})

describe('what goes out', () => {
  test('text, plain, with our id and what it answers', async () => {
    const { asked, externalId } = await sent(
      { text: '**Hello** [here](https://a.example)', replyTo: 'wamid.0' },
      taken('wamid.7'),
    )
    expect(externalId).toBe('wamid.7')
    expect(asked[0]?.url).toBe('https://graph.facebook.com/v23.0/5550100/messages')
    expect(asked[0]?.init.headers).toMatchObject({ Authorization: 'Bearer EAAtoken' })
    expect(jsonOf(asked[0]!)).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '13125550142',
      biz_opaque_callback_data: 'msg_1',
      type: 'text',
      text: { body: 'Hello here (https://a.example)' },
      context: { message_id: 'wamid.0' },
    })
  })

  test('a customer without a number is a recipient', async () => {
    const { asked } = await sent({ to: 'US.77' }, taken('w'))
    expect(jsonOf(asked[0]!)).toMatchObject({ recipient: 'US.77' })
    expect(jsonOf(asked[0]!)).not.toHaveProperty('to')
  })

  test('a file is uploaded, then sent with the text under it', async () => {
    const { asked, externalId } = await sent(
      { files: [file('image/png')] },
      Response.json({ id: 'M9' }),
      taken('wamid.8'),
    )
    expect(externalId).toBe('wamid.8')
    expect(asked[0]?.url).toBe('https://graph.facebook.com/v23.0/5550100/media')
    const form = asked[0]?.init.body as FormData
    expect(form.get('messaging_product')).toBe('whatsapp')
    expect(await (form.get('file') as File).arrayBuffer()).toEqual(new Uint8Array([1, 2, 3]).buffer)
    expect(jsonOf(asked[1]!)).toMatchObject({
      type: 'image',
      image: { id: 'M9', caption: 'Good morning' },
    })
  })

  test('what Meta does not take as an image is a document; a voice has no caption', async () => {
    const { asked } = await sent(
      { files: [file('audio/ogg', 'audio'), file('image/svg+xml')], text: '' },
      Response.json({ id: 'A' }),
      Response.json({ id: 'B' }),
      taken('w1'),
      taken('w2'),
    )
    expect(jsonOf(asked[2]!)).toMatchObject({ type: 'audio', audio: { id: 'A' } })
    expect(jsonOf(asked[3]!)).toMatchObject({
      type: 'document',
      document: { id: 'B', filename: 'a file' },
    })
    const voice = await sent(
      { files: [file('audio/ogg', 'audio')] },
      Response.json({ id: 'A' }),
      taken('w1'),
      taken('w2'),
    )
    expect(jsonOf(voice.asked[2]!)).toMatchObject({ type: 'text', text: { body: 'Good morning' } })
    expect(voice.externalId).toBe('w2')
  })

  test('three choices are buttons, four a list', async () => {
    const choices = ['One', 'Two', 'Three', 'Four'].map((title) => ({ title }))
    const buttons = await sent(
      { quickReplies: [{ title: 'One', payload: 'p1' }, ...choices.slice(1, 3)] },
      taken('w'),
    )
    expect(jsonOf(buttons.asked[0]!)).toMatchObject({
      type: 'interactive',
      interactive: {
        type: 'button',
        body: { text: 'Good morning' },
        action: {
          buttons: [
            { type: 'reply', reply: { id: 'p1', title: 'One' } },
            { type: 'reply', reply: { id: 'Two', title: 'Two' } },
            { type: 'reply', reply: { id: 'Three', title: 'Three' } },
          ],
        },
      },
    })
    const list = await sent({ quickReplies: choices }, taken('w'))
    expect(jsonOf(list.asked[0]!)).toMatchObject({
      interactive: {
        type: 'list',
        action: { sections: [{ rows: choices.map(({ title }) => ({ id: title, title })) }] },
      },
    })
  })

  test('a text too long for its buttons goes before them', async () => {
    const text = 'long '.repeat(300).trim()
    const { asked } = await sent({ text, quickReplies: [{ title: 'Ok' }] }, taken('a'), taken('b'))
    expect(jsonOf(asked[0]!)).toMatchObject({ type: 'text', text: { body: text } })
    expect(jsonOf(asked[1]!)).toMatchObject({ interactive: { body: { text: '↓' } } })
  })

  test('a failed upload may be tried again; a failed second part may not', async () => {
    const two = { ...outbound, text: '', files: [file('image/png'), file('image/png')] }
    const lost = script(whatsapp.baseUrl, new DOMException('', 'TimeoutError'))
    expect((await troubleOf(whatsapp.send(two, config, lost.ports))).trouble).toBe('unreachable')
    const half = script(
      whatsapp.baseUrl,
      Response.json({ id: 'A' }),
      Response.json({ id: 'B' }),
      taken('w1'),
      new Response('', { status: 500 }),
    )
    const said = await troubleOf(whatsapp.send(two, config, half.ports))
    expect([said.trouble, said.note]).toEqual(['unknown', 'Sent 1 of 2 parts, then: HTTP 500'])
  })

  test.each([
    [190, 'unauthorized'],
    [130429, 'throttled'],
    [131056, 'throttled'],
    [131047, 'window-closed'],
    [131026, 'blocked'],
    [131000, 'unreachable'],
    [131009, 'rejected'],
  ])('error %i is %s, whatever the status', async (code, trouble) => {
    const error = { code, message: 'Words of Meta', error_data: { details: 'and more' } }
    const { ports } = script(whatsapp.baseUrl, Response.json({ error }, { status: 400 }))
    const said = await troubleOf(whatsapp.send(outbound, config, ports))
    expect([said.trouble, said.note]).toEqual([trouble, `${code} · Words of Meta · and more`])
  })
})

const fetchFile = (...answers: (Response | Error)[]) => {
  const { asked, ports } = script(whatsapp.baseUrl, ...answers)
  return { asked, file: whatsapp.fetchFile?.('M/1', config, ports) as Promise<Response> }
}

describe('a customer’s file', () => {
  test('is found by its id and fetched with the token', async () => {
    const url = 'https://lookaside.fbsbx.com/m?x=1'
    const { asked, file } = fetchFile(Response.json({ url }), new Response('bytes'))
    expect(await (await file).text()).toBe('bytes')
    expect(asked.map((one) => one.url)).toEqual(['https://graph.facebook.com/v23.0/M%2F1', url])
    expect(asked[1]?.init.headers).toEqual({ Authorization: 'Bearer EAAtoken' })
  })

  test('the token goes to no stranger', async () => {
    for (const url of ['https://evil.example/', 'https://fbsbx.com.evil.example/', 'odd']) {
      const { asked, file } = fetchFile(Response.json({ url }), new Response('bytes'))
      expect((await troubleOf(file)).trouble).toBe('rejected')
      expect(asked).toHaveLength(1)
    }
  })

  test('trouble has its name', async () => {
    const gone = fetchFile(Response.json({ error: { code: 100, message: 'No' } }, { status: 400 }))
    expect((await troubleOf(gone.file)).note).toBe('100 · No')
    const down = fetchFile(new Response('', { status: 504 }))
    expect((await troubleOf(down.file)).trouble).toBe('unreachable')
    const lost = fetchFile(new Error('reset'))
    expect((await troubleOf(lost.file)).trouble).toBe('unreachable')
  })
})

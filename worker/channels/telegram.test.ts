// Telegram, row by row: what comes in, what goes out, what goes wrong.

import { describe, expect, test } from 'vitest'

import type { Inbound, Outbound } from './channel.ts'
import { telegram } from './telegram.ts'
import { configs, envelope, jsonOf, outbound, script, troubleOf } from './testing.ts'

const config = configs.telegram
const from = { id: 901, is_bot: false, first_name: 'Dana', last_name: 'W', username: 'DanaW' }
const chat = { id: 901, type: 'private' }

function receive(update: Record<string, unknown>): Inbound[] {
  return telegram.receive(envelope({ update_id: 70, ...update }), config)
}
function one(message: Record<string, unknown>): unknown {
  return receive({ message: { message_id: 5, date: 1_760_000_000, from, chat, ...message } })[0]
}

const photo = (file_id: string) => ({ file_id, width: 9, height: 9 })

describe('what comes in', () => {
  test('who wrote, and what', () => {
    expect(one({ text: 'Hello', reply_to_message: { message_id: 4 } })).toEqual({
      type: 'message',
      id: '70',
      address: '901',
      externalId: '901:5',
      replyTo: '901:4',
      sentAt: 1_760_000_000_000,
      text: 'Hello',
      files: [],
      places: [],
      contacts: [],
      sender: {
        address: '901',
        contact: '@DanaW',
        name: 'Dana W',
        identities: [
          { kind: 'telegram-id', value: '901', proof: 'channel' },
          { kind: 'telegram-username', value: 'danaw', proof: 'channel' },
        ],
      },
    })
  })

  test('an id beyond 32 bits stays what it is', () => {
    const large = 7_234_567_890
    const message = { message_id: 1, date: 1, from: { id: large }, chat: { ...chat, id: large } }
    expect(receive({ message: { ...message, text: 'x' } })[0]).toMatchObject({
      address: '7234567890',
      sender: { name: '7234567890', contact: '7234567890' },
    })
  })

  test.each([
    [
      'the largest photo, with its caption',
      { photo: [photo('s'), photo('l')], caption: 'look' },
      { text: 'look', files: [{ kind: 'image', ref: 'l', type: 'image/jpeg', name: 'image.jpg' }] },
    ],
    [
      'a document',
      {
        document: { file_id: 'd', file_name: 'a.pdf', mime_type: 'application/pdf', file_size: 9 },
      },
      {
        files: [{ kind: 'file', ref: 'd', name: 'a.pdf', type: 'application/pdf', size: 9 }],
      },
    ],
    ['a voice', { voice: { file_id: 'v' } }, { files: [{ kind: 'audio', ref: 'v' }] }],
    ['a round video', { video_note: { file_id: 'n' } }, { files: [{ kind: 'video', ref: 'n' }] }],
    [
      'an animation, once',
      { animation: { file_id: 'g' }, document: { file_id: 'g' } },
      { files: [{ kind: 'video', ref: 'g' }] },
    ],
    [
      'an animated sticker',
      { sticker: { file_id: 's', is_animated: true } },
      { files: [{ kind: 'sticker', type: 'application/x-tgsticker' }] },
    ],
    [
      'a place, once',
      {
        venue: { location: { latitude: 1, longitude: 2 }, title: 'Shop', address: 'Main 1' },
        location: { latitude: 1, longitude: 2 },
      },
      { places: [{ latitude: 1, longitude: 2, name: 'Shop', address: 'Main 1' }] },
    ],
    [
      'somebody else’s card',
      { contact: { phone_number: '+49 151', first_name: 'Otto', user_id: 5 } },
      {
        contacts: [{ name: 'Otto', phones: ['+49 151'], emails: [] }],
        sender: { identities: [{ kind: 'telegram-id' }, { kind: 'telegram-username' }] },
      },
    ],
    ['a form', { web_app_data: { data: '{}', button_text: 'Form' } }, { chosen: '{}' }],
    ['a die', { dice: { emoji: '🎲', value: 4 } }, { text: '🎲 4' }],
    ['a poll', { poll: { id: '1' }, via_bot: {} }, { unsupported: 'poll', text: '' }],
    ['a story', { forward_origin: {}, story: {} }, { unsupported: 'story' }],
    ['a photo of another shape', { photo: 'odd' }, { unsupported: 'photo' }],
    ['nothing at all', {}, { unsupported: 'message' }],
  ])('%s', (_name, content, expected) => {
    expect(one(content)).toMatchObject({ type: 'message', ...expected })
  })

  test('one’s own card proves the number', () => {
    const contact = { phone_number: '13125550142', first_name: 'Dana', user_id: 901 }
    expect(one({ contact })).toMatchObject({
      sender: {
        identities: [
          { kind: 'telegram-id' },
          { kind: 'telegram-username' },
          { kind: 'phone', value: '+13125550142', proof: 'channel' },
        ],
      },
    })
  })

  test('a pressed button says its title, and what it carries', () => {
    const inline_keyboard = [[{ text: 'Blue', callback_data: 'b' }], [{ text: 'Link' }]]
    const message = { message_id: 8, chat, date: 5, reply_markup: { inline_keyboard } }
    const query = { id: 'q', from, message, data: 'b' }
    expect(receive({ callback_query: query })[0]).toMatchObject({
      id: '70',
      address: '901',
      externalId: 'update:70',
      text: 'Blue',
      chosen: 'b',
      replyTo: '901:8',
      receipt: 'q',
    })
    expect(receive({ callback_query: { ...query, message: undefined } })[0]).toMatchObject({
      text: 'b',
      chosen: 'b',
    })
    const group = { ...message, chat: { id: -5, type: 'group' } }
    expect(receive({ callback_query: { ...query, message: group } })[0]).toMatchObject({
      address: '901',
    })
    expect(receive({ callback_query: { ...query, data: undefined } })).toEqual([])
  })

  test('edits, reactions and a blocked bot', () => {
    const edited_message = { message_id: 5, date: 1, from, chat, text: 'Better' }
    expect(receive({ edited_message })).toEqual([
      { type: 'edit', id: '70', address: '901', target: '901:5', text: 'Better' },
    ])
    const live = { ...edited_message, location: { latitude: 1, longitude: 2 } }
    expect(receive({ edited_message: live })).toEqual([])
    const reaction = (...new_reaction: unknown[]) =>
      receive({ message_reaction: { chat, message_id: 5, user: from, new_reaction } })[0]
    expect(reaction({ type: 'emoji', emoji: '❤' })).toMatchObject({ target: '901:5', emoji: '❤' })
    expect(reaction()).toMatchObject({ type: 'reaction', emoji: '' })
    expect(reaction({ type: 'custom_emoji', custom_emoji_id: '1' })).toMatchObject({ emoji: '❔' })
    const member = (status: string) =>
      receive({ my_chat_member: { chat, from, new_chat_member: { status } } })[0]
    expect(member('kicked')).toEqual({
      type: 'reachable',
      id: '70',
      address: '901',
      reachable: false,
    })
    expect(member('member')).toMatchObject({ reachable: true })
  })

  test('groups, channels, bots and news of the chat are nobody’s words', () => {
    const message = { message_id: 5, date: 1, from, chat, text: 'x' }
    const group = { id: -5, type: 'supergroup' }
    expect(receive({ message: { ...message, chat: group } })).toEqual([])
    expect(receive({ channel_post: { ...message, chat: { id: -9, type: 'channel' } } })).toEqual([])
    expect(receive({ message: { ...message, from: { ...from, is_bot: true } } })).toEqual([])
    expect(receive({ message: { ...message, from: undefined } })).toEqual([])
    expect(receive({ message: { ...message, text: undefined, pinned_message: {} } })).toEqual([])
    expect(receive({ edited_message: { ...message, chat: group } })).toEqual([])
    expect(receive({ update_id: undefined, message })).toEqual([])
    expect(
      receive({ my_chat_member: { chat: group, from, new_chat_member: { status: 'kicked' } } }),
    ).toEqual([])
  })
})

const taken = (message_id: number) => Response.json({ ok: true, result: { message_id } })

async function sent(message: Partial<Outbound>, ...answers: Response[]) {
  const { asked, ports } = script(telegram.baseUrl, ...answers)
  const result = await telegram.send({ ...outbound, to: '901', ...message }, config, ports)
  return { asked, externalId: result.externalId }
}

const file = (kind: 'image' | 'video' | 'audio' | 'file' | 'sticker', type: string, size = 3) => ({
  kind,
  name: 'a.bin',
  type,
  bytes: async () => new Uint8Array(size),
})

describe('what goes out', () => {
  test('text, buttons and what it answers', async () => {
    const { asked, externalId } = await sent(
      {
        text: '# Title\n**bold**',
        replyTo: '901:4',
        quickReplies: [{ title: 'Blue', payload: 'b' }, { title: 'Red' }],
      },
      taken(6),
    )
    expect(externalId).toBe('901:6')
    expect(asked[0]?.url).toBe('https://api.telegram.org/bot42:bot-token/sendMessage')
    expect(jsonOf(asked[0]!)).toEqual({
      chat_id: '901',
      text: 'Title\nbold',
      reply_parameters: { message_id: 4, allow_sending_without_reply: true },
      reply_markup: {
        inline_keyboard: [
          [{ text: 'Blue', callback_data: 'b' }],
          [{ text: 'Red', callback_data: 'Red' }],
        ],
      },
    })
  })

  test('what a button carries fits in its 64 bytes', async () => {
    const { asked } = await sent(
      {
        quickReplies: [
          { title: 'Short', payload: 'p'.repeat(65) },
          { title: 'ж'.repeat(40), payload: 'p'.repeat(65) },
        ],
      },
      taken(1),
    )
    expect(jsonOf(asked[0]!)).toMatchObject({
      reply_markup: { inline_keyboard: [[{ callback_data: 'Short' }], [{ callback_data: '#2' }]] },
    })
  })

  test.each([
    ['image', 'image/png', 'sendPhoto', 'photo'],
    ['image', 'image/gif', 'sendAnimation', 'animation'],
    ['image', 'image/svg+xml', 'sendDocument', 'document'],
    ['video', 'video/mp4', 'sendVideo', 'video'],
    ['audio', 'audio/ogg', 'sendVoice', 'voice'],
    ['audio', 'audio/mpeg', 'sendAudio', 'audio'],
    ['file', 'image/png', 'sendDocument', 'document'],
  ] as const)('%s of %s goes by %s', async (kind, type, method, field) => {
    const { asked } = await sent({ files: [file(kind, type)] }, taken(1))
    expect(asked[0]?.url).toContain(`/${method}`)
    const form = asked[0]?.init.body as FormData
    expect(form.get('caption')).toBe('Good morning')
    expect(form.get('chat_id')).toBe('901')
    expect(form.get(field)).toMatchObject({ size: 3, name: 'a.bin' })
  })

  test('a photo of more than 10 MB goes as a document, a long text after it', async () => {
    const text = 'x'.repeat(1100)
    const large = file('image', 'image/png', 10 * 1024 * 1024 + 1)
    const { asked, externalId } = await sent({ text, files: [large] }, taken(1), taken(2))
    expect(asked.map((one) => one.url.split('/').at(-1))).toEqual(['sendDocument', 'sendMessage'])
    expect(externalId).toBe('901:2')
  })

  test.each([
    [401, { description: 'Unauthorized' }, 'unauthorized'],
    [404, { description: 'Not Found' }, 'unauthorized'],
    [403, { description: 'Forbidden: bot was blocked by the user' }, 'blocked'],
    [400, { description: 'Bad Request: chat not found' }, 'blocked'],
    [400, { description: 'Bad Request: message is too long' }, 'rejected'],
    [429, { description: 'Too Many', parameters: { retry_after: 9 } }, 'throttled'],
    [502, { description: 'Bad Gateway' }, 'unreachable'],
  ])('%i %o is %s', async (status, more, trouble) => {
    const answer = Response.json({ ok: false, error_code: status, ...more }, { status })
    const { ports } = script(telegram.baseUrl, answer)
    const said = await troubleOf(telegram.send(outbound, config, ports))
    expect([said.trouble, said.note]).toEqual([trouble, more.description])
    expect(said.retryAfterMs).toBe('parameters' in more ? 9000 : undefined)
  })
})

const found = (file_path: string) => Response.json({ ok: true, result: { file_path } })

const fetching = (...answers: (Response | Error)[]) =>
  troubleOf(telegram.fetchFile!('x', config, script(telegram.baseUrl, ...answers).ports))

describe('a customer’s file', () => {
  test('is found by its id and fetched by its path', async () => {
    const { asked, ports } = script(telegram.baseUrl, found('photos/a b.jpg'), new Response('x'))
    const file = await telegram.fetchFile?.('id-1', config, ports)
    expect(await file?.text()).toBe('x')
    expect(jsonOf(asked[0]!)).toEqual({ file_id: 'id-1' })
    expect(asked[1]?.url).toBe('https://api.telegram.org/file/bot42:bot-token/photos/a%20b.jpg')
  })

  test('trouble has its name', async () => {
    expect((await fetching(found('../../getMe'))).trouble).toBe('rejected')
    expect((await fetching(new Error('reset'))).trouble).toBe('unreachable')
    expect((await fetching(found('a'), new Response('', { status: 500 }))).trouble).toBe(
      'unreachable',
    )
    const tooBig = { ok: false, description: 'Bad Request: file is too big' }
    expect((await fetching(Response.json(tooBig, { status: 400 }))).note).toBe(tooBig.description)
  })
})

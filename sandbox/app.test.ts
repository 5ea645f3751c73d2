// The sandbox as the providers it stands for: spoken to by the real channels, whose own
// verification and opening judge its webhooks.

import { describe, expect, test } from 'vitest'

import { SendError, type Channel, type Config, type Inbound } from '../worker/channels/channel.ts'
import { telegram } from '../worker/channels/telegram.ts'
import { whatsapp } from '../worker/channels/whatsapp.ts'
import { createSandbox } from './app.ts'
import type { PhoneMessage } from './store.ts'

const origin = 'http://localhost:8787'
const channels = { whatsapp, telegram }
type Kind = keyof typeof channels
const secrets = {
  whatsapp: { phoneNumberId: '5550100', accessToken: 'EAA', appSecret: 'app', verifyToken: 'v' },
  telegram: { botToken: '42:abc', secretToken: 'hush' },
} satisfies Record<Kind, Config>
const addresses = { whatsapp: '13125550142', telegram: '901' }

/** A sandbox with one connection, whose hook opens what comes as the worker does. */
async function stage(kind: Kind, hookStatuses: (number | Error)[] = []) {
  const channel: Channel = channels[kind]
  const clock = { now: 1_760_000_000_000 }
  const heard: Inbound[] = []
  const log: string[] = []
  const sandbox = createSandbox({
    now: () => clock.now,
    wait: async (ms) => void log.push(`waited ${ms}`),
    async deliver(request) {
      const status = hookStatuses.shift() ?? 200
      if (status instanceof Error) throw status
      const envelope = {
        method: request.method,
        url: new URL(request.url),
        headers: request.headers,
        body: new Uint8Array(await request.arrayBuffer()),
      }
      expect(await channel.verify(envelope, secrets[kind])).toBe(true)
      if (status === 200) {
        const opened = channel.receive(envelope, secrets[kind])
        heard.push(...opened)
        log.push(...opened.map(({ type, id }) => `hook ${type} ${id}`))
      }
      return new Response('', { status })
    },
  })
  const ask = (method: string, path: string, body?: unknown) =>
    sandbox.fetch(
      new Request(`${origin}/sandbox${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      }),
    )
  const phone = `/phones/con_1/${addresses[kind]}`
  const registered = await ask('PUT', '/connections/con_1', {
    channel: kind,
    name: 'Support',
    hookUrl: `${origin}/hooks/con_1`,
    secrets: secrets[kind],
  })
  expect(registered.status).toBe(204)
  const ports = {
    baseUrl: `${origin}/sandbox/${kind}`,
    fetch: (url: string, init?: RequestInit) => sandbox.fetch(new Request(url, init)),
    line: { show: () => Promise.reject(new Error('no line')) },
  }
  return {
    clock,
    heard,
    log,
    sandbox,
    ask,
    ports,
    say: async (act: object) =>
      (await (await ask('POST', `${phone}/messages`, act)).json()) as {
        id: string
        status: number
        error?: string
      },
    read: () => ask('POST', `${phone}/read`),
    async seen(after = 0) {
      const answer = await ask('GET', `${phone}/messages?after=${after}`)
      return ((await answer.json()) as { messages: PhoneMessage[] }).messages
    },
    send: (message: object = {}, config: Config = secrets[kind]) =>
      channel.send(
        {
          id: 'msg_1',
          to: addresses[kind],
          text: 'Hello',
          files: [],
          quickReplies: [],
          ...message,
        },
        config,
        ports,
      ),
    fetchFile: (ref: string) => channel.fetchFile?.(ref, secrets[kind], ports),
  }
}

const picture = {
  kind: 'image' as const,
  name: 'cat.png',
  type: 'image/png',
  bytes: async () => new Uint8Array([137, 80, 78, 71]),
}

async function noteOf(sending: Promise<unknown>): Promise<string> {
  const error: unknown = await sending.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(SendError)
  // Safe: that is what has just been expected.
  const { trouble, note } = error as SendError
  return `${trouble}: ${note}`
}

describe.each(['whatsapp', 'telegram'] as const)('%s', (kind) => {
  test('what a phone says comes by a webhook that the channel takes', async () => {
    const { say, heard } = await stage(kind)
    const { id, status } = await say({ name: 'Dana Weiß', text: 'Grüße / 👋' })
    expect(status).toBe(200)
    expect(heard).toMatchObject([
      { type: 'message', text: 'Grüße / 👋', sender: { name: 'Dana Weiß' } },
    ])
    const [said] = heard
    expect(said?.type === 'message' && said.externalId).toContain(id)
    expect(said?.address).toBe(addresses[kind])
  })

  test.each([
    ['image', { text: 'look' }, { text: 'look', files: [{ kind: 'image' }] }],
    ['document', {}, { files: [{ kind: 'file', name: 'document.pdf' }] }],
    ['voice', {}, { files: [{ kind: 'audio', type: 'audio/ogg' }] }],
    ['video', {}, { files: [{ kind: 'video' }] }],
    ['sticker', {}, { files: [{ kind: 'sticker', type: 'image/webp' }] }],
    [
      'location',
      { location: { latitude: 1.5, longitude: 2.5, name: 'Shop' } },
      { places: [{ latitude: 1.5, longitude: 2.5, name: 'Shop' }] },
    ],
    [
      'contact',
      { contact: { name: 'Otto', phone: '+49 151' } },
      { contacts: [{ name: 'Otto', phones: ['+49 151'] }] },
    ],
    ['unsupported', {}, { unsupported: 'poll' }],
  ])('a phone sends: %s', async (type, act, expected) => {
    const { say, heard, seen } = await stage(kind)
    expect(await say({ type, ...act })).toMatchObject({ status: 200 })
    expect(heard).toHaveLength(1)
    const [said] = heard
    if (said?.type !== 'message') throw new Error('a message was expected')
    expect(said).toMatchObject({ files: [], ...expected })
    expect((await seen()).map((one) => one.type)).toEqual([type])
  })

  test('a file a phone sent is fetched by the channel, byte for byte', async () => {
    const { say, heard, fetchFile } = await stage(kind)
    const file = { name: 'a b.txt', type: 'text/plain', base64: btoa('hello') }
    await say({ type: 'document', file })
    const [said] = heard
    const ref = said?.type === 'message' ? said.files[0]?.ref : undefined
    expect(await (await fetchFile(ref ?? ''))?.text()).toBe('hello')
    expect(await noteOf(fetchFile('404') ?? Promise.resolve())).toContain('rejected')
  })

  test('a message of ours is on the phone, with its file, its choices and what it answers', async () => {
    const { say, send, seen, ask } = await stage(kind)
    const { id } = await say({ text: 'Hi' })
    const replyTo = kind === 'telegram' ? `${addresses.telegram}:${id}` : id
    await send({ files: [picture], replyTo })
    await send({ text: 'Which?', quickReplies: [{ title: 'Blue', payload: 'b' }] })
    const [, shown, asked] = await seen()
    expect(shown).toMatchObject({ by: 'us', text: 'Hello', replyTo: id })
    expect(asked).toMatchObject({ buttons: [{ title: 'Blue', payload: 'b' }] })
    const file = await ask('GET', `/files/${shown?.file?.id}`)
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(await picture.bytes())
    expect((await seen(1)).map(({ n }) => n)).toEqual([2, 3])
  })

  test('a tapped button and a reaction name what they are about', async () => {
    const { send, say, seen, heard } = await stage(kind)
    const { externalId } = await send({ quickReplies: [{ title: 'Blue', payload: 'b' }] })
    const target = (await seen())[0]?.id
    await say({ type: 'button', target, button: { title: 'Blue', payload: 'b' } })
    await say({ type: 'reaction', target, emoji: '❤' })
    const own = heard.filter(({ type }) => type !== 'status')
    expect(own).toMatchObject([
      { type: 'message', text: 'Blue', chosen: 'b', replyTo: externalId },
      { type: 'reaction', target: externalId, emoji: '❤' },
    ])
    expect((await seen())[0]).toMatchObject({ reaction: '❤' })
  })

  test('an edit changes what was said', async () => {
    const { say, heard, seen } = await stage(kind)
    const { id } = await say({ text: 'Helo' })
    await say({ type: 'edit', target: id, text: 'Hello' })
    expect(heard[1]).toMatchObject({ type: 'edit', text: 'Hello' })
    expect(heard[0]?.type === 'message' && heard[0].externalId).toBe(
      heard[1]?.type === 'edit' && heard[1].target,
    )
    expect(await seen()).toMatchObject([{ text: 'Hello', edited: true }])
  })

  test('ids are never given twice', async () => {
    const { say, heard } = await stage(kind)
    for (let count = 0; count < 50; count += 1) await say({ text: 'again' })
    expect(new Set(heard.map(({ id }) => id)).size).toBe(50)
  })

  test('a token that is wrong, a text that is too long', async () => {
    const { send } = await stage(kind)
    const wrong = { ...secrets[kind], accessToken: 'x', botToken: '42:x' }
    expect(await noteOf(send({}, wrong))).toContain('unauthorized')
    expect(await noteOf(send({ text: 'x'.repeat(4097) }))).toContain('rejected')
    expect(await noteOf(send({ to: 'nobody/' }))).toMatch(/rejected|blocked|unknown/)
  })

  test('trouble on order meets one send each', async () => {
    const { ask, send, log } = await stage(kind)
    await ask('PUT', '/faults/con_1', {
      script: [{ status: 500 }, { status: 429 }, { status: 503, body: 'x', delayMs: 9 }],
    })
    expect(await noteOf(send())).toContain('unreachable')
    expect(await noteOf(send())).toContain('throttled')
    expect(await noteOf(send())).toContain('unreachable')
    expect(log).toContain('waited 9')
    expect(await send()).toHaveProperty('externalId')
  })

  test('a dropped send is accepted and never answered', async () => {
    const { ask, ports, sandbox, seen } = await stage(kind)
    await ask('PUT', '/faults/con_1', { script: [{ drop: true }] })
    const patience = new AbortController()
    const fetch = async (url: string, init?: RequestInit) => {
      await sandbox.fetch(new Request(url, { ...init, signal: patience.signal }))
      throw new DOMException('nobody answered', 'TimeoutError')
    }
    const message = { id: 'm', to: addresses[kind], text: 'Hello', files: [], quickReplies: [] }
    const sending = noteOf(channels[kind].send(message, secrets[kind], { ...ports, fetch }))
    while ((await seen()).length === 0) await Promise.resolve()
    patience.abort()
    expect(await sending).toBe('unknown: The provider did not answer')
    expect(await seen()).toMatchObject([{ text: 'Hello', status: 'delivered' }])
  })

  test('a hook that does not take a message is told of on the phone', async () => {
    const { say, seen } = await stage(kind, [401, new Error('refused')])
    expect(await say({ text: 'one' })).toMatchObject({ status: 401 })
    expect(await say({ text: 'two' })).toMatchObject({ status: 0 })
    expect(await seen()).toMatchObject([
      { status: 'failed', note: 'The hook answered 401' },
      { status: 'failed' },
    ])
  })

  test('phones are listed with what is new on them', async () => {
    const { say, send, read, ask } = await stage(kind)
    await say({ name: 'Dana', username: 'dana', text: 'Hi' })
    await send()
    const phones = async () =>
      ((await (await ask('GET', '/phones/con_1')).json()) as { phones: unknown[] }).phones
    expect(await phones()).toMatchObject([
      {
        address: addresses[kind],
        name: 'Dana',
        username: 'dana',
        unread: 1,
        last: { text: 'Hello', by: 'us' },
      },
    ])
    await read()
    expect(await phones()).toMatchObject([{ unread: 0 }])
  })

  test('what makes no sense is refused with a reason', async () => {
    const { say, ask } = await stage(kind)
    expect(await say({ type: 'dance' })).toHaveProperty('error')
    expect(await say({ type: 'location' })).toHaveProperty('error')
    expect(await say({ type: 'document', file: { name: 'a', type: 'b', base64: '*' } })).toEqual({
      error: expect.stringContaining(kind),
    })
    expect((await ask('POST', '/phones/con_9/1/messages', { text: 'x' })).status).toBe(404)
    expect((await ask('PUT', '/connections/con_2', { channel: 'pigeon' })).status).toBe(400)
    expect((await ask('PUT', '/faults/con_1', {})).status).toBe(400)
  })
})

describe('whatsapp reports', () => {
  test('sent and delivered after the answer, in order, read when the phone is looked at', async () => {
    const { send, read, sandbox, heard, log, seen } = await stage('whatsapp')
    const { externalId } = await send()
    log.push('answered')
    await sandbox.settled()
    await read()
    await read()
    await sandbox.settled()
    const step = { type: 'status', target: externalId, messageId: 'msg_1' }
    expect(heard).toMatchObject([
      { ...step, status: 'sent' },
      { ...step, status: 'delivered' },
      { ...step, status: 'read' },
    ])
    expect(log.findIndex((line) => line.startsWith('hook'))).toBeGreaterThan(
      log.indexOf('answered'),
    )
    expect(await seen()).toMatchObject([{ status: 'read' }])
  })

  test('again, while the hook does not take them; the order stays', async () => {
    const { send, sandbox, heard, log } = await stage('whatsapp', [503, new Error('down'), 200])
    await send()
    await sandbox.settled()
    expect(heard.map((one) => one.type === 'status' && one.status)).toEqual(['sent', 'delivered'])
    expect(log.filter((line) => line.startsWith('waited'))).toEqual([
      'waited 25',
      'waited 500',
      'waited 2000',
      'waited 25',
    ])
  })

  test('a day after the last word the message fails, with Meta’s number', async () => {
    const { say, send, sandbox, heard, clock } = await stage('whatsapp')
    await say({ text: 'Hi' })
    clock.now += 24 * 60 * 60 * 1000 + 1
    await send()
    await sandbox.settled()
    expect(heard.slice(1)).toMatchObject([
      { type: 'status', status: 'failed', note: expect.stringContaining('131047') },
    ])
  })

  test('who has blocked us gets nothing; who was never here may be real', async () => {
    const { say, send, sandbox, heard } = await stage('whatsapp')
    await send()
    await say({ type: 'block' })
    await send()
    await sandbox.settled()
    expect(heard.map((one) => one.type === 'status' && one.status)).toEqual([
      'sent',
      'delivered',
      'failed',
    ])
  })

  test('four choices are a list, and a row of it comes back', async () => {
    const { send, say, seen, heard } = await stage('whatsapp')
    await send({ quickReplies: ['A', 'B', 'C', 'D'].map((title) => ({ title })) })
    const target = (await seen())[0]?.id
    await say({ type: 'button', target, button: { title: 'D' } })
    expect(heard.find(({ type }) => type === 'message')).toMatchObject({ text: 'D', chosen: 'D' })
  })

  test('somebody without a number writes and is written to', async () => {
    const { ask, send, heard } = await stage('whatsapp')
    await ask('POST', '/phones/con_1/US.77/messages', { text: 'Hi', username: 'dana.w' })
    expect(heard).toMatchObject([{ address: 'US.77', sender: { contact: '@dana.w' } }])
    await send({ to: 'US.77' })
    const { messages } = (await (await ask('GET', '/phones/con_1/US.77/messages')).json()) as {
      messages: unknown[]
    }
    expect(messages).toHaveLength(2)
  })

  test('a message taken back', async () => {
    const { say, heard, seen } = await stage('whatsapp')
    const { id } = await say({ text: 'oops' })
    await say({ type: 'delete', target: id })
    expect(heard[1]).toMatchObject({ type: 'deletion', target: id })
    expect(await seen()).toMatchObject([{ deleted: true, text: '' }])
  })
})

describe('telegram', () => {
  test('who blocks the bot can’t be written to, and the hook is told', async () => {
    const { say, send, heard } = await stage('telegram')
    await say({ type: 'block' })
    expect(await noteOf(send())).toBe('blocked: Forbidden: bot was blocked by the user')
    await say({ type: 'unblock' })
    expect(await send()).toHaveProperty('externalId')
    expect(heard).toMatchObject([
      { type: 'reachable', reachable: false },
      { type: 'reachable', reachable: true },
    ])
  })

  test('a username is as good as a number, and is always the same one', async () => {
    const first = await stage('telegram')
    const second = await stage('telegram')
    for (const { ask } of [first, second]) {
      await ask('POST', '/phones/con_1/robin_v/messages', { name: 'Robin', text: 'Hi' })
    }
    expect(first.heard).toMatchObject([{ sender: { contact: '@robin_v', name: 'Robin' } }])
    expect(first.heard[0]?.address).toBe(second.heard[0]?.address)
    await first.send({ to: first.heard[0]?.address })
    const answer = await first.ask('GET', '/phones/con_1/robin_v/messages')
    expect(((await answer.json()) as { messages: unknown[] }).messages).toHaveLength(2)
  })

  test('what Telegram answers to what the bot may not do', async () => {
    const { ask, say } = await stage('telegram')
    const call = async (method: string, body: object, bot = 'bot42:abc') =>
      (await ask('POST', `/telegram/${bot}/${method}`, body)).json()
    expect(await call('getMe', {})).toMatchObject({ ok: true, result: { first_name: 'Support' } })
    expect(await call('getMe', {}, 'bot1:x')).toMatchObject({ ok: false, error_code: 401 })
    expect(await call('fly', {})).toMatchObject({ error_code: 404 })
    expect(await call('sendMessage', { chat_id: 901, text: '' })).toMatchObject({
      description: 'Bad Request: message text is empty',
    })
    const long = { inline_keyboard: [[{ text: 'x', callback_data: 'x'.repeat(65) }]] }
    const message = { chat_id: 901, text: 'x', reply_markup: long }
    expect(await call('sendMessage', message)).toMatchObject({
      description: 'Bad Request: BUTTON_DATA_INVALID',
    })
    expect(await call('sendPhoto', { chat_id: 901 })).toMatchObject({
      description: 'Bad Request: there is no photo in the request',
    })
    expect(await say({ type: 'delete', target: '1' })).toHaveProperty('error')
  })
})

test('a website’s connection is listed, and has no phones', async () => {
  const { ask } = await stage('whatsapp')
  const site = { channel: 'web', name: 'Shop', hookUrl: `${origin}/hooks/con_2`, secrets: {} }
  await ask('PUT', '/connections/con_2', site)
  const { connections } = (await (await ask('GET', '/connections')).json()) as {
    connections: object[]
  }
  expect(connections).toEqual([
    { id: 'con_1', channel: 'whatsapp', name: 'Support', hookUrl: `${origin}/hooks/con_1` },
    { id: 'con_2', channel: 'web', name: 'Shop', hookUrl: `${origin}/hooks/con_2` },
  ])
  expect((await ask('POST', '/phones/con_2/v_1/messages', { text: 'x' })).status).toBe(404)
})

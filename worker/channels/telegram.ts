// Telegram by its Bot API. https://core.telegram.org/bots/api

import * as z from 'zod/mini'

import { sameText, utf8 } from '../base/crypto.ts'
import {
  SendError,
  type Channel,
  type Config,
  type Outbound,
  type OutboundFile,
  type Ports,
  type SendTrouble,
} from './channel.ts'
import { ask, byStatus, jsonBody, reach, sendInOrder, type Purpose } from './lib/ask.ts'
import { part, read } from './lib/envelope.ts'
import { bytesOf } from './lib/files.ts'
import { plainText } from './lib/plain-text.ts'
import { externalIdOf, receiveTelegram } from './telegram-inbound.ts'

const longestCaption = 1024
const longestCallbackBytes = 64
const largestPhoto = 10 * 1024 * 1024

/** By which method a file goes, and under which name; what no row takes is a document. */
const fileMethods = [
  { kind: 'image', type: /^image\/gif/, method: 'sendAnimation', field: 'animation' },
  { kind: 'image', type: /^image\/(jpeg|png|webp)/, method: 'sendPhoto', field: 'photo' },
  { kind: 'video', type: /^video\/mp4/, method: 'sendVideo', field: 'video' },
  { kind: 'audio', type: /^audio\/ogg/, method: 'sendVoice', field: 'voice' },
  { kind: 'audio', type: /^audio\/(mpeg|mp4|x-m4a)/, method: 'sendAudio', field: 'audio' },
  { kind: 'sticker', type: /^image\/webp/, method: 'sendSticker', field: 'sticker' },
] as const
const asDocument = { method: 'sendDocument', field: 'document' } as const

const Answer = z.object({ ok: z.literal(true), result: z.unknown() })
const Failure = z.object({
  ok: z.literal(false),
  description: part(z.string()),
  parameters: part(z.object({ retry_after: part(z.number()) })),
})
const Sent = z.object({ message_id: z.int() })
const FileInfo = z.object({ file_path: z.string() })

export const telegram: Channel = {
  kind: 'telegram',
  baseUrl: 'https://api.telegram.org',
  limits: { textLength: 4096, quickReplies: 8, quickReplyLength: 60 },
  fields: [
    {
      name: 'botToken',
      title: 'Bot token',
      secret: true,
      required: true,
      help: 'From @BotFather: 123456:ABC…',
    },
    {
      name: 'secretToken',
      title: 'Secret token',
      secret: true,
      required: true,
      help: 'Any text of yours of A-Z a-z 0-9 _ -; give the same to setWebhook as secret_token.',
    },
  ],

  verify: ({ headers }, config) =>
    sameText(headers.get('X-Telegram-Bot-Api-Secret-Token') ?? '', config['secretToken'] ?? ''),

  receive: receiveTelegram,

  async send(message, config, ports) {
    const parts = []
    for (const one of message.files) parts.push(await filePart(one))
    return sendInOrder(withText(message, parts), async ({ method, fields, file }) => {
      const body = { chat_id: message.to, ...fields }
      const init = file ? formBody(body, file) : jsonBody(body)
      const sent = read(Sent, await call(method, init, config, ports, 'deliver'))
      if (!sent) throw new SendError('unknown', 'Telegram took the message but gave it no id')
      return externalIdOf(message.to, sent.message_id)
    })
  },

  async acknowledge(callback_query_id, config, ports) {
    await call('answerCallbackQuery', jsonBody({ callback_query_id }), config, ports, 'prepare')
  },

  async fetchFile(ref, config, ports) {
    const found = await call('getFile', jsonBody({ file_id: ref }), config, ports, 'prepare')
    const path = read(FileInfo, found)?.file_path
    if (!path || path.split('/').includes('..')) {
      throw new SendError('rejected', 'Telegram gave no path for the file')
    }
    const url = `${apiOf(ports)}/file/bot${config['botToken'] ?? ''}/${encodeURI(path)}`
    const response = await reach(ports.fetch, url, {}, 'prepare')
    if (response.ok) return response
    throw new SendError(byStatus(response.status, 'prepare'), `HTTP ${response.status}`)
  },
}

interface Part {
  readonly method: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly file?: { readonly field: string; readonly name: string; readonly blob: Blob }
}

async function filePart(file: OutboundFile): Promise<Part> {
  const bytes = await bytesOf(file)
  const { kind, type, name } = file
  const found = fileMethods.find((one) => one.kind === kind && one.type.test(type)) ?? asDocument
  const isTooLarge = found.method === 'sendPhoto' && bytes.byteLength > largestPhoto
  const { method, field } = isTooLarge ? asDocument : found
  return { method, fields: {}, file: { field, name, blob: new Blob([bytes], { type }) } }
}

/** The message's parts: the text is the first file's caption if it may, buttons go with the last. */
function withText(message: Outbound, files: readonly Part[]): Part[] {
  const text = plainText(message.text)
  const captioned =
    text !== '' && text.length <= longestCaption
      ? files.findIndex(({ method }) => method !== 'sendSticker')
      : -1
  const parts = files.map((one, index) =>
    index === captioned ? { ...one, fields: { caption: text } } : one,
  )
  if (text !== '' && captioned === -1) parts.push({ method: 'sendMessage', fields: { text } })
  if (parts.length === 0 && message.quickReplies.length > 0) {
    parts.push({ method: 'sendMessage', fields: { text: '↓' } })
  }
  const answered = /^-?\d+:(\d+)$/.exec(message.replyTo ?? '')?.[1]
  return parts.map((one, index) => ({
    ...one,
    fields: {
      ...one.fields,
      ...(index === 0 && answered
        ? {
            reply_parameters: {
              message_id: Number(answered),
              allow_sending_without_reply: true,
            },
          }
        : {}),
      ...(index === parts.length - 1 && message.quickReplies.length > 0
        ? { reply_markup: { inline_keyboard: message.quickReplies.map(buttonOf) } }
        : {}),
    },
  }))
}

/** One button, in a row of its own. What comes back holds 64 bytes: what is longer is its title. */
function buttonOf({ title, payload }: Outbound['quickReplies'][number], index: number) {
  const fitting = [payload ?? title, title].find(
    (text) => utf8(text).byteLength <= longestCallbackBytes,
  )
  return [{ text: title, callback_data: fitting ?? `#${index + 1}` }]
}

function formBody(body: Record<string, unknown>, file: NonNullable<Part['file']>): RequestInit {
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  form.set(file.field, file.blob, file.name)
  return { method: 'POST', body: form }
}

/** Calls a method and gives its result. Throws `SendError` with Telegram's own words. */
async function call(
  method: string,
  init: RequestInit,
  config: Config,
  ports: Pick<Ports, 'fetch' | 'baseUrl'>,
  purpose: Purpose,
): Promise<unknown> {
  const url = `${apiOf(ports)}/bot${config['botToken'] ?? ''}/${method}`
  const answer = await ask(ports.fetch, url, init, purpose)
  const good = answer.ok ? read(Answer, answer.json) : undefined
  if (good) return good.result
  if (answer.ok) throw new SendError('unknown', 'Telegram’s answer can’t be read')
  const failure = read(Failure, answer.json)
  const waitSeconds = failure?.parameters?.retry_after
  const words = failure?.description ?? ''
  throw new SendError(
    troubleOf(answer.status, words, purpose),
    words || `HTTP ${answer.status}`,
    waitSeconds ? waitSeconds * 1000 : answer.retryAfterMs,
  )
}

function troubleOf(status: number, words: string, purpose: Purpose): SendTrouble {
  // Telegram says 404 for a token of the wrong shape, 401 for one that was revoked.
  if (status === 404) return 'unauthorized'
  if (status === 403 || /chat not found|user is deactivated/i.test(words)) return 'blocked'
  return byStatus(status, purpose)
}

function apiOf({ baseUrl }: Pick<Ports, 'baseUrl'>): string {
  return baseUrl.replace(/\/$/, '')
}

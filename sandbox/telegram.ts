// The sending side of Telegram's Bot API, as far as the product uses it.

import { Hono } from 'hono'
import * as z from 'zod/mini'

import { answerOf, nextFault, silence } from './faults.ts'
import {
  addMessage,
  keepFile,
  nextMessageId,
  phoneAt,
  type PhoneFile,
  type SandboxConnection,
  type SandboxStore,
} from './store.ts'
import type { Place } from './whatsapp.ts'

/** The methods that send a file, and the field that holds it. */
const fileFields: Readonly<Record<string, string>> = {
  sendPhoto: 'photo',
  sendAnimation: 'animation',
  sendVideo: 'video',
  sendVoice: 'voice',
  sendAudio: 'audio',
  sendDocument: 'document',
  sendSticker: 'sticker',
}

const Button = z.object({
  text: z.string().check(z.minLength(1)),
  callback_data: z.string().check(
    z.minLength(1),
    z.refine((data) => new TextEncoder().encode(data).byteLength <= 64),
  ),
})
const Markup = z.object({ inline_keyboard: z.array(z.array(Button)) })
const Reply = z.object({ message_id: z.int() })

type Fields = Readonly<Record<string, unknown>>

export function telegramRoutes(place: Place) {
  const { store } = place
  return new Hono()
    .get('/file/:bot/:fileId/:name', (c) => {
      const connection = botOf(store, c.req.param('bot'))
      const file = store.files.get(c.req.param('fileId'))
      if (!file || file.connectionId !== connection?.id) return failure(404, 'Not Found')
      return c.body(file.bytes, 200, { 'Content-Type': 'application/octet-stream' })
    })
    .all('/:bot/:method', async (c) => {
      const connection = botOf(store, c.req.param('bot'))
      if (!connection) return failure(401, 'Unauthorized')
      const fields = await fieldsOf(c.req.raw)
      const method = c.req.param('method')
      switch (method) {
        case 'getMe':
          return good({ id: 1, is_bot: true, first_name: connection.name, username: 'sandbox_bot' })
        case 'getWebhookInfo':
          return good({ url: connection.hookUrl, pending_update_count: 0 })
        case 'setWebhook':
        case 'deleteWebhook':
        case 'sendChatAction':
        case 'answerCallbackQuery':
          return good(true)
        case 'getFile':
          return fileInfo(store, connection, fields)
        default:
          return method === 'sendMessage' || method in fileFields
            ? send(place, connection, { method, fields, request: c.req.raw })
            : failure(404, 'Not Found: method not found')
      }
    })
}

async function send(
  place: Place,
  connection: SandboxConnection,
  asked: { readonly method: string; readonly fields: Fields; readonly request: Request },
): Promise<Response> {
  const fault = await nextFault(place.store, connection.id, place.wait)
  const { status = 200 } = fault
  const broken = answerOf(fault, {
    ok: false,
    error_code: status,
    description: status === 429 ? 'Too Many Requests: retry after 1' : `Sandbox error ${status}`,
    ...(status === 429 ? { parameters: { retry_after: 1 } } : {}),
  })
  if (broken) return broken
  const answer = await accept(place, connection, asked)
  return fault.drop && answer.ok ? silence(asked.request) : answer
}

async function accept(
  { store, now }: Place,
  connection: SandboxConnection,
  { method, fields }: { readonly method: string; readonly fields: Fields },
): Promise<Response> {
  const address = String(fields['chat_id'] ?? '')
  if (address === '') return failure(400, 'Bad Request: chat_id is empty')
  if (!/^\d+$/.test(address)) return failure(400, 'Bad Request: chat not found')
  const isText = method === 'sendMessage'
  const text = String(fields[isText ? 'text' : 'caption'] ?? '')
  if (isText && text.trim() === '') return failure(400, 'Bad Request: message text is empty')
  if (isText && text.length > 4096) return failure(400, 'Bad Request: message is too long')
  if (!isText && text.length > 1024) return failure(400, 'Bad Request: message caption is too long')

  const markup = structured(fields['reply_markup'], Markup)
  if (markup === null) return failure(400, 'Bad Request: BUTTON_DATA_INVALID')
  const answered = structured(fields['reply_parameters'], Reply)
  if (answered === null)
    return failure(400, "Bad Request: can't parse reply parameters JSON object")

  const phone = phoneAt(store, connection.id, address, now())
  if (phone.blocked) return failure(403, 'Forbidden: bot was blocked by the user')
  const field = fileFields[method]
  const file = field ? await fileOf(store, connection, fields[field]) : undefined
  if (field && !file) return failure(400, `Bad Request: there is no ${field} in the request`)

  const messageId = nextMessageId(phone)
  const buttons = markup?.inline_keyboard
    .flat()
    .map((button) => ({ title: button.text, payload: button.callback_data }))
  addMessage(phone, {
    id: String(messageId),
    by: 'us',
    type: field ?? 'text',
    text,
    at: now(),
    status: 'delivered',
    ...(file ? { file } : {}),
    ...(buttons ? { buttons } : {}),
    ...(answered ? { replyTo: String(answered.message_id) } : {}),
  })
  return good({
    message_id: messageId,
    date: Math.floor(now() / 1000),
    chat: { id: Number(address), type: 'private' },
    ...(isText ? { text } : { caption: text }),
  })
}

function fileInfo(store: SandboxStore, connection: SandboxConnection, fields: Fields): Response {
  const file = store.files.get(String(fields['file_id'] ?? ''))
  if (!file || file.connectionId !== connection.id) {
    return failure(400, 'Bad Request: invalid file_id')
  }
  const { id, name, size } = file
  const path = `${id}/${name.replace(/[^\w.-]/g, '_')}`
  return good({ file_id: id, file_unique_id: id, file_size: size, file_path: path })
}

async function fileOf(
  store: SandboxStore,
  connection: SandboxConnection,
  given: unknown,
): Promise<PhoneFile | undefined> {
  if (!(given instanceof File)) return undefined
  const bytes = new Uint8Array(await given.arrayBuffer())
  if (bytes.byteLength === 0) return undefined
  const type = given.type || 'application/octet-stream'
  const { id, name, size } = keepFile(store, connection.id, {
    name: given.name || 'file',
    type,
    bytes,
  })
  return { id, name, type, size }
}

/** The fields of a call, however they came: query, JSON or form. */
async function fieldsOf(request: Request): Promise<Fields> {
  const query = Object.fromEntries(new URL(request.url).searchParams)
  if (request.method !== 'POST') return query
  try {
    const isJson = request.headers.get('Content-Type')?.startsWith('application/json')
    const body: unknown = isJson
      ? await request.json()
      : Object.fromEntries(await request.formData())
    return { ...query, ...(typeof body === 'object' ? body : {}) }
  } catch {
    return query
  }
}

/** A field that holds a structure, as JSON in a form; null when it is not right. */
function structured<Schema extends z.ZodMiniType>(
  value: unknown,
  schema: Schema,
): z.output<Schema> | undefined | null {
  if (value === undefined) return undefined
  try {
    return z.parse(schema, typeof value === 'string' ? JSON.parse(value) : value)
  } catch {
    return null
  }
}

function botOf(store: SandboxStore, bot: string): SandboxConnection | undefined {
  return [...store.connections.values()].find(
    ({ channel, secrets }) => channel === 'telegram' && bot === `bot${secrets['botToken']}`,
  )
}

function good(result: unknown): Response {
  return Response.json({ ok: true, result })
}

function failure(status: number, description: string): Response {
  return Response.json({ ok: false, error_code: status, description }, { status })
}

// WhatsApp by Meta's Cloud API. https://developers.facebook.com/docs/whatsapp/cloud-api

import * as z from 'zod/mini'

import { sameText } from '../base/crypto.ts'
import {
  SendError,
  type Channel,
  type Config,
  type Outbound,
  type OutboundFile,
  type Ports,
  type SendTrouble,
} from './channel.ts'
import {
  ask,
  byStatus,
  jsonBody,
  reach,
  sendInOrder,
  type Answer,
  type Purpose,
} from './lib/ask.ts'
import { part, read } from './lib/envelope.ts'
import { bytesOf } from './lib/files.ts'
import { plainText } from './lib/plain-text.ts'
import { hubSignatureIsRight } from './lib/signature.ts'
import { errorWords, receiveWhatsapp } from './whatsapp-inbound.ts'

const apiVersion = 'v23.0'
const longestCaption = 1024
const mostButtons = 3
/** Of a list's rows; a button's may be longer. */
const longestChoiceId = 200

/** What Meta takes as this kind; all else goes as a document. */
const mediaTypes = {
  image: ['image/jpeg', 'image/png'],
  video: ['video/mp4', 'video/3gpp'],
  audio: ['audio/aac', 'audio/mp4', 'audio/mpeg', 'audio/amr', 'audio/ogg'],
  sticker: ['image/webp'],
} as const

/** Error numbers that say more than the HTTP status they come with. */
const troubles: Readonly<Record<number, SendTrouble>> = {
  0: 'unauthorized',
  1: 'unreachable',
  2: 'unreachable',
  3: 'unauthorized',
  4: 'throttled',
  10: 'unauthorized',
  190: 'unauthorized',
  80007: 'throttled',
  130429: 'throttled',
  131000: 'unreachable',
  131005: 'unauthorized',
  131016: 'unreachable',
  131026: 'blocked',
  131047: 'window-closed',
  131048: 'throttled',
  131050: 'blocked',
  131056: 'throttled',
  131057: 'unreachable',
}

/** Where media may be fetched from with our token. */
const mediaHosts = /(^|\.)(fbsbx\.com|facebook\.com|whatsapp\.net|fbcdn\.net)$/

const Sent = z.object({ messages: z.array(z.object({ id: z.string() })).check(z.minLength(1)) })
const Uploaded = z.object({ id: z.string() })
const MediaInfo = z.object({ url: z.string() })
const Failure = z.object({ error: z.object({ code: part(z.number()) }) })

export const whatsapp: Channel = {
  kind: 'whatsapp',
  baseUrl: 'https://graph.facebook.com',
  limits: { textLength: 4096, replyWindowHours: 24, quickReplies: 10, quickReplyLength: 20 },
  fields: [
    {
      name: 'phoneNumberId',
      title: 'Phone number ID',
      secret: false,
      required: true,
      help: 'WhatsApp > API Setup in the Meta app. Not the number itself.',
    },
    {
      name: 'accessToken',
      title: 'Access token',
      secret: true,
      required: true,
      help: 'A permanent token of a system user, with whatsapp_business_messaging.',
    },
    {
      name: 'appSecret',
      title: 'App secret',
      secret: true,
      required: true,
      help: 'App settings > Basic. Webhooks are signed with it.',
    },
    {
      name: 'verifyToken',
      title: 'Verify token',
      secret: true,
      required: true,
      help: 'Any text of yours; type the same where Meta asks for it.',
    },
  ],

  async handshake({ method, url }, config) {
    const asked = url.searchParams
    if (method !== 'GET' || asked.get('hub.mode') !== 'subscribe') return undefined
    const isRight = await sameText(asked.get('hub.verify_token') ?? '', config['verifyToken'] ?? '')
    return isRight ? (asked.get('hub.challenge') ?? undefined) : undefined
  },

  verify: (envelope, config) => hubSignatureIsRight(envelope, config['appSecret'] ?? ''),

  receive: receiveWhatsapp,

  async send(message, config, ports) {
    const uploads = []
    // All of it is uploaded before the first part leaves: an upload reaches nobody.
    for (const file of message.files) uploads.push(await upload(file, config, ports))
    return sendInOrder(partsOf(message, uploads), async (content) => {
      const url = `${apiOf(ports)}/${encodeURIComponent(config['phoneNumberId'] ?? '')}/messages`
      const answer = await ask(
        ports.fetch,
        url,
        jsonBody({ ...header(message), ...content }, authorization(config)),
        'deliver',
      )
      if (!answer.ok) throw troubleOf(answer, 'deliver')
      const sent = read(Sent, answer.json)
      if (!sent) throw new SendError('unknown', 'WhatsApp took the message but gave it no id')
      return sent.messages[0]?.id ?? ''
    })
  },

  async fetchFile(ref, config, ports) {
    const headers = authorization(config)
    const answer = await ask(
      ports.fetch,
      `${apiOf(ports)}/${encodeURIComponent(ref)}`,
      { headers },
      'prepare',
    )
    if (!answer.ok) throw troubleOf(answer, 'prepare')
    const url = URL.parse(read(MediaInfo, answer.json)?.url ?? '')
    // The token goes to Meta's own hosts, or where the tenant has said that the API lives.
    if (
      !url ||
      !(mediaHosts.test(url.hostname) || url.origin === URL.parse(ports.baseUrl)?.origin)
    ) {
      throw new SendError('rejected', 'WhatsApp gave no address for the file')
    }
    const file = await reach(ports.fetch, url.href, { headers }, 'prepare')
    if (!file.ok) throw new SendError(byStatus(file.status, 'prepare'), `HTTP ${file.status}`)
    return file
  },
}

interface Upload {
  readonly type: 'image' | 'video' | 'audio' | 'sticker' | 'document'
  readonly id: string
  readonly name: string
}

async function upload(
  file: OutboundFile,
  config: Config,
  ports: Pick<Ports, 'fetch' | 'baseUrl'>,
): Promise<Upload> {
  const form = new FormData()
  form.set('messaging_product', 'whatsapp')
  form.set('type', file.type)
  form.set('file', new Blob([await bytesOf(file)], { type: file.type }), file.name)
  const answer = await ask(
    ports.fetch,
    `${apiOf(ports)}/${encodeURIComponent(config['phoneNumberId'] ?? '')}/media`,
    { method: 'POST', headers: authorization(config), body: form },
    'prepare',
  )
  if (!answer.ok) throw troubleOf(answer, 'prepare')
  const uploaded = read(Uploaded, answer.json)
  if (!uploaded) throw new SendError('unreachable', 'WhatsApp gave the uploaded file no id')
  return { id: uploaded.id, name: file.name, type: mediaTypeOf(file) }
}

function mediaTypeOf({ kind, type }: OutboundFile): Upload['type'] {
  if (kind === 'file') return 'document'
  const taken: readonly string[] = mediaTypes[kind]
  return taken.includes(type.split(';')[0] ?? '') ? kind : 'document'
}

/** What stands around every part. The id of ours comes back with each status. */
function header({ id, to }: Outbound) {
  const recipient = /^\d+$/.test(to) ? { to } : { recipient: to }
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...recipient,
    biz_opaque_callback_data: id,
  }
}

/** A message as WhatsApp's: each file is one, the text is the first one's caption if it may. */
function partsOf(message: Outbound, uploads: readonly Upload[]): Record<string, unknown>[] {
  const text = plainText(message.text)
  const { quickReplies, replyTo } = message
  const takesText = text !== '' && text.length <= longestCaption
  const captioned =
    takesText && quickReplies.length === 0
      ? uploads.findIndex(({ type }) => type !== 'audio' && type !== 'sticker')
      : -1
  const parts: Record<string, unknown>[] = uploads.map(({ type, id, name }, index) => ({
    type,
    [type]: {
      id,
      ...(index === captioned ? { caption: text } : {}),
      ...(type === 'document' ? { filename: name } : {}),
    },
  }))
  const textPart = { type: 'text', text: { body: text } }
  if (quickReplies.length > 0) {
    if (text !== '' && !takesText) parts.push(textPart)
    parts.push(interactive(takesText ? text : '↓', quickReplies))
  } else if (text !== '' && captioned === -1) {
    parts.push(textPart)
  }
  const [first, ...rest] = parts
  return first && replyTo ? [{ ...first, context: { message_id: replyTo } }, ...rest] : parts
}

function interactive(text: string, quickReplies: Outbound['quickReplies']) {
  const choices = quickReplies.map(({ title, payload = title }) => ({
    id: payload.length <= longestChoiceId ? payload : title,
    title,
  }))
  const action =
    choices.length <= mostButtons
      ? { buttons: choices.map((reply) => ({ type: 'reply', reply })) }
      : { button: 'Choose', sections: [{ title: 'Choose', rows: choices }] }
  return {
    type: 'interactive',
    interactive: {
      type: choices.length <= mostButtons ? 'button' : 'list',
      body: { text },
      action,
    },
  }
}

function apiOf({ baseUrl }: Pick<Ports, 'baseUrl'>): string {
  return `${baseUrl.replace(/\/$/, '')}/${apiVersion}`
}

function authorization(config: Config): Record<string, string> {
  return { Authorization: `Bearer ${config['accessToken'] ?? ''}` }
}

function troubleOf(answer: Answer, purpose: Purpose): SendError {
  const error = read(Failure, answer.json)?.error
  const trouble = troubles[error?.code ?? -1] ?? byStatus(answer.status, purpose)
  const note = errorWords(error && (answer.json as { error: unknown }).error)
  return new SendError(trouble, note || `HTTP ${answer.status}`, answer.retryAfterMs)
}

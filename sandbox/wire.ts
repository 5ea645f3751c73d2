// The providers' webhooks as they really look: envelopes, signatures, escaping. For the sandbox,
// the tests and the scripts; it leans on nothing of the worker, so that it can be its witness.

export type Json = Readonly<Record<string, unknown>>

export interface WhatsappSource {
  readonly phoneNumberId: string
  /** The business's own number, in digits. */
  readonly ownNumber?: string
}

export interface WhatsappSender {
  /** In digits; absent for somebody who shows no number. */
  readonly from?: string
  readonly userId?: string
  readonly name: string
  readonly username?: string
}

/** A customer's message: `content` is the provider's, `{ type: 'text', text: { body } }`. */
export function whatsappMessage(
  message: WhatsappSource &
    WhatsappSender & {
      readonly id: string
      /** In milliseconds; the provider tells seconds. */
      readonly at: number
      readonly content: Json
      readonly replyTo?: string
    },
): Json {
  const { from, userId, name, username, id, at, content, replyTo } = message
  return whatsappDelivery(message, {
    contacts: [
      {
        profile: { name, ...(username ? { username } : {}) },
        ...(from ? { wa_id: from } : {}),
        ...(userId ? { user_id: userId } : {}),
      },
    ],
    messages: [
      {
        ...(from ? { from } : {}),
        ...(userId ? { from_user_id: userId } : {}),
        id,
        timestamp: inSeconds(at),
        ...(replyTo ? { context: { from: ownNumberOf(message), id: replyTo } } : {}),
        ...content,
      },
    ],
  })
}

/** A report on one of our messages. */
export function whatsappStatus(
  report: WhatsappSource & {
    readonly id: string
    readonly status: 'sent' | 'delivered' | 'read' | 'failed' | 'played'
    /** Digits, or a user id. */
    readonly to: string
    readonly at: number
    /** What the sender had added for itself. */
    readonly tracker?: string
    readonly errors?: readonly Json[]
  },
): Json {
  const { id, status, to, at, tracker, errors } = report
  return whatsappDelivery(report, {
    statuses: [
      {
        id,
        status,
        timestamp: inSeconds(at),
        ...(/^\d+$/.test(to) ? { recipient_id: to } : { recipient_user_id: to }),
        ...(tracker ? { biz_opaque_callback_data: tracker } : {}),
        ...(errors ? { errors } : {}),
      },
    ],
  })
}

function whatsappDelivery(source: WhatsappSource, value: Json): Json {
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '100000000000001',
        changes: [
          {
            value: {
              messaging_product: 'whatsapp',
              metadata: {
                display_phone_number: ownNumberOf(source),
                phone_number_id: source.phoneNumberId,
              },
              ...value,
            },
            field: 'messages',
          },
        ],
      },
    ],
  }
}

/** A private message: `content` is the provider's, `{ text }`. */
export function telegramMessage(message: {
  readonly messageId: number
  readonly from: TelegramPerson
  readonly at: number
  readonly content: Json
  readonly replyTo?: number
}): Json {
  const { messageId, from, at, content, replyTo } = message
  const chat = telegramChat(from)
  const date = Math.floor(at / 1000)
  return {
    message_id: messageId,
    from: { ...from, is_bot: false },
    chat,
    date,
    ...(replyTo === undefined ? {} : { reply_to_message: { message_id: replyTo, chat, date } }),
    ...content,
  }
}

export interface TelegramPerson {
  readonly id: number
  readonly first_name: string
  readonly last_name?: string
  readonly username?: string
}

export function telegramChat({ id, first_name, last_name, username }: TelegramPerson): Json {
  return {
    id,
    first_name,
    ...(last_name ? { last_name } : {}),
    ...(username ? { username } : {}),
    type: 'private',
  }
}

/** An update: `{ message }`, `{ edited_message }`, `{ callback_query }` and the like. */
export function telegramUpdate(updateId: number, content: Json): Json {
  return { update_id: updateId, ...content }
}

/** A delivery as Meta makes it: escaped as Meta escapes, signed over the very bytes. */
export async function whatsappRequest(
  hookUrl: string,
  appSecret: string,
  envelope: Json,
): Promise<Request> {
  const body = escapeAsMeta(JSON.stringify(envelope))
  return new Request(hookUrl, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Hub-Signature-256': await sign(appSecret, body),
    },
    body,
  })
}

/** A delivery as Telegram makes it. */
export function telegramRequest(hookUrl: string, secretToken: string, update: Json): Request {
  return new Request(hookUrl, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Telegram-Bot-Api-Secret-Token': secretToken,
    },
    body: JSON.stringify(update),
  })
}

/** The value of `X-Hub-Signature-256` for a body. */
export async function sign(appSecret: string, body: string): Promise<string> {
  const encoder = new TextEncoder()
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(appSecret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(body)))
  return `sha256=${Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Meta sends nothing but ASCII: the rest as \uXXXX in small letters, and slashes escaped. */
function escapeAsMeta(json: string): string {
  return json
    .replaceAll('/', '\\/')
    .replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function ownNumberOf({ ownNumber = '15550100100' }: WhatsappSource): string {
  return ownNumber
}

function inSeconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}

// What a phone's owner does, as the wire of the connection's provider says it.

import * as z from 'zod/mini'

import { samples } from './samples.ts'
import {
  keepFile,
  nextMessageId,
  nextUpdateId,
  newWamid,
  type Phone,
  type PhoneMessage,
  type SandboxConnection,
  type SandboxFile,
  type SandboxStore,
} from './store.ts'
import {
  telegramChat,
  telegramMessage,
  telegramUpdate,
  whatsappMessage,
  type Json,
  type TelegramPerson,
} from './wire.ts'

const kinds = ['image', 'document', 'audio', 'voice', 'video', 'sticker'] as const
const Text = z.string().check(z.maxLength(4096))

/** What is asked of `POST /sandbox/phones/:connectionId/:address/messages`. */
export const PhoneAct = z.object({
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(120))),
  username: z.optional(z.string().check(z.maxLength(64))),
  type: z.optional(
    z.enum([
      'text',
      ...kinds,
      'location',
      'contact',
      'reaction',
      'button',
      'edit',
      'delete',
      'block',
      'unblock',
      'unsupported',
    ]),
  ),
  /** The text, a caption, the new text of an edit. */
  text: z.optional(Text),
  file: z.optional(
    z.object({
      name: z.string().check(z.minLength(1), z.maxLength(255)),
      type: z.string().check(z.minLength(1), z.maxLength(127)),
      base64: z.string(),
    }),
  ),
  location: z.optional(
    z.object({
      latitude: z.number(),
      longitude: z.number(),
      name: z.optional(z.string()),
      address: z.optional(z.string()),
    }),
  ),
  contact: z.optional(z.object({ name: z.string(), phone: z.string() })),
  /** The emoji; empty takes the reaction back. */
  emoji: z.optional(z.string().check(z.maxLength(32))),
  button: z.optional(z.object({ title: z.string(), payload: z.optional(z.string()) })),
  /** The id of the message that a reaction, a button, an edit or a deletion is about. */
  target: z.optional(z.string()),
  replyTo: z.optional(z.string()),
})
export type PhoneAct = z.infer<typeof PhoneAct>

/** An act as the wire says it, and the message it leaves on the phone, if it leaves one. */
export interface Said {
  readonly envelope: Json
  readonly id: string
  readonly message?: Omit<PhoneMessage, 'n' | 'at' | 'by' | 'status'>
}

export interface Scene {
  readonly store: SandboxStore
  readonly connection: SandboxConnection
  readonly phone: Phone
  readonly act: PhoneAct
  readonly now: number
}

/** Nothing: the provider has no such thing, or the act lacks what it needs. */
export function saidBy(scene: Scene): Said | undefined {
  const { connection, act } = scene
  const file = fileOf(scene)
  if (isKind(act.type) && !file) return undefined
  return connection.channel === 'whatsapp'
    ? saidOnWhatsapp(scene, file)
    : saidOnTelegram(scene, file)
}

function saidOnWhatsapp(scene: Scene, file: SandboxFile | undefined): Said | undefined {
  const { act } = scene
  const id = newWamid()
  const content = whatsappContent(scene, file)
  if (!content) return undefined
  const { connection, phone, now } = scene
  const answered = act.type === 'button' ? act.target : act.replyTo
  const envelope = whatsappMessage({
    phoneNumberId: connection.secrets['phoneNumberId'] ?? '',
    ...(/^\d+$/.test(phone.address) ? { from: phone.address } : { userId: phone.address }),
    name: phone.name,
    ...(phone.username ? { username: phone.username } : {}),
    id,
    at: now,
    content,
    ...(answered ? { replyTo: answered } : {}),
  })
  return { envelope, id, ...messageOf(scene, id, file) }
}

function whatsappContent({ act, phone }: Scene, file: SandboxFile | undefined): Json | undefined {
  const { type = 'text', text, target, location, contact, button } = act
  switch (type) {
    case 'text':
      return text ? { type, text: { body: text } } : undefined
    case 'location':
      return location && { type, location }
    case 'contact':
      return (
        contact && {
          type: 'contacts',
          contacts: [
            { name: { formatted_name: contact.name }, phones: [{ phone: contact.phone }] },
          ],
        }
      )
    case 'reaction':
      return target
        ? { type, reaction: { message_id: target, ...(act.emoji ? { emoji: act.emoji } : {}) } }
        : undefined
    case 'button': {
      if (!button) return undefined
      const offered = phone.messages.find(({ id }) => id === target)?.buttons?.length ?? 0
      const kind = offered > 3 ? 'list_reply' : 'button_reply'
      const chosen = { id: button.payload ?? button.title, title: button.title }
      return { type: 'interactive', interactive: { type: kind, [kind]: chosen } }
    }
    case 'edit': {
      const message = { type: 'text', text: { body: text ?? '' } }
      return target ? { type, edit: { original_message_id: target, message } } : undefined
    }
    case 'delete':
      return target ? { type: 'revoke', revoke: { original_message_id: target } } : undefined
    case 'unsupported':
      return { type, unsupported: { type: 'poll_creation' }, errors: [{ code: 131051 }] }
    case 'block':
    case 'unblock':
      return undefined
    default: {
      const kind = type === 'voice' ? 'audio' : type
      return file && { type: kind, [kind]: whatsappMedia(file, act) }
    }
  }
}

function whatsappMedia(file: SandboxFile, { type, text }: PhoneAct): Json {
  return {
    id: file.id,
    mime_type: file.type,
    ...(type === 'document' ? { filename: file.name } : {}),
    ...(type === 'voice' ? { voice: true } : {}),
    ...(text ? { caption: text } : {}),
  }
}

function saidOnTelegram(scene: Scene, file: SandboxFile | undefined): Said | undefined {
  const { store, phone, act, now } = scene
  const from = personOf(phone)
  const chat = telegramChat(from)
  const { type = 'text', text = '', target = '' } = act
  const update = (content: Json) => telegramUpdate(nextUpdateId(store, now), content)
  const date = Math.floor(now / 1000)
  switch (type) {
    case 'button': {
      const { button } = act
      if (!button) return undefined
      const message = { message_id: Number(target), chat, date, ...keyboardOf(phone, target) }
      const id = String(store.lastUpdateId + 1)
      const query = { id, from, message, data: button.payload ?? button.title }
      return { id, envelope: update({ callback_query: query }) }
    }
    case 'reaction': {
      const signs = act.emoji ? [{ type: 'emoji', emoji: act.emoji }] : []
      const reaction = { chat, message_id: Number(target), user: from, date }
      const change = { ...reaction, old_reaction: [], new_reaction: signs }
      return { id: target, envelope: update({ message_reaction: change }) }
    }
    case 'edit': {
      const content = { text, edit_date: date }
      const edited_message = telegramMessage({ messageId: Number(target), from, at: now, content })
      return { id: target, envelope: update({ edited_message }) }
    }
    case 'block':
    case 'unblock': {
      const status = type === 'block' ? 'kicked' : 'member'
      const change = { chat, from, date, new_chat_member: { status, user: { id: 1 } } }
      return { id: target, envelope: update({ my_chat_member: change }) }
    }
    case 'delete':
      return undefined
    default: {
      const content = telegramContent(act, file)
      if (!content) return undefined
      const messageId = nextMessageId(phone)
      const id = String(messageId)
      const replyTo = act.replyTo ? { replyTo: Number(act.replyTo) } : {}
      const message = telegramMessage({ messageId, from, at: now, content, ...replyTo })
      return { id, envelope: update({ message }), ...messageOf(scene, id, file) }
    }
  }
}

function telegramContent(act: PhoneAct, file: SandboxFile | undefined): Json | undefined {
  const { type = 'text', text, location, contact } = act
  const caption = text ? { caption: text } : {}
  if (type === 'text') return text ? { text } : undefined
  if (type === 'contact') {
    return contact && { contact: { phone_number: contact.phone, first_name: contact.name } }
  }
  if (type === 'location') {
    if (!location) return undefined
    const { latitude, longitude, name, address } = location
    const at = { latitude, longitude }
    return name
      ? { location: at, venue: { location: at, title: name, address: address ?? '' } }
      : { location: at }
  }
  if (type === 'unsupported') return { poll: { id: '1', question: 'Which one?', options: [] } }
  if (!file) return undefined
  const { id, name, size } = file
  const base = { file_id: id, file_unique_id: id, file_size: size }
  if (type === 'image') return { ...caption, photo: [{ ...base, width: 1, height: 1 }] }
  return { ...caption, [type]: { ...base, file_name: name, mime_type: file.type } }
}

function keyboardOf(phone: Phone, target: string): Json {
  const offered = phone.messages.find(({ id }) => id === target)?.buttons ?? []
  const inline_keyboard = offered.map(({ title, payload }) => [
    { text: title, callback_data: payload },
  ])
  return { reply_markup: { inline_keyboard } }
}

function personOf({ address, name, username }: Phone): TelegramPerson {
  const [first = name, ...rest] = name.split(' ')
  return {
    id: Number(address),
    first_name: first,
    ...(rest.length > 0 ? { last_name: rest.join(' ') } : {}),
    ...(username ? { username } : {}),
  }
}

function isKind(type: PhoneAct['type']): boolean {
  return kinds.some((kind) => kind === type)
}

/** The file an act brings, or a small one of its kind. Nothing when it is no file, or no base64. */
function fileOf({ store, connection, act }: Scene): SandboxFile | undefined {
  if (!isKind(act.type)) return undefined
  const sample = samples[act.type === 'voice' ? 'audio' : (act.type ?? '')]
  const given = act.file ?? sample
  if (!given) return undefined
  try {
    const bytes = Uint8Array.from(atob(given.base64), (char) => char.charCodeAt(0))
    return keepFile(store, connection.id, { name: given.name, type: given.type, bytes })
  } catch {
    return undefined
  }
}

/** What the act leaves on the phone. A change of something else leaves nothing of its own. */
function messageOf(
  { act }: Scene,
  id: string,
  file: SandboxFile | undefined,
): Pick<Said, 'message'> {
  const { type = 'text', text, location, contact, button, replyTo } = act
  if (['reaction', 'edit', 'delete'].includes(type)) return {}
  return {
    message: {
      id,
      type,
      text: text ?? button?.title ?? '',
      ...(file ? { file: { id: file.id, name: file.name, type: file.type, size: file.size } } : {}),
      ...(location ? { place: withoutAddress(location) } : {}),
      ...(contact ? { contact } : {}),
      ...(replyTo ? { replyTo } : {}),
    },
  }
}

function withoutAddress({ latitude, longitude, name }: NonNullable<PhoneAct['location']>) {
  return { latitude, longitude, ...(name ? { name } : {}) }
}

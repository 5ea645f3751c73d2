// What Telegram's updates say, in our words. https://core.telegram.org/bots/api#update

import * as z from 'zod/mini'

import type { Identity } from '../../shared/customer.ts'
import { longestText } from '../../shared/message.ts'
import type { Envelope, Inbound, RemoteFile, Sender } from './channel.ts'
import { clip, fromSeconds, List, part, read, readJson } from './lib/envelope.ts'
import { remoteFile } from './lib/files.ts'

const Text = part(z.string())

const Person = z.object({
  id: z.int(),
  is_bot: part(z.boolean()),
  first_name: Text,
  last_name: Text,
  username: Text,
})
type Person = z.infer<typeof Person>
const Chat = z.object({ id: z.int(), type: z.string() })

const file = z.object({
  file_id: z.string(),
  file_name: Text,
  mime_type: Text,
  file_size: part(z.int()),
})
const File = part(file)
const Location = z.object({
  latitude: z.coerce.number(),
  longitude: z.coerce.number(),
})

const message = z.object({
  message_id: z.int(),
  from: part(Person),
  chat: Chat,
  date: z.unknown(),
  text: Text,
  caption: Text,
  reply_to_message: part(z.object({ message_id: z.int() })),
  photo: part(z.array(file).check(z.minLength(1))),
  video: File,
  video_note: File,
  animation: File,
  voice: File,
  audio: File,
  document: File,
  sticker: part(
    z.object({
      file_id: z.string(),
      is_animated: part(z.boolean()),
      is_video: part(z.boolean()),
      file_size: part(z.int()),
    }),
  ),
  location: part(Location),
  venue: part(z.object({ location: Location, title: Text, address: Text })),
  contact: part(
    z.object({
      phone_number: z.string(),
      first_name: Text,
      last_name: Text,
      user_id: part(z.int()),
    }),
  ),
  dice: part(z.object({ emoji: z.string(), value: z.int() })),
  web_app_data: part(z.object({ data: z.string(), button_text: z.string() })),
})
type Message = z.infer<typeof message>

const Button = z.object({ text: z.string(), callback_data: Text })
const Update = z.object({
  update_id: z.int(),
  message: part(message),
  edited_message: part(message),
  callback_query: part(
    z.object({
      id: Text,
      from: Person,
      data: Text,
      message: part(
        z.object({
          message_id: z.int(),
          chat: Chat,
          date: z.unknown(),
          reply_markup: part(z.object({ inline_keyboard: z.array(List) })),
        }),
      ),
    }),
  ),
  message_reaction: part(
    z.object({ chat: Chat, message_id: z.int(), user: part(Person), new_reaction: List }),
  ),
  my_chat_member: part(
    z.object({ chat: Chat, from: Person, new_chat_member: z.object({ status: z.string() }) }),
  ),
})

/** What Telegram tells of a chat in the shape of a message: nobody has said anything. */
const chatNews: ReadonlySet<string> = new Set([
  'pinned_message',
  'message_auto_delete_timer_changed',
  'chat_background_set',
  'write_access_allowed',
  'boost_added',
])
/** The parts of a message that say something about it and are not what it says. */
const aboutMessage =
  /^(message_id|message_thread_id|from|chat|date|edit_date|sender_|author_|forward_|is_|via_|has_|effect_id|link_preview_options|media_group_id|entities|caption|show_caption|reply_|quote|external_reply|business_connection_id|paid_star|direct_messages_topic|checklist_task)/

export function receiveTelegram(envelope: Envelope): Inbound[] {
  const raw = readJson(envelope.body)
  const update = read(Update, raw)
  if (!update) return []
  const { message, edited_message, callback_query, message_reaction, my_chat_member } = update
  const id = String(update.update_id)

  if (message) return newMessage(id, message, raw)
  if (edited_message) return edited(id, edited_message)
  if (callback_query) return pressed(id, callback_query)
  if (message_reaction && isPrivate(message_reaction.chat)) {
    const { chat, message_id, new_reaction } = message_reaction
    const emoji = new_reaction.map(emojiOf).at(-1) ?? ''
    const target = externalIdOf(chat.id, message_id)
    return [{ type: 'reaction', id, address: String(chat.id), target, emoji }]
  }
  if (my_chat_member && isPrivate(my_chat_member.chat)) {
    const { chat, new_chat_member } = my_chat_member
    const reachable = new_chat_member.status !== 'kicked'
    return [{ type: 'reachable', id, address: String(chat.id), reachable }]
  }
  return []
}

/** Telegram numbers messages by chat, so the chat is part of the id. */
export function externalIdOf(chatId: number | string, messageId: number): string {
  return `${chatId}:${messageId}`
}

function newMessage(id: string, message: Message, raw: unknown): Inbound[] {
  const { chat, from, reply_to_message: answered } = message
  // A group is many people's: no customer's line. Bots are not customers either.
  if (!isPrivate(chat) || !from || from.is_bot) return []
  const said = contentOf(message, raw)
  if (!said) return []
  return [
    {
      type: 'message',
      id,
      address: String(chat.id),
      sender: senderOf(from, String(chat.id), message),
      externalId: externalIdOf(chat.id, message.message_id),
      sentAt: fromSeconds(message.date),
      ...said,
      ...(answered ? { replyTo: externalIdOf(chat.id, answered.message_id) } : {}),
    },
  ]
}

function edited(id: string, message: Message): Inbound[] {
  const { chat, from, text, caption, location } = message
  // A live location is «edited» with every step of its owner.
  if (!isPrivate(chat) || !from || from.is_bot || location) return []
  return [
    {
      type: 'edit',
      id,
      address: String(chat.id),
      target: externalIdOf(chat.id, message.message_id),
      text: clip(text ?? caption ?? '', longestText),
    },
  ]
}

/**
 * A button was pressed. It belongs to the line of who pressed it, whose private chat has their
 * own id, wherever the button stood: an answer must not go to a whole group.
 */
function pressed(
  id: string,
  query: NonNullable<z.infer<typeof Update>['callback_query']>,
): Inbound[] {
  const { id: receipt, from, data, message } = query
  if (data === undefined || from.is_bot) return []
  const buttons = message?.reply_markup?.inline_keyboard.flat() ?? []
  const title = buttons
    .map((button) => read(Button, button))
    .find((button) => button?.callback_data === data)?.text
  return [
    {
      type: 'message',
      id,
      address: String(from.id),
      sender: senderOf(from, String(from.id), undefined),
      // A press is no message of its own at Telegram: only its update has an id.
      externalId: `update:${id}`,
      text: title ?? data,
      chosen: data,
      // There is no time of the press, only of the message that the button stands under.
      sentAt: 0,
      ...(receipt === undefined ? {} : { receipt }),
      files: [],
      places: [],
      contacts: [],
      ...(message ? { replyTo: externalIdOf(message.chat.id, message.message_id) } : {}),
    },
  ]
}

function isPrivate(chat: { readonly type: string }): boolean {
  return chat.type === 'private'
}

function senderOf(person: Person, address: string, message: Message | undefined): Sender {
  const { id, first_name, last_name, username } = person
  const identities: Identity[] = [{ kind: 'telegram-id', value: String(id), proof: 'channel' }]
  if (username) {
    identities.push({ kind: 'telegram-username', value: username.toLowerCase(), proof: 'channel' })
  }
  // A card is proof of a number only where Telegram says that it is the sender's own.
  const phone = message?.contact?.phone_number.replace(/\D/g, '')
  if (phone && message?.contact?.user_id === id) {
    identities.push({ kind: 'phone', value: `+${phone}`, proof: 'channel' })
  }
  const contact = username ? `@${username}` : String(id)
  const name = [first_name, last_name].filter(Boolean).join(' ').trim()
  return { address, contact, name: clip(name || contact, 200), identities }
}

type Said = Pick<
  Extract<Inbound, { type: 'message' }>,
  'text' | 'files' | 'places' | 'contacts' | 'chosen' | 'unsupported'
>

/** What a message says; nothing when it only tells of the chat. */
function contentOf(message: Message, raw: unknown): Said | undefined {
  const files = filesOf(message)
  const said: Said = {
    text: clip(message.text ?? message.caption ?? '', longestText),
    files,
    places: placesOf(message),
    contacts: cardsOf(message),
  }
  const { dice, web_app_data: form } = message
  if (dice) return { ...said, text: `${dice.emoji} ${dice.value}` }
  if (form) return { ...said, text: form.button_text, chosen: form.data }
  if (said.text || files.length > 0 || said.places.length > 0 || said.contacts.length > 0) {
    return said
  }
  const word = unknownPart(raw)
  return word && chatNews.has(word) ? undefined : { ...said, unsupported: word ?? 'message' }
}

function filesOf(message: Message): RemoteFile[] {
  const { photo, video, video_note, animation, voice, audio, document, sticker } = message
  // Photos come in several sizes, the largest last.
  const picture = photo?.at(-1)
  if (picture) return [fileOf('image', picture, 'image/jpeg')]
  if (video) return [fileOf('video', video, 'video/mp4')]
  if (video_note) return [fileOf('video', video_note, 'video/mp4')]
  // An animation comes as a document too.
  if (animation) return [fileOf('video', animation, 'video/mp4')]
  if (voice) return [fileOf('audio', voice, 'audio/ogg')]
  if (audio) return [fileOf('audio', audio, 'audio/mpeg')]
  if (document) return [fileOf('file', document, 'application/octet-stream')]
  if (!sticker) return []
  const type = sticker.is_video
    ? 'video/webm'
    : sticker.is_animated
      ? 'application/x-tgsticker'
      : 'image/webp'
  return [remoteFile({ kind: 'sticker', ref: sticker.file_id, type, size: sticker.file_size })]
}

function fileOf(kind: RemoteFile['kind'], from: z.infer<typeof file>, type: string): RemoteFile {
  return remoteFile({
    kind,
    ref: from.file_id,
    type: from.mime_type ?? type,
    name: from.file_name,
    size: from.file_size,
  })
}

function placesOf({ venue, location }: Message): Said['places'] {
  if (venue) {
    const { title, address } = venue
    return [
      { ...venue.location, ...(title ? { name: title } : {}), ...(address ? { address } : {}) },
    ]
  }
  return location ? [location] : []
}

function cardsOf({ contact }: Message): Said['contacts'] {
  if (!contact) return []
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(' ')
  return [{ name, phones: [contact.phone_number], emails: [] }]
}

/** Telegram's own name for what a message holds: «poll», «story». */
function unknownPart(raw: unknown): string | undefined {
  const content = read(z.object({ message: z.record(z.string(), z.unknown()) }), raw)?.message
  const word = Object.keys(content ?? {}).find((key) => !aboutMessage.test(key))
  return word && clip(word, 60)
}

/** A reaction as one sign. Those of Telegram's own have none and are shown as unknown. */
function emojiOf(raw: unknown): string {
  const reaction = read(z.object({ type: z.string(), emoji: Text }), raw)
  if (reaction?.type === 'paid') return '⭐'
  return reaction?.emoji ?? '❔'
}

// What WhatsApp's webhooks say, in our words. One delivery may hold many numbers' events.

import * as z from 'zod/mini'

import type { Identity } from '../../shared/customer.ts'
import { longestText, type DeliveryStatus } from '../../shared/message.ts'
import type { Config, Envelope, Inbound, Sender } from './channel.ts'
import { clip, fromSeconds, List, part, read, readJson } from './lib/envelope.ts'
import { remoteFile } from './lib/files.ts'

const Text = part(z.string())

const Delivery = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: List,
})
const Entry = z.object({ changes: List })
const Change = z.object({
  field: z.literal('messages'),
  value: z.object({
    metadata: z.object({ phone_number_id: z.string(), display_phone_number: Text }),
    contacts: List,
    messages: List,
    statuses: List,
  }),
})

const Contact = z.object({
  wa_id: Text,
  user_id: Text,
  profile: part(z.object({ name: Text, username: Text })),
})
type Contact = z.infer<typeof Contact>

const Media = part(
  z.object({
    id: z.string(),
    mime_type: Text,
    caption: Text,
    filename: Text,
    file_size: part(z.int()),
  }),
)
const Choice = part(z.object({ id: z.string(), title: z.string() }))

const content = {
  type: z.string(),
  text: part(z.object({ body: z.string() })),
  image: Media,
  video: Media,
  audio: Media,
  document: Media,
  sticker: Media,
  location: part(
    z.object({ latitude: z.number(), longitude: z.number(), name: Text, address: Text }),
  ),
  contacts: List,
  button: part(z.object({ text: z.string(), payload: Text })),
  interactive: part(
    z.object({
      button_reply: Choice,
      list_reply: Choice,
      nfm_reply: part(z.object({ body: Text, response_json: Text })),
    }),
  ),
  order: part(z.object({ text: Text })),
  system: part(z.object({ body: Text })),
  unsupported: part(z.object({ type: Text })),
}
const Content = z.object(content)
type Content = z.infer<typeof Content>

const Message = z.object({
  ...content,
  id: z.string().check(z.minLength(1)),
  from: Text,
  from_user_id: Text,
  group_id: Text,
  timestamp: z.unknown(),
  context: part(z.object({ id: Text })),
  reaction: part(z.object({ message_id: z.string(), emoji: Text })),
  edit: part(z.object({ original_message_id: z.string(), message: Content })),
  revoke: part(z.object({ original_message_id: z.string() })),
})
type Message = z.infer<typeof Message>

const Card = z.object({
  name: part(z.object({ formatted_name: Text, first_name: Text, last_name: Text })),
  phones: List,
  emails: List,
})

const Status = z.object({
  id: z.string().check(z.minLength(1)),
  status: z.string(),
  timestamp: z.unknown(),
  recipient_id: Text,
  recipient_user_id: Text,
  recipient_type: Text,
  biz_opaque_callback_data: Text,
  errors: List,
})

const ProviderError = z.object({
  code: part(z.number()),
  title: Text,
  message: Text,
  error_data: part(z.object({ details: Text })),
})

/** WhatsApp's word for how far a message has come, and ours. A voice message played was heard. */
const statuses: Readonly<Record<string, DeliveryStatus>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
}

/** What some of WhatsApp's words for what it can't hand on are called with us. */
const unsupportedWords: Readonly<Record<string, string>> = { poll_creation: 'poll' }

export function receiveWhatsapp(envelope: Envelope, config: Config): Inbound[] {
  const delivery = read(Delivery, readJson(envelope.body))
  if (!delivery) return []
  return delivery.entry
    .flatMap((entry) => read(Entry, entry)?.changes ?? [])
    .flatMap((one) => {
      const value = read(Change, one)?.value
      if (!value || value.metadata.phone_number_id !== config['phoneNumberId']) return []
      const contacts = value.contacts.flatMap((contact) => read(Contact, contact) ?? [])
      const ownNumber = value.metadata.display_phone_number?.replace(/\D/g, '')
      return [
        ...value.messages.flatMap((raw) => {
          const message = read(Message, raw)
          // A group is no customer's line, and what our own number wrote is no customer's word.
          if (!message || message.group_id || message.from === ownNumber) return []
          return inboundOf(message, contacts, value.metadata.phone_number_id)
        }),
        ...value.statuses.flatMap(statusOf),
      ]
    })
}

function inboundOf(message: Message, contacts: Contact[], phoneNumberId: string): Inbound[] {
  const sender = senderOf(message, contacts)
  if (!sender) return []
  const { address } = sender
  const base = { id: `${phoneNumberId}:${message.id}`, address }
  const { reaction, edit, revoke } = message

  if (message.type === 'reaction' && reaction) {
    return [{ ...base, type: 'reaction', target: reaction.message_id, emoji: reaction.emoji ?? '' }]
  }
  if (message.type === 'edit' && edit) {
    const { text } = contentOf(edit.message)
    return [{ ...base, type: 'edit', target: edit.original_message_id, text }]
  }
  if (message.type === 'revoke' && revoke) {
    return [{ ...base, type: 'deletion', target: revoke.original_message_id }]
  }
  const replyTo = message.context?.id
  return [
    {
      ...base,
      type: 'message',
      sender,
      externalId: message.id,
      sentAt: fromSeconds(message.timestamp),
      ...contentOf(message),
      ...(replyTo ? { replyTo } : {}),
    },
  ]
}

/** Who wrote. A customer may have no number, only an id of theirs with this business. */
function senderOf(message: Message, contacts: readonly Contact[]): Sender | undefined {
  const contact = contacts.find(
    (one) =>
      (message.from && one.wa_id === message.from) ||
      (message.from_user_id && one.user_id === message.from_user_id) ||
      (!message.from && !message.from_user_id && contacts.length === 1),
  )
  const number = message.from?.trim() || contact?.wa_id?.trim()
  const userId = message.from_user_id?.trim() || contact?.user_id?.trim()
  const address = number || userId
  if (!address) return undefined

  const identities: Identity[] = []
  if (number && /^\d{5,15}$/.test(number)) {
    identities.push({ kind: 'phone', value: `+${number}`, proof: 'channel' })
  }
  if (userId) identities.push({ kind: 'whatsapp-user', value: userId, proof: 'channel' })
  const username = contact?.profile?.username
  const readable = number
    ? `${/^\d+$/.test(number) ? '+' : ''}${number}`
    : username
      ? `@${username}`
      : address
  return {
    address,
    contact: readable,
    name: clip(contact?.profile?.name?.trim() || username || readable, 200),
    identities,
  }
}

type Said = Pick<
  Extract<Inbound, { type: 'message' }>,
  'text' | 'files' | 'places' | 'contacts' | 'chosen' | 'unsupported'
>
const nothing: Said = { text: '', files: [], places: [], contacts: [] }

function contentOf(message: Content): Said {
  const said = shownContent(message)
  return said
    ? { ...nothing, ...said, text: clip(said.text ?? '', longestText) }
    : { ...nothing, ...unsupported(message) }
}

/** What a message says, if it is of a type that we show. */
function shownContent(message: Content): Partial<Said> | undefined {
  switch (message.type) {
    case 'text':
      return message.text && { text: message.text.body }
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return fileOf(message, message.type)
    case 'location':
      return message.location && { places: [withoutGaps(message.location)] }
    case 'contacts':
      return { contacts: message.contacts.flatMap(cardOf) }
    case 'button': {
      const { button } = message
      return button && { text: button.text, chosen: button.payload ?? button.text }
    }
    case 'interactive':
      return message.interactive && answerOf(message.interactive)
    default:
      return undefined
  }
}

function fileOf(
  message: Content,
  type: 'image' | 'video' | 'audio' | 'document' | 'sticker',
): Partial<Said> | undefined {
  const media = message[type]
  if (!media) return undefined
  const file = remoteFile({
    kind: type === 'document' ? 'file' : type,
    ref: media.id,
    type: media.mime_type,
    name: media.filename,
    size: media.file_size,
  })
  return { text: media.caption ?? '', files: [file] }
}

function withoutGaps<Shape extends object>(shape: Shape) {
  // Safe: only what is undefined is left out, which is what the type of the result says.
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Shape]: Exclude<Shape[Key], undefined>
  }
}

function cardOf(raw: unknown): Said['contacts'][number][] {
  const card = read(Card, raw)
  if (!card) return []
  const phones = card.phones.flatMap((one) => read(z.object({ phone: z.string() }), one) ?? [])
  const emails = card.emails.flatMap((one) => read(z.object({ email: z.string() }), one) ?? [])
  const { formatted_name, first_name, last_name } = card.name ?? {}
  return [
    {
      name: formatted_name ?? [first_name, last_name].filter(Boolean).join(' '),
      phones: phones.map(({ phone }) => phone),
      emails: emails.map(({ email }) => email),
    },
  ]
}

function answerOf(interactive: NonNullable<Content['interactive']>): Partial<Said> | undefined {
  const choice = interactive.button_reply ?? interactive.list_reply
  if (choice) return { text: choice.title, chosen: choice.id }
  const { nfm_reply: form } = interactive
  return form && { text: formText(form.response_json) || (form.body ?? '') }
}

/** A filled-in form, one answer to a line. */
function formText(json: string | undefined): string {
  const answers = read(
    z.record(z.string(), z.unknown()),
    readJson(new TextEncoder().encode(json ?? '')),
  )
  return Object.entries(answers ?? {})
    .filter(([name]) => name !== 'flow_token')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n')
}

function unsupported(message: Content): Partial<Said> {
  const word = message.unsupported?.type ?? message.type
  return {
    unsupported: clip(unsupportedWords[word] ?? word, 60),
    text: clip(message.order?.text ?? message.system?.body ?? '', longestText),
  }
}

function statusOf(raw: unknown): Inbound[] {
  const report = read(Status, raw)
  const status = report && statuses[report.status]
  const address = report?.recipient_id || report?.recipient_user_id
  if (!status || !address || report.recipient_type === 'group') return []
  const messageId = report.biz_opaque_callback_data
  const note = report.errors.map(errorWords).filter(Boolean).join(' · ')
  return [
    {
      type: 'status',
      // The same message has a report for each step: its id alone would drop all but the first.
      id: `${report.id}:${report.status}`,
      address,
      target: report.id,
      status,
      at: fromSeconds(report.timestamp),
      ...(messageId ? { messageId } : {}),
      ...(note ? { note } : {}),
    },
  ]
}

/** A provider's error in its own words: number, title and what it adds. */
export function errorWords(raw: unknown): string {
  const error = read(ProviderError, raw)
  if (!error) return ''
  const title = error.title ?? error.message
  const details = error.error_data?.details
  return [error.code, title, details === title ? undefined : details].filter(Boolean).join(' · ')
}

// One message, styled by who speaks.

import type { ComponentChildren } from 'preact'

import type { ContactCard, Place } from '../../../shared/message.ts'
import type { ShownMessage } from '../../../shared/session.ts'
import { words } from '../../words.ts'
import { Chip } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { AttachmentView } from './attachment.tsx'
import { Delivery } from './delivery.tsx'
import { Markdown } from './markdown.tsx'
import { PlainMoment, type Times } from './times.tsx'

export interface MessageProps {
  readonly message: ShownMessage
  /** The message this one answers, where it is known. */
  readonly answered?: ShownMessage | undefined
  readonly times: Times
}

export function MessageView({ message, answered, times }: MessageProps) {
  const { author, quickReplies, reaction, delivery, at } = message
  const name = author.kind === 'operator' ? author.person.name : undefined

  return (
    <article class={`said ${author.kind}`} aria-label={words.chat.saidBy(whoOf(message))}>
      <div class="bubble">
        {name && <strong class="speaker">{name}</strong>}
        {message.replyTo && <Quote message={answered} />}
        <Content message={message} />
        <footer class="bubble-foot">
          {author.kind === 'agent' && <span data-hint={author.name}>{words.chat.ai}</span>}
          <PlainMoment at={at} shape="clock" times={times} />
          {message.edited && !message.deleted && <span>{words.chat.edited}</span>}
          <Delivery steps={delivery} times={times} />
        </footer>
      </div>
      {reaction && (
        <span class="reaction" role="img" aria-label={words.chat.reaction(reaction)}>
          {harmless(reaction)}
        </span>
      )}
      {quickReplies.length > 0 && (
        <ul role="list" class="quick-replies" aria-label={words.chat.quickReplies}>
          {quickReplies.map(({ title }) => (
            <li key={title}>
              <Chip tone="accent">{harmless(title)}</Chip>
            </li>
          ))}
        </ul>
      )}
    </article>
  )
}

function Content({ message }: { message: ShownMessage }) {
  const { text, attachments, places, contacts, unsupported, chosen } = message
  if (message.deleted) return <p class="gone">{words.chat.deleted}</p>

  return (
    <>
      {chosen !== undefined && (
        <span class="chosen">
          <Icon name="reply" small /> {words.chat.chosen}
        </span>
      )}
      {attachments.map((one) => (
        <AttachmentView key={one.id} attachment={one} />
      ))}
      {places.map((place) => (
        <PlaceView key={`${place.latitude} ${place.longitude}`} place={place} />
      ))}
      {contacts.map((contact) => (
        <ContactView key={contact.name} contact={contact} />
      ))}
      {text && <Markdown text={text} />}
      {unsupported && <p class="gone">{words.chat.unsupported(harmless(unsupported))}</p>}
    </>
  )
}

function Quote({ message }: { message: ShownMessage | undefined }) {
  return (
    <blockquote class="quote">
      {message ? (
        <>
          <strong>{whoOf(message)}</strong>
          <span class="quote-text">{gistOf(message)}</span>
        </>
      ) : (
        <span class="quote-text">{words.chat.quoteUnknown}</span>
      )}
    </blockquote>
  )
}

function PlaceView({ place }: { place: Place }) {
  const { latitude, longitude, name, address } = place
  const point = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`

  return (
    <Extra icon="place" title={name ? harmless(name) : words.chat.place}>
      {address && <span class="file-note">{harmless(address)}</span>}
      <a
        class="file-note"
        href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`}
        target="_blank"
        rel="noopener noreferrer"
      >
        {point}
      </a>
    </Extra>
  )
}

function ContactView({ contact }: { contact: ContactCard }) {
  const { name, phones, emails } = contact

  return (
    <Extra icon="person" title={harmless(name) || words.chat.contact}>
      {[...phones, ...emails].map((line) => (
        <span key={line} class="file-note">
          {harmless(line)}
        </span>
      ))}
    </Extra>
  )
}

function Extra(props: { icon: 'place' | 'person'; title: string; children: ComponentChildren }) {
  return (
    <div class="file-card">
      <Icon name={props.icon} />
      <span class="spread">
        <span class="file-name">{props.title}</span>
        {props.children}
      </span>
    </div>
  )
}

export function whoOf({ author }: Pick<ShownMessage, 'author'>): string {
  if (author.kind === 'customer') return words.chat.customer
  return author.kind === 'agent' ? words.chat.aiNamed(author.name) : author.person.name
}

/** A message in one line. */
export function gistOf({ text, attachments, places, contacts, deleted }: ShownMessage): string {
  if (deleted) return words.chat.deleted
  const [first] = attachments
  const gist = harmless(text).replaceAll(/\s+/g, ' ').slice(0, 140)
  if (gist) return gist
  if (first) return first.name || words.files.kinds[first.kind]
  if (places.length > 0) return words.chat.place
  return contacts.length > 0 ? words.chat.contact : ''
}

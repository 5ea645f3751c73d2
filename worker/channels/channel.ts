// What every channel keeps to. A channel is one file; nothing outside this room names one.

import type { ChannelKind } from '../../shared/channel.ts'
import type { Identity } from '../../shared/customer.ts'
import type {
  AttachmentKind,
  ContactCard,
  DeliveryStatus,
  Place,
  QuickReply,
} from '../../shared/message.ts'
import type { Value, Visit } from '../../shared/session.ts'
import type { Fetch } from '../base/egress.ts'

/** What arrived, unverified. The body is the very bytes that came. */
export interface Envelope {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer>
  /** Where the sender seems to be; for channels whose customers come to us themselves. */
  readonly visit?: Visit
}

/** Who wrote, as the channel itself attests. */
export interface Sender {
  /** Names the thread on this connection: always the same for the same person. */
  readonly address: string
  /** The address as a person gives it: +13125550142, @dana. */
  readonly contact: string
  readonly name: string
  /** What the channel proves. Claims of the customer are not here. */
  readonly identities: readonly Identity[]
  /** For an id that means nothing outside this connection (`visitor`): scope by connection. */
  readonly scoped?: boolean
}

/** A file at the provider, not yet fetched. Opaque to all but its channel. */
export interface RemoteFile {
  readonly kind: AttachmentKind
  readonly name: string
  readonly type: string
  readonly size?: number
  /** How `fetchFile` finds it again. Kept as JSON. */
  readonly ref: string
}

interface InboundBase {
  /** The provider's id: the same event, however often it comes, has the same. */
  readonly id: string
  /** Whose thread it belongs to. */
  readonly address: string
}

/** One event out of an envelope, in our words. */
export type Inbound =
  | (InboundBase & {
      readonly type: 'message'
      readonly sender: Sender
      /** The provider's id of the message, which replies, reactions and edits refer to. */
      readonly externalId: string
      readonly text: string
      readonly files: readonly RemoteFile[]
      readonly places: readonly Place[]
      readonly contacts: readonly ContactCard[]
      readonly chosen?: string
      readonly replyTo?: string
      /** What it was, when it can't be shown: «order». */
      readonly unsupported?: string
      /** What the provider waits to be told has arrived: a pressed button that still spins. */
      readonly receipt?: string
      /** The provider's time, 0 where it gives none; shown only, never used to order. */
      readonly sentAt: number
      /** Given by a website with the visitor's first message. */
      readonly parameters?: Readonly<Record<string, Value>>
      readonly visit?: Visit
    })
  | (InboundBase & { readonly type: 'edit'; readonly target: string; readonly text: string })
  | (InboundBase & { readonly type: 'deletion'; readonly target: string })
  | (InboundBase & { readonly type: 'reaction'; readonly target: string; readonly emoji: string })
  | (InboundBase & {
      readonly type: 'status'
      /** The provider's id of our message, */
      readonly target: string
      /** or our own, where the provider hands it back. */
      readonly messageId?: string
      readonly status: DeliveryStatus
      readonly at: number
      readonly note?: string
    })
  /** The customer can't be reached any more, or can again: blocked the bot, left. */
  | (InboundBase & { readonly type: 'reachable'; readonly reachable: boolean })

/** A file of ours on its way out. */
export interface OutboundFile {
  readonly kind: AttachmentKind
  readonly name: string
  readonly type: string
  bytes(): Promise<Uint8Array<ArrayBuffer>>
}

/** One message for one customer. Neither a note nor a draft can become one. */
export interface Outbound {
  /** Our id of the message: the idempotency key where a provider takes one. */
  readonly id: string
  readonly to: string
  readonly text: string
  readonly files: readonly OutboundFile[]
  readonly quickReplies: readonly QuickReply[]
  /** The provider's id of the message this one answers. */
  readonly replyTo?: string
}

/** What a channel may use to send. */
export interface Ports {
  readonly fetch: Fetch
  readonly baseUrl: string
  /** The line to a customer who is connected to us directly. */
  readonly line: { show(message: Outbound): Promise<void> }
}

/** How trouble with a provider is called, and whether trying again may help. */
export const sendTroubles = {
  unreachable: true,
  throttled: true,
  unauthorized: false,
  blocked: false,
  'window-closed': false,
  rejected: false,
  /** The request went out and no answer came: the customer may have it. Never resent blindly. */
  unknown: false,
} as const
export type SendTrouble = keyof typeof sendTroubles

/** Why a provider did not take a message, in our word; the provider's own are the note. */
export class SendError extends Error {
  readonly trouble: SendTrouble
  readonly note: string
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(trouble: SendTrouble, note: string, retryAfterMs?: number) {
    super(`not sent (${trouble}): ${note}`)
    this.name = 'SendError'
    this.trouble = trouble
    this.note = note
    this.retryAfterMs = retryAfterMs
  }
}

/** One thing a tenant fills in to connect. */
export interface ConfigField {
  readonly name: string
  readonly title: string
  readonly secret: boolean
  readonly required: boolean
  readonly help?: string
  /** Left empty, it is made by us: random, when the connection is made. */
  readonly generated?: boolean
}

/** A connection's configuration, settings and opened secrets together. */
export type Config = Readonly<Record<string, string>>

export interface Channel {
  readonly kind: ChannelKind
  readonly fields: readonly ConfigField[]
  readonly limits: {
    readonly textLength: number
    /** How long after the customer's last message one may write freely. */
    readonly replyWindowHours?: number
    readonly quickReplies: number
    readonly quickReplyLength: number
  }
  /** Where the provider's API lives, unless the connection says otherwise. */
  readonly baseUrl: string
  /** Whether the customer sends buttons, files and text to us directly and holds a line open. */
  readonly visitor?: VisitorChannel

  /** Answers a provider's handshake by GET, or nothing when it is none or not right. */
  handshake?(envelope: Envelope, config: Config): Promise<string | undefined>
  /** Says whether the envelope is really from the provider, over the raw bytes. Never throws. */
  verify(envelope: Envelope, config: Config): Promise<boolean>
  /** Opens a verified envelope. Pure: no network, no clock. Unknown contents give `[]`. */
  receive(envelope: Envelope, config: Config): Inbound[]
  /** Hands over one message. Throws `SendError` and nothing else. */
  send(message: Outbound, config: Config, ports: Ports): Promise<{ externalId: string }>
  /** Tells the provider that an event with a `receipt` has arrived. Nobody waits for it to work. */
  acknowledge?(
    receipt: string,
    config: Config,
    ports: Pick<Ports, 'fetch' | 'baseUrl'>,
  ): Promise<void>
  /** Gets a file the customer sent. Throws `SendError`. */
  fetchFile?(
    ref: string,
    config: Config,
    ports: Pick<Ports, 'fetch' | 'baseUrl'>,
  ): Promise<Response>
}

/** A channel whose customers are connected to us: we give them their name. */
export interface VisitorChannel {
  /**
   * A token for a visitor, new or known by an older token. Signed, good for a day. Nothing for who
   * does not have the key that the page carries: a new key shuts out old snippets.
   */
  admit(
    config: Config,
    request: { readonly key: string; readonly token?: string; readonly now: number },
  ): Promise<{ readonly token: string; readonly address: string } | undefined>
  /** Whose token this is, if it is one of this connection and not too old. */
  addressOf(config: Config, token: string, now: number): Promise<string | undefined>
  /** Whether a page of this origin may carry the widget. */
  allows(config: Config, origin: string | null): boolean
}

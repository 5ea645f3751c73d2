// From a kept event to its session: who is it, which session, what happens there.

import type { AgentId, CustomerId, FileId, SessionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import type { Attachment, Message } from '../../shared/message.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { agentFor } from '../agent/queries.ts'
import type { Inbound, RemoteFile, Sender } from '../channels/channel.ts'
import { resolveCustomer } from '../customer/match.ts'
import { shownPhones } from '../customer/phone.ts'
import { tenantDb } from '../base/db.ts'
import { egress } from '../base/egress.ts'
import { report } from '../base/report.ts'
import type { Env } from '../base/env.ts'
import { sessionOf } from '../session/door.ts'
import type { Delivery } from '../session/object.ts'
import { openConnection } from '../tenant/connections.ts'
import type { ThreadNames } from './door.ts'
import type { Kept, ThreadLog } from './log.ts'

/** What a thread knows of its person and its session. */
export interface Memory {
  readonly customer?: { readonly id: CustomerId; readonly name: string }
  readonly sessionId?: SessionId
  /** Whether the session has its first message. */
  readonly begun?: boolean
  readonly agent?: { readonly id: AgentId; readonly name: string }
}

export interface Thread {
  readonly env: Env
  readonly names: ThreadNames
  readonly log: ThreadLog
  memory(): Memory
  remember(news: Memory): void
}

type InboundMessage = Extract<Inbound, { type: 'message' }>

/** Takes one event to where it belongs. May be called again for the same: it acts once. */
export async function forward(kept: Kept, thread: Thread): Promise<void> {
  const { inbound, n } = kept
  switch (inbound.type) {
    case 'message':
      await say(kept, inbound, thread)
      return thread.log.done(n)
    case 'reachable':
      // Told by the provider again whenever we write; kept among the events, and that is all.
      return thread.log.done(n)
    default: {
      const ownId = inbound.type === 'status' ? inbound.messageId : undefined
      const where = thread.log.whereIs(inbound.target, ownId)
      // A status can overtake the answer to our own call; an edit its original.
      if (!where) return thread.log.park(n, ownId ?? inbound.target)
      // The provider's first word of a message that it took without telling us its id.
      if (ownId && !thread.log.whereIs(inbound.target)) thread.log.name(inbound.target, where)
      const session = sessionOf(thread.env, thread.names.tenantId, where.sessionId)
      const { messageId } = where
      const command = `${inbound.type}:${inbound.id}`
      if (inbound.type === 'status') {
        const { status, at, note } = inbound
        await session.report(command, messageId, { status, at, ...(note ? { note } : {}) })
      } else {
        const { target: _target, address: _address, id: _id, ...change } = inbound
        await session.amend(command, { ...change, messageId })
      }
      return thread.log.done(n)
    }
  }
}

async function say(kept: Kept, inbound: InboundMessage, thread: Thread): Promise<void> {
  const files = inbound.files.map((file) => attachmentOf(file, thread.log))
  const message = messageOf(kept, inbound, files, thread.log)
  const remoteFiles = files.flatMap(({ attachment: { id, state }, ref }) =>
    state === 'pending' ? [{ id, ref }] : [],
  )
  for (;;) {
    const { sessionId, customer, begun } = await placeOf(inbound.sender, thread)
    const beginning = begun ? {} : await beginningOf(inbound, customer, thread)
    const delivery: Delivery = { ...beginning, message, remoteFiles }
    const refusal = await sessionOf(thread.env, thread.names.tenantId, sessionId).deliver(delivery)
    if (!isRefusal(refusal)) {
      thread.log.name(inbound.externalId, { sessionId, messageId: kept.messageId })
      if (!begun) thread.remember({ begun: true })
      if (inbound.receipt !== undefined) await acknowledge(inbound.receipt, thread)
      return
    }
    if (refusal.refusal !== 'session-finished') throw new Error(`refused: ${refusal.refusal}`)
    // The session has been finished: what the customer says now begins a new one.
    thread.remember({ sessionId: newId('ses'), begun: false })
  }
}

/** Tells the provider that a press has arrived. One that can't be told only spins a little longer. */
async function acknowledge(receipt: string, { env, names }: Thread): Promise<void> {
  try {
    const connection = await openConnection(env, names.connectionId)
    const { channel, config, baseUrl } = connection ?? {}
    await channel?.acknowledge?.(receipt, config ?? {}, {
      fetch: egress(env),
      baseUrl: baseUrl ?? '',
    })
  } catch (error) {
    report(error, `receipt on ${names.connectionId}`)
  }
}

/**
 * Who it is, and which session it goes to. The record is asked when a session begins: within one,
 * and when the database is down, what is remembered will do.
 */
async function placeOf(sender: Sender, { env, names, memory, remember }: Thread) {
  const known = memory()
  const sessionId = known.sessionId ?? newId('ses')
  if (known.customer && known.begun) return { sessionId, customer: known.customer, begun: true }
  const db = tenantDb(env, names.tenantId)
  const customer = await resolveCustomer(db, sender, names.connectionId, Date.now()).catch(
    (error: unknown) => {
      if (!known.customer) throw error
      report(error, 'a customer known before')
      return known.customer
    },
  )
  remember({ customer, sessionId })
  return { sessionId, customer, begun: false }
}

/** How a session begins: with whom, where, and which agent has it. */
async function beginningOf(
  inbound: InboundMessage,
  customer: { readonly id: CustomerId; readonly name: string },
  { env, names, memory, remember }: Thread,
): Promise<Pick<Delivery, 'opening' | 'unattended'>> {
  const connection = await openConnection(env, names.connectionId)
  if (!connection) throw new Error('a thread on a connection that is gone')
  const running = await agentFor(tenantDb(env, names.tenantId), env, names.connectionId)
  const agent = running
    ? { id: running.id, name: running.name }
    : (memory().agent ?? {
        // No agent has ever been attached: the connection stands in, under a name that says so.
        id: names.connectionId.replace('con_', 'agt_') as AgentId,
        name: 'No agent',
      })
  if (running) remember({ agent })
  return {
    opening: {
      customer,
      address: names.address,
      contact: await readable(inbound.sender.contact),
      connectionId: names.connectionId,
      channel: connection.channel.kind,
      agent,
      initiator: { kind: 'customer' },
      parameters: inbound.parameters ?? {},
      ...(inbound.visit ? { visit: inbound.visit } : {}),
    },
    ...(running ? {} : { unattended: 'No running agents' }),
  }
}

/** An address as a person reads it: a number with its spaces. */
async function readable(contact: string): Promise<string> {
  if (!/^\+\d+$/.test(contact)) return contact
  return (await shownPhones([contact])).get(contact) ?? contact
}

function messageOf(
  { messageId }: Kept,
  inbound: InboundMessage,
  files: readonly { readonly attachment: Attachment }[],
  log: ThreadLog,
): Message {
  const { text, places, contacts, chosen, unsupported, sentAt, replyTo } = inbound
  const answered = replyTo === undefined ? undefined : log.whereIs(replyTo)
  return {
    id: messageId,
    author: { kind: 'customer' },
    text,
    attachments: files.map(({ attachment }) => attachment),
    places: [...places],
    contacts: [...contacts],
    quickReplies: [],
    ...(chosen === undefined ? {} : { chosen }),
    ...(unsupported === undefined ? {} : { unsupported }),
    ...(answered ? { replyTo: answered.messageId } : {}),
    // A provider that gives no time leaves it to us.
    at: sentAt > 0 ? sentAt : Date.now(),
  }
}

/** A file at the provider, still to be fetched; or one the visitor has uploaded to us before. */
function attachmentOf(
  file: RemoteFile,
  log: ThreadLog,
): { readonly attachment: Attachment; readonly ref: string } {
  const { kind, name, type, size, ref } = file
  const uploaded = log.uploadOf(ref)
  if (uploaded) return { attachment: { ...uploaded, state: 'ready' }, ref }
  const id: FileId = newId('fil')
  const known = size === undefined ? {} : { size }
  return { attachment: { id, kind, name, type, ...known, state: 'pending' }, ref }
}

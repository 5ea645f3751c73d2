// Follower: what was said leaves for the customer. Facts of one type only reach a channel:
// `message/sent`. A note or a draft has no way in here.

import type { MessageId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { messageOf, type Fact } from '../../shared/session.ts'
import { SendError, type Outbound, type OutboundFile } from '../channels/channel.ts'
import { tenantDb } from '../base/db.ts'
import { egress } from '../base/egress.ts'
import { AskAgain, type Follower } from '../base/followers.ts'
import { fileBytes } from '../files/keep.ts'
import { noteConnectionTrouble, openConnection } from '../tenant/connections.ts'
import { lineTo } from './door.ts'
import type { Workplace } from './followers.ts'
import { mayLeave, report, withdraw } from './rules.ts'

type Sent = Extract<Fact, { type: 'message/sent' }>

/** How often a message is tried that the provider could not take just now. */
const mostTries = 8
const waitsMs = [1_000, 2_000, 5_000, 15_000, 60_000, 120_000, 300_000]

const interrupted =
  'The connection broke while this was being sent: the customer may or may not have it.'

const stopped = 'The channel is stopped. Start it in Settings > Channels.'

export function delivery(place: Workplace): Follower<Fact> {
  return {
    name: 'delivery',
    takes: 1,
    async follow([fact]) {
      if (fact?.type !== 'message/sent') return false
      await deliver(place, fact)
      return true
    },
  }
}

async function deliver(place: Workplace, sent: Sent): Promise<void> {
  const { log, state } = place
  const { id } = sent.message
  const attempt = log.attemptOf(id)
  if (attempt?.externalId !== undefined) return accepted(place, sent, attempt.externalId)
  // Begun and not ended: this object died in between. Sending again could say it twice.
  if (attempt?.underWay) return uncertain(place, id, interrupted)
  if (messageOf(state(), id)?.delivery.at(-1)?.status !== 'queued') return

  const { connection, outbound } = await prepare(place, sent)
  if (!connection || !outbound) return settle(place, id, 'failed', 'The channel is gone.')
  if (connection.state === 'stopped') return settle(place, id, 'failed', stopped)

  // From here to the provider call nothing is awaited: who may speak is judged as it leaves.
  if (!mayLeave(state(), sent)) return overtake(place, sent)
  const tries = (attempt?.tries ?? 0) + 1
  log.saveAttempt(id, { tries, underWay: true })
  let overtaken = false
  const door = egress(place.env)
  try {
    const { externalId } = await connection.channel.send(outbound, connection.config, {
      baseUrl: connection.baseUrl,
      line: { show: () => lineOf(place).show(...shown(sent)) },
      fetch: (url, init) => {
        overtaken = !mayLeave(state(), sent)
        if (overtaken) throw new Error('overtaken by a handover')
        return door(url, init)
      },
    })
    log.saveAttempt(id, { tries, underWay: false, externalId })
    if (connection.state === 'error') {
      await noteConnectionTrouble(place.env, place.tenantId, connection.id, null).catch(
        () => undefined,
      )
    }
    await accepted(place, sent, externalId)
  } catch (error) {
    if (overtaken) return overtake(place, sent)
    if (error instanceof SendError) return failed(place, sent, tries, error)
    // A bug between us and the provider, not trouble with it: shown as what it is, and told.
    await uncertain(place, id, interrupted)
    throw error
  }
}

/** Control changed hands before the agent's words left: the operator finds them as a draft. */
function overtake({ carryOut, log }: Workplace, { message }: Sent): void {
  carryOut(
    (session, now) => withdraw(session, message, newId('dft'), now),
    `withdrawn:${message.id}`,
    () => log.endAttempt(message.id),
  )
}

/** The message as a visitor's widget shows it, and who says it. */
function shown({ message }: Sent) {
  const { id, text, quickReplies, attachments, author } = message
  const files = attachments.map(({ id: fileId, kind, name, type, size }) => ({
    id: fileId,
    kind,
    name,
    type,
    ...(size === undefined ? {} : { size }),
  }))
  const name =
    author.kind === 'operator'
      ? author.person.name
      : author.kind === 'agent'
        ? author.name
        : undefined
  return [{ id, text, quickReplies, files }, name] as const
}

async function prepare(place: Workplace, { message }: Sent) {
  const { env, tenantId, state } = place
  const { opened } = state()
  const connection = opened && (await openConnection(env, opened.connectionId))
  if (!opened || !connection) return {}
  const db = tenantDb(env, tenantId)
  const files: OutboundFile[] = message.attachments.map(({ id, kind, name, type }) => ({
    kind,
    name,
    type,
    async bytes() {
      const file = await fileBytes(env, db, id)
      if (!file) throw new SendError('rejected', 'The file is gone.')
      return file.bytes
    },
  }))
  const { address, replyTo } = await lineOf(place).routeFor(message.replyTo)
  const outbound: Outbound = {
    id: message.id,
    to: address,
    text: message.text,
    files,
    quickReplies: message.quickReplies,
    ...(replyTo === undefined ? {} : { replyTo }),
  }
  return { connection, outbound }
}

/** The provider has it. The thread learns its id first: what is reported later finds its way. */
async function accepted(place: Workplace, { message }: Sent, externalId: string): Promise<void> {
  await lineOf(place).sent(externalId, place.sessionId, message.id)
  settle(place, message.id, 'sent')
}

async function failed(
  place: Workplace,
  { message }: Sent,
  tries: number,
  { trouble, note, retryAfterMs }: SendError,
): Promise<void> {
  if (trouble === 'unauthorized') {
    const { env, tenantId, state } = place
    const id = state().opened?.connectionId
    if (id) await noteConnectionTrouble(env, tenantId, id, note).catch(() => undefined)
  }
  if (trouble === 'unknown') return uncertain(place, message.id, note)
  const mayHelp = trouble === 'throttled' || trouble === 'unreachable'
  if (!mayHelp || tries >= mostTries) return settle(place, message.id, 'failed', note)
  place.log.saveAttempt(message.id, { tries, underWay: false })
  const wait = retryAfterMs ?? waitsMs[tries - 1] ?? 300_000
  throw new AskAgain(wait, `${trouble}, try ${tries}`)
}

/** The provider may have it. What it reports by our own id finds its way, and then we know. */
async function uncertain(place: Workplace, id: MessageId, note: string): Promise<void> {
  await lineOf(place).sent(id, place.sessionId, id)
  settle(place, id, 'unknown', note)
}

function settle(
  { carryOut, log }: Workplace,
  id: MessageId,
  status: 'sent' | 'failed' | 'unknown',
  note?: string,
): void {
  const step = { status, ...(note === undefined ? {} : { note }) }
  const refusal = carryOut(
    (session) => report(session, id, step),
    `${status}:${id}`,
    () => log.endAttempt(id),
  )
  if (isRefusal(refusal)) throw new Error(`a delivery was refused: ${refusal.refusal}`)
}

function lineOf({ env, tenantId, state }: Workplace) {
  const { opened } = state()
  if (!opened) throw new Error('a message without a session')
  return lineTo(env, tenantId, opened)
}

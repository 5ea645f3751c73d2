// The load: phones of two providers that write one message after the other, signed, and say each
// again until it is taken, as providers do.

import type { Connection } from '../../shared/agent.ts'
import {
  telegramMessage,
  telegramRequest,
  telegramUpdate,
  whatsappMessage,
  whatsappRequest,
} from '../../sandbox/wire.ts'

export interface Line {
  readonly connection: Connection
  readonly config: Readonly<Record<string, string>>
}

/** One customer: what they have written, and how much of it has been taken. */
export interface Sender {
  readonly channel: string
  readonly connectionId: string
  readonly address: string
  /** Texts that were acknowledged, in order. */
  readonly taken: string[]
}

export interface Tally {
  acknowledged: number
  /** Requests that had no answer or no 200, and were sent again. */
  unanswered: number
  /** Acknowledged once more, though they had been before. */
  repeated: number
  /** Answers that are neither a 200 nor a 503: none of them is right here. */
  readonly wrong: string[]
}

/** One in so many acknowledged deliveries comes once more, as providers' do. */
const repeatEvery = 9
const pauseMs = 100

export function senderOf({ connection }: Line, index: number): Sender {
  const { channel, id: connectionId } = connection
  const address = channel === 'whatsapp' ? `1415555${1000 + index}` : `${7_000_000 + index}`
  return { channel, connectionId, address, taken: [] }
}

/** Writes messages until `enough` says so; each is sent until it is acknowledged. */
export async function writeOn(
  line: Line,
  sender: Sender,
  tally: Tally,
  enough: () => boolean,
): Promise<void> {
  for (let n = 1; !enough(); n += 1) {
    const text = textOf(n)
    await insist(line, sender, n, text, tally)
    sender.taken.push(text)
    tally.acknowledged += 1
    if (n % repeatEvery === 0) {
      await insist(line, sender, n - 3, textOf(n - 3), tally)
      tally.repeated += 1
    }
  }
}

/** The customer of an odd number asks for a person first: that session is load without an agent. */
function textOf(n: number): string {
  return `Message ${n}: when do you deliver?`
}

async function insist(
  line: Line,
  sender: Sender,
  n: number,
  text: string,
  tally: Tally,
): Promise<void> {
  for (;;) {
    const status = await deliver(await requestOf(line, sender, n, text))
    if (status === 200) return
    tally.unanswered += 1
    if (status !== 0 && status !== 503) tally.wrong.push(`${status} for message ${n}`)
    await new Promise((resolve) => void setTimeout(resolve, pauseMs))
  }
}

async function deliver(request: Request): Promise<number> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(15_000) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}

function requestOf(
  { connection, config }: Line,
  { address }: Sender,
  n: number,
  text: string,
): Promise<Request> | Request {
  const at = Date.now()
  const name = `Customer ${address}`
  if (connection.channel === 'whatsapp') {
    const envelope = whatsappMessage({
      phoneNumberId: config['phoneNumberId'] ?? '',
      from: address,
      name,
      id: `wamid.crash.${address}.${n}`,
      at,
      content: { type: 'text', text: { body: text } },
    })
    return whatsappRequest(connection.hookUrl, config['appSecret'] ?? '', envelope)
  }
  const from = { id: Number(address), first_name: name }
  const message = telegramMessage({ messageId: n, from, at, content: { text } })
  const update = telegramUpdate(Number(address) * 100_000 + n, { message })
  return telegramRequest(connection.hookUrl, config['secretToken'] ?? '', update)
}

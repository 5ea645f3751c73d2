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
  /** Begins by asking for a person: the agent is silent in this session from then on. */
  readonly wantsPerson: boolean
  readonly connectionId: string
  readonly address: string
  /** Texts that were acknowledged, in order. */
  readonly taken: string[]
}

export interface Tally {
  /** Customers' messages that had their 200. */
  acknowledged: number
  /** Reports of delivery that had theirs. */
  reports: number
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
  // Every second one of each channel.
  return { channel, connectionId, address, wantsPerson: index % 4 > 1, taken: [] }
}

/** Writes messages until `enough` says so; each is sent until it is acknowledged. */
export async function writeOn(
  line: Line,
  sender: Sender,
  tally: Tally,
  enough: () => boolean,
): Promise<void> {
  for (let n = 1; !enough(); n += 1) {
    const text = textOf(sender, n)
    await deliverUntilTaken(() => requestOf(line, sender, [n]), tally)
    sender.taken.push(text)
    tally.acknowledged += 1
    if (n % repeatEvery === 0) {
      await deliverUntilTaken(() => requestOf(line, sender, [n - 3]), tally)
      tally.repeated += 1
    }
  }
}

/** How many messages one last delivery of WhatsApp's holds: they are kept at once. */
const burstLength = 12

/** One last delivery of each, of many messages where the provider makes such. */
export async function writeBurst(line: Line, sender: Sender, tally: Tally): Promise<void> {
  const count = sender.channel === 'whatsapp' ? burstLength : 1
  const from = sender.taken.length + 1
  const places = Array.from({ length: count }, (_, index) => from + index)
  await deliverUntilTaken(() => requestOf(line, sender, places), tally)
  sender.taken.push(...places.map((n) => textOf(sender, n)))
  tally.acknowledged += 1
}

function textOf({ wantsPerson }: Sender, n: number): string {
  return wantsPerson && n === 1
    ? 'I want to talk to a person'
    : `Message ${n}: when do you deliver?`
}

/** Delivers again and again until a 200 comes. */
async function deliverUntilTaken(
  make: () => Request | Promise<Request>,
  tally: Tally,
): Promise<void> {
  for (;;) {
    const status = await deliver(await make())
    if (status === 200) return
    tally.unanswered += 1
    if (status !== 0 && status !== 503) tally.wrong.push(String(status))
    await new Promise((resolve) => void setTimeout(resolve, pauseMs))
  }
}

export interface Reporter {
  /** Takes a report of a provider's; it is on its way, beside others and in no order. */
  deliver(request: Request): Promise<Response>
  settled(): Promise<void>
}

/** Brings the providers' reports of delivery, each until it is taken. */
export function reporterOf(tally: Tally): Reporter {
  const underWay = new Set<Promise<void>>()
  return {
    async deliver(request) {
      const work = deliverUntilTaken(() => request.clone(), tally).finally(() => {
        tally.reports += 1
        underWay.delete(work)
      })
      underWay.add(work)
      return new Response()
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
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

/** A signed delivery of the messages at these places: one for Telegram, any number for WhatsApp. */
function requestOf(
  { connection, config }: Line,
  sender: Sender,
  places: readonly number[],
): Promise<Request> | Request {
  const at = Date.now()
  const { address } = sender
  const name = `Customer ${address}`
  if (connection.channel === 'whatsapp') {
    const entry = places.flatMap(
      (n) =>
        whatsappMessage({
          phoneNumberId: config['phoneNumberId'] ?? '',
          from: address,
          name,
          id: `wamid.crash.${address}.${n}`,
          at,
          content: { type: 'text', text: { body: textOf(sender, n) } },
        })['entry'],
    )
    const envelope = { object: 'whatsapp_business_account', entry }
    return whatsappRequest(connection.hookUrl, config['appSecret'] ?? '', envelope)
  }
  const [n = 0] = places
  const from = { id: Number(address), first_name: name }
  const content = { text: textOf(sender, n) }
  const message = telegramMessage({ messageId: n, from, at, content })
  const update = telegramUpdate(Number(address) * 100_000 + n, { message })
  return telegramRequest(connection.hookUrl, config['secretToken'] ?? '', update)
}

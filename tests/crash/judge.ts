// What must hold after the last restart: each finding is a sentence and what speaks against it.

import type { SessionRow } from '../../shared/inbox.ts'
import { emptySession, evolve, type SessionState, type ShownMessage } from '../../shared/session.ts'
import type { Say } from '../../scripts/terminal.ts'
import type { Company, ProviderCall } from '../journeys/house.ts'
import { factsOf } from '../journeys/panels.ts'
import { until } from '../journeys/until.ts'
import type { Load } from './run.ts'
import type { Sender } from './senders.ts'

export type Findings = readonly { readonly name: string; readonly wrong: readonly string[] }[]

interface Case {
  readonly company: Company
  readonly load: Load
  readonly calls: readonly ProviderCall[]
  /** Ends when the providers have reported all they had to. */
  told(): Promise<void>
  readonly say: Say
}

interface Known {
  readonly sender: Sender
  readonly row: SessionRow
  readonly facts: readonly string[]
  readonly state: SessionState
}

export async function judge(one: Case): Promise<Findings> {
  const { senders, tally, watcher } = one.load
  const known = await settledSessions(one)
  one.say(`all ${known.length} sessions are quiet and in D1`)
  const sends = sendsOf(one.calls)
  return [
    {
      name: `each of ${senders.length} customers has one session`,
      wrong: countWrong(known, senders),
    },
    {
      name: `none of ${countOf(senders)} acknowledged messages is lost, doubled or out of order`,
      wrong: known.flatMap(textsWrong),
    },
    { name: 'nothing but 200 and 503 was answered', wrong: tally.wrong },
    { name: 'D1 has every session as its facts tell it', wrong: known.flatMap(rowWrong) },
    {
      name: 'what a panel was told of a session is what its log holds',
      wrong: [...watcher.contradictions, ...toldWrong(watcher.told, known)],
    },
    {
      name: `none of ${sends.size} answers was handed to a provider twice`,
      wrong: [...sends].filter(([, count]) => count > 1).map(([id, count]) => `${id}: ${count}`),
    },
    {
      name: `every answer has come to an end: of ${tally.reports} acknowledged reports none is lost`,
      wrong: known.flatMap((session) => deliveriesWrong(session, sends)),
    },
    {
      name: 'a provider that takes no id was handed each answer once, or it is shown as unknown',
      wrong: known.flatMap((session) => countsWrong(session, one.calls)),
    },
  ]
}

/** All sessions once nothing moves in them any more: D1 has caught up, deliveries have ended. */
async function settledSessions({ company, load, told, say }: Case): Promise<Known[]> {
  const { owner } = company.people
  const known = new Map<string, Known>()
  const start = Date.now()
  await until(
    'everything to be projected',
    async () => {
      await told()
      const rows = await openRows(company)
      for (const row of rows) {
        const sender = load.senders.find((one) => isOf(row, one))
        const before = known.get(row.id)
        if (!sender || (before && isQuiet(before) && before.row.seq === row.seq)) continue
        const facts = await factsOf(owner, row.id)
        const state = facts.reduce(evolve, emptySession)
        known.set(row.id, { sender, row, state, facts: facts.map((fact) => JSON.stringify(fact)) })
      }
      const quiet = [...known.values()].filter(isQuiet).length
      return quiet === known.size && known.size >= load.senders.length
    },
    90_000,
  ).catch((error: unknown) => say(error instanceof Error ? error.message : String(error)))
  say(`settled after ${Math.round((Date.now() - start) / 1000)} s`)
  return [...known.values()]
}

async function openRows({ people }: Company): Promise<SessionRow[]> {
  const rows: SessionRow[] = []
  let cursor: string | undefined
  do {
    const page = await people.owner.api('GET /api/inbox', {
      query: { view: 'open', limit: '200', ...(cursor ? { cursor } : {}) },
    })
    rows.push(...page.rows)
    cursor = page.next ?? undefined
  } while (cursor)
  return rows
}

function isOf(row: SessionRow, { connectionId, address }: Sender): boolean {
  return row.connectionId === connectionId && row.contact.replaceAll(/\D/g, '').endsWith(address)
}

function isQuiet({ row, state, sender }: Known): boolean {
  const theirs = messagesOf(state, 'customer')
  const ours = messagesOf(state, 'agent')
  return (
    row.seq === state.seq &&
    theirs.length >= sender.taken.length &&
    ours.every(({ delivery }) => isEnd(delivery.at(-1)?.status))
  )
}

function isEnd(status: string | undefined): boolean {
  return status !== 'queued' && status !== 'sending'
}

function messagesOf(state: SessionState, by: 'customer' | 'agent'): ShownMessage[] {
  return state.entries.flatMap((entry) =>
    entry.kind === 'message' && entry.message.author.kind === by ? [entry.message] : [],
  )
}

function countOf(senders: readonly Sender[]): number {
  return senders.reduce((sum, { taken }) => sum + taken.length, 0)
}

function countWrong(known: readonly Known[], senders: readonly Sender[]): string[] {
  return senders.flatMap((sender) => {
    const count = known.filter((one) => one.sender === sender).length
    return count === 1 ? [] : [`${sender.channel} ${sender.address}: ${count} sessions`]
  })
}

function textsWrong({ sender, state }: Known): string[] {
  const texts = messagesOf(state, 'customer').map(({ text }) => text)
  const at = sender.taken.findIndex((text, index) => texts[index] !== text)
  if (at === -1 && texts.length === sender.taken.length) return []
  const place = at === -1 ? sender.taken.length : at
  return [
    `${sender.channel} ${sender.address}: ${texts.length} of ${sender.taken.length}; at ${place} «${texts[place]}» for «${sender.taken[place]}»`,
  ]
}

function rowWrong({ row, state }: Known): string[] {
  const right =
    row.seq === state.seq &&
    row.messageCount === state.messageCount &&
    row.mode === state.mode &&
    row.lastMessageAt === (state.lastMessageAt ?? null)
  return right
    ? []
    : [`${row.id}: ${row.messageCount} at ${row.seq} for ${state.messageCount} at ${state.seq}`]
}

function toldWrong(
  told: ReadonlyMap<string, ReadonlyMap<number, string>>,
  known: readonly Known[],
): string[] {
  return [...told].flatMap(([id, facts]) => {
    const log = known.find(({ row }) => row.id === id)?.facts ?? []
    return [...facts].flatMap(([seq, text]) =>
      log[seq - 1] === text ? [] : [`${id} ${seq}: ${text} is not in the log`],
    )
  })
}

/** How often each message of ours was handed over. WhatsApp takes our id; Telegram takes none. */
function sendsOf(calls: readonly ProviderCall[]): Map<string, number> {
  const sends = new Map<string, number>()
  for (const { body } of calls) {
    const id = /"biz_opaque_callback_data":"(msg_\w+)"/.exec(body)?.[1]
    if (id) sends.set(id, (sends.get(id) ?? 0) + 1)
  }
  return sends
}

function deliveriesWrong({ state, sender }: Known, sends: ReadonlyMap<string, number>): string[] {
  return messagesOf(state, 'agent').flatMap(({ id, delivery }) => {
    const status = delivery.at(-1)?.status
    if (!isEnd(status)) return [`${sender.address} ${id}: ${status}`]
    if (sender.channel !== 'whatsapp') return []
    // The provider has reported on all it took, and no acknowledged report is lost either. What
    // it never took went under way when the runtime died, and is unknown.
    const right = sends.has(id) ? 'delivered' : 'unknown'
    return status === right ? [] : [`${sender.address} ${id}: ${status} for ${right}`]
  })
}

/** Telegram's sends have no id of ours: they are counted by chat. */
function countsWrong({ state, sender }: Known, calls: readonly ProviderCall[]): string[] {
  if (sender.channel === 'whatsapp') return []
  const sends = calls.filter(({ body }) => body.includes(`"${sender.address}"`)).length
  const ends = messagesOf(state, 'agent').map(({ delivery }) => delivery.at(-1)?.status)
  const sent = ends.filter((status) => status === 'sent').length
  const unknown = ends.filter((status) => status === 'unknown').length
  const isRight = sends >= sent && sends <= sent + unknown
  return isRight ? [] : [`${sender.address}: ${sends} sends, ${sent} sent, ${unknown} unknown`]
}

// Providers repeat and reorder, and strangers forge: what was recorded of a real run is delivered
// again in every such way, and nothing changes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { emptySession, evolve, type SessionState } from '../../shared/session.ts'
import { sign } from '../../sandbox/wire.ts'
import { newVisitor, phoneOf, type Phone } from './callers.ts'
import {
  found,
  openHouse,
  type Company,
  type Delivered,
  type House,
  type HouseOptions,
} from './house.ts'
import { command, factsOf } from './panels.ts'
import { seeded } from './seeded.ts'
import { until } from './until.ts'

const random = seeded(20_270)

interface Run {
  readonly house: House
  readonly company: Company
  readonly phones: readonly Phone[]
}

/** A run with all that phones can do: said, changed, taken back, answered, resolved, begun again. */
async function play(options: HouseOptions = {}): Promise<Run> {
  const house = await openHouse(options)
  const company = await found(house.url)
  const phones = (['whatsapp', 'telegram'] as const).map((kind) =>
    phoneOf(
      house.url,
      company.connections[kind],
      kind === 'whatsapp' ? '13125550199' : '4670199',
      'Dana Whitfield',
    ),
  )
  for (const phone of phones) await converse(house, company, phone)
  await house.sandbox.settled()
  return { house, company, phones }
}

async function converse(house: House, { people, connections }: Company, dana: Phone) {
  const { api } = people.operator
  const connectionId = dana.contact.startsWith('+')
    ? connections.whatsapp.id
    : connections.telegram.id
  await dana.says('When do you deliver? I am dana@example.com')
  const answer = await dana.hears(({ text }) => text.includes('two days'))
  await dana.act({ type: 'reaction', emoji: '👍', target: answer.id })
  const slip = await dana.act({ text: 'I wnat to konw' })
  await dana.act({ type: 'edit', target: slip.id, text: 'I want to know' })
  await dana.act({ type: 'image', text: 'my bike' })
  await dana.act({ type: 'location', location: { latitude: 38.7, longitude: -9.1, name: 'Here' } })
  if (dana.contact.startsWith('+')) {
    const wrong = await dana.act({ text: 'wrong chat' })
    await dana.act({ type: 'delete', target: wrong.id })
  }
  await dana.says('I want to talk to a person')
  const waiting = await until('the handover', async () => {
    const { rows } = await api('GET /api/inbox', { query: { view: 'incoming' } })
    return rows.find((row) => row.connectionId === connectionId)
  })
  const params = { sessionId: waiting.id }
  await api('POST /api/sessions/:sessionId/acceptance', { params, body: command() })
  const reply = { id: newId('msg'), text: 'Here I am' }
  await api('POST /api/sessions/:sessionId/messages', { params, body: reply })
  await dana.hears(({ text }) => text === reply.text)
  await dana.reads()
  await house.sandbox.settled()
  await api('POST /api/sessions/:sessionId/resolution', { params, body: command() })
  await dana.says('One more thing: your opening hours?')
  await dana.hears(({ text }) => text.includes('Monday'))
}

interface Snapshot {
  readonly tables: Readonly<Record<string, readonly string[]>>
  readonly facts: Readonly<Record<string, readonly unknown[]>>
  readonly calls: number
}

/** Everything the product knows, but when a connection was last heard of. */
async function snapshot({ house, company }: Run): Promise<Snapshot> {
  const db = await house.product.miniflare.getD1Database('DB')
  const { results } = await db
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT IN ('d1_migrations', 'sqlite_sequence')",
    )
    .all<{ name: string }>()
  const tables: Record<string, string[]> = {}
  for (const { name } of results) {
    const rows = (await db.prepare(`SELECT * FROM "${name}"`).all<Record<string, unknown>>())
      .results
    tables[name] = rows.map((row) => JSON.stringify({ ...row, last_event_at: null })).sort()
  }
  const ids = tables['session']?.map((row) => (JSON.parse(row) as { id: string }).id) ?? []
  const { owner } = company.people
  const facts = await Promise.all(ids.map(async (id) => [id, await factsOf(owner, id)] as const))
  return { tables, facts: Object.fromEntries(facts), calls: house.calls.length }
}

/** The run's snapshot once D1 has followed every fact and no delivery is under way. */
function settled(run: Run): Promise<Snapshot> {
  return until('quiet', async () => {
    const now = await snapshot(run)
    const isQuiet = (now.tables['session'] ?? []).every((text) => {
      const row = JSON.parse(text) as { id: string; seq: number }
      const state = stateOf(now, row.id)
      return state.seq === row.seq && state.entries.every(isDone)
    })
    return isQuiet && now
  })
}

function isDone(entry: SessionState['entries'][number]): boolean {
  if (entry.kind !== 'message') return true
  const { delivery, attachments } = entry.message
  const status = delivery.at(-1)?.status
  return status !== 'queued' && attachments.every(({ state }) => state !== 'pending')
}

function stateOf({ facts }: Snapshot, id: string): SessionState {
  return (facts[id] as Parameters<typeof evolve>[1][]).reduce(evolve, emptySession)
}

function send({ url, headers, body }: Delivered, change: Partial<Delivered> = {}) {
  const request = { url, headers, body, ...change }
  return fetch(request.url, { method: 'POST', headers: request.headers, body: request.body })
}

let run: Run
let before: Snapshot
/** The run as it was before more was said in it. */
let plain: Snapshot

beforeAll(async () => {
  run = await play()
  plain = before = await settled(run)
})
afterAll(() => run?.house.close())

describe('a recorded run', () => {
  it('has been one: messages, changes, reports and two sessions for each phone', () => {
    expect(run.house.delivered.length).toBeGreaterThan(25)
    expect(Object.keys(before.facts)).toHaveLength(4)
  })

  it('delivered ten times more, shuffled and at once, changes nothing', async () => {
    const { delivered } = run.house
    const again = random.shuffled(Array.from({ length: 10 }, () => delivered).flat())

    for (let at = 0; at < again.length; at += 20) {
      const answers = await Promise.all(again.slice(at, at + 20).map((one) => send(one)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    }

    expect(await snapshot(run)).toEqual(before)
    // What comes next is the next fact: nothing of the repetition was still on its way.
    for (const phone of run.phones) {
      const heard = (await phone.heard()).length
      await phone.says('Do you also deliver on Sundays?')
      await until('an answer', async () => (await phone.heard()).length > heard)
    }
    const after = await settled(run)
    expect(after.calls).toBe(before.calls + run.phones.length)
    for (const [id, facts] of Object.entries(before.facts)) {
      expect(after.facts[id]?.slice(0, facts.length)).toEqual(facts)
      const next = after.facts[id]?.[facts.length] as { type: string } | undefined
      expect([undefined, 'message/received']).toContain(next?.type)
    }
    for (const name of ['customer', 'identity', 'field_value', 'session', 'file']) {
      expect(after.tables[name]).toHaveLength(before.tables[name]!.length)
    }
    before = after
  })

  it('forged in any way is refused alike, and changes nothing', async () => {
    const other = await found(run.house.url)
    before = await settled(run)
    const statuses = new Set<string>()
    const refuse = async (one: Delivered, change: Partial<Delivered>) => {
      const answer = await send(one, change)
      statuses.add(`${answer.status} ${await answer.text()}`)
    }

    for (const one of run.house.delivered) {
      const isWhatsapp = 'x-hub-signature-256' in one.headers
      const name = isWhatsapp ? 'x-hub-signature-256' : 'x-telegram-bot-api-secret-token'
      const proof = one.headers[name] ?? ''
      const without = Object.fromEntries(
        Object.entries(one.headers).filter(([key]) => key !== name),
      )
      const withProof = (value: string) => ({ headers: { ...without, [name]: value } })
      await refuse(one, { headers: without })
      await refuse(one, withProof(flipped(proof)))
      await refuse(one, withProof(''))
      await refuse(one, withProof(proof.slice(0, -1)))
      // What proves one tenant's is nothing at another's hook, and the other way round.
      const elsewhere = isWhatsapp ? other.connections.whatsapp : other.connections.telegram
      await refuse(one, { url: elsewhere.hookUrl })
      await refuse(one, { url: one.url.replace(/con_\w+$/, newId('con')) })
      await refuse(one, { url: one.url.replace(/con_\w+$/, 'con_1') })
      const secrets = isWhatsapp ? other.configs.whatsapp : other.configs.telegram
      const text = new TextDecoder().decode(one.body)
      const theirs = isWhatsapp
        ? await sign(secrets['appSecret'] ?? '', text)
        : (secrets['secretToken'] ?? '')
      await refuse(one, withProof(theirs))
      // Telegram signs no body: only WhatsApp's can be held to its bytes.
      const flips = isWhatsapp ? Array.from({ length: 5 }, () => bitFlipped(one.body)) : []
      for (const body of flips) await refuse(one, { body })
    }

    expect(statuses).toEqual(new Set(['401 Unauthorized']))
    expect(await snapshot(run)).toEqual(before)
  })

  it('of a visitor: repeated is once, and another’s token opens nothing', async () => {
    const { house, company } = run
    const other = await found(house.url)
    const { web } = company.connections
    const visitor = await newVisitor(house.url, web)
    const stranger = await newVisitor(house.url, other.connections.web)
    const event = { type: 'message', id: 'once', text: 'When do you deliver?' }
    const post = (url: string, token: string) =>
      fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify({ events: [event, event] }),
      })

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(web.hookUrl, visitor.token)),
    )
    await visitor.hears(({ text }) => text.includes('two days'))
    const forged = await Promise.all([
      post(web.hookUrl, stranger.token),
      post(web.hookUrl, flipped(visitor.token)),
      post(web.hookUrl, ''),
      post(other.connections.web.hookUrl, visitor.token),
    ])

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(forged.map(({ status }) => status)).toEqual([401, 401, 401, 401])
    expect(visitor.lines.map(({ by }) => by)).toEqual(['customer', 'us'])
    await visitor.leaves()
    await stranger.leaves()
  })
})

describe('a run in which every webhook comes twice, and reports come before the answer', () => {
  it('ends as the plain one does', async () => {
    let sandbox: House['sandbox'] | undefined
    const unruly = await play({
      deliver: async (request) => {
        const twice = await Promise.all([fetch(request.clone()), fetch(request)])
        return twice[0]
      },
      // The provider reports what it has delivered before it says that it has taken it.
      providers: (one) => {
        sandbox = one
        return {
          ...one,
          async fetch(request) {
            const answer = await one.fetch(request)
            await one.settled()
            return answer
          },
        }
      },
    })
    try {
      await sandbox?.settled()
      const after = await settled(unruly)

      expect(shapesOf(after)).toEqual(shapesOf(plain))
    } finally {
      await unruly.house.close()
    }
  })
})

/** What an operator sees of the sessions, without ids and times. */
function shapesOf(snapshot: Snapshot): unknown[] {
  return Object.keys(snapshot.facts)
    .map((id) => {
      const state = stateOf(snapshot, id)
      return {
        channel: state.opened?.channel,
        mode: state.mode,
        status: state.status,
        learnt: state.learnt,
        said: state.entries.map((entry) => {
          if (entry.kind === 'marker') return entry.marker.type
          if (entry.kind !== 'message') return entry.kind
          const { text, author, reaction, edited, deleted, delivery } = entry.message
          const ends = delivery.at(-1)?.status
          return JSON.stringify({ text, by: author.kind, reaction, edited, deleted, ends })
        }),
      }
    })
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
}

/** One character near the end is another. */
function flipped(text: string): string {
  const at = text.length - 3
  return text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1)
}

function bitFlipped(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = body.slice()
  const at = random.below(copy.length)
  copy[at] = copy[at]! ^ (1 << random.below(8))
  return copy
}

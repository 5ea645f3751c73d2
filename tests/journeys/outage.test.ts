// The database fails under load: what comes in is kept, live talk goes on over the sockets, and
// when the database is back, the lists catch up. `OUTAGE_SECONDS=60` makes it a whole minute.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { emptySession, evolve, messageOf } from '../../shared/session.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import { phoneOf, type Phone } from './callers.ts'
import { found, hire, openHouse, type Company, type House } from './house.ts'
import { ask, command, factsOf, panelOf, type Panel } from './panels.ts'
import { until } from './until.ts'

const outageMs = Number(process.env['OUTAGE_SECONDS'] ?? 8) * 1000

/**
 * Stands between the worker and its database. While it is «down», every statement fails as D1 does
 * when its machine can't be reached. The product knows nothing of it.
 */
const front = `
import worker, * as rooms from './index.js'
const { InboxObject, SessionObject, ThreadObject } = rooms

let down = false
let failed = 0
const originals = new WeakMap()

async function guarded(work) {
  if (!down) return work()
  failed += 1
  await new Promise((resolve) => setTimeout(resolve, 20))
  throw new Error('D1_ERROR: Network connection lost.')
}
function statement(original) {
  const shown = {
    bind: (...values) => statement(original.bind(...values)),
    run: () => guarded(() => original.run()),
    all: () => guarded(() => original.all()),
    raw: (options) => guarded(() => original.raw(options)),
    first: (column) => guarded(() => original.first(column)),
  }
  originals.set(shown, original)
  return shown
}
function behind(env) {
  const DB = {
    prepare: (sql) => statement(env.DB.prepare(sql)),
    batch: (list) => guarded(() => env.DB.batch(list.map((one) => originals.get(one)))),
  }
  return Object.create(env, { DB: { value: DB } })
}
const withOutage = (Room) => class extends Room {
  constructor(ctx, env) { super(ctx, behind(env)) }
}
const Inbox = withOutage(InboxObject)
const Session = withOutage(SessionObject)
const Thread = withOutage(ThreadObject)
export { Inbox as InboxObject, Session as SessionObject, Thread as ThreadObject }

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/hooks/outage') {
      if (request.method === 'PUT') down = (await request.text()) === 'down'
      return Response.json({ down, failed })
    }
    return worker.fetch(request, behind(env), ctx)
  },
}
`

let house: House
let company: Company
let vera: Panel

beforeAll(async () => {
  house = await openHouse({ front })
  company = await found(house.url)
  vera = await panelOf(house.url, await hire(house.url, company, 'Vera'))
})
afterAll(async () => {
  await outage('up')
  vera?.close()
  await house?.close()
})

async function outage(state: 'down' | 'up'): Promise<{ failed: number }> {
  const response = await fetch(`${house.url}/hooks/outage`, { method: 'PUT', body: state })
  return (await response.json()) as { failed: number }
}

function phone(n: number, kind: 'whatsapp' | 'telegram' = 'whatsapp'): Phone {
  const address = kind === 'whatsapp' ? `1646555${2000 + n}` : `${8_000_000 + n}`
  return phoneOf(house.url, company.connections[kind], address, `Customer ${n}`)
}

/** The open sessions as D1 has them. */
async function listed(): Promise<SessionRow[]> {
  const { rows } = await company.people.owner.api('GET /api/inbox', {
    query: { view: 'open', limit: '200' },
  })
  return rows
}

function rowOf(panel: Panel, { address }: Phone, is: (row: SessionRow) => boolean = () => true) {
  return panel.row(
    'the row',
    (row) => row.contact.replaceAll(/\D/g, '').endsWith(address) && is(row),
  )
}

describe('while the database fails', () => {
  it(
    'nothing is lost, live talk and handover go on, and the lists catch up',
    async () => {
      // Some customers who are known, before.
      const known = Array.from({ length: 8 }, (_, n) => phone(n, n % 2 ? 'telegram' : 'whatsapp'))
      for (const one of known) await one.says('When do you deliver?')
      await until('the sessions', async () => (await listed()).length === known.length)
      const [dana] = known
      await dana!.hears(({ text }) => text.includes('two days'))
      const { id: sessionId } = await rowOf(vera, dana!)
      const live = await vera.open(sessionId)
      await live.comes('the log', ({ messageCount }) => messageCount === 2)
      // Vera’s sign-in is in memory: within three seconds it is asked for again.
      const signedIn = Date.now()

      await outage('down')
      const end = Date.now() + outageMs

      // The customer asks for a person, Vera sees it, accepts and answers: D1 is on no such way.
      await dana!.says('I want to talk to a person')
      await rowOf(vera, dana!, ({ mode }) => mode === 'human')
      const accepted = await ask(house.url, vera.who, 'POST /api/sessions/:sessionId/acceptance', {
        params: { sessionId },
        body: command(),
      })
      expect(accepted.status).toBe(204)
      expect(Date.now() - signedIn).toBeLessThan(3000)
      const reply = { id: newId('msg'), text: 'Vera here, what can I do?' }
      await ask(house.url, vera.who, 'POST /api/sessions/:sessionId/messages', {
        params: { sessionId },
        body: reply,
      })
      await dana!.hears(({ text }) => text === reply.text)
      await live.comes('delivered', (state) =>
        (messageOf(state, reply.id)?.delivery ?? []).some(({ status }) => status === 'delivered'),
      )

      // Load: all of it is taken, from those who are known and from those who are not.
      const strangers = Array.from({ length: 6 }, (_, n) => phone(100 + n))
      const said = new Map<Phone, string[]>([...known, ...strangers].map((one) => [one, []]))
      const answers: number[] = []
      const unknown: number[] = []
      for (let round = 1; Date.now() < end; round += 1) {
        await Promise.all(
          [...said].map(async ([one, texts]) => {
            const text = `During the outage ${round}: when do you deliver?`
            const { status } = await one.act({ text })
            answers.push(status)
            if (status === 200) texts.push(text)
          }),
        )
        // A connection that is in no memory can’t be known: never a 200, never a 401.
        const nobody = `${house.url}/hooks/${newId('con')}`
        unknown.push((await fetch(nobody, { method: 'POST', body: '{}' })).status)
        await new Promise((resolve) => void setTimeout(resolve, 100))
      }
      const { failed } = await outage('up')
      expect(failed).toBeGreaterThan(50)
      expect(new Set(answers)).toEqual(new Set([200]))
      expect(new Set(unknown)).toEqual(new Set([503]))
      const heardMeanwhile = live.state.entries.filter(
        (entry) => entry.kind === 'message' && entry.message.text.startsWith('During'),
      )
      expect(heardMeanwhile.length).toBeGreaterThan(0)

      // Back: everything that was said is there, once and in order, and D1 tells the same.
      const rows = await until(
        'the list',
        async () => {
          const all = await listed()
          return all.length === said.size && all
        },
        45_000,
      )
      for (const [one, texts] of said) {
        const row = rows.find(({ contact }) => contact.replaceAll(/\D/g, '').endsWith(one.address))
        await until(
          `${one.address} to catch up`,
          async () => {
            const facts = await factsOf(vera.who, row!.id)
            const now = (await listed()).find(({ id }) => id === row!.id)
            const heard = facts.flatMap((fact) =>
              fact.type === 'message/received' && fact.message.text.startsWith('During')
                ? [fact.message.text]
                : [],
            )
            const state = facts.reduce(evolve, emptySession)
            return (
              heard.join('\n') === texts.join('\n') &&
              now?.seq === state.seq &&
              now.messageCount === state.messageCount
            )
          },
          45_000,
        )
      }
      live.close()
    },
    outageMs + 120_000,
  )

  it('a connection nobody has asked for yet says «again later», and takes it when it is back', async () => {
    // Made by the API, so never opened: it is in no memory.
    const { owner } = company.people
    const config = {
      botToken: '7000001:abcdefghijklmnopqrstuvwx',
      secretToken: 'a-secret-of-24-letters-aa',
    }
    const fresh = await owner.api('POST /api/connections', {
      body: { name: 'Fresh', channel: 'telegram', config },
    })
    const send = () =>
      fetch(fresh.hookUrl, {
        method: 'POST',
        headers: { 'X-Telegram-Bot-Api-Secret-Token': config.secretToken },
        body: '{"update_id":1}',
      })

    await outage('down')
    expect((await send()).status).toBe(503)
    await outage('up')
    expect((await send()).status).toBe(200)
  })
})

// The database fails under load: what comes in is kept, live talk goes on over the sockets, and
// when the database is back, the lists catch up. `OUTAGE_SECONDS=60` makes it a whole minute.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { emptySession, evolve } from '../../shared/session.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import { newVisitor, phoneOf, type Phone } from './callers.ts'
import { found, hire, openHouse, type Company, type House } from './house.ts'
import { ask, command, factsOf, panelOf, stepsOf, type Panel } from './panels.ts'
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
export const UploadObject = withOutage(rooms.UploadObject)
export const AnalysisObject = withOutage(rooms.AnalysisObject)

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

function isOf({ contact }: SessionRow, { address }: Phone): boolean {
  return contact.replaceAll(/\D/g, '').endsWith(address)
}

function rowOf(panel: Panel, one: Phone, is: (row: SessionRow) => boolean = () => true) {
  return panel.row('the row', (row) => isOf(row, one) && is(row))
}

/** Says things, one after the other, until the time is over. Gives what the hooks answered. */
async function sayOn(said: Map<Phone, string[]>, end: number): Promise<Set<number>> {
  const answers = new Set<number>()
  for (let round = 1; Date.now() < end; round += 1) {
    await Promise.all(
      [...said].map(async ([one, texts]) => {
        const text = `Outage ${round}: when do you deliver?`
        const { status } = await one.act({ text })
        answers.add(status)
        if (status === 200) texts.push(text)
      }),
    )
    // A connection that is in no memory can’t be known: never a 200, never a 401.
    const nobody = await fetch(`${house.url}/hooks/${newId('con')}`, { method: 'POST', body: '{}' })
    unknown.add(nobody.status)
    await new Promise((resolve) => void setTimeout(resolve, 100))
  }
  return answers
}
const unknown = new Set<number>()

/** Whether a session holds these words of its customer, once and in order, and D1 tells the same. */
async function isWhole(row: SessionRow | undefined, texts: readonly string[]): Promise<boolean> {
  if (!row) return false
  const facts = await factsOf(vera.who, row.id)
  const state = facts.reduce(evolve, emptySession)
  const heard = facts.flatMap((fact) =>
    fact.type === 'message/received' && fact.message.text.startsWith('Outage')
      ? [fact.message.text]
      : [],
  )
  const isListed = row.seq === state.seq && row.messageCount === state.messageCount
  return isListed && heard.join('\n') === texts.join('\n')
}

/** Sends a reply and again, as a panel does, until it has gone. Gives the statuses on the way. */
async function insist(params: { sessionId: string }, body: object): Promise<number[]> {
  const statuses: number[] = []
  await until(
    'the reply to go',
    async () => {
      const name = 'POST /api/sessions/:sessionId/messages'
      statuses.push((await ask(house.url, vera.who, name, { params, body })).status)
      return statuses.at(-1) === 204
    },
    outageMs + 30_000,
  )
  return statuses
}

describe('while the database fails', () => {
  it(
    'nothing is lost, live talk and handover go on, and the lists catch up',
    async () => {
      const known = Array.from({ length: 8 }, (_, n) => phone(n, n % 2 ? 'telegram' : 'whatsapp'))
      const visitor = await newVisitor(house.url, company.connections.web)
      for (const one of [...known, visitor]) await one.says('When do you deliver?')
      await until('the sessions', async () => (await listed()).length === known.length + 1)
      const [dana, emil] = known as [Phone, Phone]
      const row = await rowOf(vera, dana)
      const params = { sessionId: row.id }
      const live = await vera.open(row.id)
      await live.comes('the log', ({ messageCount }) => messageCount === 2)
      // Vera’s sign-in has just been looked up, and is believed for three seconds.

      await outage('down')
      const end = Date.now() + outageMs

      // Dana asks for a person. Vera sees it, accepts and answers: D1 is on no such way.
      await dana.says('I want to talk to a person')
      await rowOf(vera, dana, ({ mode }) => mode === 'human')
      const name = 'POST /api/sessions/:sessionId/acceptance'
      const accepted = await ask(house.url, vera.who, name, { params, body: command() })
      expect(accepted.status).toBe(204)
      const reply = { id: newId('msg'), text: 'Vera here, what can I do?' }
      expect(await insist(params, reply)).toEqual([204])
      await dana.hears(({ text }) => text === reply.text)
      await live.comes('delivered', (state) => stepsOf(state, reply.id).includes('delivered'))
      // The agent goes on too, with whom it knows.
      const heard = (await emil.heard()).length
      await emil.says('And your opening hours?')
      await emil.hears(({ text }) => text.includes('Monday'))
      await visitor.says('And your opening hours?')
      await visitor.hears(({ text }) => text.includes('Monday'))
      expect((await emil.heard()).length).toBe(heard + 1)
      expect(Date.now()).toBeLessThan(end)

      // Load, from those who are known and from strangers. Vera answers on: who she is can’t be
      // asked by now, so she hears «again later», never «signed out», and her reply goes once.
      const strangers = Array.from({ length: 6 }, (_, n) => phone(100 + n))
      const said = new Map<Phone, string[]>([...known, ...strangers].map((one) => [one, []]))
      const later = { id: newId('msg'), text: 'Still here.' }
      const replied = until('three seconds', () => Date.now() > end - outageMs + 4000).then(() =>
        insist(params, later),
      )
      const answers = await sayOn(said, end)
      const { failed } = await outage('up')
      expect(failed).toBeGreaterThan(50)
      expect(answers).toEqual(new Set([200]))
      expect(unknown).toEqual(new Set([503]))
      expect(new Set(await replied)).toEqual(new Set([503, 204]))
      // What was said meanwhile was seen meanwhile, on the socket.
      const seen = live.facts.filter(({ type, at }) => type === 'message/received' && at < end)
      expect(seen.length).toBeGreaterThan(3)

      // Back: everything is there, once and in order, and the lists tell it.
      await dana.hears(({ text }) => text === later.text)
      for (const [one, texts] of said) {
        await until(
          `${one.address} to catch up`,
          async () =>
            isWhole(
              (await listed()).find((it) => isOf(it, one)),
              texts,
            ),
          60_000,
        )
      }
      const words = (await dana.heard()).map(({ text }) => text)
      expect(words.filter((text) => text === later.text)).toHaveLength(1)
      live.close()
      await visitor.leaves()
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

// What else happens at an operator's desk: pictures, two who accept at once, links, broken lines.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { messageOf } from '../../shared/session.ts'
import { newVisitor, phoneOf, type Caller, type Phone } from './callers.ts'
import { found, hire, openHouse, type Company, type House, type Kind } from './house.ts'
import {
  ask,
  command,
  factsOf,
  panelOf,
  stateOf,
  stepsOf,
  type LiveSession,
  type Panel,
} from './panels.ts'
import { until } from './until.ts'

let house: House
let company: Company
let vera: Panel
let omar: Panel

beforeAll(async () => {
  house = await openHouse()
  company = await found(house.url)
  vera = await panelOf(house.url, await hire(house.url, company, 'Vera'))
  omar = await panelOf(house.url, await hire(house.url, company, 'Omar'))
})
afterAll(async () => {
  vera?.close()
  omar?.close()
  await house?.close()
})

let numbers = 0
/** A customer who has just written, and their session's id. */
async function writes(kind: Kind, write: (caller: Caller) => Promise<void>) {
  const known = new Set(vera.rows.keys())
  numbers += 1
  const caller =
    kind === 'web'
      ? await newVisitor(house.url, company.connections.web)
      : phoneOf(house.url, company.connections[kind], `1773555${1000 + numbers}`, 'Gil Moreau')
  await write(caller)
  const { id: sessionId } = await vera.row('a new session', ({ id }) => !known.has(id))
  return { caller, sessionId }
}

function reply(sessionId: string, text: string, attachments: string[] = []) {
  const body = { id: newId('msg'), text, attachments }
  const params = { sessionId }
  return vera.who
    .api('POST /api/sessions/:sessionId/messages', { params, body })
    .then(() => body.id)
}

const picture = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
)

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}

function download(fileId: string, token?: string): Promise<Response> {
  const headers = token ? { Authorization: `Bearer ${token}` } : {}
  return fetch(`${house.url}/api/files/${fileId}`, { headers })
}

async function upload(sessionId: string): Promise<string> {
  const response = await fetch(
    `${house.url}/api/files?name=${encodeURIComponent('the map.png')}&session=${sessionId}`,
    { method: 'POST', headers: { Authorization: `Bearer ${vera.who.token}` }, body: picture },
  )
  return ((await response.json()) as { id: string }).id
}

/** The first file of the session, once it has been fetched and kept. */
async function firstFile(live: LiveSession) {
  const state = await live.comes('the picture', ({ entries }) =>
    entries.some((one) => one.kind === 'message' && one.message.attachments[0]?.state === 'ready'),
  )
  return state.entries.flatMap((one) => (one.kind === 'message' ? one.message.attachments : []))[0]
}

describe('a picture', () => {
  it.each(['whatsapp', 'telegram', 'web'] as const)(
    'comes in by %s and is kept with us, and one goes out',
    async (kind) => {
      const { caller: fleur, sessionId } = await writes(kind, (one) =>
        one.sendsPicture('my bike', picture),
      )
      const live = await vera.open(sessionId)

      const received = await firstFile(live)
      expect(received).toMatchObject({ kind: 'image', type: 'image/png', size: picture.length })
      const kept = await download(received!.id, company.people.viewer.token)
      expect(kept.headers.get('Content-Type')).toBe('image/png')
      expect(await bytesOf(kept)).toEqual(picture)
      expect((await download(received!.id)).status).toBe(401)

      const id = await reply(sessionId, 'This is where we are', [await upload(sessionId)])
      const map = await fleur.hears((message) => message.file !== undefined)
      expect(map.file?.type).toBe('image/png')
      await live.comes('sent', (state) => stepsOf(state, id).includes('sent'))
      live.close()
      await fleur.leaves()
    },
  )

  it('of one visitor is nothing to another', async () => {
    const fleur = await newVisitor(house.url, company.connections.web)
    const stranger = await newVisitor(house.url, company.connections.web)
    await fleur.sendsPicture('my bike', picture)
    const [file] = (await until('the line', () => fleur.lines[0])).files

    expect(await bytesOf(await fleur.download(file!.id))).toEqual(picture)
    expect((await stranger.download(file!.id)).status).toBe(404)
    expect((await stranger.download(newId('fil'))).status).toBe(404)
    await fleur.leaves()
    await stranger.leaves()
  })
})

describe('two operators', () => {
  it.each([1, 2, 3, 4, 5])('accept at once: one wins, the other is told who (%i)', async () => {
    const { sessionId } = await writes('whatsapp', (one) => one.says('I want to talk to a person'))
    await vera.row('the handover', ({ id, mode }) => id === sessionId && mode === 'human')
    const params = { sessionId }

    const answers = await Promise.all(
      [vera, omar].map(async ({ who }) => ({
        who,
        ...(await ask(house.url, who, 'POST /api/sessions/:sessionId/acceptance', {
          params,
          body: command(),
        })),
      })),
    )

    const winner = answers.find(({ status }) => status === 204)
    const loser = answers.find(({ status }) => status !== 204)
    expect(loser?.status).toBe(409)
    expect(loser?.refusal).toEqual({ refusal: 'taken-by-another', detail: winner?.who.name })
    const late = await ask(house.url, loser?.who, 'POST /api/sessions/:sessionId/messages', {
      params,
      body: { id: newId('msg'), text: 'It is mine' },
    })
    expect(late.status).toBe(409)
    const types = (await factsOf(vera.who, sessionId)).map(({ type }) => type)
    expect(types.filter((type) => type === 'operator/assigned')).toHaveLength(1)
  })
})

describe('a provider that takes a message and never answers', () => {
  it('is not asked again; what it reports of the message is believed', async () => {
    const { caller, sessionId } = await writes('whatsapp', (one) => one.says('hello'))
    const kim = caller as Phone
    await kim.hears(({ text }) => text.includes('Ada'))
    const live = await vera.open(sessionId)
    await fetch(`${house.url}/sandbox/faults/${company.connections.whatsapp.id}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ script: [{ drop: true }] }),
    })

    const id = await reply(sessionId, 'Did you get this?')
    await kim.hears(({ text }) => text === 'Did you get this?')
    await live.comes('the report', (state) => stepsOf(state, id).at(-1) === 'delivered')

    expect(house.calls.filter(({ body }) => body.includes(id))).toHaveLength(1)
    // Its provider's id is known by the report: what the customer does to it is understood.
    const shown = (await kim.heard()).find(({ text }) => text === 'Did you get this?')
    await kim.act({ type: 'reaction', emoji: '👍', target: shown!.id })
    await live.comes('the reaction', (state) => messageOf(state, id)?.reaction === '👍')
    live.close()
  }, 30_000)
})

describe('a link', () => {
  it('opens a session and its customer for any teammate', async () => {
    const { caller: hedda, sessionId } = await writes('whatsapp', (one) =>
      one.says('When do you deliver?'),
    )
    await hedda.hears(({ text }) => text.includes('two days'))
    const { viewer } = company.people

    const row = await viewer.api('GET /api/sessions/:sessionId', { params: { sessionId } })
    const profile = await viewer.api('GET /api/customers/:customerId', {
      params: { customerId: row.customer.id },
    })
    expect(row.customer).toEqual({ id: profile.id, name: profile.name })
    const state = await stateOf(viewer, sessionId)
    expect(state.entries.map((entry) => entry.kind)).toEqual(['marker', 'message', 'message'])
  })
})

describe('a line that broke', () => {
  it('brings what was missed, in order, and nothing twice', async () => {
    const { caller: ines, sessionId } = await writes('telegram', (one) =>
      one.says('When do you deliver?'),
    )
    const first = await omar.open(sessionId)
    await first.comes('the answer', ({ messageCount }) => messageCount === 2)
    first.close()

    await ines.says('And your opening hours?')
    await ines.hears(({ text }) => text.includes('Monday'))
    const again = await omar.open(sessionId, first.state.seq)
    await until('what was missed', () => again.facts.length > 0)

    const seqs = [...first.facts, ...again.facts].map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => index + 1))
    again.close()
  })
})

// The story, end to end over HTTP and sockets: a customer writes, the agent answers, a person is
// asked for and answers, and the record has learnt from it. For each channel.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { messageOf, type Fact, type SessionState } from '../../shared/session.ts'
import { newVisitor, phoneOf, type Caller, type Visitor } from './callers.ts'
import { found, hire, openHouse, type Company, type House, type Kind } from './house.ts'
import { ask, command, factsOf, panelOf, stateOf, type Panel } from './panels.ts'
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
async function caller(kind: Kind): Promise<Caller> {
  const connection = company.connections[kind]
  numbers += 1
  if (kind === 'web') return newVisitor(house.url, connection.id)
  const address = kind === 'whatsapp' ? `1312555${1000 + numbers}` : `${4_670_000 + numbers}`
  return phoneOf(house.url, connection, address, `Dana Whitfield ${numbers}`)
}

/** The row of a customer's open session, in everybody's inbox. */
function rowOf({ contact }: Caller, panel: Panel, is: (mode: string) => boolean = () => true) {
  const digits = (text: string) => text.replaceAll(/\D/g, '') || text
  return panel.row(
    'the row',
    (row) =>
      row.finishedAt === null &&
      is(row.mode) &&
      [row.contact, digits(row.contact)].some((one) => one === contact || one === digits(contact)),
  )
}

/** How the statuses of a message went, oldest first. */
function steps(state: SessionState, id: string): string[] {
  return messageOf(state, id as never)?.delivery.map(({ status }) => status) ?? []
}

function typesOf(facts: readonly Fact[]): string[] {
  return facts.map(({ type }) => type)
}

const lastSteps: Record<Kind, string> = { whatsapp: 'read', telegram: 'sent', web: 'read' }

describe.each(['whatsapp', 'telegram', 'web'] as const)('on %s', (kind) => {
  it('a customer is answered, asks for a person, is answered by one, and is known next time', async () => {
    const dana = await caller(kind)

    // The agent answers, and what the customer says of herself is kept as said, not as proven.
    await dana.says('Hi, how long does delivery take?')
    await dana.hears(({ text }) => text.includes('within two days'))
    const email = `dana.${kind}@example.com`
    await dana.says(`My email is ${email}`)
    const { id: sessionId, customer } = await rowOf(dana, vera)
    const profile = await until('the email on the profile', async () => {
      const found = await vera.who.api('GET /api/customers/:customerId', {
        params: { customerId: customer.id },
      })
      return found.fields.some(({ field }) => field === 'email') && found
    })
    expect(profile.fields.find(({ field }) => field === 'email')).toMatchObject({
      value: email,
      verified: false,
      source: 'conversation',
      sessionId,
    })
    expect(profile.anonymous).toBe(false)
    expect(profile.identities.map(({ value }) => value)).not.toContain(email)

    // A person is asked for: everybody's inbox has it, and the agent says one last thing.
    await dana.says('I want to talk to a person')
    const waiting = await rowOf(dana, omar, (mode) => mode !== 'ai')
    expect(waiting).toMatchObject({
      id: sessionId,
      operator: null,
      handover: { cause: 'customer' },
    })
    expect(waiting.waitingSince).not.toBeNull()
    await dana.hears(({ text }) => text.includes('passing you to a colleague'))
    await dana.says('And what are your opening hours?')

    // Vera accepts, gets a draft, and sends it edited.
    const live = await vera.open(sessionId)
    await vera.who.api('POST /api/sessions/:sessionId/acceptance', {
      params: { sessionId },
      body: command(),
    })
    await omar.row('Vera’s', (row) => row.id === sessionId && row.operator?.name === 'Vera')
    const drafted = await live.comes('a draft', ({ entries }) =>
      entries.some((entry) => entry.kind === 'draft' && !entry.superseded),
    )
    const draft = drafted.entries.findLast((entry) => entry.kind === 'draft')
    expect(draft).toMatchObject({ draft: { agentName: 'Ada', cause: 'copilot' } })
    const words = draft?.kind === 'draft' ? draft.draft.text : ''
    expect(words).toContain('Monday to Friday')
    const note = `Dana is in a hurry ${newId('nte')}`
    await vera.who.api('POST /api/sessions/:sessionId/notes', {
      params: { sessionId },
      body: { id: newId('nte'), text: note },
    })
    const reply = { id: newId('msg'), text: `${words} I have put your order first. – Vera` }
    await vera.who.api('POST /api/sessions/:sessionId/messages', {
      params: { sessionId },
      body: reply,
    })
    // A panel that heard no answer asks again.
    await vera.who.api('POST /api/sessions/:sessionId/messages', {
      params: { sessionId },
      body: reply,
    })
    await dana.hears(({ text }) => text === reply.text)
    await dana.reads()
    await live.comes(
      'the end of the delivery',
      (state) => steps(state, reply.id).at(-1) === lastSteps[kind],
    )

    // It came exactly so and once; neither the note nor the bare draft has left the house.
    const heard = (await dana.heard()).map(({ text }) => text)
    expect(heard.filter((text) => text === reply.text)).toHaveLength(1)
    expect(heard).not.toContain(words)
    const mine = house.calls.filter(({ body }) => body.includes(dana.contact.replace('+', '')))
    const bodies = mine.map(({ body }) => body).join('\n')
    for (const secret of [note, JSON.stringify(words)]) expect(bodies).not.toContain(secret)
    expect(heard.join('\n')).not.toContain(note)
    if (kind !== 'web') expect(mine).toHaveLength(heard.length)

    // Resolved, the next message begins a new session with the same customer.
    await vera.who.api('POST /api/sessions/:sessionId/resolution', {
      params: { sessionId },
      body: command(),
    })
    await live.comes('the end', ({ finishedAt }) => finishedAt !== undefined)
    expect(live.state).toEqual(await stateOf(vera.who, sessionId))
    await dana.says('Hello again, do you deliver on Saturdays?')
    const next = await omar.row(
      'a new session',
      (row) => row.customer.id === customer.id && row.finishedAt === null && row.messageCount > 1,
    )
    expect(next.id).not.toBe(sessionId)
    expect(next.mode).toBe('ai')
    const { rows } = await until('both sessions in the record', async () => {
      const page = await omar.who.api('GET /api/customers/:customerId/sessions', {
        params: { customerId: customer.id },
      })
      return page.rows.length === 2 && page
    })
    expect(rows.map(({ id }) => id).sort()).toEqual([sessionId, next.id].sort())
    const again = await omar.who.api('GET /api/customers/:customerId', {
      params: { customerId: customer.id },
    })
    expect(again).toMatchObject({ communications: 2, active: 1, name: profile.name })
    expect(again.fields.some(({ value }) => value === email)).toBe(true)
    live.close()
    await dana.leaves()
  })

  it('quick replies go both ways', async () => {
    const emil = await caller(kind)

    await emil.says('hello')
    await emil.hears(({ choices }) => choices.includes('Opening hours'))
    await emil.taps('Opening hours')
    await emil.hears(({ text }) => text.includes('Monday to Friday'))
    const { id: sessionId } = await rowOf(emil, vera)
    const chosen = (await stateOf(vera.who, sessionId)).entries.find(
      (entry) => entry.kind === 'message' && entry.message.chosen !== undefined,
    )
    expect(chosen).toMatchObject({
      message: { text: 'Opening hours', author: { kind: 'customer' } },
    })

    // An operator offers some too; what comes back is the payload.
    await vera.who.api('POST /api/sessions/:sessionId/messages', {
      params: { sessionId },
      body: {
        id: newId('msg'),
        text: 'Which day?',
        quickReplies: [{ title: 'Monday', payload: 'day-1' }, { title: 'Tuesday' }],
      },
    })
    await emil.hears(({ choices }) => choices.join() === 'Monday,Tuesday')
    await emil.taps('Monday')
    await until('the choice', async () =>
      (await stateOf(vera.who, sessionId)).entries.some(
        (entry) => entry.kind === 'message' && entry.message.chosen === 'day-1',
      ),
    )
    await emil.leaves()
  })

  it('a picture comes in and is kept with us; one goes out', async () => {
    const fleur = await caller(kind)
    const picture = pixel()

    await fleur.sendsPicture('my bike', picture)
    const { id: sessionId } = await rowOf(fleur, vera)
    const live = await vera.open(sessionId)
    const state = await live.comes('the picture', ({ entries }) =>
      entries.some(
        (entry) => entry.kind === 'message' && entry.message.attachments[0]?.state === 'ready',
      ),
    )
    const received = state.entries.flatMap((entry) =>
      entry.kind === 'message' ? entry.message.attachments : [],
    )[0]
    expect(received).toMatchObject({ kind: 'image', type: 'image/png', size: picture.byteLength })
    const kept = await download(received!.id, vera.who.token)
    expect(kept.status).toBe(200)
    expect(new Uint8Array(await kept.arrayBuffer())).toEqual(picture)
    expect((await download(received!.id, undefined)).status).toBe(401)

    const uploaded = await fetch(
      `${house.url}/api/files?name=${encodeURIComponent('the map.png')}&session=${sessionId}`,
      { method: 'POST', headers: bearer(vera.who.token), body: picture },
    )
    const file = (await uploaded.json()) as { id: string }
    const id = newId('msg')
    await vera.who.api('POST /api/sessions/:sessionId/messages', {
      params: { sessionId },
      body: { id, text: 'This is where we are', attachments: [file.id] },
    })
    const map = await fleur.hears((message) => message.file !== undefined)
    expect(map.file?.type).toBe('image/png')
    await live.comes('sent', (now) => steps(now, id).includes('sent'))
    if ('download' in fleur) {
      const line = (fleur as Visitor).lines.find(({ id: one }) => one === id)
      const got = await (fleur as Visitor).download(line!.files[0]!.id)
      expect(new Uint8Array(await got.arrayBuffer())).toEqual(picture)
      const stranger = await newVisitor(house.url, company.connections.web.id)
      expect((await stranger.download(line!.files[0]!.id)).status).toBe(404)
      await stranger.leaves()
    }
    live.close()
    await fleur.leaves()
  })
})

describe('two operators', () => {
  it('accept at once: one wins, the other is told who', async () => {
    for (let round = 0; round < 5; round += 1) {
      const gil = await caller(round % 2 === 0 ? 'whatsapp' : 'telegram')
      await gil.says('I want to talk to a person')
      const { id: sessionId } = await rowOf(gil, vera, (mode) => mode !== 'ai')

      const answers = await Promise.all(
        [vera, omar].map(async ({ who }) => ({
          who,
          answer: await ask(house.url, who, 'POST /api/sessions/:sessionId/acceptance', {
            params: { sessionId },
            body: command(),
          }),
        })),
      )

      const won = answers.filter(({ answer }) => answer.status === 204)
      const lost = answers.filter(({ answer }) => answer.status === 409)
      expect([won.length, lost.length]).toEqual([1, 1])
      expect(lost[0]?.answer.refusal).toEqual({
        refusal: 'taken-by-another',
        detail: won[0]?.who.name,
      })
      const facts = await factsOf(vera.who, sessionId)
      expect(typesOf(facts).filter((type) => type === 'operator/assigned')).toHaveLength(1)
      const reply = { id: newId('msg'), text: 'It is mine' }
      const late = await ask(house.url, lost[0]!.who, 'POST /api/sessions/:sessionId/messages', {
        params: { sessionId },
        body: reply,
      })
      expect(late.status).toBe(409)
    }
  })
})

describe('a link', () => {
  it('opens a session and its customer for any teammate, and resumes where the panel was', async () => {
    const hedda = await caller('whatsapp')
    await hedda.says('When do you deliver?')
    await hedda.hears(({ text }) => text.includes('two days'))
    const { id: sessionId, customer } = await rowOf(hedda, vera)
    const { viewer } = company.people

    const row = await viewer.api('GET /api/sessions/:sessionId', { params: { sessionId } })
    const profile = await viewer.api('GET /api/customers/:customerId', {
      params: { customerId: customer.id },
    })
    expect(row.customer).toEqual({ id: profile.id, name: profile.name })
    const state = await stateOf(viewer, sessionId)
    expect(state.entries.filter(({ kind }) => kind === 'message')).toHaveLength(2)

    // A line that breaks and comes again brings what was missed, and nothing twice.
    const first = await omar.open(sessionId)
    await first.comes('the log', ({ messageCount }) => messageCount === 2)
    first.close()
    await hedda.says('And your opening hours?')
    await hedda.hears(({ text }) => text.includes('Monday'))
    const again = await omar.open(sessionId, first.state.seq)
    await until('what was missed', () => again.facts.length > 0)
    const seqs = [...first.facts, ...again.facts].map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => index + 1))
    again.close()
  })
})

function pixel(): Uint8Array<ArrayBuffer> {
  const base64 =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'image/png' }
}

function download(fileId: string, token: string | undefined): Promise<Response> {
  return fetch(`${house.url}/api/files/${fileId}`, token ? { headers: bearer(token) } : {})
}

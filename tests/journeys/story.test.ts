// The story, end to end over HTTP and sockets: a customer writes, the agent answers, a person is
// asked for and answers, and the record has learnt from it. For each channel.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { CustomerProfile } from '../../shared/customer.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import { newVisitor, phoneOf, type Caller } from './callers.ts'
import { found, hire, openHouse, type Company, type House, type Kind } from './house.ts'
import { command, panelOf, stateOf, stepsOf, type LiveSession, type Panel } from './panels.ts'
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
async function newCaller(kind: Kind): Promise<Caller> {
  const connection = company.connections[kind]
  numbers += 1
  if (kind === 'web') return newVisitor(house.url, connection)
  const address = kind === 'whatsapp' ? `1312555${1000 + numbers}` : `${4_670_000 + numbers}`
  return phoneOf(house.url, connection, address, `Dana Whitfield ${numbers}`)
}

/** The customer's open session, once it stands so in a panel's inbox. */
function rowOf(
  { contact }: Caller,
  panel: Panel,
  is: (row: SessionRow) => boolean = () => true,
): Promise<SessionRow> {
  return panel.row(
    'the row',
    (row) => row.finishedAt === null && isSame(row.contact, contact) && is(row),
  )
}

/** +1 312 555 0142 and +13125550142 are one. */
function isSame(shown: string, contact: string): boolean {
  return (
    shown === contact || (contact.startsWith('+') && shown.replaceAll(/[^+\d]/g, '') === contact)
  )
}

/** The email that a customer has said, once it stands on the profile. */
function learnt(customerId: string, email: string): Promise<CustomerProfile> {
  return until('the email on the profile', async () => {
    const profile = await vera.who.api('GET /api/customers/:customerId', { params: { customerId } })
    return profile.fields.some(({ value }) => value === email) && profile
  })
}

/** The draft that stands for the newest words. */
async function draftIn(live: LiveSession): Promise<string> {
  const { entries } = await live.comes('a draft', (state) =>
    state.entries.some((entry) => entry.kind === 'draft' && !entry.superseded),
  )
  const entry = entries.findLast((one) => one.kind === 'draft')
  return entry?.kind === 'draft' ? entry.draft.text : ''
}

/** Sends as a panel does that heard no answer the first time: twice the same. */
async function replyTwice(sessionId: string, text: string): Promise<string> {
  const body = { id: newId('msg'), text }
  for (const _ of [1, 2]) {
    await vera.who.api('POST /api/sessions/:sessionId/messages', { params: { sessionId }, body })
  }
  return body.id
}

function resolve(sessionId: string): Promise<unknown> {
  return vera.who.api('POST /api/sessions/:sessionId/resolution', {
    params: { sessionId },
    body: command(),
  })
}

/** How far a channel's provider, or the widget, tells that a message has come. */
const farthest: Record<Kind, string> = { whatsapp: 'read', telegram: 'sent', web: 'read' }

describe.each(['whatsapp', 'telegram', 'web'] as const)('on %s', (kind) => {
  it('a customer is answered, asks for a person, is answered by one, and is known next time', async () => {
    const dana = await newCaller(kind)
    const email = `dana.${kind}@example.com`

    // The agent answers. What Dana says of herself is kept as said, not as proven.
    await dana.says('Hi, how long does delivery take?')
    await dana.hears(({ text }) => text.includes('within two days'))
    await dana.says(`My email is ${email}`)
    const { id: sessionId, customer } = await rowOf(dana, vera)
    const profile = await learnt(customer.id, email)
    expect(profile.fields.find(({ field }) => field === 'email')).toMatchObject({
      value: email,
      verified: false,
      source: 'conversation',
      sessionId,
    })
    expect(profile.anonymous).toBe(false)
    expect(profile.identities.map(({ value }) => value)).not.toContain(email)

    // She asks for a person: everybody's inbox has it.
    await dana.says('I want to talk to a person')
    const waiting = await rowOf(dana, omar, ({ mode }) => mode === 'human')
    expect(waiting).toMatchObject({
      id: sessionId,
      operator: null,
      handover: { cause: 'customer' },
    })
    expect(waiting.waitingSince).not.toBeNull()
    await dana.hears(({ text }) => text.includes('passing you to a colleague'))
    await dana.says('And what are your opening hours?')

    // Vera accepts, gets a draft, notes something, and sends the draft edited.
    const live = await vera.open(sessionId)
    const params = { sessionId }
    await vera.who.api('POST /api/sessions/:sessionId/acceptance', { params, body: command() })
    await rowOf(dana, omar, ({ operator }) => operator?.name === 'Vera')
    const draft = await until('a draft of the hours', async () => {
      const text = await draftIn(live)
      return text.includes('Monday to Friday') && text
    })
    const note = `In a hurry ${newId('nte')}`
    const added = { id: newId('nte'), text: note }
    await vera.who.api('POST /api/sessions/:sessionId/notes', { params, body: added })
    const words = `${draft} I have put your order first. – Vera`
    const reply = await replyTwice(sessionId, words)
    await dana.hears(({ text }) => text === words)
    await dana.reads()
    await live.comes('the end of it', (now) => stepsOf(now, reply).at(-1) === farthest[kind])

    // It came so and once; the note and the bare draft have not left the house.
    const heard = (await dana.heard()).map(({ text }) => text)
    expect(heard.filter((text) => text === words)).toHaveLength(1)
    expect(heard).not.toContain(draft)
    expect(heard.join('\n')).not.toContain(note)
    const sent = house.calls.filter(({ body }) => body.includes(dana.contact.replace('+', '')))
    expect(sent).toHaveLength(kind === 'web' ? 0 : heard.length)
    expect(sent.map(({ body }) => body).join('\n')).not.toContain(note)

    // The panel has folded what the log holds. The next message is a new session of the same Dana.
    await resolve(sessionId)
    await live.comes('the end', ({ finishedAt }) => finishedAt !== undefined)
    await dana.says('Hello again, do you deliver on Saturdays?')
    const next = await rowOf(dana, omar, ({ messageCount }) => messageCount > 1)
    expect(next.id).not.toBe(sessionId)
    expect(next).toMatchObject({ mode: 'ai', customer: { id: customer.id } })
    expect(live.state).toEqual(await stateOf(vera.who, sessionId))
    const { rows } = await until('both sessions in the record', async () => {
      const page = await omar.who.api('GET /api/customers/:customerId/sessions', {
        params: { customerId: customer.id },
      })
      return page.rows.length === 2 && page
    })
    expect(rows.map(({ id }) => id)).toEqual([next.id, sessionId])
    expect(await learnt(customer.id, email)).toMatchObject({ communications: 2, active: 1 })
    live.close()
    await dana.leaves()
  })

  it('quick replies go both ways', async () => {
    const emil = await newCaller(kind)

    await emil.says('hello')
    await emil.hears(({ choices }) => choices.includes('Opening hours'))
    await emil.taps('Opening hours')
    await emil.hears(({ text }) => text.includes('Monday to Friday'))
    const { id: sessionId } = await rowOf(emil, vera)
    const live = await vera.open(sessionId)
    await live.comes('the choice', (state) => chose(state, 'Opening hours'))

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
    const state = await live.comes('the choice', (now) => chose(now, 'day-1'))
    const last = state.entries.findLast((entry) => entry.kind === 'message')
    expect(last).toMatchObject({ message: { text: 'Monday', author: { kind: 'customer' } } })
    live.close()
    await emil.leaves()
  })
})

function chose({ entries }: LiveSession['state'], payload: string): boolean {
  return entries.some((entry) => entry.kind === 'message' && entry.message.chosen === payload)
}

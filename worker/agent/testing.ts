// A session, an agent and models to test with.

import { channelTitles, type ChannelKind } from '../../shared/channel.ts'
import type { Author } from '../../shared/message.ts'
import { plainMessage } from '../../shared/message.ts'
import { newId } from '../../shared/new-id.ts'
import { emptySession, evolve, type NewFact, type SessionState } from '../../shared/session.ts'
import type { Model, Prompt } from './model.ts'
import { buildPrompt, type Turn } from './prompt.ts'
import type { AgentSettings } from './queries.ts'

export const noon = Date.UTC(2026, 10, 20, 12, 0)

export const instructions = `You are Iris, the assistant of Acme Bikes. Be short and friendly.
Greeting: Hello, this is Iris of Acme Bikes.
? What is it about? | Opening hours | Prices
What are your opening hours? = Monday to Friday, 9 to 18.
price, cost: A tune-up costs 45 €. See https://acme.example.com/prices
? Shall I book one? | Yes | No
Where is the shop? = Rua do Ouro 12, Lisbon.`

export function agentWith(change: Partial<AgentSettings> = {}): AgentSettings {
  return {
    id: newId('agt'),
    name: 'Iris',
    running: true,
    instructions,
    model: { kind: 'rules' },
    resultFields: [],
    handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
    copilot: true,
    connections: [],
    modelKeySet: false,
    ...change,
  }
}

export function after(state: SessionState, facts: readonly NewFact[]): SessionState {
  return facts.reduce(
    // Safe: a new fact with its place and time is a fact.
    (now, fact) => evolve(now, { ...fact, seq: now.seq + 1, at: noon } as never),
    state,
  )
}

// No channel is named here; any will do.
const [anyChannel] = Object.keys(channelTitles) as [ChannelKind]

export const opened: NewFact = {
  type: 'session/opened',
  customer: { id: newId('cus'), name: 'Dana' },
  address: '13125550142',
  contact: '+1 312 555 0142',
  connectionId: newId('con'),
  channel: anyChannel,
  agent: { id: newId('agt'), name: 'Iris' },
  initiator: { kind: 'customer' },
  parameters: {},
}

export function hears(text: string): NewFact {
  const message = plainMessage(newId('msg'), { kind: 'customer' }, text, noon)
  return { type: 'message/received', message }
}

export function says(text: string, author: Author = { kind: 'agent', name: 'Iris' }): NewFact {
  return { type: 'message/sent', message: plainMessage(newId('msg'), author, text, noon), epoch: 0 }
}

/** A conversation: the customer begins, then they take turns. */
export function talk(...texts: string[]): SessionState {
  return after(emptySession, [
    opened,
    ...texts.map((text, at) => (at % 2 ? says(text) : hears(text))),
  ])
}

export function turnOf(
  state: SessionState,
  agent: Partial<AgentSettings> = {},
  more: Partial<Turn> = {},
): Turn {
  return {
    agent: agentWith(agent),
    state,
    known: {},
    timeZone: 'Europe/Lisbon',
    now: noon,
    purpose: 'reply',
    ...more,
  }
}

export function promptFor(...given: Parameters<typeof turnOf>): Prompt {
  return buildPrompt(turnOf(...given))
}

/** A model that gives one output after the other, and counts how often it was asked. */
export function scripted(
  ...outputs: (string | Error | Promise<never> | (() => unknown))[]
): Model & { asked: Prompt[] } {
  const asked: Prompt[] = []
  return {
    name: 'scripted',
    asked,
    generate(prompt) {
      const output = outputs[Math.min(asked.length, outputs.length - 1)]
      asked.push(prompt)
      if (output instanceof Error) return Promise.reject(output)
      // Safe: a hostile model keeps to no type; that is what is tested.
      return (typeof output === 'function' ? output() : Promise.resolve(output)) as Promise<string>
    },
  }
}

export function reply(text: string, more: object = {}): string {
  return JSON.stringify({ action: 'reply', action_input: { text, ...more } })
}

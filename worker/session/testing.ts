// People and sessions for the tests of this room.

import type { AgentId, ConnectionId, CustomerId, OperatorId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { plainMessage, type Message, type Person } from '../../shared/message.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { emptySession, evolve, type Fact, type SessionState } from '../../shared/session.ts'
import { open, receive, type Answer, type Verdict } from './rules.ts'

export const noon = Date.UTC(2026, 10, 20, 12)

export const ada: Person = { id: newId('opr') as OperatorId, name: 'Ada Brandt' }
export const grace: Person = { id: newId('opr') as OperatorId, name: 'Grace Okoro' }

export const opening = {
  customer: { id: newId('cus') as CustomerId, name: 'Tomas Ek' },
  address: '4670000000',
  contact: '+46 70 000 00 00',
  connectionId: newId('con') as ConnectionId,
  channel: 'telegram' as const,
  agent: { id: newId('agt') as AgentId, name: 'Renewals' },
  initiator: { kind: 'customer' as const },
  parameters: {},
}

/** The state after what a rule has decided. A refusal here is a mistake of the test. */
export function after(session: SessionState, verdict: Verdict, at = noon): SessionState {
  if (isRefusal(verdict)) throw new Error(`refused: ${verdict.refusal}`)
  return verdict.reduce(
    (state, fact) => evolve(state, { ...fact, seq: state.seq + 1, at } as Fact),
    session,
  )
}

export function saying(text: string): Message {
  return plainMessage(newId('msg'), { kind: 'customer' }, text, noon)
}

/** A session in which the customer has said one thing. */
export function openSession(): SessionState {
  const opened = after(emptySession, open(emptySession, opening))
  return after(opened, receive(opened, saying('Hi, where is my order?')))
}

export function thought(session: SessionState, text: string, more: Partial<Answer> = {}): Answer {
  return {
    messageId: newId('msg'),
    draftId: newId('dft'),
    agentName: 'Renewals',
    epoch: session.epoch,
    text,
    quickReplies: [],
    results: {},
    learnt: [],
    ...more,
  }
}

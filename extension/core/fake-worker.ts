// People, rows and facts for tests, and a core that is signed in to a worker of their making.

import { vi } from 'vitest'

import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import { plainMessage } from '../../shared/message.ts'
import { roles, type Role } from '../../shared/permissions.ts'
import type { Fact } from '../../shared/session.ts'
import type { Me } from '../../shared/tenant.ts'
import { forgetEverything } from './environment.ts'
import { fakeEnvironment, type Fake } from './fake-environment.ts'
import { start } from './start.ts'

export const noon = Date.UTC(2026, 10, 20, 12, 0)
export const ada = { id: newId('opr'), name: 'Ada' }
export const grace = { id: newId('opr'), name: 'Grace' }
export const maria = { id: newId('cus'), name: 'Maria Lopes' }
const connectionId = newId('con')
const agent = { id: newId('agt'), name: 'Olive' }

export function meAs(role: Role = 'operator'): Me {
  return {
    operator: { ...ada, email: 'ada@example.com' },
    tenant: {
      id: newId('ten'),
      name: 'Northwind',
      timeZone: 'Europe/Lisbon',
      plan: 'paid',
      statuses: ['resolved'],
      defaultCountry: 'PT',
    },
    role,
    permissions: [...roles[role]],
  }
}

export function rowOf(over: Partial<SessionRow> = {}): SessionRow {
  return {
    id: newId('ses'),
    seq: 1,
    customer: maria,
    contact: '+351 912 345 678',
    connectionId,
    channel: 'whatsapp',
    agent,
    mode: 'ai',
    operator: null,
    handover: null,
    waitingSince: null,
    startedAt: noon,
    finishedAt: null,
    lastMessageAt: noon,
    lastText: 'Hello',
    lastBy: 'customer',
    messageCount: 1,
    status: 'open',
    ...over,
  }
}

export function waitingRow(over: Partial<SessionRow> = {}): SessionRow {
  return rowOf({
    mode: 'human',
    waitingSince: noon,
    handover: { cause: 'customer', reason: 'asked for a person' },
    ...over,
  })
}

export const opened: Fact = {
  type: 'session/opened',
  seq: 1,
  at: noon,
  customer: maria,
  address: '351912345678',
  contact: '+351 912 345 678',
  connectionId,
  channel: 'whatsapp',
  agent,
  initiator: { kind: 'customer' },
  parameters: {},
}

/** Maria says something, as the fact with this place in the log. */
export function said(seq: number, text = `line ${seq}`): Fact {
  const message = plainMessage(newId('msg'), { kind: 'customer' }, text, noon + seq)
  return { type: 'message/received', seq, at: noon + seq, message }
}

/** An operator's message is in the log. */
export function sent(seq: number, id: string, text: string): Fact {
  const author = { kind: 'operator', person: ada } as const
  // Safe: tests take the id from what the core has just posted.
  const message = plainMessage(id as never, author, text, noon + seq)
  return { type: 'message/sent', seq, at: noon + seq, message, epoch: 1 }
}

/** Lets promises settle without letting time pass. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 12; i += 1) await vi.advanceTimersByTimeAsync(0)
}

/** Fake time, and a core that Ada is signed in to. */
export async function signedIn(
  routes: Parameters<Fake['answers']>[0] = {},
  me: Me = meAs(),
): Promise<{ fake: Fake; stop: () => Promise<void> }> {
  vi.useFakeTimers({ now: noon })
  const fake = fakeEnvironment()
  fake.kept.session.set('bearer', 'secret')
  fake.answers({
    'GET /api/me': () => me,
    'GET /api/inbox': () => ({ rows: [], next: null, counts: { incoming: 0, mine: 0, open: 0 } }),
    ...routes,
  })
  const stopCore = start(fake)
  await settle()
  return {
    fake,
    async stop() {
      stopCore()
      await forgetEverything()
      vi.useRealTimers()
    },
  }
}

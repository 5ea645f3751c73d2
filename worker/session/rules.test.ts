import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { MessageId } from '../../shared/ids.ts'
import type { DeliveryStatus, Person } from '../../shared/message.ts'
import { newId } from '../../shared/new-id.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { messageOf, type SessionState } from '../../shared/session.ts'
import * as rules from './rules.ts'
import { ada, after, grace, noon, openSession, opening, saying, thought } from './testing.ts'

const limits = { textLength: 4_096, quickReplies: 3 }

function says(text: string, id = newId('msg') as MessageId): rules.Reply {
  return { id, text, attachments: [], quickReplies: [] }
}

function handedOver(): SessionState {
  const session = openSession()
  return after(session, rules.handOver(session, ada, 'upset'))
}

function ownedBy(person: Person): SessionState {
  const session = handedOver()
  return after(session, rules.accept(session, person, 'human'))
}

function markersOf(session: SessionState): string[] {
  return session.entries.flatMap((entry) => (entry.kind === 'marker' ? [entry.marker.type] : []))
}

describe('receive', () => {
  it('takes each message once', () => {
    const session = openSession()
    const message = saying('Hello?')
    const heard = after(session, rules.receive(session, message))

    expect(rules.receive(heard, message)).toEqual([])
    expect(heard.messageCount).toBe(2)
  })

  it('is refused once the session is finished', () => {
    const session = ownedBy(ada)
    const finished = after(session, rules.resolve(session, ada, 'resolved'))

    expect(rules.receive(finished, saying('One more thing'))).toMatchObject({
      refusal: 'session-finished',
    })
  })
})

describe('handOver', () => {
  it('silences the agent and puts the session into the queue', () => {
    const session = handedOver()

    expect(session).toMatchObject({ mode: 'human', waitingSince: noon })
    expect(session.operator).toBeUndefined()
    expect(markersOf(session)).toEqual(['started', 'transferred'])
  })

  it('is refused while a person has it, in human and in copilot mode', () => {
    const copilot = after(ownedBy(ada), rules.setMode(ownedBy(ada), ada, 'copilot'))

    expect(rules.handOver(handedOver(), ada, '')).toMatchObject({
      refusal: 'already-with-operator',
    })
    expect(rules.handOver(copilot, ada, '')).toMatchObject({ refusal: 'already-with-operator' })
  })
})

describe('accept', () => {
  it('gives a waiting session to one, and tells the others who has it', () => {
    const session = ownedBy(ada)

    expect(session.operator).toEqual(ada)
    expect(session.waitingSince).toBeUndefined()
    expect(rules.accept(session, grace, 'human')).toEqual({
      refusal: 'taken-by-another',
      detail: 'Ada Brandt',
    })
    expect(rules.accept(session, ada, 'human')).toEqual([])
  })

  it('turns the copilot on where the agent drafts', () => {
    const session = handedOver()

    expect(after(session, rules.accept(session, ada, 'copilot')).mode).toBe('copilot')
  })

  it('is refused while the agent has the session', () => {
    expect(rules.accept(openSession(), ada, 'human')).toMatchObject({ refusal: 'not-waiting' })
  })
})

describe('takeOver', () => {
  it('switches to copilot, assigned to me, with the marker of the transfer', () => {
    const session = after(openSession(), rules.takeOver(openSession(), ada))

    expect(session).toMatchObject({ mode: 'copilot', operator: ada })
    expect(markersOf(session)).toEqual(['started', 'transferred', 'assigned'])
  })

  it('leaves a session that somebody handles as it is', () => {
    expect(rules.takeOver(ownedBy(ada), grace)).toEqual([])
  })
})

describe('assign', () => {
  it('says who assigned whom, and nobody when one took it oneself', () => {
    const session = ownedBy(ada)

    expect(rules.assign(session, grace, ada)).toEqual([
      { type: 'operator/assigned', person: grace, by: ada },
    ])
    expect(rules.assign(handedOver(), ada, ada)).toEqual([
      { type: 'operator/assigned', person: ada },
    ])
  })

  it('takes the session from the agent first', () => {
    const session = after(openSession(), rules.assign(openSession(), grace, ada))

    expect(markersOf(session)).toEqual(['started', 'transferred', 'assigned'])
  })
})

describe('reply', () => {
  it('takes the session from the agent in the same commit', () => {
    const verdict = rules.reply(openSession(), ada, says('Hello'), noon, limits)

    expect(verdict).toMatchObject([
      { type: 'handover/requested' },
      { type: 'operator/assigned', person: ada },
      { type: 'message/sent' },
    ])
  })

  it('happens once, however often the panel asks', () => {
    const session = ownedBy(ada)
    const said = says('On its way')
    const replied = after(session, rules.reply(session, ada, said, noon, limits))

    expect(rules.reply(replied, ada, said, noon, limits)).toEqual([])
  })

  it.each([
    ['another operator', grace, says('Hi'), 'taken-by-another'],
    ['nothing', ada, says('  '), 'invalid'],
    ['too much', ada, says('x'.repeat(4_097)), 'text-too-long'],
  ])('is refused from or with %s', (_, person, said, refusal) => {
    expect(rules.reply(ownedBy(ada), person, said, noon, limits)).toMatchObject({ refusal })
  })

  it('is refused after the channel has closed its window', () => {
    const day = { ...limits, replyWindowHours: 24 }
    const session = ownedBy(ada)

    expect(rules.reply(session, ada, says('Late'), noon + 24 * 3_600_000, day)).toHaveLength(1)
    expect(rules.reply(session, ada, says('Late'), noon + 24 * 3_600_000 + 1, day)).toMatchObject({
      refusal: 'reply-window-closed',
    })
  })
})

describe('resolve', () => {
  it('ends the session with its marker, once', () => {
    const session = ownedBy(ada)
    const finished = after(session, rules.resolve(session, ada, 'resolved'), noon + 1)

    expect(finished).toMatchObject({ finishedAt: noon + 1, status: 'resolved' })
    expect(markersOf(finished).at(-1)).toBe('resolved')
    expect(rules.resolve(finished, ada, 'resolved')).toMatchObject({ refusal: 'session-finished' })
  })
})

describe('answer', () => {
  it('is sent under the control it was thought in', () => {
    const session = openSession()

    expect(rules.answer(session, thought(session, 'It ships today'), noon)).toMatchObject([
      { type: 'message/sent', epoch: session.epoch },
    ])
  })

  it('becomes a draft when a person came first', () => {
    const before = openSession()
    const late = rules.answer(handedOver(), thought(before, 'It ships today'), noon)

    expect(late).toMatchObject([{ type: 'draft/suggested', draft: { cause: 'late-answer' } }])
  })

  it('leaves with its own handover: the parting words may still go', () => {
    const session = openSession()
    const verdict = rules.answer(
      session,
      thought(session, 'A colleague will help', {
        handover: { cause: 'customer', reason: 'asked' },
      }),
      noon,
    )
    const next = after(session, verdict)
    const sent = Array.isArray(verdict) ? verdict[0] : undefined

    expect(next).toMatchObject({ mode: 'human', handover: { cause: 'customer' } })
    expect(rules.mayLeave(next, sent)).toBe(true)
    expect(rules.mayLeave(after(next, rules.accept(next, ada, 'human')), sent)).toBe(false)
  })

  it('says nothing once the session is finished', () => {
    const session = ownedBy(ada)
    const finished = after(session, rules.resolve(session, ada, 'resolved'))

    expect(rules.answer(finished, thought(session, 'Hi'), noon)).toEqual([])
  })
})

describe('withdraw', () => {
  it('turns what was not sent into a draft, and uncounts it', () => {
    const session = openSession()
    const answered = after(session, rules.answer(session, thought(session, 'Soon'), noon))
    const entry = answered.entries.at(-1)
    const message = entry?.kind === 'message' ? entry.message : undefined
    const left = after(answered, rules.withdraw(answered, message!, newId('dft'), noon))

    expect(left.messageCount).toBe(session.messageCount)
    expect(left.entries.at(-1)).toMatchObject({ kind: 'draft', draft: { text: 'Soon' } })
    expect(messageOf(left, message!.id)).toBeUndefined()
  })
})

describe('the status of a delivery', () => {
  const statuses: DeliveryStatus[] = ['sending', 'unknown', 'sent', 'delivered', 'read']

  it('ends the same whatever the order and however often it is reported', () => {
    const session = ownedBy(ada)
    const said = says('On its way')
    const replied = after(session, rules.reply(session, ada, said, noon, limits))

    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...statuses), { minLength: 1, maxLength: 12 }),
        (reports) => {
          const end = reports.reduce(
            (state, status) => after(state, rules.report(state, said.id, { status })),
            replied,
          )
          const furthest = statuses.findLast((status) => reports.includes(status))
          expect(messageOf(end, said.id)!.delivery.at(-1)!.status).toBe(furthest)
        },
      ),
    )
  })

  it('is final when it failed, but for the proof that it arrived', () => {
    const session = ownedBy(ada)
    const said = says('On its way')
    const replied = after(session, rules.reply(session, ada, said, noon, limits))
    const failed = after(
      replied,
      rules.report(replied, said.id, { status: 'failed', note: '131026' }),
    )
    const sent = after(failed, rules.report(failed, said.id, { status: 'sent' }))
    const read = after(sent, rules.report(sent, said.id, { status: 'read' }))

    expect(messageOf(sent, said.id)!.delivery.at(-1)).toMatchObject({
      status: 'failed',
      note: '131026',
    })
    expect(messageOf(read, said.id)!.delivery.at(-1)).toMatchObject({ status: 'read' })
  })
})

describe('whatever is done in whatever order', () => {
  type Act = (session: SessionState) => rules.Verdict
  const acts: Act[] = [ada, grace].flatMap((person): Act[] => [
    (session) => rules.handOver(session, person, ''),
    (session) => rules.accept(session, person, 'copilot'),
    (session) => rules.takeOver(session, person),
    (session) => rules.setMode(session, person, 'human'),
    (session) => rules.setMode(session, person, 'copilot'),
    (session) => rules.reply(session, person, says('Hi'), noon, limits),
    (session) => rules.answer(session, thought(session, 'Hi'), noon),
    (session) => rules.suggestion(session, thought(session, 'Hi'), noon),
    (session) => rules.receive(session, saying('Hi')),
    (session) => rules.assign(session, person, ada),
  ])

  it('the agent speaks only in its own mode, and control never changes unseen', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...acts), { maxLength: 30 }), (list) => {
        let session = openSession()
        for (const act of list) {
          const verdict = act(session)
          if (isRefusal(verdict)) continue
          const next = after(session, verdict)
          const spoke = verdict.some(
            (fact) => fact.type === 'message/sent' && fact.message.author.kind === 'agent',
          )
          if (spoke) expect(session.mode).toBe('ai')
          const changed = next.mode !== session.mode || next.operator?.id !== session.operator?.id
          if (changed) expect(next.epoch).toBeGreaterThan(session.epoch)
          expect(next.mode === 'ai' && next.operator !== undefined).toBe(false)
          session = next
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('open', () => {
  it('begins a session once', () => {
    expect(rules.open(openSession(), opening)).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'

import type { Agent } from '../../shared/agent.ts'
import { newId } from '../../shared/new-id.ts'
import { emptySession, type SessionState } from '../../shared/session.ts'
import { resultsOf } from './agents.ts'

const id = newId('agt')
const session = {
  ...emptySession,
  opened: { agent: { id, name: 'Olive' } },
  results: { promise: 'promised', gone: 'x', amount: 12 },
} as unknown as SessionState
const agent = {
  id,
  resultFields: [
    { name: 'amount', label: 'Amount due', type: 'number' },
    { name: 'promise', label: 'Promise to Pay', type: 'text' },
    { name: 'date', label: 'Payment Date', type: 'date' },
  ],
} as unknown as Agent

describe('the results of a session', () => {
  it('stand by their labels, in the agent’s order, filled ones only', () => {
    expect(resultsOf(session, [agent])).toEqual([
      ['Amount due', 12],
      ['Promise to Pay', 'promised'],
    ])
  })

  it('are not shown once their field is gone from the configuration', () => {
    expect(resultsOf(session, [{ ...agent, resultFields: [] }])).toEqual([])
  })

  it('stand by their names until the agents are known', () => {
    expect(resultsOf(session, undefined)).toHaveLength(3)
  })
})

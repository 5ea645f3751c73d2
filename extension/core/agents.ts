// What each agent is set up to collect: results are shown by its labels, and only what it collects.

import { atom } from 'nanostores'

import type { Agent } from '../../shared/agent.ts'
import type { SessionState, Value } from '../../shared/session.ts'
import { call } from './api.ts'
import { personal } from './environment.ts'

/** The tenant's agents, once they have been asked for. */
export const $agents = atom<readonly Agent[] | undefined>()

/** How long they are believed: somebody goes from place to place faster than fields are set up. */
const freshMs = 5000
let askedAt = 0

personal(() => {
  $agents.set(undefined)
  askedAt = 0
})

/** Asks for the agents, unless that was done a moment ago. What was there stays when it fails. */
export async function loadAgents(now: number): Promise<void> {
  if (now - askedAt < freshMs) return
  askedAt = now
  const answer = await call('GET /api/agents')
  if (answer.ok) $agents.set(answer.answer.agents)
  else askedAt = 0
}

/**
 * A session's results as label and value, in the order of the agent's configuration. A result whose
 * field the agent no longer has is not shown. Until the agents are known, by their bare names.
 */
export function resultsOf(
  session: SessionState,
  agents: readonly Agent[] | undefined,
): readonly (readonly [label: string, value: Value])[] {
  const given = session.results
  if (!agents) return Object.entries(given)
  const agent = agents.find(({ id }) => id === session.opened?.agent.id)
  return (agent?.resultFields ?? []).flatMap(({ name, label }) => {
    const value = given[name]
    return value === undefined ? [] : [[label, value] as const]
  })
}

// Who reads a session's facts after they are written, and what each does with them.

import type { SessionId, TenantId } from '../../shared/ids.ts'
import type { Refusal } from '../../shared/refusal.ts'
import type { Fact, SessionState } from '../../shared/session.ts'
import { learn } from '../customer/enrich.ts'
import { feedParameters } from '../customer/feeds.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { AskAgain, type Follower } from '../base/followers.ts'
import { answering } from './answering.ts'
import { delivery } from './delivery.ts'
import { fetching } from './fetching.ts'
import type { SessionLog } from './log.ts'
import { project } from './projection.ts'
import { sessionRow } from './row.ts'
import type { Verdict } from './rules.ts'

/** What a follower of a session has to work with. */
export interface Workplace {
  readonly env: Env
  readonly tenantId: TenantId
  readonly sessionId: SessionId
  readonly log: SessionLog
  /** The session as it is at this moment. */
  state(): SessionState
  /** Changes the session by a rule; `alongside` is written in the same transaction. */
  carryOut(
    decide: (session: SessionState, now: number) => Verdict,
    command?: string,
    alongside?: () => void,
  ): Refusal | undefined
  /** Goes, with all it holds: the customer has been deleted. */
  leave(): void
  now(): number
}

/** How soon a session that is leaving looks whether it has gone, in milliseconds. */
const leavingMs = 30_000

export function followersOf(place: Workplace): Follower<Fact>[] {
  return [
    delivery(place),
    inbox(place),
    projection(place),
    answering(place),
    fetching(place),
    enrichment(place),
    feeds(place),
  ]
}

/** Facts → D1. Looks at the end only: the row is the state, however many facts made it. */
function projection({ env, tenantId, sessionId, state, leave }: Workplace): Follower<Fact> {
  return {
    name: 'projection',
    takes: 200,
    async follow(facts) {
      // The screens first: making the statement takes longer than telling the inbox.
      await scheduler.wait(0)
      if (await project(tenantDb(env, tenantId), sessionId, state(), facts)) return true
      leave()
      throw new AskAgain(leavingMs, 'its customer has been deleted')
    },
  }
}

/** Facts → everybody's inbox. Does not wait for D1: a handover is seen while D1 is down. */
function inbox({ env, tenantId, sessionId, state }: Workplace): Follower<Fact> {
  return {
    name: 'inbox',
    takes: 200,
    async follow() {
      const row = sessionRow(sessionId, state())
      if (row) await env.INBOX.getByName(tenantId).rowChanged(row)
      return true
    },
  }
}

/** What the agent has learnt → the customer's record, as something said and not confirmed. */
function enrichment({ env, tenantId, sessionId, state, carryOut }: Workplace): Follower<Fact> {
  return {
    name: 'enrichment',
    takes: 1,
    async follow([fact]) {
      const customer = state().opened?.customer
      if (fact?.type !== 'contact/learnt' || !customer) return false
      const { field, value, at, seq } = fact
      const db = tenantDb(env, tenantId)
      const { renamed } = await learn(db, customer.id, { field, value, sessionId, at })
      if (renamed !== undefined) {
        carryOut(() => [{ type: 'customer/renamed', name: renamed }], `renamed:${seq}`)
      }
      await env.INBOX.getByName(tenantId).customerChanged(customer.id)
      return true
    },
  }
}

/** Session parameters → the custom fields of the same name. What is not copied is said in the log. */
function feeds({ env, tenantId, sessionId, log, now }: Workplace): Follower<Fact> {
  return {
    name: 'feeds',
    takes: 50,
    async follow(facts) {
      const opened = facts.find((fact) => fact.type === 'session/opened')
      if (!opened || Object.keys(opened.parameters).length === 0) return false
      const { customer, parameters, at } = opened
      const db = tenantDb(env, tenantId)
      const fed = await feedParameters(db, { customerId: customer.id, parameters, sessionId, at })
      if (fed.copied) await env.INBOX.getByName(tenantId).customerChanged(customer.id)
      for (const line of fed.log) log.tell('system', now(), line)
      return true
    },
  }
}

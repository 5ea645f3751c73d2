// Facts from the worker to a folded session, in order and without gaps; kept for a quick return.

import * as z from 'zod/mini'

import type { SessionId } from '../../shared/ids.ts'
import { emptySession, evolve, Fact, type SessionState } from '../../shared/session.ts'
import { call, type No } from './api.ts'
import { personal } from './environment.ts'

const keptSessions = 40
const kept = new Map<SessionId, SessionState>()

personal(() => kept.clear())

/** What is already known of a session; the empty one when nothing is. */
export function knownSession(id: SessionId): SessionState {
  return kept.get(id) ?? emptySession
}

export function keepSession(id: SessionId, state: SessionState): void {
  kept.delete(id)
  kept.set(id, state)
  const oldest = kept.keys().next().value
  if (kept.size > keptSessions && oldest !== undefined) kept.delete(oldest)
}

export function forgetSession(id: SessionId): void {
  kept.delete(id)
}

/** What the session socket says; each fact is judged by itself in `fold`. */
export const FactsNews = z.object({ facts: z.array(z.looseObject({ seq: z.int() })) })

/**
 * Folds facts that follow on the state. A gap ends it: what came before the gap is folded, and
 * `gap` asks for the rest. A fact of a newer version is stepped over, not folded.
 */
export function fold(
  state: SessionState,
  facts: readonly { readonly seq: number }[],
): { state: SessionState; gap: boolean } {
  let next = state
  for (const raw of facts) {
    if (raw.seq <= next.seq) continue
    if (raw.seq > next.seq + 1) return { state: next, gap: true }
    const fact = z.safeParse(Fact, raw)
    next = fact.success ? evolve(next, fact.data) : { ...next, seq: raw.seq }
  }
  return { state: next, gap: false }
}

/** Asks for the facts after those known, and folds them. */
export async function readOn(
  id: SessionId,
  known: SessionState = knownSession(id),
): Promise<{ ok: true; state: SessionState } | { ok: false; refusal: No }> {
  let state = known
  for (;;) {
    const answer = await call('GET /api/sessions/:sessionId/facts', {
      params: { sessionId: id },
      query: { after: state.seq },
    })
    if (!answer.ok) return answer
    const parsed = z.safeParse(FactsNews, answer.answer)
    if (!parsed.success) return { ok: false, refusal: { refusal: 'unavailable' } }
    const folded = fold(state, parsed.data.facts)
    const moved = folded.state.seq > state.seq
    state = folded.state
    // An answer may be cut; a gap that does not close is the log's own, and no reason to hang.
    if (!folded.gap || !moved) break
  }
  keepSession(id, state)
  return { ok: true, state }
}

// An operator's panel that holds some sessions' sockets through every crash: what it was told may
// never turn out otherwise.

import type { Fact } from '../../shared/session.ts'
import type { Colleague } from '../journeys/house.ts'

export interface Watcher {
  /** What was told of each session, by place in its log. */
  readonly told: ReadonlyMap<string, ReadonlyMap<number, string>>
  /** Facts that were told twice and differently. */
  readonly contradictions: readonly string[]
  stop(): void
}

const pauseMs = 150

/** Keeps sockets open on these sessions; opened anew after every break. */
export function watch(url: string, who: Colleague, sessionIds: readonly string[]): Watcher {
  const told = new Map<string, Map<number, string>>()
  const contradictions: string[] = []
  const ended = { yet: false }

  function hear(sessionId: string, facts: readonly Fact[]): void {
    const known = told.get(sessionId) ?? new Map<number, string>()
    told.set(sessionId, known)
    for (const fact of facts) {
      const text = JSON.stringify(fact)
      const before = known.get(fact.seq)
      if (before !== undefined && before !== text) contradictions.push(`${sessionId} ${fact.seq}`)
      known.set(fact.seq, text)
    }
  }

  async function hold(sessionId: string): Promise<void> {
    while (!ended.yet) {
      await listen(sessionId).catch(() => undefined)
      await new Promise((resolve) => void setTimeout(resolve, pauseMs))
    }
  }

  /** Ends when the socket breaks. From the beginning each time: all of it is compared. */
  async function listen(sessionId: string): Promise<void> {
    const { ticket } = await who.api('POST /api/tickets')
    const path = `/api/sessions/${sessionId}/live?after=0`
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, ['alongside', ticket])
    await new Promise<void>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        hear(sessionId, (JSON.parse(String(data)) as { facts: Fact[] }).facts)
        if (ended.yet) socket.close()
      })
      socket.addEventListener('close', () => resolve())
      socket.addEventListener('error', () => resolve())
    })
  }

  for (const sessionId of sessionIds) void hold(sessionId)
  return {
    told,
    contradictions,
    stop() {
      ended.yet = true
    },
  }
}

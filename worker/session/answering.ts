// Follower: the agent answers while it has control, and drafts while it only helps.

import { newId } from '../../shared/new-id.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { isActive, type Fact, type LearntField, type SessionState } from '../../shared/session.ts'
import { agentById } from '../agent/queries.ts'
import { think } from '../agent/think.ts'
import { knownFields, saidFields } from '../customer/enrich.ts'
import { tenantDb, type Db } from '../base/db.ts'
import { egress } from '../base/egress.ts'
import type { Follower } from '../base/followers.ts'
import { report } from '../base/report.ts'
import { tenantSettings } from '../tenant/settings.ts'
import type { Workplace } from './followers.ts'
import { answer, suggestion, type Answer } from './rules.ts'

/** How many facts are looked at together: of several messages in a row, the last one is answered. */
const lookAhead = 50

export function answering(place: Workplace): Follower<Fact> {
  return {
    name: 'agent',
    takes: lookAhead,
    async follow(facts) {
      const asking = facts.findLast(asksTheAgent)
      const { mode } = place.state()
      if (!asking || mode === 'human' || !isActive(place.state())) return false
      // Of what came before the newest, nothing waits: the answer has read it all.
      await respond(place, mode === 'ai' ? 'reply' : 'draft', asking.seq)
      return true
    },
  }
}

/** What the agent has to say something to: a customer's words, or an operator who wants help. */
function asksTheAgent(fact: Fact): boolean {
  switch (fact.type) {
    case 'message/received':
    case 'takeover/begun':
      return true
    case 'mode/changed':
      return fact.mode === 'copilot'
    default:
      return false
  }
}

async function respond(place: Workplace, purpose: 'reply' | 'draft', seq: number): Promise<void> {
  const { env, tenantId, state, log, carryOut, now } = place
  const { opened, epoch } = state()
  if (!opened) return
  const db = tenantDb(env, tenantId)
  const agent = await agentById(db, env, opened.agent.id)
  if (!agent?.running) {
    log.tell('system', now(), `Agent ${opened.agent.name} is not running: no ${purpose}`)
    if (purpose === 'reply') handOverUnattended(place)
    return
  }
  if (purpose === 'draft' && !(agent.copilot && wantsDraft(state()))) return

  const [known, { timeZone }] = await Promise.all([
    knownOf(db, opened.customer.id).catch((error: unknown) => {
      // Without the record the agent still answers: it only knows less.
      report(error, `known fields of ${opened.customer.id}`)
      return {}
    }),
    tenantSettings(db),
  ])
  const turn = { agent, state: state(), known, timeZone, now: now(), purpose }
  const thought = await think(turn, env, egress(env))
  const given: Answer = {
    messageId: newId('msg'),
    draftId: newId('dft'),
    agentName: agent.name,
    epoch,
    text: thought.text ?? '',
    quickReplies: thought.quickReplies ?? [],
    handover: thought.handover,
    results: thought.results,
    learnt: sourced(state(), thought.learnt),
  }
  const decide = purpose === 'reply' ? answer : suggestion
  carryOut(
    (session, at) => decide(session, given, at),
    `answer:${seq}`,
    () => {
      for (const line of thought.log) log.tell('system', now(), line)
      for (const trace of thought.traces) log.tell('trace', trace.at, JSON.stringify(trace))
    },
  )
}

/** What the record holds: confirmed values, and, named as such, what the customer only said. */
async function knownOf(db: Db, id: CustomerId): Promise<Record<string, string>> {
  const [known, said] = await Promise.all([knownFields(db, id), saidFields(db, id)])
  const marked = Object.entries(said).map(([field, value]) => [
    `${field} (said, not confirmed)`,
    value,
  ])
  return { ...Object.fromEntries(marked), ...known }
}

/**
 * The customer waits for an answer nobody has drafted yet. What the agent said as it handed over
 * by itself was no answer; what it said before an operator stepped in was.
 */
function wantsDraft(session: SessionState): boolean {
  const gaveUp = session.handover !== undefined && session.handover.cause !== 'operator'
  const last = session.entries.findLast((entry) =>
    entry.kind === 'message'
      ? entry.message.author.kind !== 'agent' || !gaveUp
      : entry.kind === 'draft' && !entry.superseded,
  )
  return last?.kind === 'message' && last.message.author.kind === 'customer'
}

function handOverUnattended({ carryOut }: Workplace): void {
  carryOut((session) =>
    isActive(session) && session.mode === 'ai'
      ? [{ type: 'handover/requested', cause: 'auto', reason: 'No running agents' }]
      : [],
  )
}

/** Each learnt value with the customer's message that says it: the newest one that does. */
function sourced(
  session: SessionState,
  learnt: readonly { readonly field: Answer['learnt'][number]['field']; readonly value: string }[],
): Answer['learnt'] {
  const said = session.entries.filter(
    (entry) => entry.kind === 'message' && entry.message.author.kind === 'customer',
  )
  return learnt.flatMap(({ field, value }) => {
    const from =
      said.findLast(
        (entry) => entry.kind === 'message' && says(entry.message.text, field, value),
      ) ?? said.at(-1)
    return from?.kind === 'message' ? [{ field, value, messageId: from.message.id }] : []
  })
}

/** Whether a text holds a value, which has been normalised since: lower case, digits alone. */
function says(text: string, field: LearntField, value: string): boolean {
  if (field === 'phone') return digitsOf(text).includes(digitsOf(value))
  return text.toLowerCase().includes(value.toLowerCase())
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '')
}

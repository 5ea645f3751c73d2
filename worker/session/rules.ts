// What may happen in a session, and which facts then hold. Pure: no clock, no network, no storage.

import type { DraftId, FileId, MessageId } from '../../shared/ids.ts'
import {
  plainMessage,
  type Attachment,
  type DeliveryStatus,
  type Draft,
  type Message,
  type Note,
  type Person,
  type QuickReply,
} from '../../shared/message.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import {
  isActive,
  messageOf,
  type LearntField,
  type Mode,
  type NewFact,
  type SessionState,
  type Value,
} from '../../shared/session.ts'

/** What a rule decides: the facts that now hold, or why not. */
export type Verdict = readonly NewFact[] | Refusal

const hourMs = 3_600_000

// --- The customer's side

type Opening = Omit<Extract<NewFact, { type: 'session/opened' }>, 'type'>

export function open(session: SessionState, opening: Opening): Verdict {
  return session.opened ? [] : [{ type: 'session/opened', ...opening }]
}

export function receive(session: SessionState, message: Message): Verdict {
  if (!isActive(session)) return refuse('session-finished')
  if (messageOf(session, message.id)) return []
  return [{ type: 'message/received', message }]
}

/** What a customer does to what was said. What names nothing here changes nothing. */
export function amend(
  session: SessionState,
  change:
    | { readonly type: 'edit'; readonly messageId: MessageId; readonly text: string }
    | { readonly type: 'deletion'; readonly messageId: MessageId }
    | { readonly type: 'reaction'; readonly messageId: MessageId; readonly emoji: string },
): Verdict {
  const { messageId } = change
  const message = messageOf(session, messageId)
  if (!message) return []
  switch (change.type) {
    case 'edit':
      if (message.author.kind !== 'customer' || message.text === change.text) return []
      return [{ type: 'message/edited', messageId, text: change.text }]
    case 'deletion':
      if (message.author.kind !== 'customer' || message.deleted) return []
      return [{ type: 'message/deleted', messageId }]
    case 'reaction':
      if (message.reaction === change.emoji) return []
      return [{ type: 'reaction/changed', messageId, emoji: change.emoji }]
  }
}

export function report(
  session: SessionState,
  messageId: MessageId,
  step: { readonly status: DeliveryStatus; readonly at?: number; readonly note?: string },
): Verdict {
  const message = messageOf(session, messageId)
  if (!message || message.author.kind === 'customer') return []
  const { status, at, note } = step
  return [
    {
      type: 'delivery/changed',
      messageId,
      status,
      ...(at === undefined ? {} : { providerAt: at }),
      ...(note === undefined ? {} : { note }),
    },
  ]
}

// --- Operators

/** What a channel allows; the session's object knows the channel, the rule only its numbers. */
export interface Limits {
  readonly textLength: number
  readonly replyWindowHours?: number | undefined
  readonly quickReplies: number
}

export interface Reply {
  readonly id: MessageId
  readonly text: string
  readonly attachments: readonly Attachment[]
  readonly quickReplies: readonly QuickReply[]
}

/**
 * An operator answers. On whatever route it came, the reply takes the conversation from the agent
 * in the same commit: two voices never speak at once.
 */
export function reply(
  session: SessionState,
  person: Person,
  said: Reply,
  now: number,
  limits: Limits,
): Verdict {
  if (messageOf(session, said.id)) return []
  const no = mayNotSpeak(session, person)
  if (no) return no
  if (said.text.trim() === '' && said.attachments.length === 0) {
    return refuse('invalid', { at: 'text', detail: 'Write something first' })
  }
  if (said.text.length > limits.textLength) {
    return refuse('text-too-long', { at: 'text', detail: String(limits.textLength) })
  }
  if (said.quickReplies.length > limits.quickReplies) {
    return refuse('not-supported-here', { at: 'quickReplies', detail: String(limits.quickReplies) })
  }
  if (limits.replyWindowHours !== undefined) {
    const closesAt = (session.lastInboundAt ?? 0) + limits.replyWindowHours * hourMs
    if (now > closesAt) return refuse('reply-window-closed', { detail: String(closesAt) })
  }

  const control = takeControl(session, person)
  const epoch = session.epoch + control.length
  const author = { kind: 'operator', person } as const
  const message: Message = {
    ...plainMessage(said.id, author, said.text, now),
    attachments: [...said.attachments],
    quickReplies: [...said.quickReplies],
  }
  return [...control, { type: 'message/sent', message, epoch }]
}

/** Every fact here raises the epoch by one: `reply` counts on it. */
function takeControl(session: SessionState, person: Person): NewFact[] {
  if (session.operator) return []
  const assigned = { type: 'operator/assigned', person } as const
  if (session.mode !== 'ai') return [assigned]
  return [{ type: 'handover/requested', cause: 'operator', person, reason: '' }, assigned]
}

export function note(session: SessionState, added: Note): Verdict {
  if (!session.opened) return refuse('not-found')
  const known = session.entries.some((one) => one.kind === 'note' && one.note.id === added.id)
  return known ? [] : [{ type: 'note/added', note: added }]
}

export function handOver(session: SessionState, person: Person, reason: string): Verdict {
  if (!isActive(session)) return refuse('session-finished')
  if (session.mode !== 'ai') return refuse('already-with-operator')
  return [{ type: 'handover/requested', cause: 'operator', person, reason }]
}

/**
 * An operator accepts a waiting session. Exactly one gets it; the others are told who. Where the
 * agent helps its operators, it begins to draft at once.
 */
export function accept(session: SessionState, person: Person, copilot: Mode): Verdict {
  if (!isActive(session)) return refuse('session-finished')
  const { operator, mode } = session
  if (operator) return operator.id === person.id ? [] : taken(operator)
  if (mode === 'ai') return refuse('not-waiting')
  const assigned = { type: 'operator/assigned', person } as const
  return copilot === 'copilot' && mode !== 'copilot'
    ? [assigned, { type: 'mode/changed', mode: 'copilot', person }]
    : [assigned]
}

/** Continue in Human Agent: copilot mode, and mine unless somebody already has it. */
export function takeOver(session: SessionState, person: Person): Verdict {
  if (!isActive(session)) return refuse('session-finished')
  if (session.operator) return []
  return [
    { type: 'takeover/begun', person },
    { type: 'operator/assigned', person },
  ]
}

export function assign(session: SessionState, to: Person, by: Person): Verdict {
  if (!isActive(session)) return refuse('session-finished')
  if (session.operator?.id === to.id) return []
  const assigned: NewFact = {
    type: 'operator/assigned',
    person: to,
    ...(to.id === by.id ? {} : { by }),
  }
  if (session.mode !== 'ai') return [assigned]
  return [{ type: 'handover/requested', cause: 'operator', person: by, reason: '' }, assigned]
}

export function setMode(session: SessionState, person: Person, mode: 'human' | 'copilot'): Verdict {
  if (!isActive(session)) return refuse('session-finished')
  if (!session.operator) return refuse('not-waiting', { detail: 'Accept the session first' })
  if (session.operator.id !== person.id) return taken(session.operator)
  return session.mode === mode ? [] : [{ type: 'mode/changed', mode, person }]
}

export function resolve(session: SessionState, person: Person, status: string): Verdict {
  if (!isActive(session)) return refuse('session-finished')
  if (session.operator && session.operator.id !== person.id) return taken(session.operator)
  return [{ type: 'session/resolved', person, status }]
}

function mayNotSpeak(session: SessionState, person: Person): Refusal | undefined {
  if (!isActive(session)) return refuse('session-finished')
  const { operator } = session
  return operator && operator.id !== person.id ? taken(operator) : undefined
}

function taken(by: Person): Refusal {
  return refuse('taken-by-another', { detail: by.name })
}

// --- The agent

/** What the agent wants to say and do, after it has thought under some control. */
export interface Answer {
  readonly messageId: MessageId
  readonly draftId: DraftId
  readonly agentName: string
  /** The epoch the agent saw before it began to think. */
  readonly epoch: number
  readonly text: string
  readonly quickReplies: readonly QuickReply[]
  readonly handover?: { readonly cause: 'auto' | 'customer'; readonly reason: string } | undefined
  readonly results: Readonly<Record<string, Value>>
  readonly learnt: readonly {
    readonly field: LearntField
    readonly value: string
    readonly messageId: MessageId
  }[]
}

/**
 * The agent's answer, decided in the same step that writes it. Once control has changed hands,
 * nothing of it is sent: what it wanted to say becomes a draft.
 */
export function answer(session: SessionState, given: Answer, now: number): Verdict {
  if (!isActive(session)) return []
  const { text, epoch, handover } = given
  const facts: NewFact[] = learntFacts(session, given)

  if (session.mode !== 'ai' || session.epoch !== epoch) {
    return text === '' ? facts : [...facts, suggest(given, now, 'late-answer')]
  }
  if (text !== '') {
    const author = { kind: 'agent', name: given.agentName } as const
    const message: Message = {
      ...plainMessage(given.messageId, author, text, now),
      quickReplies: [...given.quickReplies],
    }
    // Its parting words belong to the control that its own handover begins.
    facts.push({ type: 'message/sent', message, epoch: handover ? epoch + 1 : epoch })
  }
  if (handover) facts.push({ type: 'handover/requested', ...handover })
  return facts
}

/** What the copilot suggests to the operator, unless they have turned it off meanwhile. */
export function suggestion(session: SessionState, given: Answer, now: number): Verdict {
  if (!isActive(session)) return []
  const facts = learntFacts(session, given)
  if (session.mode !== 'copilot' || given.text === '') return facts
  return [...facts, suggest(given, now, 'copilot')]
}

function suggest(given: Answer, at: number, cause: Draft['cause']): NewFact {
  const { draftId: id, agentName, text } = given
  return { type: 'draft/suggested', draft: { id, agentName, text, at, cause } }
}

function learntFacts(session: SessionState, { learnt, results }: Answer): NewFact[] {
  const news: NewFact[] = learnt
    .filter(({ field, value }) => session.learnt[field] !== value)
    .map((one) => ({ type: 'contact/learnt', ...one }))
  const changed = Object.entries(results).filter(([name, value]) => session.results[name] !== value)
  if (changed.length > 0) {
    news.push({ type: 'results/collected', results: Object.fromEntries(changed) })
  }
  return news
}

/**
 * The last look before a message leaves. The agent's goes only under the control it was decided
 * in; overtaken by a handover it is withdrawn, and the operator finds it as a draft.
 */
export function mayLeave(
  session: SessionState,
  sent: { readonly message: Message; readonly epoch: number },
): boolean {
  if (!messageOf(session, sent.message.id)) return false
  // Every change of control raises the epoch, so the epoch alone says whose turn it is.
  return sent.message.author.kind !== 'agent' || session.epoch === sent.epoch
}

export function withdraw(
  session: SessionState,
  message: Message,
  draftId: DraftId,
  now: number,
): Verdict {
  if (message.author.kind !== 'agent' || !messageOf(session, message.id)) return []
  const { name: agentName } = message.author
  const draft: Draft = { id: draftId, agentName, text: message.text, at: now, cause: 'late-answer' }
  return [{ type: 'message/withdrawn', messageId: message.id, draft }]
}

export function attachmentChanged(
  session: SessionState,
  messageId: MessageId,
  attachment: Attachment,
): Verdict {
  const known = messageOf(session, messageId)?.attachments.find(({ id }) => id === attachment.id)
  if (!known || known.state !== 'pending') return []
  return [{ type: 'attachment/changed', messageId, attachment }]
}

/** The attachments of a message that still have to be fetched. */
export function pendingFiles(message: Message): FileId[] {
  return message.attachments.filter(({ state }) => state === 'pending').map(({ id }) => id)
}

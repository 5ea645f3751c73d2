// The session in view. Facts come in by the socket and are folded; requests go out by verbs.

import { atom, computed } from 'nanostores'
import * as z from 'zod/mini'

import type { CommandId, OperatorId, SessionId } from '../../shared/ids.ts'
import type { Draft } from '../../shared/message.ts'
import { newId } from '../../shared/new-id.ts'
import { emptySession, type Entry, type SessionState } from '../../shared/session.ts'
import { words } from '../words.ts'
import { call, sentenceOf, type Answer } from './api.ts'
import * as cans from './cans.ts'
import { $text, $uploads, $writing, layOut, putBack, takeFiles, takeText } from './composer.ts'
import { environment, personal } from './environment.ts'
import { FactsNews, fold, forgetSession, keepSession, knownSession, readOn } from './facts.ts'
import { openLine, type Line, type LineState } from './live.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { $outbox, discard, post, retryPending, type Pending } from './outbox.ts'
import { $me, meet } from './sign-in.ts'
import { toast } from './toasts.ts'

export { attach, detach, setWriting, writeText } from './composer.ts'
export { $text, $uploads, $writing }
export type { Pending } from './outbox.ts'

/** One thing in the conversation, or something of ours on its way into it. */
export type Shown =
  | Entry
  | { readonly kind: 'pending'; readonly at: number; readonly pending: Pending }
export type Verb = 'handOver' | 'accept' | 'takeOver' | 'assign' | 'setMode' | 'resolve'

export const $sessionId = atom<SessionId | undefined>()
export const $session = atom<SessionState>(emptySession)
export const $sessionLoad = atom<Loadable<true>>(idle)
export const $sessionLine = atom<LineState>('connecting')
/** The sentence of the last verb that was refused. */
export const $sessionRefusal = atom<string | undefined>()
export const $busy = atom<readonly Verb[]>([])

/** What was sent here and has no fact yet. */
export const $pending = computed(
  [$outbox, $sessionId, $session],
  (outbox, id, session): readonly Pending[] => {
    const mine = outbox.filter((one) => one.sessionId === id)
    return mine.length === 0 ? mine : mine.filter((one) => !isSaid(session, one.id))
  },
)

export const $conversation = computed([$session, $pending], (session, pending): readonly Shown[] =>
  pending.length === 0
    ? session.entries
    : [
        ...session.entries,
        ...pending.map((one): Shown => ({ kind: 'pending', at: one.at, pending: one })),
      ],
)

/** What the copilot suggests now. */
export const $suggestion = computed($session, (session): Draft | undefined => {
  const entry = session.entries.findLast((one) => one.kind === 'draft' && !one.superseded)
  return entry?.kind === 'draft' ? entry.draft : undefined
})

export const $canReply = computed([$session, $me], cans.mayReply)
export const $canNote = computed([$session, $me], cans.mayNote)
export const $canHandOver = computed([$session, $me], cans.mayHandOver)
export const $canAccept = computed([$session, $me], cans.mayAccept)
export const $canTakeOver = computed([$session, $me], cans.mayTakeOver)
export const $canAssign = computed([$session, $me], cans.mayAssign)
export const $canSwitchMode = computed([$session, $me], cans.maySwitchMode)
export const $canResolve = computed([$session, $me], cans.mayResolve)

/** Something is written or attached, all of it is uploaded, and it may be sent. */
export const $canSend = computed(
  [$text, $uploads, $writing, $canReply, $canNote],
  (text, uploads, writing, reply, note) => {
    if (writing === 'note') return note.allowed && text.trim() !== ''
    const complete = uploads.every((one) => one.state !== 'uploading')
    const some = text.trim() !== '' || uploads.some((one) => one.state === 'ready')
    return reply.allowed && complete && some
  },
)

let line: Line | undefined
/** Raised by every opening and closing: an answer for an older one is nobody's. */
let round = 0
let reading: Promise<void> | undefined
/** A command's id is kept until its outcome is known, so that a second try acts once. */
const commandIds = new Map<string, CommandId>()

personal(() => {
  closeSession()
  commandIds.clear()
})

/** Shows a session: what is known of it at once, then what came since, then as it happens. */
export function openSession(id: SessionId): void {
  if ($sessionId.get() === id) return
  closeSession()
  $sessionId.set(id)
  $session.set(knownSession(id))
  $sessionLoad.set($session.get().opened ? loading(ready(true)) : { state: 'loading' })
  void layOut(id)
  void begin(id)
}

export function closeSession(): void {
  round += 1
  line?.close()
  line = undefined
  reading = undefined
  $sessionId.set(undefined)
  $session.set(emptySession)
  $sessionLoad.set(idle)
  $sessionLine.set('connecting')
  $sessionRefusal.set(undefined)
  $busy.set([])
  void layOut(undefined)
}

/** Tries again what could not be loaded. */
export function reloadSession(): void {
  const id = $sessionId.get()
  if (!id) return
  $sessionLoad.set(loading($sessionLoad.get()))
  void begin(id)
}

async function begin(id: SessionId): Promise<void> {
  const mine = round
  await catchUp()
  if (mine !== round || line || $sessionLoad.get().state !== 'ready') return
  line = openLine({
    path: () => `/api/sessions/${id}/live?after=${$session.get().seq}`,
    parse: (data) => z.safeParse(FactsNews, data).data,
    onNews: ({ facts }) => takeIn(facts),
    onState: (state) => $sessionLine.set(state),
    onSignedOut: () => void meet(),
    onErased() {
      forgetSession(id)
      $sessionLoad.set({ state: 'missing' })
    },
  })
}

/** Asks for what came after the last fact known. Two who ask at once share one answer. */
function catchUp(): Promise<void> {
  if (reading) return reading
  const mine = readMore().finally(() => {
    if (reading === mine) reading = undefined
  })
  reading = mine
  return mine
}

async function readMore(): Promise<void> {
  const id = $sessionId.get()
  if (!id) return
  const mine = round
  const answer = await readOn(id, $session.get())
  if (mine !== round) return
  if (answer.ok) {
    // The socket may have been quicker.
    if (answer.state.seq > $session.get().seq) show(answer.state)
    $sessionLoad.set(ready(true))
    return
  }
  const { refusal } = answer.refusal
  if (refusal === 'not-found') $sessionLoad.set({ state: 'missing' })
  else $sessionLoad.set(failed($sessionLoad.get(), sentenceOf(answer.refusal)))
}

function takeIn(facts: readonly { readonly seq: number }[]): void {
  const before = $session.get()
  const { state, gap } = fold(before, facts)
  if (state !== before) show(state)
  if (gap) void catchUp()
}

function show(state: SessionState): void {
  const id = $sessionId.get()
  if (!id) return
  keepSession(id, state)
  $session.set(state)
  for (const one of $outbox.get()) {
    if (one.sessionId === id && isSaid(state, one.id)) discard(one.id)
  }
}

// --- What an operator says

/** Sends what is written, as a reply or as a note. It is pending until its fact is there. */
export function send(): void {
  const sessionId = $sessionId.get()
  if (!sessionId || !$canSend.get()) return
  const writing = $writing.get()
  $sessionRefusal.set(undefined)
  const common = { sessionId, at: environment().now(), state: 'waiting' } as const
  const text = takeText()
  if (writing === 'note') {
    post({ ...common, kind: 'note', id: newId('nte'), text, attachments: [] })
  } else {
    post({ ...common, kind: 'message', id: newId('msg'), text, attachments: takeFiles() })
  }
}

/** Puts the copilot's draft into the composer, to be edited and sent by a person. */
export function insertDraft(): void {
  const draft = $suggestion.get()
  if (draft && $canReply.get().allowed) putBack(draft.text, 'reply', [])
}

export function resend(id: string): void {
  retryPending(id)
}

/** Takes a refused one back into the composer. */
export function editAgain(id: string): void {
  const one = $pending.get().find((pending) => pending.id === id)
  if (one?.state !== 'refused') return
  discard(id)
  putBack(one.text, one.kind === 'note' ? 'note' : 'reply', one.attachments)
}

// --- Who has the session

export async function handOver(reason?: string): Promise<boolean> {
  const done = await carryOut('handOver', reason ?? '', (sessionId, id) =>
    call('POST /api/sessions/:sessionId/handover', {
      params: { sessionId },
      body: { id, ...(reason ? { reason } : {}) },
    }),
  )
  if (done) toast(words.toasts.handedOver)
  return done
}

export function accept(): Promise<boolean> {
  return carryOut('accept', '', (sessionId, id) =>
    call('POST /api/sessions/:sessionId/acceptance', { params: { sessionId }, body: { id } }),
  )
}

export async function takeOver(): Promise<boolean> {
  const done = await carryOut('takeOver', '', takeOverSession)
  if (done) toast(words.toasts.takenOver)
  return done
}

/** The request alone, for a session that is not the one in view. */
export function takeOverSession(
  sessionId: SessionId,
  id: CommandId = newId('cmd'),
): Promise<Answer<{ assigned: boolean }>> {
  return call('POST /api/sessions/:sessionId/takeover', { params: { sessionId }, body: { id } })
}

export function assign(operatorId: OperatorId): Promise<boolean> {
  return carryOut('assign', operatorId, (sessionId, id) =>
    call('PUT /api/sessions/:sessionId/assignee', {
      params: { sessionId },
      body: { id, operatorId },
    }),
  )
}

export function setMode(mode: 'human' | 'copilot'): Promise<boolean> {
  return carryOut('setMode', mode, (sessionId, id) =>
    call('PUT /api/sessions/:sessionId/mode', { params: { sessionId }, body: { id, mode } }),
  )
}

export function resolve(status?: string): Promise<boolean> {
  return carryOut('resolve', status ?? '', (sessionId, id) =>
    call('POST /api/sessions/:sessionId/resolution', {
      params: { sessionId },
      body: { id, ...(status ? { status } : {}) },
    }),
  )
}

export function dismissRefusal(): void {
  $sessionRefusal.set(undefined)
}

async function carryOut(
  verb: Verb,
  how: string,
  request: (sessionId: SessionId, id: CommandId) => Promise<Answer<unknown>>,
): Promise<boolean> {
  const sessionId = $sessionId.get()
  if (!sessionId || $busy.get().includes(verb)) return false
  const mine = round
  const key = `${sessionId} ${verb} ${how}`
  const id = commandIds.get(key) ?? newId('cmd')
  commandIds.set(key, id)
  $busy.set([...$busy.get(), verb])
  $sessionRefusal.set(undefined)

  const answer = await request(sessionId, id)
  if (answer.ok || answer.refusal.refusal !== 'offline') commandIds.delete(key)
  if (mine !== round) return answer.ok
  $busy.set($busy.get().filter((one) => one !== verb))
  if (!answer.ok) $sessionRefusal.set(sentenceOf(answer.refusal))
  // A refusal means that things are not as they were shown; a dead line won't tell of either.
  if (!answer.ok || $sessionLine.get() !== 'live') void catchUp()
  return answer.ok
}

function isSaid(state: SessionState, id: string): boolean {
  return state.entries.some(
    (one) =>
      (one.kind === 'message' && one.message.id === id) ||
      (one.kind === 'note' && one.note.id === id),
  )
}

/** Something taken while the line is down is shown all the same. */
$outbox.listen((outbox) => {
  const id = $sessionId.get()
  const taken = outbox.some((one) => one.sessionId === id && one.state === 'taken')
  if (taken && $sessionLine.get() !== 'live') void catchUp()
})

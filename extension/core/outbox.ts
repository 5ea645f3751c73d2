// What was sent and the worker may not have yet: kept over reloads and breaks of the network, sent
// again under the same id, so that it is said once.

import { atom } from 'nanostores'

import type { MessageId, NoteId, SessionId } from '../../shared/ids.ts'
import type { Attachment } from '../../shared/message.ts'
import { call, mayPass, sentenceOf, type Answer } from './api.ts'
import { environment, personal } from './environment.ts'

interface Common {
  readonly sessionId: SessionId
  readonly text: string
  readonly attachments: readonly Attachment[]
  readonly at: number
  /** `taken`: the worker has it; it is shown until its fact is there. */
  readonly state: 'waiting' | 'sending' | 'taken' | 'refused'
  readonly sentence?: string
}
export type Pending =
  | (Common & { readonly kind: 'message'; readonly id: MessageId })
  | (Common & { readonly kind: 'note'; readonly id: NoteId })

const prefix = 'outbox:'
const againMs = [1000, 3000, 8000, 20_000]

/** Of every session, in the order they were written. */
export const $outbox = atom<readonly Pending[]>([])

let failures = 0
let again: ReturnType<typeof setTimeout> | undefined
const busy = new Set<SessionId>()

personal(() => {
  clearTimeout(again)
  failures = 0
  busy.clear()
  $outbox.set([])
})

/** Takes up what an earlier page left behind. */
export async function resumeOutbox(): Promise<void> {
  const { session } = environment().storage
  const known = new Set<string>($outbox.get().map(({ id }) => id))
  const left: Pending[] = []
  for (const key of await session.keys(prefix)) {
    // Safe: only `keep` writes under this prefix, and no page but ours can.
    const one = (await session.get(key)) as Pending | undefined
    if (one && !known.has(one.id))
      left.push(one.state === 'refused' ? one : { ...one, state: 'waiting' })
  }
  $outbox.set([...left, ...$outbox.get()].sort((a, b) => a.at - b.at))
  flushOutbox()
}

/** Puts something into the outbox and lets it go, in its session's order. */
export function post(pending: Pending): void {
  $outbox.set([...$outbox.get(), pending])
  void keep(pending)
  void drain(pending.sessionId)
}

/** Tries everything that waits, now. */
export function flushOutbox(): void {
  clearTimeout(again)
  for (const sessionId of new Set($outbox.get().map((one) => one.sessionId))) void drain(sessionId)
}

/** Lets a refused one go again, under the same id. */
export function retryPending(id: string): void {
  const one = $outbox.get().find((pending) => pending.id === id)
  if (one?.state !== 'refused') return
  const { sentence: _said, ...rest } = one
  put({ ...rest, state: 'waiting' })
  void drain(one.sessionId)
}

/** Takes something out: its fact is there, or its author wants it back. */
export function discard(id: string): Pending | undefined {
  const found = $outbox.get().find((one) => one.id === id)
  if (!found) return undefined
  $outbox.set($outbox.get().filter((one) => one.id !== id))
  void environment().storage.session.remove(prefix + id)
  return found
}

/** One after the other: a later message must not overtake one that waits. */
async function drain(sessionId: SessionId): Promise<void> {
  if (busy.has(sessionId)) return
  busy.add(sessionId)
  try {
    for (;;) {
      const next = $outbox
        .get()
        .find((one) => one.sessionId === sessionId && one.state === 'waiting')
      if (!next || !environment().online.is()) return
      if (!(await deliver(next))) return
    }
  } finally {
    busy.delete(sessionId)
  }
}

/** False: it waits for better times. */
async function deliver(pending: Pending): Promise<boolean> {
  put({ ...pending, state: 'sending' })
  const answer = await submit(pending)
  if (!$outbox.get().some(({ id }) => id === pending.id)) return true
  if (answer.ok) {
    failures = 0
    put({ ...pending, state: 'taken' })
    return true
  }
  if (!mayPass(answer.refusal)) {
    put({ ...pending, state: 'refused', sentence: sentenceOf(answer.refusal) })
    return true
  }
  put({ ...pending, state: 'waiting' })
  clearTimeout(again)
  again = setTimeout(flushOutbox, againMs[Math.min(failures, againMs.length - 1)])
  failures += 1
  return false
}

function submit(pending: Pending): Promise<Answer<undefined>> {
  const { sessionId, text } = pending
  const params = { sessionId }
  if (pending.kind === 'note') {
    return call('POST /api/sessions/:sessionId/notes', { params, body: { id: pending.id, text } })
  }
  const attachments = pending.attachments.map(({ id }) => id)
  return call('POST /api/sessions/:sessionId/messages', {
    params,
    body: { id: pending.id, text, ...(attachments.length > 0 ? { attachments } : {}) },
  })
}

function put(pending: Pending): void {
  const all = $outbox.get()
  if (!all.some(({ id }) => id === pending.id)) return
  $outbox.set(all.map((one) => (one.id === pending.id ? pending : one)))
  void keep(pending)
}

async function keep(pending: Pending): Promise<void> {
  const { session } = environment().storage
  if (pending.state === 'taken') await session.remove(prefix + pending.id)
  else await session.set(prefix + pending.id, pending)
}

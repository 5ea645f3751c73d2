// The conversations of the customer in view, one chat per campaign: each session folded by itself.

import { atom, computed } from 'nanostores'

import type { CustomerId, SessionId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { SessionState } from '../../shared/session.ts'
import { words } from '../words.ts'
import { call, sentenceOf } from './api.ts'
import { mayTakeOver } from './cans.ts'
import { $customerId } from './customers.ts'
import { personal } from './environment.ts'
import { knownSession, readOn } from './facts.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { onNews, onReturn } from './news.ts'
import { openInTab } from './route.ts'
import { takeOverSession } from './session.ts'
import { $me } from './sign-in.ts'
import { toast } from './toasts.ts'

export interface Episode {
  readonly row: SessionRow
  readonly session: SessionState
  readonly load: 'loading' | 'ready' | 'failed'
}

const pageSize = 5
/** The worker's name for sessions outside campaigns. */
const outsideCampaigns = 'customer-service'

/** The campaign whose chat is shown; null is Customer Service. */
export const $campaignId = atom<string | null>(null)
/** Oldest first, as they are read. */
export const $communications = atom<Loadable<readonly Episode[]>>(idle)
export const $hasOlder = atom(false)
/** The session the reader is at. */
export const $inView = atom<SessionId | undefined>()
/** The episode whose details are shown: the one being read, or the newest. */
export const $details = computed(
  [$communications, $inView],
  ({ value }, inView) => value?.find(({ row }) => row.id === inView) ?? value?.at(-1),
)
export const $canContinue = computed([$details, $me], (details, me) =>
  details ? mayTakeOver(details.session, me) : { allowed: false, reason: words.reasons.loading },
)
export const $continuing = atom(false)
export const $continueRefusal = atom<string | undefined>()

let round = 0
let next: string | null = null
/** Sessions being read, and whether more was heard of them meanwhile. */
const reading = new Map<SessionId, boolean>()

personal(clear)

/** Follows the customer in view. */
export function startCommunications(): () => void {
  const stops = [
    $customerId.listen(() => {
      clear()
      $campaignId.set(null)
      void loadCommunications()
    }),
    onNews((news) => {
      if (news.type === 'rows') hear(news.rows)
    }),
    onReturn(() => void loadCommunications()),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

export function chooseCampaign(id: string | null): void {
  if (id === $campaignId.get()) return
  clear()
  $campaignId.set(id)
  void loadCommunications()
}

/** Loads the newest, or all there is again. */
export async function loadCommunications(): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId) return
  round += 1
  await page(customerId)
}

export async function loadOlder(): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId || next === null || $communications.get().state === 'loading') return
  await page(customerId, next)
}

export function retryEpisode(id: SessionId): void {
  void read(id)
}

/** The reader has come to this session. */
export function lookAt(id: SessionId): void {
  if (id !== $inView.get()) $inView.set(id)
}

/** Continue in Human Agent: the agent only drafts from now on, and the conversation opens in a tab. */
export async function continueInHumanAgent(): Promise<void> {
  const details = $details.get()
  if (!details || !$canContinue.get().allowed || $continuing.get()) return
  const { id } = details.row
  $continuing.set(true)
  $continueRefusal.set(undefined)
  const answer = await takeOverSession(id)
  $continuing.set(false)
  if (answer.ok) {
    toast(words.toasts.takenOver)
    openInTab({ name: 'human-agents', sessionId: id })
  } else {
    $continueRefusal.set(sentenceOf(answer.refusal))
  }
  void read(id)
}

async function page(customerId: CustomerId, cursor?: string): Promise<void> {
  const mine = round
  $communications.set(loading($communications.get()))
  const answer = await call('GET /api/customers/:customerId/sessions', {
    params: { customerId },
    query: {
      campaign: $campaignId.get() ?? outsideCampaigns,
      limit: pageSize,
      ...(cursor ? { cursor } : {}),
    },
  })
  if (mine !== round) return
  if (!answer.ok) {
    $communications.set(failed($communications.get(), sentenceOf(answer.refusal)))
    return
  }
  const { rows } = answer.answer
  // Loaded again, the newest page must not take away what was paged to before.
  const again = !cursor && ($communications.get().value?.length ?? 0) > rows.length
  if (!again) {
    next = answer.answer.next
    $hasOlder.set(next !== null)
  }
  merge(rows)
  for (const { id } of rows) void read(id)
}

function hear(rows: readonly SessionRow[]): void {
  const customerId = $customerId.get()
  // Rows of campaigns say which once there are campaigns; until then all are outside.
  if (!customerId || $campaignId.get() !== null || !$communications.get().value) return
  const own = rows.filter((row) => row.customer.id === customerId)
  if (own.length === 0) return
  merge(own)
  for (const { id } of own) void read(id)
}

function merge(rows: readonly SessionRow[]): void {
  const episodes = new Map(($communications.get().value ?? []).map((one) => [one.row.id, one]))
  for (const row of rows) {
    const before = episodes.get(row.id)
    if (!before) episodes.set(row.id, { row, session: knownSession(row.id), load: 'loading' })
    else if (before.row.seq < row.seq) episodes.set(row.id, { ...before, row })
  }
  const sorted = [...episodes.values()].sort((a, b) => a.row.startedAt - b.row.startedAt)
  $communications.set(ready(sorted))
}

/** Reads a session's facts; who asks meanwhile is served by one more reading after it. */
async function read(id: SessionId): Promise<void> {
  if (reading.has(id)) {
    reading.set(id, true)
    return
  }
  const mine = round
  do {
    reading.set(id, false)
    const answer = await readOn(id)
    if (mine !== round && !episodeOf(id)) break
    change(id, answer.ok ? { session: answer.state, load: 'ready' } : { load: 'failed' })
  } while (reading.get(id))
  reading.delete(id)
}

function episodeOf(id: SessionId): Episode | undefined {
  return $communications.get().value?.find(({ row }) => row.id === id)
}

function change(id: SessionId, to: Partial<Episode>): void {
  const { value, ...rest } = $communications.get()
  if (!value) return
  const episodes = value.map((one) => (one.row.id === id ? { ...one, ...to } : one))
  $communications.set({ ...rest, value: episodes })
}

function clear(): void {
  round += 1
  next = null
  reading.clear()
  $communications.set(idle)
  $hasOlder.set(false)
  $inView.set(undefined)
  $continuing.set(false)
  $continueRefusal.set(undefined)
}

// The conversations of the customer in view, one chat per campaign: each session folded by itself.

import { atom, computed } from 'nanostores'

import type { Participation } from '../../shared/customer.ts'
import type { CustomerId, SessionId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { SessionState } from '../../shared/session.ts'
import { words } from '../words.ts'
import { call, sentenceOf } from './api.ts'
import { mayTakeOver } from './cans.ts'
import { $customerId, $profile } from './customers.ts'
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
/** The campaign was chosen: by the reader, or because there is only that. */
let isChosen = false
/** Sessions being read, and whether more was heard of them meanwhile. */
const reading = new Map<SessionId, boolean>()

personal(clear)

/** Follows the customer in view. */
export function startCommunications(): () => void {
  const stops = [
    $customerId.listen(() => {
      clear()
      isChosen = false
      $campaignId.set(null)
      void loadCommunications()
    }),
    $profile.listen(({ value }) => {
      if (value) chooseFirst(value.participations)
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
  isChosen = true
  if (id === $campaignId.get()) return
  clear()
  $campaignId.set(id)
  void loadCommunications()
}

/** Who has never spoken outside campaigns is shown where they have spoken last. */
function chooseFirst(participations: readonly Participation[]): void {
  if (isChosen || participations.length === 0) return
  isChosen = true
  if (participations.some(({ campaignId }) => campaignId === null)) return
  const [latest] = [...participations].sort(
    (a, b) => (b.lastCommunicationAt ?? 0) - (a.lastCommunicationAt ?? 0),
  )
  if (latest) chooseCampaign(latest.campaignId)
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
  if (!customerId || !$communications.get().value) return
  const own = rows.filter((row) => row.customer.id === customerId)
  if (own.length === 0) return
  // A row does not say its campaign: which chat a new session belongs to, the worker knows.
  if (hasCampaigns() && own.some(({ id }) => !episodeOf(id))) {
    void loadCommunications()
    return
  }
  merge(own)
  for (const { id } of own) void read(id)
}

function hasCampaigns(): boolean {
  return $profile.get().value?.participations.some(({ kind }) => kind === 'outbound') ?? false
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

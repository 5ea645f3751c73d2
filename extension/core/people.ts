// Colleagues: who is here, who looks at what, whom a session can be given to.

import { atom, computed } from 'nanostores'

import type { Person } from '../../shared/message.ts'
import type { Presence, PresentPerson } from '../../shared/inbox.ts'
import type { Member } from '../../shared/tenant.ts'
import { call, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { $line, onNews, say } from './news.ts'
import { $sessionId } from './session.ts'
import { $me } from './sign-in.ts'

export const $people = atom<readonly PresentPerson[]>([])
/** What I say of myself. */
export const $presence = atom<Presence>('online')
export const $members = atom<Loadable<readonly Member[]>>(idle)

/** Colleagues who have the session in view open too. */
export const $viewers = computed([$people, $sessionId, $me], (people, id, me): readonly Person[] =>
  id === undefined
    ? []
    : people
        .filter((one) => one.person.id !== me?.operator.id && one.viewing.includes(id))
        .map((one) => one.person),
)

personal(() => {
  $people.set([])
  $presence.set('online')
  $members.set(idle)
})

export function setPresence(presence: Presence): void {
  $presence.set(presence)
  say({ type: 'presence', presence })
}

export async function loadMembers(): Promise<void> {
  if ($members.get().state === 'loading') return
  $members.set(loading($members.get()))
  const answer = await call('GET /api/members')
  if (answer.ok) $members.set(ready(answer.answer.members))
  else $members.set(failed($members.get(), sentenceOf(answer.refusal)))
}

/** Tells the tenant's line what we look at, and again whenever it comes back. */
export function startPresence(): () => void {
  const stops = [
    onNews((news) => {
      if (news.type === 'hello' || news.type === 'people') $people.set(news.people)
      if (news.type === 'hello') introduce()
    }),
    $sessionId.listen(introduceView),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function introduce(): void {
  // Online is what the worker takes us for anyway.
  if ($presence.get() === 'away') say({ type: 'presence', presence: 'away' })
  introduceView()
}

function introduceView(): void {
  if ($line.get() === 'live') say({ type: 'viewing', sessionId: $sessionId.get() ?? null })
}

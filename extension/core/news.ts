// The tenant's live line: rows, people, changed customers, for whoever listens.

import { atom } from 'nanostores'
import * as z from 'zod/mini'

import { InboxNews, type PanelSays } from '../../shared/inbox.ts'
import { environment, personal } from './environment.ts'
import { openLine, type Line, type LineState } from './live.ts'
import { meet } from './sign-in.ts'

export const $line = atom<LineState>('connecting')
/** What the browser says of its network. */
export const $online = atom(true)

type Listener = (news: InboxNews) => void
const listeners = new Set<Listener>()
const returns = new Set<() => void>()
let line: Line | undefined

/** Hears all news from now on. */
export function onNews(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Calls when the line is live again after a break: what came meanwhile was not heard. */
export function onReturn(listener: () => void): () => void {
  returns.add(listener)
  return () => returns.delete(listener)
}

export function say(message: PanelSays): boolean {
  return line?.say(message) ?? false
}

export function openNews(): void {
  if (line) return
  let wasLive = false
  line = openLine({
    path: () => '/api/live',
    parse: (data) => z.safeParse(InboxNews, data).data,
    onNews: tell,
    onState(state) {
      $line.set(state)
      if (state !== 'live') return
      if (wasLive) {
        // Another role may have come in the break, when nobody could be told.
        void meet()
        for (const listener of returns) listener()
      }
      wasLive = true
    },
    onSignedOut: () => void meet(),
  })
}

export function closeNews(): void {
  line?.close()
  line = undefined
  $line.set('connecting')
}

/** Keeps `$online` true to the browser. */
export function watchNetwork(): () => void {
  const { online } = environment()
  $online.set(online.is())
  return online.onChange(() => $online.set(online.is()))
}

function tell(news: InboxNews): void {
  for (const listener of listeners) listener(news)
}

personal(closeNews)

// «Look up “%s” in Alongside»: from a selection on some page to a customer.

import { atom } from 'nanostores'

import { words } from '../words.ts'
import { $query, $search, clearSearch, searchNow, writeQuery } from './customers.ts'
import { environment, personal, type Intent } from './environment.ts'
import { go } from './route.ts'
import { $signInState } from './sign-in.ts'

export interface Lookup {
  readonly state: 'idle' | 'looking' | 'several' | 'none' | 'failed'
  readonly text: string
  readonly sentence?: string
}

const nothing: Lookup = { state: 'idle', text: '' }
/** Who asked longer ago has forgotten it: signed in after lunch, one is not thrown somewhere. */
const goodForMs = 120_000
const longest = 254

export const $lookup = atom<Lookup>(nothing)

/** A wish that waits for somebody to sign in. */
let waiting: Intent | undefined
let round = 0

personal(() => {
  round += 1
  $lookup.set(nothing)
})

/** Takes the wishes of the context menu. */
export function startLookup(): () => void {
  const stops = [
    environment().onIntent((intent) => void lookUp(intent)),
    $signInState.listen((state) => {
      if (state === 'signed-in' && waiting) void lookUp(waiting)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Finds whom the text means: the only hit is opened, several are shown. */
export async function lookUp(intent: Intent): Promise<void> {
  waiting = undefined
  if (environment().now() - intent.at > goodForMs) return
  if ($signInState.get() !== 'signed-in') {
    waiting = intent
    return
  }
  const text = normalise(intent.text)
  round += 1
  const mine = round
  if (text === '') {
    $lookup.set({ state: 'none', text, sentence: words.lookup.empty })
    return
  }
  $lookup.set({ state: 'looking', text })
  go({ name: 'home' })
  clearSearch()
  writeQuery(text)
  await searchNow()
  // Whoever has typed something else since does not want to be taken away from it.
  if (mine !== round || $query.get() !== text) {
    if (mine === round) $lookup.set(nothing)
    return
  }
  const { value, sentence } = $search.get()
  if (sentence !== undefined || !value) {
    $lookup.set({ state: 'failed', text, ...(sentence ? { sentence } : {}) })
    return
  }
  const only = value.total === 1 ? value.rows[0] : undefined
  if (only) {
    $lookup.set(nothing)
    clearSearch()
    go({ name: 'customer', customerId: only.id, tab: 'summary' })
  } else if (value.rows.length > 0) {
    $lookup.set({ state: 'several', text })
  } else {
    $lookup.set({ state: 'none', text, sentence: words.lookup.nothing(text) })
  }
}

/** A selection as a query: visible characters on one line, without the scheme of a link. */
export function normalise(text: string): string {
  return text
    .slice(0, longest * 4)
    .normalize('NFC')
    .replaceAll(/[\p{Cf}\p{Cc}\p{Zs}\s]+/gu, (run) => (/[\p{Zs}\s]/u.test(run) ? ' ' : ''))
    .trim()
    .replace(/^(?:mailto|tel|sms|whatsapp):/i, '')
    .replaceAll(/^[<("'“”«»„]+|[>)"'“”«»,;:.!?]+$/g, '')
    .trim()
    .slice(0, longest)
}

// The present, for what says how long ago something was.

import { useStore } from '@nanostores/preact'
import { atom, onMount } from 'nanostores'

const stepMs = 10_000

const $now = atom(Date.now())

onMount($now, () => {
  $now.set(Date.now())
  const timer = setInterval(() => $now.set(Date.now()), stepMs)
  return () => clearInterval(timer)
})

/** The present, in steps of ten seconds. */
export function useNow(): number {
  return useStore($now)
}

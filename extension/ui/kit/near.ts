// Whether something has come near the eye: what is far away need not be fetched.

import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** True once the element has been near the screen, and for ever after. */
export function useNear(ref: RefObject<Element | null>): boolean {
  const [near, setNear] = useState(false)

  useEffect(() => (near ? undefined : onceNear(ref.current, () => setNear(true))), [near])

  return near
}

/** Calls each time the element comes near: the end of a list that goes on. */
export function useReach(
  ref: RefObject<Element | null>,
  reached: () => void,
  again: unknown,
): void {
  useEffect(() => onceNear(ref.current, reached), [again])
}

function onceNear(element: Element | null, then: () => void): (() => void) | undefined {
  if (!element) return undefined
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) then()
    },
    { rootMargin: '400px' },
  )
  observer.observe(element)
  return () => observer.disconnect()
}

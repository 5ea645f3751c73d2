// J and K walk through the rows of a list, wherever the focus is, unless somebody types.

import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

const steps: Record<string, number> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }

/** The rows are what carries `data-row`; each must take the focus. */
export function useListKeys(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const stop = new AbortController()
    document.addEventListener('keydown', (event) => walk(list.current, event), {
      signal: stop.signal,
    })
    return () => stop.abort()
  }, [])
}

function walk(list: HTMLElement | null, event: KeyboardEvent): void {
  const step = steps[event.key]
  const { activeElement } = document
  if (!list || !step || event.ctrlKey || event.metaKey || event.altKey) return
  if (isTyping(activeElement) || document.querySelector('dialog[open]')) return
  if (event.key.startsWith('Arrow') && !list.contains(activeElement)) return

  const rows = [...list.querySelectorAll<HTMLElement>('[data-row]')]
  const here = rows.findIndex((row) => row.contains(activeElement))
  const next = here === -1 ? rows[0] : rows[here + step]
  if (!next) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

function isTyping(element: Element | null): boolean {
  return element !== null && element.matches('input, textarea, select, [contenteditable]')
}

// The table by keyboard: J, K and the arrows choose a row, Enter opens it.

import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

import { positionOf, stretch } from '../../core/pages.ts'
import { $pages, $selected, openRow, selectRow } from '../../core/table.ts'

const steps: Record<string, number> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }

/** J and K walk wherever the focus is, unless somebody types; the rest where the table has it. */
export function useTableKeys(table: RefObject<HTMLElement | null>, rowPx: number): void {
  useEffect(() => {
    const stop = new AbortController()
    document.addEventListener('keydown', (event) => press(event, table.current, rowPx), {
      signal: stop.signal,
    })
    return () => stop.abort()
  }, [])
}

function press(event: KeyboardEvent, table: HTMLElement | null, rowPx: number): void {
  const { key, ctrlKey, metaKey, altKey } = event
  const { activeElement } = document
  if (!table || ctrlKey || metaKey || altKey || document.querySelector('dialog[open]')) return
  if (activeElement?.matches('input, textarea, select, [contenteditable]')) return
  const hasFocus = activeElement === table
  const chosen = $selected.get()
  if (key === 'Enter' && hasFocus && chosen) {
    event.preventDefault()
    openRow(chosen)
    return
  }
  const step = steps[key]
  if (!step || (key.startsWith('Arrow') && !hasFocus)) return
  event.preventDefault()
  walk(step, table, rowPx)
}

function walk(step: number, table: HTMLElement, rowPx: number): void {
  const pages = $pages.get()
  const chosen = $selected.get()
  const here = chosen === undefined ? undefined : positionOf(pages, chosen)
  // Whoever has chosen nothing begins at the top of what is seen.
  const next = here === undefined ? Math.ceil(table.scrollTop / rowPx) : here + step
  const row = stretch(pages, next, next + 1)[0]
  if (!row) return
  selectRow(row.id)
  table.focus({ preventScroll: true })
  const head = table.querySelector<HTMLElement>('.table-head')?.offsetHeight ?? 0
  const [top, bottom] = [next * rowPx, (next + 1) * rowPx]
  if (top < table.scrollTop) table.scrollTop = top
  else if (bottom > table.scrollTop + table.clientHeight - head) {
    table.scrollTop = bottom - table.clientHeight + head
  }
}

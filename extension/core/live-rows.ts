// Which customers have changed while a list of them is on the screen: gathered, asked for one by one.

import type { CustomerRow } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import type { Answer } from './api.ts'
import { personal } from './environment.ts'
import { onNews, onReturn } from './news.ts'

/** So long news is gathered, and so many rows are asked for; more, and the list is asked again. */
const gatherMs = 300
const mostRows = 12

export interface RowsWatcher {
  take(row: CustomerRow, matches: boolean): void
  gone(id: CustomerId): void
  many(): void
  rowOf(
    id: CustomerId,
    signal: AbortSignal,
  ): Promise<Answer<{ row: CustomerRow; matches: boolean }>>
}

const changed = new Set<CustomerId>()
let watcher: RowsWatcher | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let missedAll = false
let hearing = false

personal(() => {
  changed.clear()
  missedAll = false
})

/** Hears from now on. What changes while the list is not on the screen is made up for when it is. */
export function watchRows(next: RowsWatcher): () => void {
  hear()
  watcher = next
  if (changed.size > 0 || missedAll) soon()
  return () => {
    watcher = undefined
    clearTimeout(timer)
  }
}

function hear(): void {
  if (hearing) return
  hearing = true
  onNews((news) => {
    if (news.type === 'customer') note(news.id)
    if (news.type === 'removed') leave(news.id)
    if (news.type === 'rows') for (const { customer } of news.rows) note(customer.id)
  })
  onReturn(() => {
    missedAll = true
    soon()
  })
}

function note(id: CustomerId): void {
  changed.add(id)
  if (changed.size > mostRows) {
    changed.clear()
    missedAll = true
  }
  soon()
}

/** Deleted: nothing to ask. */
function leave(id: CustomerId): void {
  changed.delete(id)
  if (watcher) watcher.gone(id)
  else missedAll = true
}

function soon(): void {
  if (!watcher) return
  clearTimeout(timer)
  timer = setTimeout(() => void askNow(), gatherMs)
}

async function askNow(): Promise<void> {
  const mine = watcher
  if (!mine) return
  if (missedAll) {
    missedAll = false
    changed.clear()
    mine.many()
    return
  }
  const ids = [...changed]
  changed.clear()
  const { signal } = new AbortController()
  for (const id of ids) {
    const answer = await mine.rowOf(id, signal)
    if (watcher !== mine) return
    if (answer.ok) mine.take(answer.answer.row, answer.answer.matches)
    else if (answer.refusal.refusal === 'not-found') mine.gone(id)
  }
}

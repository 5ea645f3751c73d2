// Download contacts: the list as it is filtered now, as a file, with how far it has come.

import { atom } from 'nanostores'

import { sentenceOf, stream } from './api.ts'
import { environment, personal } from './environment.ts'
import { $columns, $fields } from './fields.ts'
import { findingOf } from './list-state.ts'
import { $listState } from './table.ts'

export interface Export {
  readonly format: 'csv' | 'json'
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Of `total`, as far as it is known. */
  readonly bytes: number
  readonly rows: number
  readonly total: number | undefined
  /** A blob: address of the whole file, once it is there. */
  readonly url?: string
  readonly name: string
  readonly sentence?: string
}

export const $export = atom<Export | undefined>()

let turn = new AbortController()

personal(forgetExport)

/** Downloads what the filters on the screen let through, with the columns on the screen. */
export async function startExport(format: Export['format']): Promise<void> {
  turn.abort()
  turn = new AbortController()
  const { signal } = turn
  forgetFile()
  const name = `customers-${new Date(environment().now()).toISOString().slice(0, 10)}.${format}`
  $export.set({ format, name, state: 'running', bytes: 0, rows: 0, total: undefined })
  const columns = $columns.get().map(({ name }) => name)
  const answer = await stream(
    'GET /api/customers/export',
    {
      query: {
        ...findingOf($listState.get(), $fields.get().value ?? []),
        sort: $listState.get().sort,
        columns: columns.join(','),
        format,
      },
      signal,
    },
    ({ bytes, lines, total }) => {
      const now = $export.get()
      // A value may hold a line break of its own: never more than there are.
      const rows = Math.min(lines, total ?? lines)
      if (now && !signal.aborted) $export.set({ ...now, bytes, rows, total })
    },
  )
  if (signal.aborted) return
  const now = $export.get()
  if (!now) return
  if (!answer.ok) {
    $export.set({ ...now, state: 'failed', sentence: sentenceOf(answer.refusal) })
    return
  }
  const url = URL.createObjectURL(answer.answer)
  $export.set({ ...now, state: 'done', rows: now.total ?? now.rows, url })
}

export function cancelExport(): void {
  turn.abort()
  const now = $export.get()
  if (now?.state === 'running') $export.set({ ...now, state: 'cancelled' })
}

export function forgetExport(): void {
  turn.abort()
  forgetFile()
  $export.set(undefined)
}

function forgetFile(): void {
  const { url } = $export.get() ?? {}
  if (url) URL.revokeObjectURL(url)
}

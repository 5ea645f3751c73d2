// Files of conversations as blob: addresses, so that drawing a picture asks nobody but our worker.

import { atom, onMount, type ReadableAtom } from 'nanostores'

import type { FileId } from '../../shared/ids.ts'
import { download, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'

interface Kept {
  readonly $state: ReadableAtom<Loadable<string>>
  forget(): void
}

const keptFiles = 60
const files = new Map<FileId, Kept>()

personal(() => {
  for (const one of files.values()) one.forget()
  files.clear()
})

/** A file's blob: address. It is fetched when somebody first looks, and again after a failure. */
export function $file(id: FileId): ReadableAtom<Loadable<string>> {
  const known = files.get(id)
  if (known) {
    // The one used last is forgotten last.
    files.delete(id)
    files.set(id, known)
    return known.$state
  }
  const made = fileOf(id)
  files.set(id, made)
  if (files.size > keptFiles) forgetOldest()
  return made.$state
}

function fileOf(id: FileId): Kept {
  const $state = atom<Loadable<string>>(idle)
  let forgotten = false

  async function fetchOnce(): Promise<void> {
    const { state } = $state.get()
    if (state === 'ready' || state === 'loading') return
    $state.set(loading($state.get()))
    const answer = await download(id)
    if (forgotten) return
    if (answer.ok) $state.set(ready(URL.createObjectURL(answer.answer)))
    else if (answer.refusal.refusal === 'not-found') $state.set({ state: 'missing' })
    else $state.set(failed($state.get(), sentenceOf(answer.refusal)))
  }
  onMount($state, () => void fetchOnce())

  return {
    $state,
    forget() {
      forgotten = true
      const { value } = $state.get()
      if (value) URL.revokeObjectURL(value)
      $state.set(idle)
    },
  }
}

function forgetOldest(): void {
  for (const [id, one] of files) {
    // What is on the screen stays.
    if ((one.$state as { lc?: number }).lc) continue
    one.forget()
    files.delete(id)
    return
  }
}

// Two records that are one person: looked at, merged, taken apart again.

import { atom } from 'nanostores'

import type { CustomerId } from '../../shared/ids.ts'
import type {
  MergeChoices,
  MergeId,
  MergePreview,
  MergeRow,
  MergeSide,
} from '../../shared/merge.ts'
import { recordWords } from '../words/record.ts'
import { call, sentenceOf } from './api.ts'
import { $customerId, reloadProfile } from './customers.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { $route, replace } from './route.ts'
import { toast } from './toasts.ts'

export interface Merging {
  readonly customerId: CustomerId
  readonly otherId: CustomerId
  readonly preview: Loadable<MergePreview>
  readonly choices: MergeChoices
  readonly busy: boolean
  readonly sentence?: string
}

export const $merging = atom<Merging | undefined>()
/** The merges the record in view has come from. */
export const $merges = atom<Loadable<readonly MergeRow[]>>(idle)

personal(() => {
  $merging.set(undefined)
  $merges.set(idle)
})

/** Shows what a merge would give; nothing is written. */
export async function previewMerge(otherId: CustomerId): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId) return
  const begun = { customerId, otherId, choices: {}, busy: false }
  $merging.set({ ...begun, preview: { state: 'loading' } })
  const answer = await call('GET /api/customers/:customerId/merge-preview', {
    params: { customerId },
    query: { with: otherId },
  })
  if ($merging.get()?.otherId !== otherId) return
  $merging.set({
    ...begun,
    preview: answer.ok ? ready(answer.answer) : failed(idle, sentenceOf(answer.refusal)),
  })
}

export function closeMerge(): void {
  $merging.set(undefined)
}

/** Whose value stays, where both have one. */
export function chooseSide(field: string, side: MergeSide): void {
  const merging = $merging.get()
  if (merging) $merging.set({ ...merging, choices: { ...merging.choices, [field]: side } })
}

/** Merges into the older record, and goes there. It can be taken back from the toast. */
export async function merge(): Promise<void> {
  const merging = $merging.get()
  if (!merging || merging.busy || merging.preview.value?.refusal !== null) return
  const { customerId, otherId, choices, preview } = merging
  $merging.set({ ...merging, busy: true })
  const answer = await call('POST /api/customers/:customerId/merges', {
    params: { customerId },
    body: { with: otherId, choices },
  })
  if (!answer.ok) {
    const now = $merging.get()
    if (now) $merging.set({ ...now, busy: false, sentence: sentenceOf(answer.refusal) })
    return
  }
  const { mergeId, customerId: survivor } = answer.answer
  $merging.set(undefined)
  await show(survivor)
  toast(recordWords.duplicates.merged(preview.value?.survivor.name ?? ''), {
    title: recordWords.duplicates.undo,
    run: () => void undoMerge(mergeId),
  })
}

/** Both records again. Gives back the sentence of a refusal, which is told in a toast as well. */
export async function undoMerge(mergeId: MergeId): Promise<string | undefined> {
  const answer = await call('POST /api/merges/:mergeId/undo', { params: { mergeId } })
  if (!answer.ok) {
    const sentence = sentenceOf(answer.refusal)
    toast(sentence)
    return sentence
  }
  toast(recordWords.unmerged)
  if ($merges.get().state !== 'idle') void loadMerges()
  void reloadProfile()
  return undefined
}

/** The pair is not suggested again. */
export async function dismissDuplicate(otherId: CustomerId): Promise<string | undefined> {
  const customerId = $customerId.get()
  if (!customerId) return undefined
  const answer = await call('POST /api/customers/:customerId/duplicates/:otherId/dismissal', {
    params: { customerId, otherId },
  })
  if (!answer.ok) return sentenceOf(answer.refusal)
  toast(recordWords.duplicates.dismissed)
  await reloadProfile()
  return undefined
}

export async function loadMerges(): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId) return
  $merges.set(loading($merges.get()))
  const answer = await call('GET /api/customers/:customerId/merges', { params: { customerId } })
  if ($customerId.get() !== customerId) return
  if (answer.ok) $merges.set(ready(answer.answer.merges))
  else $merges.set(failed($merges.get(), sentenceOf(answer.refusal)))
}

export function closeMerges(): void {
  $merges.set(idle)
}

async function show(customerId: CustomerId): Promise<void> {
  const route = $route.get()
  if (route.name === 'customer' && route.customerId !== customerId) {
    replace({ name: 'customer', customerId, tab: route.tab })
    return
  }
  await reloadProfile()
}

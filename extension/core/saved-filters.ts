// The advanced filter under construction, and filters kept under a name.

import { atom, computed } from 'nanostores'

import type { FilterId } from '../../shared/ids.ts'
import type { SavedFilter, SavedFilterChange } from '../../shared/saved-filters.ts'
import { tableWords } from '../words/table.ts'
import { call, sentenceOf, type No } from './api.ts'
import { personal } from './environment.ts'
import { $fields } from './fields.ts'
import { draftOf, filterOf, hasField, unfinished, type DraftGroup } from './filter-draft.ts'
import { typesOf } from './list-state.ts'
import { failed, idle, loading, no, ready, yes, type Can, type Loadable } from './loadable.ts'
import { $me } from './sign-in.ts'
import { $listState, applyFilter } from './table.ts'

export const $saved = atom<Loadable<readonly SavedFilter[]>>(idle)
export const $filterDraft = atom<DraftGroup>(draftOf(undefined))
export const $types = computed($fields, ({ value }) => typesOf(value ?? []))

/** Whether what is put together can be applied. */
export const $canApply = computed([$filterDraft, $types], (draft, types): Can => {
  if (!hasField(draft)) return no(tableWords.filters.needField)
  return unfinished(draft, types).length > 0 ? no(tableWords.filters.needValues) : yes
})
/** The saved filter in force. */
export const $savedNow = computed([$saved, $listState], ({ value }, { saved }) =>
  value?.find(({ id }) => id === saved),
)

let drafted: unknown
let asked = false

personal(() => {
  asked = false
  drafted = undefined
  $saved.set(idle)
  $filterDraft.set(draftOf(undefined))
})

/** Takes the applied filter into the draft whenever it has changed from elsewhere. */
export function followApplied(): () => void {
  return $listState.subscribe(({ advanced }) => {
    if (advanced === drafted) return
    drafted = advanced
    $filterDraft.set(draftOf(advanced))
  })
}

export function draft(to: (group: DraftGroup) => DraftGroup): void {
  $filterDraft.set(to($filterDraft.get()))
}

export function applyDraft(): void {
  if (!$canApply.get().allowed) return
  const filter = filterOf($filterDraft.get(), $types.get())
  const now = $savedNow.get()
  const isSame = now && JSON.stringify(now.filter) === JSON.stringify(filter)
  drafted = filter
  applyFilter(filter, isSame ? now.id : undefined)
}

export function resetDraft(): void {
  drafted = undefined
  $filterDraft.set(draftOf(undefined))
  applyFilter(undefined)
}

export function useSaved({ id, filter }: SavedFilter): void {
  applyFilter(filter, id)
}

/** Loads the saved filters; the first time, the default one is put in force on an untouched list. */
export async function loadSaved(): Promise<void> {
  const isFirst = !asked
  asked = true
  $saved.set(loading($saved.get()))
  const answer = await call('GET /api/filters')
  if (!answer.ok) {
    $saved.set(failed($saved.get(), sentenceOf(answer.refusal)))
    return
  }
  const { filters } = answer.answer
  $saved.set(ready(filters))
  const mine = filters.find((one) => one.isDefault && isMine(one))
  const { advanced, saved, q, quick } = $listState.get()
  const isUntouched = !advanced && !saved && q === '' && Object.keys(quick).length === 0
  if (isFirst && mine && isUntouched) useSaved(mine)
}

export function isMine({ owner }: SavedFilter): boolean {
  return owner.id === $me.get()?.operator.id
}

export async function saveFilter(name: string, shared: boolean): Promise<string | undefined> {
  const filter = filterOf($filterDraft.get(), $types.get())
  if (!filter || !$canApply.get().allowed) return $canApply.get().reason
  const answer = await call('POST /api/filters', { body: { name, filter, shared } })
  if (!answer.ok) return sentenceFor(answer.refusal)
  take(answer.answer)
  drafted = filter
  applyFilter(filter, answer.answer.id)
  return undefined
}

/** Puts what is in the draft under the name of a saved one. */
export async function updateSaved(filterId: FilterId): Promise<string | undefined> {
  const filter = filterOf($filterDraft.get(), $types.get())
  if (!filter || !$canApply.get().allowed) return $canApply.get().reason
  const sentence = await changeSaved(filterId, { filter })
  if (sentence) return sentence
  drafted = filter
  applyFilter(filter, filterId)
  return undefined
}

export async function changeSaved(
  filterId: FilterId,
  body: SavedFilterChange,
): Promise<string | undefined> {
  const answer = await call('PATCH /api/filters/:filterId', { params: { filterId }, body })
  if (!answer.ok) return sentenceFor(answer.refusal)
  take(answer.answer)
  // Of one's own filters one at most is the default.
  if (body.isDefault) void loadSaved()
  return undefined
}

export async function deleteSaved(filterId: FilterId): Promise<string | undefined> {
  const answer = await call('DELETE /api/filters/:filterId', { params: { filterId } })
  if (!answer.ok) return sentenceFor(answer.refusal)
  $saved.set(ready(($saved.get().value ?? []).filter(({ id }) => id !== filterId)))
  const { advanced, saved } = $listState.get()
  if (saved === filterId) applyFilter(advanced)
  return undefined
}

function sentenceFor(refusal: No): string {
  return refusal.refusal === 'already-exists' ? tableWords.filters.nameTaken : sentenceOf(refusal)
}

function take(filter: SavedFilter): void {
  const others = ($saved.get().value ?? []).filter(({ id }) => id !== filter.id)
  $saved.set(ready([...others, filter].sort((a, b) => a.name.localeCompare(b.name))))
}

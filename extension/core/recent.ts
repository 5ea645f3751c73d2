// The customers looked at last, the newest first; forgotten with the browser and on sign-out.

import { atom } from 'nanostores'

import type { CustomerId } from '../../shared/ids.ts'
import { environment, personal } from './environment.ts'

export interface Recent {
  readonly id: CustomerId
  readonly name: string
}

const key = 'recent'
const longest = 8

export const $recent = atom<readonly Recent[]>([])

personal(() => $recent.set([]))

export async function resumeRecent(): Promise<void> {
  // Safe: only `rememberCustomer` writes here.
  const kept = (await environment().storage.session.get(key)) as Recent[] | undefined
  if (kept) $recent.set(kept)
}

export function forgetCustomer(id: CustomerId): void {
  if (!$recent.get().some((one) => one.id === id)) return
  const recent = $recent.get().filter((one) => one.id !== id)
  $recent.set(recent)
  void environment().storage.session.set(key, recent)
}

export function rememberCustomer({ id, name }: Recent): void {
  const others = $recent.get().filter((one) => one.id !== id)
  const recent = [{ id, name }, ...others].slice(0, longest)
  $recent.set(recent)
  void environment().storage.session.set(key, recent)
}

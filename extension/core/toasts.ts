// Short notices that go away by themselves.

import { atom } from 'nanostores'

import { personal } from './environment.ts'

export interface Toast {
  readonly id: number
  readonly text: string
}

/** Long enough to be read twice. */
const shownMs = 6000
let last = 0

export const $toasts = atom<readonly Toast[]>([])

export function toast(text: string): void {
  last += 1
  const id = last
  $toasts.set([...$toasts.get(), { id, text }])
  setTimeout(() => dismissToast(id), shownMs)
}

export function dismissToast(id: number): void {
  $toasts.set($toasts.get().filter((one) => one.id !== id))
}

personal(() => $toasts.set([]))

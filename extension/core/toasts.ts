// Short notices that go away by themselves.

import { atom } from 'nanostores'

import { personal } from './environment.ts'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly action?: ToastAction
}
export interface ToastAction {
  readonly title: string
  readonly run: () => void
}

/** Long enough to be read twice. */
const shownMs = 6000
/** Somebody has to think about it, and reach it. */
const actionMs = 15_000
let last = 0

export const $toasts = atom<readonly Toast[]>([])

export function toast(text: string, action?: ToastAction): void {
  last += 1
  const id = last
  $toasts.set([...$toasts.get(), { id, text, ...(action ? { action } : {}) }])
  setTimeout(() => dismissToast(id), action ? actionMs : shownMs)
}

export function dismissToast(id: number): void {
  $toasts.set($toasts.get().filter((one) => one.id !== id))
}

personal(() => $toasts.set([]))

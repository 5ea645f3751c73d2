// The audit log: who did what, newest first.

import { atom } from 'nanostores'

import type { AuditRow } from '../../shared/tenant.ts'
import { call, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'

export const $audit = atom<Loadable<{ rows: readonly AuditRow[]; more: boolean }>>(idle)

let next: string | null = null

personal(() => $audit.set(idle))

export function loadAudit(): Promise<void> {
  return page()
}

export async function olderAudit(): Promise<void> {
  if (next !== null && $audit.get().state === 'ready') await page(next)
}

async function page(before?: string): Promise<void> {
  $audit.set(loading($audit.get()))
  const answer = await call('GET /api/audit', {
    query: { limit: 50, ...(before ? { before } : {}) },
  })
  if (!answer.ok) {
    $audit.set(failed($audit.get(), sentenceOf(answer.refusal)))
    return
  }
  next = answer.answer.next
  const above = before ? ($audit.get().value?.rows ?? []) : []
  $audit.set(ready({ rows: [...above, ...answer.answer.rows], more: next !== null }))
}

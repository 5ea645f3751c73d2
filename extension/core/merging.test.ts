import { afterEach, beforeEach, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import type { Fake } from './fake-environment.ts'
import { maria, meAs, settle, signedIn } from './fake-worker.ts'
import { $merging, chooseSide, merge, previewMerge } from './merging.ts'
import { $place, go } from './route.ts'
import { $toasts } from './toasts.ts'

const older = newId('cus')
const mergeId = newId('mrg')
let fake: Fake
let stop: () => Promise<void>

beforeEach(async () => {
  ;({ fake, stop } = await signedIn(
    {
      [`GET /api/customers/${maria.id}/merge-preview`]: () => ({
        survivor: { id: older, name: 'Maria', createdAt: 1, sessions: 1, campaigns: 0 },
        merged: { ...maria, createdAt: 2, sessions: 1, campaigns: 0 },
        identities: [],
        fields: [],
        sharedCampaigns: [],
        refusal: null,
      }),
      [`POST /api/customers/${maria.id}/merges`]: () => ({ mergeId, customerId: older }),
      [`POST /api/merges/${mergeId}/undo`]: () => ({ survivorId: older, restoredId: maria.id }),
    },
    meAs('admin'),
  ))
  go({ name: 'customer', customerId: maria.id, tab: 'summary' })
  await settle()
})

afterEach(() => stop())

it('a merge goes to the older record, with what was chosen, and can be undone at once', async () => {
  await previewMerge(older)
  chooseSide('name', 'merged')
  await merge()
  await settle()

  const call = fake.calls.findLast(({ name }) => name.endsWith('/merges'))
  expect(call?.body).toEqual({ with: older, choices: { name: 'merged' } })
  expect($place.get()).toMatchObject({ name: 'customer', customerId: older })
  expect($merging.get()).toBeUndefined()

  $toasts.get().at(-1)?.action?.run()
  await settle()

  expect(fake.calls.some(({ name }) => name === `POST /api/merges/${mergeId}/undo`)).toBe(true)
  expect($toasts.get().at(-1)?.text).toContain('Both records stand again')
})

it('a refused merge keeps the preview with the sentence', async () => {
  fake.answers({
    [`POST /api/customers/${maria.id}/merges`]: () =>
      Response.json({ refusal: 'different-external-ids' }, { status: 409 }),
  })
  await previewMerge(older)
  await merge()

  expect($merging.get()?.sentence).toContain('never combined')
  expect($merging.get()?.busy).toBe(false)
})

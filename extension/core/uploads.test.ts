import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Upload } from '../../shared/campaign.ts'
import { newId } from '../../shared/new-id.ts'
import { refusing, type Fake } from './fake-environment.ts'
import { meAs, noon, settle, signedIn } from './fake-worker.ts'
import {
  $canStart,
  $lines,
  $wizard,
  beginUpload,
  cancelUpload,
  closeWizard,
  followUploads,
  mapColumn,
  resumeUpload,
  sendFile,
  startUpload,
} from './uploads.ts'

const campaignId = newId('cmp')
const uploadId = newId('upl')
const file = new File(['name,email\nMaria,maria@example.com'], 'spring.csv')

function uploadOf(over: Partial<Upload> = {}): Upload {
  return {
    id: uploadId,
    campaignId,
    fileName: 'spring.csv',
    state: 'running',
    size: 100,
    offset: 0,
    lines: 0,
    counts: { created: 0, updated: 0, merged: 0, conflict: 0, skipped: 0 },
    error: null,
    mapping: {},
    createdAt: noon,
    updatedAt: noon,
    ...over,
  }
}

let fake: Fake
let stop: () => Promise<void>
let stopFollowing: () => void

beforeEach(async () => {
  ;({ fake, stop } = await signedIn(
    {
      [`POST /api/campaigns/${campaignId}/uploads`]: () => ({
        upload: uploadOf({ state: 'ready' }),
        header: ['name', 'email', 'debt'],
        rows: [],
        mapping: { 0: 'field:name', 1: 'field:email' },
      }),
      [`POST /api/uploads/${uploadId}/start`]: () => uploadOf(),
      [`GET /api/uploads/${uploadId}/lines`]: () => ({
        lines: [{ line: 2, outcome: 'created', detail: '', customerId: null }],
        next: null,
      }),
    },
    meAs('admin'),
  ))
  fake.newest('/api/live').open()
  stopFollowing = followUploads()
  beginUpload(campaignId)
})

afterEach(async () => {
  stopFollowing()
  closeWizard()
  await stop()
})

describe('an upload', () => {
  it('goes from the file to the mapping the worker suggests', async () => {
    await sendFile(file)

    expect($wizard.get()).toMatchObject({
      step: 'mapping',
      mapping: { 0: 'field:name', 1: 'field:email' },
    })
    expect(fake.calls.at(-1)?.path).toContain('name=spring.csv')
  })

  it('may not send two columns to one place', async () => {
    await sendFile(file)
    mapColumn(2, 'field:email')
    expect($canStart.get().allowed).toBe(false)

    mapColumn(2, 'data:debt')
    expect($canStart.get().allowed).toBe(true)
  })

  it('tells how far it is while it runs, and its report at the end', async () => {
    const live = fake.newest('/api/live')
    await sendFile(file)
    await startUpload()
    expect($wizard.get()?.step).toBe('course')

    live.hears({ type: 'upload', upload: uploadOf({ offset: 50 }) })
    expect($wizard.get()?.upload?.offset).toBe(50)
    live.hears({ type: 'upload', upload: uploadOf({ offset: 100, state: 'done' }) })
    await settle()

    expect($wizard.get()?.upload?.state).toBe('done')
    expect($lines.get().value?.lines).toHaveLength(1)
  })

  it('never goes back by news that came late', async () => {
    await sendFile(file)
    await startUpload()
    const live = fake.newest('/api/live')

    live.hears({ type: 'upload', upload: uploadOf({ offset: 80, updatedAt: noon + 2 }) })
    live.hears({ type: 'upload', upload: uploadOf({ offset: 40, updatedAt: noon + 1 }) })

    expect($wizard.get()?.upload?.offset).toBe(80)
  })

  it('is asked for after a break of the line', async () => {
    await sendFile(file)
    await startUpload()
    fake.answers({
      [`GET /api/uploads/${uploadId}`]: () => uploadOf({ offset: 100, state: 'done' }),
    })

    fake.newest('/api/live').drops()
    await vi.advanceTimersByTimeAsync(2000)
    fake.newest('/api/live').open()
    await settle()

    expect($wizard.get()?.upload?.state).toBe('done')
  })

  it('is cancelled, and goes on', async () => {
    fake.answers({
      [`POST /api/uploads/${uploadId}/cancel`]: () => uploadOf({ state: 'cancelled', offset: 40 }),
      [`POST /api/uploads/${uploadId}/resume`]: () => uploadOf({ offset: 40 }),
    })
    await sendFile(file)
    await startUpload()

    await cancelUpload()
    expect($wizard.get()?.upload?.state).toBe('cancelled')
    await resumeUpload()

    expect($wizard.get()?.upload?.state).toBe('running')
  })

  it('says why a file was refused, and takes another', async () => {
    fake.answers({
      [`POST /api/campaigns/${campaignId}/uploads`]: () => refusing(400, 'invalid', 'No header'),
    })

    await sendFile(file)

    expect($wizard.get()).toMatchObject({ step: 'file', sentence: 'No header' })
  })
})

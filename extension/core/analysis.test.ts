import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AnalysisRun, Metric } from '../../shared/analysis.ts'
import { newId } from '../../shared/new-id.ts'
import {
  $metrics,
  $run,
  $runPercent,
  $runs,
  addMetric,
  cancelRun,
  closeRun,
  deleteMetric,
  followRuns,
  loadMetrics,
  loadRuns,
  openRun,
  percentOf,
  runForGood,
  startRun,
} from './analysis.ts'
import { refusing, type Fake } from './fake-environment.ts'
import { meAs, noon, settle, signedIn } from './fake-worker.ts'

const runId = newId('run')
const agentId = newId('agt')
const csat: Metric = {
  id: 'csat',
  title: 'CSAT',
  prompt: 'How content are they, from 1 to 5?',
  type: 'number',
  options: [],
  feeds: true,
}

function runOf(over: Partial<AnalysisRun> = {}, read = 0): AnalysisRun {
  return {
    id: runId,
    metrics: ['csat'],
    agentId,
    filter: { channel: 'whatsapp' },
    dry: true,
    state: 'running',
    counts: { total: 20, read, passed: 0, skipped: 0, failed: 0, metrics: {} },
    log: [],
    createdAt: noon,
    updatedAt: noon + read,
    ...over,
  }
}

let fake: Fake
let stop: () => Promise<void>
let stopFollowing: () => void

beforeEach(async () => {
  ;({ fake, stop } = await signedIn(
    {
      'GET /api/metrics': () => ({ metrics: [csat] }),
      'GET /api/analysis-runs': () => ({ runs: [] }),
      'POST /api/analysis-runs': () => runOf(),
      [`GET /api/analysis-runs/${runId}`]: () => runOf(),
    },
    meAs('admin'),
  ))
  fake.newest('/api/live').open()
  stopFollowing = followRuns()
})

afterEach(async () => {
  stopFollowing()
  closeRun(runId)
  await stop()
})

describe('metrics', () => {
  it('are loaded, added and deleted', async () => {
    const mood: Metric = { ...csat, id: 'mood', title: 'Mood' }
    fake.answers({
      'POST /api/metrics': () => mood,
      'DELETE /api/metrics/csat': () => undefined,
    })
    await loadMetrics()
    const { feeds: _feeds, options: _options, ...body } = mood
    expect(await addMetric(body)).toBeUndefined()
    expect(await deleteMetric('csat')).toBeUndefined()

    expect($metrics.get().value).toEqual([mood])
  })

  it('that are refused stay what they were, with the worker’s own reason', async () => {
    fake.answers({
      'POST /api/metrics': () => refusing(400, 'invalid', 'Say which values there are'),
    })
    await loadMetrics()

    expect(await addMetric({ id: 'tier', title: 'Tier', prompt: 'x', type: 'enum' })).toBe(
      'Say which values there are',
    )
    expect($metrics.get().value).toEqual([csat])
  })
})

describe('a run', () => {
  it('tells how far it is while it goes on, in view and in the list', async () => {
    await loadRuns()
    await startRun({ metrics: ['csat'], agentId, filter: {}, dry: true })
    openRun(runId)
    await settle()

    fake.newest('/api/live').hears({ type: 'run', run: runOf({}, 10) })

    expect($runPercent.get()).toBe(50)
    expect($runs.get().value).toMatchObject([{ id: runId, counts: { read: 10 } }])
  })

  it('never goes back by news that came late', async () => {
    await loadRuns()
    openRun(runId)
    await settle()
    const live = fake.newest('/api/live')

    live.hears({ type: 'run', run: runOf({}, 12) })
    live.hears({ type: 'run', run: runOf({}, 8) })
    expect($run.get().value?.counts.read).toBe(12)

    // The step that was under way when it was cancelled is told after the cancel.
    live.hears({ type: 'run', run: runOf({ state: 'cancelled' }, 12) })
    live.hears({ type: 'run', run: runOf({ updatedAt: noon + 99 }, 14) })
    expect($run.get().value?.state).toBe('cancelled')
  })

  it('is asked for after a break of the line', async () => {
    openRun(runId)
    await settle()
    fake.answers({ [`GET /api/analysis-runs/${runId}`]: () => runOf({ state: 'done' }, 20) })

    fake.newest('/api/live').drops()
    await vi.advanceTimersByTimeAsync(2000)
    fake.newest('/api/live').open()
    await settle()

    expect($run.get().value?.state).toBe('done')
  })

  it('begins for good as the dry one was', async () => {
    const { agentId: reader, filter, metrics } = runOf()
    await runForGood(runOf({ state: 'done' }, 20))

    expect(fake.calls.at(-1)?.body).toEqual({ metrics, agentId: reader, filter, dry: false })
  })

  it('is cancelled', async () => {
    fake.answers({
      [`POST /api/analysis-runs/${runId}/cancel`]: () => runOf({ state: 'cancelled' }, 4),
    })
    openRun(runId)
    await settle()

    expect(await cancelRun(runId)).toBeUndefined()
    expect($run.get().value?.state).toBe('cancelled')
  })

  it('that does not exist is missing; one that can’t be read says why', async () => {
    fake.answers({ [`GET /api/analysis-runs/${runId}`]: () => refusing(404, 'not-found') })
    openRun(runId)
    await settle()
    expect($run.get().state).toBe('missing')

    fake.answers({ [`GET /api/analysis-runs/${runId}`]: () => refusing(403, 'not-permitted') })
    openRun(runId)
    await settle()
    expect($run.get()).toMatchObject({ state: 'failed' })
  })

  it('stays in view when the one before it is closed late', async () => {
    const before = newId('run')
    fake.answers({ [`GET /api/analysis-runs/${before}`]: () => runOf({ id: before }) })
    openRun(before)
    openRun(runId)
    closeRun(before)
    await settle()

    expect($run.get().value?.id).toBe(runId)
  })

  it('over nothing is done at once', () => {
    const counts = { total: 0, read: 0, passed: 0, skipped: 0, failed: 0, metrics: {} }
    expect(percentOf(runOf({ counts }))).toBe(0)
    expect(percentOf(runOf({ counts, state: 'done' }))).toBe(100)
  })
})

// Deep Analysis: the tenant's metrics, and the runs that measure them, live while they go on.

import { atom, computed } from 'nanostores'

import type {
  AnalysisRun,
  Metric,
  MetricChange,
  NewMetric,
  NewRun,
  RunId,
} from '../../shared/analysis.ts'
import type { Refusal } from '../../shared/refusal.ts'
import { call, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { onNews, onReturn } from './news.ts'

export const $metrics = atom<Loadable<readonly Metric[]>>(idle)
/** The last runs, newest first. */
export const $runs = atom<Loadable<readonly AnalysisRun[]>>(idle)
/** The run in view. */
export const $run = atom<Loadable<AnalysisRun>>(idle)

/** How much of a run is done, from 0 to 100. */
export const $runPercent = computed($run, ({ value }) => (value ? percentOf(value) : 0))

let opened: RunId | undefined

personal(() => {
  opened = undefined
  $metrics.set(idle)
  $runs.set(idle)
  $run.set(idle)
})

// --- Metrics

export async function loadMetrics(): Promise<void> {
  $metrics.set(loading($metrics.get()))
  const answer = await call('GET /api/metrics')
  if (answer.ok) $metrics.set(ready(answer.answer.metrics))
  else $metrics.set(failed($metrics.get(), sentenceOf(answer.refusal)))
}

/** Makes a metric. Gives back the sentence of a refusal. */
export async function addMetric(body: NewMetric): Promise<string | undefined> {
  const answer = await call('POST /api/metrics', { body })
  if (!answer.ok) return wrong(answer.refusal)
  takeMetric(answer.answer)
  return undefined
}

export async function changeMetric(
  metricId: string,
  body: MetricChange,
): Promise<string | undefined> {
  const answer = await call('PATCH /api/metrics/:metricId', { params: { metricId }, body })
  if (!answer.ok) return wrong(answer.refusal)
  takeMetric(answer.answer)
  return undefined
}

/** What it has written stays. */
export async function deleteMetric(metricId: string): Promise<string | undefined> {
  const answer = await call('DELETE /api/metrics/:metricId', { params: { metricId } })
  if (!answer.ok) return sentenceOf(answer.refusal)
  const { value = [] } = $metrics.get()
  $metrics.set(ready(value.filter(({ id }) => id !== metricId)))
  return undefined
}

function takeMetric(metric: Metric): void {
  const { value = [] } = $metrics.get()
  const isKnown = value.some(({ id }) => id === metric.id)
  const all = isKnown
    ? value.map((one) => (one.id === metric.id ? metric : one))
    : [...value, metric]
  $metrics.set(ready(all))
}

// --- Runs

/** Hears how far runs have come, while somebody looks. Gives back how to stop. */
export function followRuns(): () => void {
  const stops = [
    onNews((news) => {
      if (news.type === 'run') hear(news.run)
    }),
    onReturn(() => {
      if ($runs.get().state !== 'idle') void loadRuns()
      if (opened) void loadRun(opened)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

export async function loadRuns(): Promise<void> {
  $runs.set(loading($runs.get()))
  const answer = await call('GET /api/analysis-runs')
  if (answer.ok) $runs.set(ready(answer.answer.runs))
  else $runs.set(failed($runs.get(), sentenceOf(answer.refusal)))
}

/** Shows a run: what is known of it at once, then as it is now. */
export function openRun(id: RunId): void {
  opened = id
  const known = $runs.get().value?.find((one) => one.id === id)
  $run.set(known ? ready(known) : idle)
  void loadRun(id)
}

/** The next may have been opened before the last is closed. */
export function closeRun(id: RunId): void {
  if (opened !== id) return
  opened = undefined
  $run.set(idle)
}

async function loadRun(id: RunId): Promise<void> {
  $run.set(loading($run.get()))
  const answer = await call('GET /api/analysis-runs/:runId', { params: { runId: id } })
  if (opened !== id) return
  if (answer.ok) {
    const { value } = $run.get()
    $run.set(ready(value ? newerOf(value, answer.answer) : answer.answer))
  } else if (answer.refusal.refusal === 'not-found') $run.set({ state: 'missing' })
  else $run.set(failed($run.get(), sentenceOf(answer.refusal)))
}

/** Tries again what could not be loaded. */
export function reloadRun(): void {
  if (opened) void loadRun(opened)
}

/** Begins a run. Gives back its id, or the sentence of a refusal. */
export async function startRun(body: NewRun): Promise<{ id: RunId } | { sentence: string }> {
  const answer = await call('POST /api/analysis-runs', { body })
  if (!answer.ok) return { sentence: wrong(answer.refusal) }
  hear(answer.answer)
  return { id: answer.answer.id }
}

/** The same over again, for good: what a dry run has shown. */
export function runForGood({
  metrics,
  agentId,
  filter,
}: AnalysisRun): Promise<{ id: RunId } | { sentence: string }> {
  return startRun({ metrics, agentId, filter, dry: false })
}

export async function cancelRun(runId: RunId): Promise<string | undefined> {
  const answer = await call('POST /api/analysis-runs/:runId/cancel', { params: { runId } })
  if (!answer.ok) return sentenceOf(answer.refusal)
  hear(answer.answer)
  return undefined
}

function hear(run: AnalysisRun): void {
  const shown = $run.get().value
  if (shown?.id === run.id) $run.set(ready(newerOf(shown, run)))
  const { value, ...rest } = $runs.get()
  if (!value) return
  const isKnown = value.some(({ id }) => id === run.id)
  const all = isKnown
    ? value.map((one) => (one.id === run.id ? newerOf(one, run) : one))
    : [run, ...value]
  $runs.set({ ...rest, value: all })
}

/** Of two states of a run the later: one that is over never goes on. */
function newerOf(before: AnalysisRun, next: AnalysisRun): AnalysisRun {
  if (before.state !== 'running' && next.state === 'running') return before
  return next.updatedAt < before.updatedAt ? before : next
}

export function percentOf({ counts, state }: AnalysisRun): number {
  if (state === 'done') return 100
  const { total, read, passed, skipped, failed: lost } = counts
  return total === 0
    ? 0
    : Math.min(100, Math.floor(((read + passed + skipped + lost) / total) * 100))
}

/** What exactly is wrong, where the worker has said it. */
function wrong(refusal: Parameters<typeof sentenceOf>[0]): string {
  const { detail } = refusal as Partial<Refusal>
  return refusal.refusal === 'invalid' && detail ? detail : sentenceOf(refusal)
}

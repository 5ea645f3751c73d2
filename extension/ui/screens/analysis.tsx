// Deep Analysis: what is measured in conversations, the runs that have measured it, and one of them.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $agents, loadAgents } from '../../core/agents.ts'
import {
  $metrics,
  $runs,
  deleteMetric,
  followRuns,
  loadMetrics,
  loadRuns,
  percentOf,
} from '../../core/analysis.ts'
import { environment } from '../../core/environment.ts'
import { $fields, needFields } from '../../core/fields.ts'
import { go, hrefOf, type Place } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import type { AnalysisRun, Metric, RunId } from '../../../shared/analysis.ts'
import { analysisWords } from '../../words/analysis.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { Confirm } from '../kit/dialog.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { TabPanel, Tabs } from '../kit/tabs.tsx'
import { MetricEditor } from '../parts/metric-editor.tsx'
import { RunCourse } from '../parts/run-course.tsx'
import { RunOrder } from '../parts/run-order.tsx'
import { StateChip } from '../parts/run-state.tsx'
import { Moment } from '../parts/times.tsx'
import './analysis.css'

const { metrics: says, runs: runsSay } = analysisWords

export interface AnalysisProps {
  readonly runs: boolean
  readonly runId: RunId | undefined
}

export function Analysis({ runs, runId }: AnalysisProps) {
  const canSee = useStore($may('customers.view'))
  useEffect(followRuns, [])
  useEffect(() => {
    if (!canSee.allowed) return
    void loadMetrics()
    void loadAgents(environment().now())
    needFields()
  }, [canSee.allowed])

  if (!canSee.allowed) return <Empty icon="lock" text={canSee.reason ?? words.somethingBroke} />
  return runId ? <RunCourse key={runId} runId={runId} /> : <Home tab={runs ? 'runs' : 'metrics'} />
}

function Home({ tab }: { tab: 'metrics' | 'runs' }) {
  const metrics = useStore($metrics).value
  const runs = useStore($runs).value
  const can = useStore($may('analysis.run'))
  const [dialog, setDialog] = useState<'metric' | 'run'>()
  const close = () => setDialog(undefined)
  const needed = metrics?.length ? undefined : runsSay.needMetric

  useEffect(() => {
    if (can.allowed) void loadRuns()
  }, [can.allowed])

  return (
    <section class="page" aria-labelledby="analysis-title">
      <header class="page-head">
        <h1 id="analysis-title">{analysisWords.title}</h1>
        <span class="spread" />
        <Button icon="plus" reason={can.reason} onClick={() => setDialog('metric')}>
          {says.new}
        </Button>
        <Button
          kind="primary"
          icon="spark"
          reason={can.reason ?? needed}
          onClick={() => setDialog('run')}
        >
          {runsSay.new}
        </Button>
      </header>
      <div class="customer-tabs">
        <Tabs
          name="analysis"
          label={analysisWords.title}
          tabs={[
            { id: 'metrics', title: analysisWords.tabs.metrics, count: metrics?.length },
            { id: 'runs', title: analysisWords.tabs.runs, count: runs?.length },
          ]}
          value={tab}
          onSelect={(id) =>
            go(id === 'runs' ? { name: 'analysis', runs: true } : { name: 'analysis' })
          }
        />
      </div>
      <TabPanel name="analysis" value={tab} class="page-body">
        {tab === 'metrics' ? <Metrics /> : <Runs />}
      </TabPanel>
      {dialog === 'metric' && <MetricEditor onClose={close} />}
      {dialog === 'run' && <RunOrder onClose={close} />}
    </section>
  )
}

function Metrics() {
  const { value, state, sentence } = useStore($metrics)

  return (
    <>
      <p class="analysis-lead dim">{analysisWords.lead}</p>
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadMetrics()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {!value && state === 'loading' && <Skeleton label={words.loading} />}
      {value?.length === 0 && <Empty icon="spark" text={says.empty} />}
      <ul role="list" class="analysis-list">
        {value?.map((metric) => (
          <MetricRow key={metric.id} metric={metric} />
        ))}
      </ul>
    </>
  )
}

function MetricRow({ metric }: { metric: Metric }) {
  const can = useStore($may('analysis.run'))
  const [dialog, setDialog] = useState<'edit' | 'delete'>()
  const [trouble, setTrouble] = useState<string>()
  const close = () => setDialog(undefined)
  const { id, title, prompt, type, options } = metric

  async function remove(): Promise<void> {
    setTrouble(await deleteMetric(id))
  }

  return (
    <li>
      <div class="spread">
        <p class="row">
          <strong>{harmless(title)}</strong>
          <code>{id}</code>
          <FeedMark metric={metric} />
        </p>
        <p class="metric-prompt small-text dim">{harmless(prompt)}</p>
      </div>
      <span class="small-text dim">
        {analysisWords.types[type]}
        {options.length > 0 && `: ${harmless(options.join(', '))}`}
      </span>
      <span class="row">
        <Button
          small
          kind="ghost"
          icon="edit"
          label={says.edit(title)}
          reason={can.reason}
          onClick={() => setDialog('edit')}
        />
        <Button
          small
          kind="ghost"
          icon="trash"
          label={says.delete(title)}
          reason={can.reason}
          onClick={() => setDialog('delete')}
        />
      </span>
      {trouble && <Trouble text={trouble} />}
      {dialog === 'edit' && <MetricEditor metric={metric} onClose={close} />}
      {dialog === 'delete' && (
        <Confirm
          title={says.deleteTitle(title)}
          text={says.deleteText}
          action={says.deleteAction}
          cancel={words.cancel}
          kind="danger"
          onConfirm={() => void remove()}
          onClose={close}
        />
      )}
    </li>
  )
}

/** Which field its result is written to. */
function FeedMark({ metric: { id, feeds } }: { metric: Metric }) {
  const field = useStore($fields).value?.find(({ name }) => name === id)

  return feeds ? (
    <Chip tone="accent" icon="check" hint={says.feedsHint(id)}>
      {says.feeds(harmless(field?.title ?? id))}
    </Chip>
  ) : (
    <Chip tone="note" icon="warning" hint={says.feedsNothingHint}>
      {says.feedsNothing}
    </Chip>
  )
}

function Runs() {
  const { value, state, sentence } = useStore($runs)
  const can = useStore($may('analysis.run'))

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  return (
    <>
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadRuns()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {!value && state === 'loading' && <Skeleton label={words.loading} />}
      {value?.length === 0 && <Empty icon="spark" text={runsSay.empty} />}
      <ul role="list" class="analysis-list">
        {value?.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
    </>
  )
}

function RunRow({ run }: { run: AnalysisRun }) {
  const metrics = useStore($metrics).value
  const agent = useStore($agents)?.find(({ id }) => id === run.agentId)
  const { id, dry, state, counts, createdAt } = run
  const place: Place = { name: 'analysis', runId: id }
  const titles = run.metrics.map((one) => metrics?.find((known) => known.id === one)?.title ?? one)

  return (
    <li>
      <div class="spread">
        <p class="row">
          <a href={hrefOf(place)} onClick={inPlace(() => go(place))}>
            <strong>
              {dry ? runsSay.dry : runsSay.real}: {harmless(titles.join(', '))}
            </strong>
          </a>
          <StateChip state={state} />
        </p>
        <p class="small-text dim">
          <Moment at={createdAt} />
          {` · ${runsSay.conversations(counts.total)} · ${harmless(agent?.name ?? runsSay.goneAgent)}`}
        </p>
      </div>
      {state === 'running' && (
        <progress
          class="progress"
          aria-label={harmless(titles.join(', '))}
          max={100}
          value={percentOf(run)}
        />
      )}
    </li>
  )
}

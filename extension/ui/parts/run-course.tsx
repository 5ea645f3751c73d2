// One run: how far it is, what became of each metric's values, and its log.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $agents } from '../../core/agents.ts'
import {
  $metrics,
  $run,
  $runPercent,
  cancelRun,
  closeRun,
  openRun,
  reloadRun,
  runForGood,
} from '../../core/analysis.ts'
import { $campaigns, needCampaigns } from '../../core/campaigns.ts'
import { go } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import { $times } from '../../core/time.ts'
import type { AnalysisRun, MetricCounts, RunId } from '../../../shared/analysis.ts'
import { channelTitles } from '../../../shared/channel.ts'
import { analysisWords } from '../../words/analysis.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Confirm } from '../kit/dialog.tsx'
import { harmless } from '../kit/harmless.ts'
import { Bar, Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { StateChip } from './run-state.tsx'
import { Moment } from './times.tsx'

const { course: says, runs: runsSay } = analysisWords

export function RunCourse({ runId }: { runId: RunId }) {
  const can = useStore($may('analysis.run'))
  const { value, state, sentence } = useStore($run)

  useEffect(() => {
    if (!can.allowed) return undefined
    openRun(runId)
    needCampaigns()
    return () => closeRun(runId)
  }, [runId, can.allowed])

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  if (state === 'missing') {
    return (
      <Empty icon="spark" text={runsSay.missing}>
        <Button onClick={toRuns}>{runsSay.back}</Button>
      </Empty>
    )
  }
  return (
    <section class="page" aria-labelledby="run-title">
      <header class="page-head">
        <Button kind="ghost" icon="back" label={runsSay.back} onClick={toRuns} />
        <h1 id="run-title">{value?.dry === false ? runsSay.real : runsSay.dry}</h1>
        {value && <StateChip state={value.state} />}
        <span class="spread" />
        {value && <RunActions run={value} />}
      </header>
      <div class="page-body">
        {state === 'failed' && (
          <Trouble text={sentence ?? words.somethingBroke}>
            <Button small onClick={reloadRun}>
              {words.retry}
            </Button>
          </Trouble>
        )}
        {!value && state === 'loading' && <Skeleton label={words.loading} />}
        {value && <Course run={value} />}
      </div>
    </section>
  )
}

function toRuns(): void {
  go({ name: 'analysis', runs: true })
}

function RunActions({ run }: { run: AnalysisRun }) {
  const [asks, setAsks] = useState(false)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const all = Object.values(run.counts.metrics)
  const written = all.reduce((sum, one) => sum + one.new + one.changed, 0)
  const suggested = all.reduce((sum, one) => sum + one.suggested, 0)

  async function runIt(): Promise<void> {
    setBusy(true)
    const made = await runForGood(run)
    setBusy(false)
    if ('sentence' in made) setTrouble(made.sentence)
    else go({ name: 'analysis', runId: made.id })
  }

  async function cancel(): Promise<void> {
    setBusy(true)
    setTrouble(await cancelRun(run.id))
    setBusy(false)
  }

  return (
    <>
      {trouble && <Trouble text={trouble} />}
      {run.state === 'running' ? (
        <Button icon="close" busy={busy} onClick={() => void cancel()}>
          {says.cancel}
        </Button>
      ) : (
        <Button
          kind={run.dry && run.state === 'done' ? 'primary' : 'plain'}
          icon="spark"
          busy={busy}
          hint={says.runHint}
          onClick={() => setAsks(true)}
        >
          {run.dry ? says.run : says.again}
        </Button>
      )}
      {asks && (
        <Confirm
          title={says.runTitle}
          text={run.dry && run.state === 'done' ? says.runText(written, suggested) : says.runHint}
          action={run.dry ? says.run : says.again}
          cancel={words.cancel}
          onConfirm={() => void runIt()}
          onClose={() => setAsks(false)}
        />
      )}
    </>
  )
}

function Course({ run }: { run: AnalysisRun }) {
  const percent = useStore($runPercent)
  const { counts, dry, state } = run
  const done = counts.read + counts.passed + counts.skipped + counts.failed
  const number = (n: number) => n.toLocaleString('en')

  return (
    <>
      {dry && <Bar icon="template" tone="accent" text={says.dryLead} />}
      <div class="run-course">
        <progress
          class="progress"
          aria-label={says.details}
          max={100}
          value={state === 'running' ? percent : 100}
          hidden={state !== 'running'}
        />
        <p role="status" class="dim">
          {says.progress(number(done), number(counts.total), percent)}
        </p>
        <CountsTable run={run} />
        <RunTerms run={run} />
        <RunLog run={run} />
      </div>
    </>
  )
}

const outcomes = ['new', 'changed', 'suggested', 'same', 'unfit', 'unfed'] as const

function CountsTable({ run }: { run: AnalysisRun }) {
  const metrics = useStore($metrics).value
  const title = (id: string) => metrics?.find((one) => one.id === id)?.title ?? id

  return (
    <section aria-labelledby="run-counts">
      <h2 id="run-counts">{run.dry ? says.countsDry : says.counts}</h2>
      {/* Wider than a narrow window: it is scrolled, by keyboard too. */}
      <div class="run-frame" role="group" aria-labelledby="run-counts" tabIndex={0}>
        <table class="run-table">
          <thead>
            <tr>
              <th scope="col">{says.metric}</th>
              {outcomes.map((one) => (
                <th key={one} scope="col" data-hint={says.help[one]}>
                  {says.outcomes[one]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {run.metrics.map((id) => (
              <tr key={id}>
                <th scope="row">
                  {harmless(title(id))} <code class="dim">{id}</code>
                </th>
                {outcomes.map((one) => (
                  <Count key={one} n={run.counts.metrics[id]?.[one] ?? 0} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Count({ n }: { n: MetricCounts[keyof MetricCounts] }) {
  return <td class={n === 0 ? 'none' : undefined}>{n.toLocaleString('en')}</td>
}

function RunTerms({ run }: { run: AnalysisRun }) {
  const agents = useStore($agents)
  const filter = useFilterText(run)
  const { counts, agentId, createdAt } = run
  const lines = [
    [says.read, counts.read],
    [says.passed, counts.passed],
    [says.skipped, counts.skipped],
    [says.failed, counts.failed],
  ] as const
  const shown = lines.filter(([title, n]) => n > 0 || title === says.read)

  return (
    <section aria-labelledby="run-terms">
      <h2 id="run-terms">{says.details}</h2>
      <dl class="run-terms">
        <dt>{says.begun}</dt>
        <dd>
          <Moment at={createdAt} />
        </dd>
        <dt>{says.reader}</dt>
        <dd>{harmless(agents?.find(({ id }) => id === agentId)?.name ?? runsSay.goneAgent)}</dd>
        <dt>{says.filter}</dt>
        <dd>{harmless(filter)}</dd>
        {shown.map(([title, n]) => (
          <Term key={title} title={title} n={n} />
        ))}
      </dl>
    </section>
  )
}

function Term({ title, n }: { title: string; n: number }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {n.toLocaleString('en')}
        {title === says.passed && <span class="dim"> · {says.passedHelp}</span>}
      </dd>
    </>
  )
}

/** The filter in words. */
function useFilterText({ filter }: AnalysisRun): string {
  const agents = useStore($agents)
  const campaigns = useStore($campaigns).value
  const times = useStore($times)
  const { agentId, channel, campaign, from, to } = filter
  const parts = [
    agentId && (agents?.find(({ id }) => id === agentId)?.name ?? runsSay.goneAgent),
    channel && channelTitles[channel],
    campaign && (campaigns?.find(({ id }) => id === campaign)?.name ?? campaign),
    from !== undefined && says.from(times.date(from)),
    // It ends with the first moment of the day after.
    to !== undefined && says.to(times.date(to - 1)),
  ].filter((part) => typeof part === 'string')
  return parts.length === 0 ? says.everything : parts.join(', ')
}

function RunLog({ run }: { run: AnalysisRun }) {
  const times = useStore($times)

  return (
    <section aria-labelledby="run-log">
      <h2 id="run-log">{says.log}</h2>
      <dl class="run-log small-text">
        {run.log.map(({ at, text }, index) => (
          <LogLine key={index} clock={times.clock(at)} text={text} />
        ))}
      </dl>
    </section>
  )
}

function LogLine({ clock, text }: { clock: string; text: string }) {
  return (
    <>
      <dt>{clock}</dt>
      <dd>{harmless(text)}</dd>
    </>
  )
}

// The work of a run: customer by customer, of each the newest session first, so that what was said
// last counts, and what it has said is not asked of older ones.

import type { AnalysisRun, MetricCounts, RunCounts, RunId, RunLine } from '../../shared/analysis.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { agentById } from '../agent/queries.ts'
import type { Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { fieldsOf } from '../customer/fields/queries.ts'
import type { Write } from '../customer/values/queries.ts'
import { givesWay } from '../customer/values/rules.ts'
import { Overtaken } from '../tenant/queries.ts'
import { tenantSettings } from '../tenant/settings.ts'
import {
  countSessions,
  endRun,
  heldValues,
  listMetrics,
  movedSince,
  nextSessions,
  readRun,
  writeStep,
  type Place,
  type RunRow,
} from './queries.ts'
import { isFed, keptAs, readSession, type Desk } from './reading.ts'

/** Sessions read between two writes; those of different customers at the same time. */
const stepLength = 10
const longestLog = 200
/** Sessions in a row the model may fail at before the run gives up. */
const mostFailures = 5

/** Goes on with a run until it is over or the time is up. `true`: there is more to do. */
export async function runOn(
  env: Env,
  db: Db,
  id: RunId,
  wish: { readonly until: number; readonly tell: (run: AnalysisRun) => Promise<void> },
): Promise<boolean> {
  while (Date.now() < wish.until) {
    const run = await readRun(db, id)
    if (run?.state !== 'running') return false
    const isOver = await step(env, db, run)
    const now = await readRun(db, id)
    if (now) await wish.tell(shownRun(now))
    if (isOver) return false
    // Where one process is all there is, nobody else is heard before it has nothing to do for a moment.
    await scheduler.wait(1)
  }
  return true
}

/** How far a run is, as its row keeps it. */
interface Cursor {
  /** The session that was read last. */
  readonly after?: Place
  /** The metrics that its customer's newer sessions have given. */
  readonly said: readonly string[]
  /** In how many sessions in a row the model has failed. */
  readonly failing: number
  /** The second round: customers whose sessions have moved meanwhile. */
  readonly whom?: readonly CustomerId[]
}

const start: Cursor = { said: [], failing: 0 }

function cursorOf({ cursor }: RunRow): Cursor {
  // Safe: only `step` writes it.
  return cursor === '' ? start : (JSON.parse(cursor) as Cursor)
}

async function step(env: Env, db: Db, run: RunRow): Promise<boolean> {
  const cursor = cursorOf(run)
  const { after, whom } = cursor
  const found = await nextSessions(db, run.filter, { after, whom, limit: stepLength })
  if (found.length === 0) return whom ? finish(db, run) : secondRound(db, run)
  const desk = await deskOf(env, db, run)
  if (typeof desk === 'string') {
    await endRun(db, run.id, { state: 'failed', line: desk })
    return true
  }
  const tally = newTally(run, cursor.failing)
  const groups = [...Map.groupBy(found, ({ customerId }) => customerId).values()]
  const readings = await Promise.all(
    groups.map((places) => {
      const said = places[0]?.customerId === after?.customerId ? cursor.said : []
      return readCustomer(desk, places, { said, tally })
    }),
  )
  const writes = readings.flatMap((one) => one.writes)
  await countOutcomes(db, writes, tally)
  await advance(db, {
    run,
    cursor: {
      ...cursor,
      ...lastOf(found),
      said: readings.at(-1)?.said ?? [],
      failing: tally.failing(),
    },
    counts: tally.counts,
    log: tally.log,
    writes: run.dry ? [] : writes,
  })
  if (tally.failing() < mostFailures) return false
  const line = 'The model does not answer: the run has stopped. What is written stays.'
  await endRun(db, run.id, { state: 'failed', line })
  return true
}

function lastOf(places: readonly Place[]): { after: Place } | undefined {
  const after = places.at(-1)
  return after && { after }
}

/** Writes a step, unless the run has been cancelled or somebody else has written it. */
async function advance(
  db: Db,
  next: Omit<Parameters<typeof writeStep>[1], 'cursor'> & { readonly cursor: Cursor },
): Promise<void> {
  try {
    const { cursor, log } = next
    await writeStep(db, { ...next, cursor: JSON.stringify(cursor), log: log.slice(-longestLog) })
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error
  }
}

/** Records that were merged or parted behind the run's back are read again, whole. */
async function secondRound(db: Db, run: RunRow): Promise<boolean> {
  const whom = await movedSince(db, run.createdAt)
  const more = whom.length === 0 ? 0 : await countSessions(db, run.filter, whom)
  if (more === 0) return finish(db, run)
  const tally = newTally(run, 0)
  tally.tell(`Records were merged meanwhile: ${conversations(more)} of theirs are read again`)
  const counts = { ...tally.counts, total: tally.counts.total + more }
  await advance(db, { run, cursor: { ...start, whom }, counts, log: tally.log, writes: [] })
  return false
}

async function finish(db: Db, run: RunRow): Promise<boolean> {
  const { read, failed, metrics } = run.counts
  if (read === 0 && failed > 0) {
    await endRun(db, run.id, { state: 'failed', line: 'The model has read none of them' })
    return true
  }
  const all = Object.values(metrics)
  const written = all.reduce((sum, one) => sum + one.new + one.changed, 0)
  const suggested = all.reduce((sum, one) => sum + one.suggested, 0)
  const line = run.dry
    ? `Done: ${conversations(read)} read. Would be written: ${written}, suggested: ${suggested}. Nothing was.`
    : `Done: ${conversations(read)} read. Values written: ${written}, suggested: ${suggested}.`
  await endRun(db, run.id, { state: 'done', line })
  return true
}

export function conversations(n: number): string {
  return n === 1 ? '1 conversation' : `${n} conversations`
}

/** What a run needs, or in a sentence why it can't go on. */
async function deskOf(env: Env, db: Db, run: RunRow): Promise<Desk | string> {
  const [agent, all, fields, settings] = await Promise.all([
    agentById(db, env, run.agentId),
    listMetrics(db),
    fieldsOf(db),
    tenantSettings(db),
  ])
  if (!agent) return 'The agent is gone'
  const metrics = all.filter(({ id }) => run.metrics.includes(id))
  if (metrics.length === 0) return 'The metrics are gone'
  const writable = fields.filter(({ name }) => isFed(name))
  const { timeZone, defaultCountry } = settings
  return {
    env,
    db,
    agent,
    metrics,
    fields: new Map(writable.map((field) => [field.name, field])),
    timeZone,
    defaultCountry,
  }
}

export const noCounts: MetricCounts = {
  new: 0,
  changed: 0,
  suggested: 0,
  same: 0,
  unfit: 0,
  unfed: 0,
}

function newTally(run: RunRow, failing: number) {
  const counts: RunCounts = structuredClone(run.counts)
  const log: RunLine[] = [...run.log]
  const known = new Set(log.map(({ text }) => text))
  let inARow = failing
  return {
    counts,
    log,
    count: (what: Exclude<keyof RunCounts, 'metrics'>) => void (counts[what] += 1),
    countOf(metric: string, what: keyof MetricCounts) {
      const before = counts.metrics[metric] ?? noCounts
      counts.metrics[metric] = { ...before, [what]: before[what] + 1 }
    },
    /** Says something once. */
    tell(text: string) {
      if (known.has(text)) return
      known.add(text)
      log.push({ at: Date.now(), text })
    },
    hasFailed: (isFailure: boolean) => void (inARow = isFailure ? inARow + 1 : 0),
    failing: () => inARow,
  }
}
type Tally = ReturnType<typeof newTally>

/** One customer's sessions, the newest first, until every metric has its value. */
async function readCustomer(
  desk: Desk,
  places: readonly Place[],
  { said, tally }: { readonly said: readonly string[]; readonly tally: Tally },
): Promise<{ writes: Write[]; said: string[] }> {
  const given = new Set(said)
  const writes: Write[] = []
  for (const place of places) {
    const wanted = desk.metrics.filter(({ id }) => !given.has(id))
    if (wanted.length === 0) tally.count('passed')
    else if (tally.failing() < mostFailures) {
      for (const one of await measure(desk, place, { wanted, tally })) {
        given.add(one.metric)
        if (one.write) writes.push(one.write)
      }
    }
  }
  return { writes, said: [...given] }
}

type Measured = { readonly metric: string; readonly write?: Write }

/** One session's values, with how they are written. */
async function measure(
  desk: Desk,
  { customerId, sessionId }: Place,
  { wanted, tally }: { readonly wanted: Desk['metrics']; readonly tally: Tally },
): Promise<Measured[]> {
  const reading = await readSession(desk, sessionId, wanted)
  if (!reading) {
    tally.count('skipped')
    return []
  }
  const { trouble } = reading
  tally.count(trouble === undefined ? 'read' : 'failed')
  tally.hasFailed(trouble !== undefined)
  if (trouble !== undefined) tally.tell(trouble)
  for (const id of reading.unread) {
    tally.tell(
      `${id} is written as prose, which the built-in rules can’t read. Choose an agent with a language model, or write rules like “good: thanks, great”.`,
    )
  }
  const measured: Measured[] = []
  for (const [metric, value] of reading.values) {
    const field = desk.fields.get(metric)
    const kept = field && (await keptAs(field, value, desk))
    if (!field) {
      tally.countOf(metric, 'unfed')
      tally.tell(`${metric} is no Field Name of a customer field: its values are written nowhere`)
      measured.push({ metric })
    } else if (kept) {
      const at = Date.now()
      const write = {
        customerId,
        field: metric,
        ...kept,
        source: 'analysis',
        sessionId,
        at,
      } as const
      measured.push({ metric, write })
    } else {
      // An older session may say it better.
      tally.countOf(metric, 'unfit')
      tally.tell(`${metric}: a value did not fit the type or options of its field and was left out`)
    }
  }
  return measured
}

/** What becomes of each value: written, suggested beside a better one, or no news. */
async function countOutcomes(db: Db, writes: readonly Write[], tally: Tally): Promise<void> {
  if (writes.length === 0) return
  const held = await heldValues(
    db,
    writes.map(({ customerId }) => customerId),
    [...new Set(writes.map(({ field }) => field))],
  )
  for (const one of writes) {
    const known = held.find(
      ({ customerId, field }) => customerId === one.customerId && field === one.field,
    )
    if (!known) tally.countOf(one.field, 'new')
    else if (known.value === one.value) tally.countOf(one.field, 'same')
    else tally.countOf(one.field, givesWay(known, one) ? 'changed' : 'suggested')
  }
}

/** The run as the screens show it. */
export function shownRun(row: RunRow): AnalysisRun {
  const { id, metrics, agentId, filter, dry, state, counts, log, createdAt, updatedAt } = row
  return { id, metrics, agentId, filter, dry, state, counts, log, createdAt, updatedAt }
}

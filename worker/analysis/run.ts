// The work of a run: sessions one after the other, each read once, its metrics written to its customer.

import type { AnalysisRun, RunId } from '../../shared/analysis.ts'
import { builtInFields, isBuiltIn, type Field } from '../../shared/fields.ts'
import type { SessionId } from '../../shared/ids.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { emptySession, evolve, type SessionState, type Value } from '../../shared/session.ts'
import { ModelTrouble } from '../agent/model.ts'
import { agentById, type AgentSettings } from '../agent/queries.ts'
import { readByModel } from '../agent/reading.ts'
import type { Db } from '../base/db.ts'
import { egress } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import { fieldsOf } from '../customer/fields/queries.ts'
import { cleanName, normalise } from '../customer/rules.ts'
import type { Write } from '../customer/values/queries.ts'
import { givesWay, keptText, parseValue, type Kept } from '../customer/values/rules.ts'
import { sessionOf } from '../session/door.ts'
import { Overtaken } from '../tenant/queries.ts'
import { tenantSettings } from '../tenant/settings.ts'
import {
  endRun,
  heldValues,
  listMetrics,
  nextSessions,
  readRun,
  writeStep,
  type MetricRow,
  type RunRow,
} from './queries.ts'
import { hasRules, measureByRules, ordersFor, readMeasured, transcriptOf } from './rules.ts'

/** Sessions read between two writes: a language model is asked for each. */
const stepLength = 10
const modelMs = 30_000
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
  }
  return true
}

/** What a run measures by, and where to. */
interface Desk {
  readonly agent: AgentSettings
  readonly metrics: readonly MetricRow[]
  readonly fields: ReadonlyMap<string, Field>
  readonly timeZone: string
  readonly defaultCountry: string
}

async function step(env: Env, db: Db, run: RunRow): Promise<boolean> {
  const found = await nextSessions(db, run.filter, run.cursor, stepLength)
  if (found.length === 0) {
    const { read = 0, found: values = 0, written = 0 } = run.counts
    const line = run.dry
      ? `Done: ${read} sessions read, ${values} values found; nothing was written`
      : `Done: ${read} sessions read, ${values} values found, ${written} written`
    await endRun(db, run.id, { state: 'done', line })
    return true
  }
  const desk = await deskOf(env, db, run)
  if (typeof desk === 'string') {
    await endRun(db, run.id, { state: 'failed', line: desk })
    return true
  }
  const tally = newTally(run)
  const at = Date.now()
  const measured: Write[] = []
  for (const session of found) {
    const values = await measure(env, db, session.id, { desk, tally })
    for (const [field, kept] of values) {
      const { customerId, id: sessionId } = session
      measured.push({ customerId, field, ...kept, source: 'analysis', sessionId, at })
    }
    tally.count('read')
    if (tally.failures() >= mostFailures) break
  }
  const writes = lastOfEach(measured)
  await countOutcomes(db, writes, tally.count)
  const last = found[found.length - 1]
  try {
    await writeStep(db, {
      run,
      cursor: last ? `${last.startedAt}.${last.id}` : run.cursor,
      counts: tally.counts,
      log: tally.log.slice(-longestLog),
      writes: run.dry ? [] : writes,
    })
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error
  }
  if (tally.failures() < mostFailures) return false
  await endRun(db, run.id, {
    state: 'failed',
    line: 'The model does not answer: the run has stopped',
  })
  return true
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
    agent,
    metrics,
    fields: new Map(writable.map((field) => [field.name, field])),
    timeZone,
    defaultCountry,
  }
}

/** Whether an analysis may write a field: a custom one, or a built-in that is not computed. */
export function isFed(name: string): boolean {
  return !isBuiltIn(name) || builtInFields[name].editable
}

function newTally(run: RunRow) {
  const counts: Record<string, number> = { ...run.counts }
  const log = [...run.log]
  let failures = 0
  return {
    counts,
    log,
    count: (what: string) => void (counts[what] = (counts[what] ?? 0) + 1),
    tell: (line: string) => void (log.includes(line) || log.push(line)),
    failed: (isFailure: 'failed' | 'read') =>
      void (failures = isFailure === 'failed' ? failures + 1 : 0),
    failures: () => failures,
  }
}
type Tally = ReturnType<typeof newTally>

/** One session's values, written as their fields are. */
async function measure(
  env: Env,
  db: Db,
  id: SessionId,
  { desk, tally }: { readonly desk: Desk; readonly tally: Tally },
): Promise<[field: string, kept: Kept][]> {
  const state = await stateOf(env, db, id)
  if (!state) {
    tally.count('skipped')
    return []
  }
  const values = await valuesOf(env, state, { desk, tally })
  const kept = await Promise.all(
    Object.entries(values).map(async ([metric, value]): Promise<[string, Kept][]> => {
      tally.count('found')
      const field = desk.fields.get(metric)
      if (!field) {
        tally.tell(`«${metric}» is no field of customers: it is counted and not written`)
        return []
      }
      const written = await keptAs(field, value, desk)
      if (!written) tally.tell(`«${metric}»: a value was none of its field and was left out`)
      return written ? [[metric, written]] : []
    }),
  )
  return kept.flat()
}

/** Addresses are written in their one form; what is no address is nothing. */
async function keptAs(field: Field, value: Value, desk: Desk): Promise<Kept | undefined> {
  if (field.name === 'name') return keptText(cleanName(String(value)))
  if (field.name === 'email' || field.name === 'phone') {
    const address = await normalise(field.name, String(value), desk.defaultCountry)
    return address ? keptText(address) : undefined
  }
  return parseValue(field, value, desk.timeZone)
}

/** The metrics of one session, by rules where they are written as rules, by the agent's model else. */
async function valuesOf(
  env: Env,
  state: SessionState,
  { desk, tally }: { readonly desk: Desk; readonly tally: Tally },
): Promise<Record<string, Value>> {
  const values: Record<string, Value> = {}
  const rules = desk.metrics.filter((one) => hasRules(one))
  for (const metric of rules) {
    const value = measureByRules(metric, state)
    if (value !== undefined) values[metric.id] = value
  }
  const prose = desk.metrics.filter((one) => !hasRules(one))
  if (prose.length === 0) return values
  try {
    const answer = await readByModel(
      desk.agent,
      { env, fetch: egress(env) },
      {
        orders: ordersFor(prose, (id) => formOf(prose.find((one) => one.id === id))),
        text: transcriptOf(state),
        signal: AbortSignal.timeout(modelMs),
      },
    )
    tally.failed('read')
    if (answer === undefined) {
      for (const { id } of prose) {
        tally.tell(
          `«${id}» is written as prose: the built-in rules can’t read it. Choose an agent with a language model, or write rules like «good: thanks, great».`,
        )
      }
      return values
    }
    const ids = prose.map(({ id }) => id)
    return { ...values, ...readMeasured(answer, ids) }
  } catch (error) {
    if (!(error instanceof ModelTrouble)) throw error
    tally.failed('failed')
    tally.count('failed')
    tally.tell(error.message)
    return values
  }
}

function formOf(metric: MetricRow | undefined): string {
  if (metric?.type === 'enum') return `one of: ${metric.options.join(', ')}`
  return metric?.type === 'date' ? 'a date like 2027-02-03' : `a ${metric?.type ?? 'text'}`
}

/** The session as its object knows it; nothing when it has gone. */
async function stateOf(env: Env, db: Db, id: SessionId): Promise<SessionState | undefined> {
  const object = sessionOf(env, db.tenantId, id)
  let state = emptySession
  for (;;) {
    const facts = await object.factsAfter(state.seq)
    if (isRefusal(facts)) return undefined
    if (facts.length === 0) return state.opened ? state : undefined
    state = facts.reduce(evolve, state)
  }
}

/** Of several sessions of one customer the last one’s value. */
function lastOfEach(writes: readonly Write[]): Write[] {
  return [...new Map(writes.map((one) => [`${one.customerId} ${one.field}`, one])).values()]
}

/** What would become of each value: written, suggested beside a better one, or no news. */
async function countOutcomes(
  db: Db,
  writes: readonly Write[],
  tell: (what: string) => void,
): Promise<void> {
  if (writes.length === 0) return
  const fields = [...new Set(writes.map(({ field }) => field))]
  const held = await heldValues(
    db,
    writes.map(({ customerId }) => customerId),
    fields,
  )
  for (const one of writes) {
    const known = held.find(
      ({ customerId, field }) => customerId === one.customerId && field === one.field,
    )
    if (known?.value === one.value) tell('same')
    else if (!known || givesWay(known, one)) tell('written')
    else tell('suggested')
  }
}

/** The run as the screens show it. */
export function shownRun(row: RunRow): AnalysisRun {
  const { id, metrics, agentId, filter, dry, state, counts, log, createdAt, updatedAt } = row
  return { id, metrics, agentId, filter, dry, state, counts, log, createdAt, updatedAt }
}

// Deep Analysis over HTTP: metrics, and the runs that measure them.

import type { Metric } from '../../shared/analysis.ts'
import { newId } from '../../shared/new-id.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import { agentById } from '../agent/queries.ts'
import type { Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { handlers, type Principal } from '../base/http.ts'
import { report } from '../base/report.ts'
import { fieldsOf } from '../customer/fields/queries.ts'
import { runWorker } from './object.ts'
import {
  changeMetric,
  countSessions,
  deleteMetric,
  endRun,
  insertMetric,
  insertRun,
  listMetrics,
  listRuns,
  readRun,
  type RunRow,
} from './queries.ts'
import { isFed } from './reading.ts'
import { conversations, noCounts, shownRun } from './run.ts'

/** A running run that has not moved for so long is woken by whoever looks at it. */
const staleMs = 120_000

export const analysisHandlers = handlers({
  async 'GET /api/metrics'({ db }) {
    return { metrics: await shownMetrics(db) }
  },
  async 'POST /api/metrics'({ db, me, body }) {
    if (body.type === 'enum' && !body.options) {
      return refuse('invalid', { at: 'options', detail: 'Say which values there are' })
    }
    const isNew = await insertMetric(db, actorOf(me), body)
    return isNew ? metricOf(db, body.id) : refuse('already-exists', { at: 'id' })
  },
  async 'PATCH /api/metrics/:metricId'({ db, me, params, body }) {
    const changed = await changeMetric(db, actorOf(me), params.metricId, body)
    return changed ? metricOf(db, params.metricId) : refuse('not-found')
  },
  async 'DELETE /api/metrics/:metricId'({ db, me, params }) {
    const gone = await deleteMetric(db, actorOf(me), params.metricId)
    return gone ? undefined : refuse('not-found')
  },

  async 'GET /api/analysis-runs'({ env, db, later }) {
    const rows = await listRuns(db)
    for (const row of rows) if (isStale(row)) later(runWorker(env, db.tenantId, row.id).wake())
    return { runs: rows.map(shownRun) }
  },
  async 'POST /api/analysis-runs'({ env, db, me, later, body }) {
    const { agentId, filter, dry } = body
    const [agent, known] = await Promise.all([agentById(db, env, agentId), listMetrics(db)])
    if (!agent) return refuse('invalid', { at: 'agentId', detail: 'There is no such agent' })
    const strange = body.metrics.find((id) => !known.some((one) => one.id === id))
    if (strange)
      return refuse('invalid', { at: 'metrics', detail: `There is no metric ${strange}` })
    const total = await countSessions(db, filter)
    const ids = [...new Set(body.metrics)]
    const now = Date.now()
    const row: RunRow = {
      tenantId: db.tenantId,
      id: newId('run'),
      metrics: ids,
      filter,
      agentId,
      dry,
      state: 'running',
      cursor: '',
      counts: {
        total,
        read: 0,
        passed: 0,
        skipped: 0,
        failed: 0,
        metrics: Object.fromEntries(ids.map((id) => [id, noCounts])),
      },
      log: [{ at: now, text: `${begun(dry)} over ${conversations(total)}, read by ${agent.name}` }],
      createdBy: me.operatorId,
      createdAt: now,
      updatedAt: now,
    }
    await insertRun(db, actorOf(me), row)
    await runWorker(env, db.tenantId, row.id).wake()
    later(tell(env, db, row))
    return shownRun(row)
  },
  async 'GET /api/analysis-runs/:runId'({ env, db, later, params }) {
    const row = await readRun(db, params.runId)
    if (!row) return refuse('not-found')
    if (isStale(row)) later(runWorker(env, db.tenantId, row.id).wake())
    return shownRun(row)
  },
  async 'POST /api/analysis-runs/:runId/cancel'({ env, db, me, later, params }) {
    const end = {
      state: 'cancelled',
      line: `Cancelled by ${me.name}: what is written stays`,
    } as const
    const isEnded = await endRun(db, params.runId, end, actorOf(me))
    const row = await readRun(db, params.runId)
    if (!row) return refuse('not-found')
    if (isEnded) later(tell(env, db, row))
    return shownRun(row)
  },
})

/** Its start may have died before it could wake the worker. */
function isStale({ state, updatedAt }: RunRow): boolean {
  return state === 'running' && updatedAt < Date.now() - staleMs
}

function begun(dry: boolean): string {
  return dry ? 'Dry run' : 'Run'
}

/** Whoever has the screen open sees it begin and end. */
async function tell(env: Env, db: Db, row: RunRow): Promise<void> {
  try {
    await env.INBOX.getByName(db.tenantId).runChanged(shownRun(row))
  } catch (error) {
    report(error, `news of analysis ${row.id}`)
  }
}

function actorOf({ operatorId }: Principal) {
  return { kind: 'operator', id: operatorId } as const
}

async function shownMetrics(db: Db): Promise<Metric[]> {
  const [rows, fields] = await Promise.all([listMetrics(db), fieldsOf(db)])
  const fed = new Set(fields.map(({ name }) => name).filter(isFed))
  return rows.map(({ id, title, prompt, type, options }) => {
    return { id, title, prompt, type, options, feeds: fed.has(id) }
  })
}

async function metricOf(db: Db, id: string): Promise<Metric | Refusal> {
  const all = await shownMetrics(db)
  return all.find((one) => one.id === id) ?? refuse('not-found')
}

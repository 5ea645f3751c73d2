// The SQL of metrics and runs. How far a run is stands in the batch of what it wrote.

import { and, asc, count, desc, eq, gte, inArray, isNull, lt, sql } from 'drizzle-orm'

import type { AnalysisRun, MetricChange, NewMetric, RunFilter } from '../../shared/analysis.ts'
import { customerServiceId } from '../../shared/campaign.ts'
import { audited, type Actor, type Db } from '../base/db.ts'
import { onlyIf } from '../base/guard.ts'
import { analysisRuns, fieldValues, metrics, sessions } from '../base/schema.ts'
import { reindex } from '../customer/columns/queries.ts'
import { writing, type Write } from '../customer/values/queries.ts'
import { carryOut } from '../tenant/queries.ts'

export type MetricRow = typeof metrics.$inferSelect
export type RunRow = typeof analysisRuns.$inferSelect

export async function listMetrics(db: Db): Promise<MetricRow[]> {
  return db.orm
    .select()
    .from(metrics)
    .where(db.mine(metrics))
    .orderBy(asc(metrics.createdAt), asc(metrics.id))
}

/** `false`: there is one of this id already. */
export async function insertMetric(db: Db, actor: Actor, metric: NewMetric): Promise<boolean> {
  const { options = [], ...rest } = metric
  const row = { tenantId: db.tenantId, ...rest, options, createdAt: Date.now() }
  const known = await db.orm
    .select({ id: metrics.id })
    .from(metrics)
    .where(db.mine(metrics, eq(metrics.id, metric.id)))
    .get()
  if (known) return false
  await db.orm.batch([
    db.orm.insert(metrics).values(row).onConflictDoNothing(),
    audited(db, actor, 'metric.add', metric.id, { type: metric.type }),
  ])
  return true
}

/** `false`: there is no such metric. */
export async function changeMetric(
  db: Db,
  actor: Actor,
  id: string,
  change: MetricChange,
): Promise<boolean> {
  const { title, prompt, options } = change
  const news = {
    ...(title === undefined ? {} : { title }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(options === undefined ? {} : { options }),
  }
  const mine = db.mine(metrics, eq(metrics.id, id))
  const known = await db.orm.select({ id: metrics.id }).from(metrics).where(mine).get()
  if (!known) return false
  if (Object.keys(news).length === 0) return true
  await db.orm.batch([
    db.orm.update(metrics).set(news).where(mine),
    audited(db, actor, 'metric.change', id, { changed: Object.keys(news) }),
  ])
  return true
}

/** `false`: there is no such metric. What it has written stays. */
export async function deleteMetric(db: Db, actor: Actor, id: string): Promise<boolean> {
  const { meta } = await db.orm.delete(metrics).where(db.mine(metrics, eq(metrics.id, id)))
  if (meta.changes === 0) return false
  await audited(db, actor, 'metric.delete', id)
  return true
}

// --- Runs

/** The sessions a filter keeps. Only those with something in them. */
function wanted(db: Db, { agentId, channel, from, to, campaign }: RunFilter) {
  return db.mine(
    sessions,
    and(
      sql`${sessions.messageCount} > 0`,
      agentId && eq(sessions.agentId, agentId),
      channel && eq(sessions.channel, channel),
      from === undefined ? undefined : gte(sessions.startedAt, from),
      to === undefined ? undefined : lt(sessions.startedAt, to),
      campaign === undefined
        ? undefined
        : campaign === customerServiceId
          ? isNull(sessions.campaignId)
          : eq(sessions.campaignId, campaign),
    ),
  )
}

export async function countSessions(db: Db, filter: RunFilter): Promise<number> {
  const row = await db.orm.select({ n: count() }).from(sessions).where(wanted(db, filter)).get()
  return row?.n ?? 0
}

/** The next sessions after a place, the oldest first: what is said later overwrites what was said before. */
export async function nextSessions(db: Db, filter: RunFilter, cursor: string, limit: number) {
  const [, at, id] = /^(\d+)\.(.+)$/.exec(cursor) ?? []
  const { startedAt } = sessions
  return db.orm
    .select({ id: sessions.id, customerId: sessions.customerId, startedAt })
    .from(sessions)
    .where(
      and(
        wanted(db, filter),
        at && id ? sql`(${startedAt}, ${sessions.id}) > (${Number(at)}, ${id})` : undefined,
      ),
    )
    .orderBy(asc(startedAt), asc(sessions.id))
    .limit(limit)
}

export async function insertRun(db: Db, actor: Actor, row: RunRow): Promise<void> {
  const { id, metrics: ids, dry } = row
  await db.orm.batch([
    db.orm.insert(analysisRuns).values(row),
    audited(db, actor, 'analysis.run', id, { metrics: ids, dry }),
  ])
}

export async function readRun(db: Db, id: string): Promise<RunRow | undefined> {
  return db.orm
    .select()
    .from(analysisRuns)
    .where(db.mine(analysisRuns, eq(analysisRuns.id, id)))
    .get()
}

export async function listRuns(db: Db): Promise<RunRow[]> {
  return db.orm
    .select()
    .from(analysisRuns)
    .where(db.mine(analysisRuns))
    .orderBy(desc(analysisRuns.createdAt), desc(analysisRuns.id))
    .limit(50)
}

/** Ends a run that is running. `false`: it was over. */
export async function endRun(
  db: Db,
  id: string,
  end: { readonly state: Exclude<AnalysisRun['state'], 'running'>; readonly line: string },
  actor?: Actor,
): Promise<boolean> {
  const turn = db.orm
    .update(analysisRuns)
    .set({
      state: end.state,
      log: sql`json_insert(${analysisRuns.log}, '$[#]', ${end.line})`,
      updatedAt: Date.now(),
    })
    .where(db.mine(analysisRuns, eq(analysisRuns.id, id), eq(analysisRuns.state, 'running')))
  if (!actor) return (await turn).meta.changes > 0
  const [turned] = await db.orm.batch([turn, audited(db, actor, `analysis.${end.state}`, id)])
  return turned.meta.changes > 0
}

/** What records hold in some fields: what a run would write over. */
export async function heldValues(db: Db, ids: readonly string[], fields: readonly string[]) {
  return db.orm
    .select()
    .from(fieldValues)
    .where(
      db.mine(
        fieldValues,
        sql`${fieldValues.customerId} in (select value from json_each(${JSON.stringify(ids)}))`,
        inArray(fieldValues.field, [...fields]),
      ),
    )
}

export interface Step {
  readonly run: RunRow
  readonly cursor: string
  readonly counts: Record<string, number>
  readonly log: readonly string[]
  /** Nothing in a dry run. */
  readonly writes: readonly Write[]
}

/** Writes what some sessions have given, once: throws `Overtaken` when the run is over or further. */
export async function writeStep(db: Db, { run, cursor, counts, log, writes }: Step): Promise<void> {
  await carryOut(db, [
    db.orm
      .update(analysisRuns)
      .set({ cursor, counts, log: [...log], updatedAt: Date.now() })
      .where(
        db.mine(
          analysisRuns,
          eq(analysisRuns.id, run.id),
          eq(analysisRuns.state, 'running'),
          eq(analysisRuns.cursor, run.cursor),
        ),
      ),
    onlyIf(db, sql`changes() > 0`),
    ...(writes.length > 0 ? writing(db, writes, `operator:${run.createdBy}`) : []),
  ])
  await reindex(db, [...new Set(writes.map(({ customerId }) => customerId))])
}

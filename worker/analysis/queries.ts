// The SQL of metrics and runs. How far a run is stands in the batch of what it wrote.

import { and, asc, count, desc, eq, gt, gte, inArray, isNull, or, sql, type SQL } from 'drizzle-orm'

import type {
  AnalysisRun,
  MetricChange,
  NewMetric,
  RunCounts,
  RunFilter,
  RunLine,
} from '../../shared/analysis.ts'
import { customerServiceId } from '../../shared/campaign.ts'
import type { CustomerId, SessionId } from '../../shared/ids.ts'
import { audited, type Actor, type Db } from '../base/db.ts'
import { onlyIf } from '../base/guard.ts'
import { analysisRuns, fieldValues, merges, metrics, sessions } from '../base/schema.ts'
import { reindex } from '../customer/columns/queries.ts'
import { writing, type Write } from '../customer/values/queries.ts'
import { carryOut, Overtaken, type Write as BatchWrite } from '../tenant/queries.ts'

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
export function insertMetric(db: Db, actor: Actor, metric: NewMetric): Promise<boolean> {
  const { options = [], ...rest } = metric
  const row = { tenantId: db.tenantId, ...rest, options, createdAt: Date.now() }
  return noted(
    db,
    db.orm.insert(metrics).values(row).onConflictDoNothing(),
    audited(db, actor, 'metric.add', metric.id, { type: metric.type }),
  )
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
  if (Object.keys(news).length === 0) {
    return Boolean(await db.orm.select({ id: metrics.id }).from(metrics).where(mine).get())
  }
  return noted(
    db,
    db.orm.update(metrics).set(news).where(mine),
    audited(db, actor, 'metric.change', id, { changed: Object.keys(news) }),
  )
}

/** `false`: there is no such metric. What it has written stays. */
export function deleteMetric(db: Db, actor: Actor, id: string): Promise<boolean> {
  return noted(
    db,
    db.orm.delete(metrics).where(db.mine(metrics, eq(metrics.id, id))),
    audited(db, actor, 'metric.delete', id),
  )
}

/** A change and its line in the audit log: both, or `false` and neither when nothing was changed. */
async function noted(db: Db, change: BatchWrite, line: BatchWrite): Promise<boolean> {
  try {
    await carryOut(db, [change, onlyIf(db, sql`changes() > 0`), line])
    return true
  } catch (error) {
    if (error instanceof Overtaken) return false
    throw error
  }
}

// --- Runs

/** The sessions a filter keeps. Only those with something in them. */
function wanted(
  db: Db,
  { agentId, channel, from, to, campaign }: RunFilter,
  startedAt: SQL | typeof sessions.startedAt = sessions.startedAt,
) {
  return db.mine(
    sessions,
    and(
      sql`${sessions.messageCount} > 0`,
      agentId && eq(sessions.agentId, agentId),
      channel && eq(sessions.channel, channel),
      from === undefined ? undefined : sql`${startedAt} >= ${from}`,
      to === undefined ? undefined : sql`${startedAt} < ${to}`,
      campaign === undefined
        ? undefined
        : campaign === customerServiceId
          ? isNull(sessions.campaignId)
          : eq(sessions.campaignId, campaign),
    ),
  )
}

/** Where a run is: at a session of a customer, the newest first. */
export interface Place {
  readonly customerId: CustomerId
  readonly startedAt: number
  readonly sessionId: SessionId
}

/** Of whom: everybody, or the customers whose sessions have moved while the run went on. */
type Whom = readonly CustomerId[] | undefined

function among(whom: Whom) {
  return (
    whom && sql`${sessions.customerId} in (select value from json_each(${JSON.stringify(whom)}))`
  )
}

export async function countSessions(db: Db, filter: RunFilter, whom?: Whom): Promise<number> {
  const row = await db.orm
    .select({ n: count() })
    .from(sessions)
    .where(and(wanted(db, filter), among(whom)))
    .get()
  return row?.n ?? 0
}

/** The sessions after a place: customer by customer, of each the newest first. */
export async function nextSessions(
  db: Db,
  filter: RunFilter,
  { after, whom, limit }: { after: Place | undefined; whom: Whom; limit: number },
) {
  const { customerId, startedAt, id } = sessions
  // The plus keeps the index of times out: with it each step would sort all days of the filter.
  const kept = wanted(db, filter, sql`+${startedAt}`)
  return db.orm
    .select({ sessionId: id, customerId, startedAt })
    .from(sessions)
    .where(
      and(
        kept,
        among(whom),
        after && gte(customerId, after.customerId),
        after &&
          or(
            gt(customerId, after.customerId),
            sql`(${startedAt}, ${id}) < (${after.startedAt}, ${after.sessionId})`,
          ),
      ),
    )
    .orderBy(asc(customerId), desc(startedAt), desc(id))
    .limit(limit)
}

/** Whose sessions have become theirs since a time, by merging or by parting records again. */
export async function movedSince(db: Db, at: number): Promise<CustomerId[]> {
  const { survivorId, mergedId, undoneAt } = merges
  const rows = await db.orm
    .select({ survivorId, mergedId, undoneAt })
    .from(merges)
    .where(db.mine(merges, or(gte(merges.at, at), gte(undoneAt, at))))
    .limit(mostMoved)
  const ids = rows.flatMap((row) => (row.undoneAt === null ? row.survivorId : row.mergedId))
  return [...new Set(ids)].sort()
}

/** So many merges in one run are an upload's: the next run reads what they have brought together. */
const mostMoved = 500

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
  const now = Date.now()
  const turn = db.orm
    .update(analysisRuns)
    .set({
      state: end.state,
      log: sql`json_insert(${analysisRuns.log}, '$[#]', json_object('at', ${now}, 'text', ${end.line}))`,
      updatedAt: now,
    })
    .where(db.mine(analysisRuns, eq(analysisRuns.id, id), eq(analysisRuns.state, 'running')))
  if (actor) return noted(db, turn, audited(db, actor, `analysis.${end.state}`, id))
  return (await turn).meta.changes > 0
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
  readonly counts: RunCounts
  readonly log: readonly RunLine[]
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

// One run's worker: it holds nothing but an alarm. How far the run is stands in the database.

import { DurableObject } from 'cloudflare:workers'

import type { AnalysisRun, RunId } from '../../shared/analysis.ts'
import type { TenantId } from '../../shared/ids.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { report } from '../base/report.ts'
import { runOn } from './run.ts'

/** How long one alarm works, in milliseconds; the next goes on at once. */
const workMs = 8_000
/** How soon the alarm looks again should this object die at work. A model may take its time. */
const watchdogMs = 60_000
const waitsMs = [1_000, 5_000, 15_000, 60_000]

export class AnalysisObject extends DurableObject<Env> {
  #failures = 0

  /** Begins to work, or goes on. The run's row says whether there is anything to do. */
  async wake(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now())
  }

  override async alarm(): Promise<void> {
    // First of all: what has begun must be taken up again, however this ends.
    const watchdog = Date.now() + watchdogMs
    await this.ctx.storage.setAlarm(watchdog)
    const { tenantId, runId } = this.#names
    try {
      const hasMore = await runOn(this.env, tenantDb(this.env, tenantId), runId, {
        until: Date.now() + workMs,
        tell: (run) => this.#tell(run),
      })
      this.#failures = 0
      if (hasMore) await this.ctx.storage.setAlarm(Date.now())
      else if ((await this.ctx.storage.getAlarm()) === watchdog) {
        await this.ctx.storage.deleteAlarm()
      }
    } catch (error) {
      report(error, `analysis ${runId}`)
      const wait = waitsMs[this.#failures] ?? 60_000
      this.#failures += 1
      await this.ctx.storage.setAlarm(Date.now() + wait)
    }
  }

  /** Who watches is told; that nobody could be told stops no work. */
  async #tell(run: AnalysisRun): Promise<void> {
    try {
      await this.env.INBOX.getByName(this.#names.tenantId).runChanged(run)
    } catch (error) {
      report(error, `news of analysis ${run.id}`)
    }
  }

  get #names(): { readonly tenantId: TenantId; readonly runId: RunId } {
    const [tenantId, runId] = (this.ctx.id.name ?? '').split('/')
    if (!tenantId || !runId) throw new Error('an analysis object without a name')
    // Safe: names are made by `runWorker` alone.
    return { tenantId: tenantId as TenantId, runId }
  }
}

export function runWorker(
  env: Pick<Env, 'ANALYSIS'>,
  tenantId: TenantId,
  runId: RunId,
): DurableObjectStub<AnalysisObject> {
  return env.ANALYSIS.getByName(`${tenantId}/${runId}`)
}

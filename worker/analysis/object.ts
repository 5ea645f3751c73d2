// One run's worker: it holds nothing but an alarm. How far the run is stands in the database.

import { DurableObject } from 'cloudflare:workers'

import type { AnalysisRun, RunId } from '../../shared/analysis.ts'
import type { TenantId } from '../../shared/ids.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { report } from '../base/report.ts'
import { shiftsOf } from '../base/shifts.ts'
import { runOn } from './run.ts'

/** How soon the alarm looks again should this object die at work. A model may take its time. */
const watchdogMs = 60_000

export class AnalysisObject extends DurableObject<Env> {
  readonly #shifts = shiftsOf(this.ctx.storage, watchdogMs)

  /** Begins to work, or goes on. The run's row says whether there is anything to do. */
  async wake(): Promise<void> {
    await this.#shifts.wake()
  }

  override async alarm(): Promise<void> {
    const { tenantId, runId } = this.#names
    await this.#shifts.shift(`analysis ${runId}`, (until) =>
      runOn(this.env, tenantDb(this.env, tenantId), runId, {
        until,
        tell: (run) => this.#tell(run),
      }),
    )
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

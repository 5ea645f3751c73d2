// One upload's worker: it holds nothing but an alarm. How far the job is stands in the database.

import { DurableObject } from 'cloudflare:workers'

import type { Upload, UploadId } from '../../shared/campaign.ts'
import type { TenantId } from '../../shared/ids.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { report } from '../base/report.ts'
import { workOn } from './upload/job.ts'

/** How long one alarm works, in milliseconds; the next goes on at once. */
const workMs = 8_000
/** How soon the alarm looks again should this object die at work. */
const watchdogMs = 15_000
const waitsMs = [1_000, 5_000, 15_000, 60_000]

export class UploadObject extends DurableObject<Env> {
  #failures = 0

  /** Begins to work, or goes on. The job's row says whether there is anything to do. */
  async wake(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now())
  }

  override async alarm(): Promise<void> {
    // First of all: what has begun must be taken up again, however this ends.
    const watchdog = Date.now() + watchdogMs
    await this.ctx.storage.setAlarm(watchdog)
    const { tenantId, uploadId } = this.#names
    try {
      const hasMore = await workOn(this.env, tenantDb(this.env, tenantId), uploadId, {
        until: Date.now() + workMs,
        tell: (upload) => this.#tell(upload),
      })
      this.#failures = 0
      if (hasMore) await this.ctx.storage.setAlarm(Date.now())
      else await this.#rest(watchdog)
    } catch (error) {
      report(error, `upload ${uploadId}`)
      const wait = waitsMs[this.#failures] ?? 60_000
      this.#failures += 1
      await this.ctx.storage.setAlarm(Date.now() + wait)
    }
  }

  /** Nothing is left to do. An alarm somebody has set meanwhile stays. */
  async #rest(watchdog: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === watchdog) await this.ctx.storage.deleteAlarm()
  }

  /** Who watches is told; that nobody could be told stops no work. */
  async #tell(upload: Upload): Promise<void> {
    try {
      await this.env.INBOX.getByName(this.#names.tenantId).uploadChanged(upload)
    } catch (error) {
      report(error, `news of upload ${upload.id}`)
    }
  }

  get #names(): { readonly tenantId: TenantId; readonly uploadId: UploadId } {
    const [tenantId, uploadId] = (this.ctx.id.name ?? '').split('/')
    if (!tenantId || !uploadId) throw new Error('an upload object without a name')
    // Safe: names are made by `uploadWorker` alone.
    return { tenantId: tenantId as TenantId, uploadId }
  }
}

export function uploadWorker(
  env: Pick<Env, 'UPLOAD'>,
  tenantId: TenantId,
  uploadId: UploadId,
): DurableObjectStub<UploadObject> {
  return env.UPLOAD.getByName(`${tenantId}/${uploadId}`)
}

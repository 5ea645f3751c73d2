// One upload's worker: it holds nothing but an alarm. How far the job is stands in the database.

import { DurableObject } from 'cloudflare:workers'

import type { Upload, UploadId } from '../../shared/campaign.ts'
import type { TenantId } from '../../shared/ids.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { report } from '../base/report.ts'
import { shiftsOf } from '../base/shifts.ts'
import { keptForMs, settle, workOn } from './upload/job.ts'

/** How soon the alarm looks again should this object die at work. */
const watchdogMs = 15_000

export class UploadObject extends DurableObject<Env> {
  readonly #shifts = shiftsOf(this.ctx.storage, watchdogMs)

  /** Begins to work, or goes on. The job's row says whether there is anything to do. */
  async wake(): Promise<void> {
    await this.#shifts.wake()
  }

  /** Looks after a file that is about to come: nobody may ever start it. */
  async expect(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + keptForMs)
  }

  override async alarm(): Promise<void> {
    const { tenantId, uploadId } = this.#names
    const db = tenantDb(this.env, tenantId)
    await this.#shifts.shift(`upload ${uploadId}`, async (until) => {
      const tell = (upload: Upload) => this.#tell(upload)
      const hasMore = await workOn(this.env, db, uploadId, { until, tell })
      return hasMore || settle(this.env, db, uploadId)
    })
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

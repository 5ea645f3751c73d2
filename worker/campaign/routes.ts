// Campaigns over HTTP: the list, who takes part, uploads and their reports.

import {
  CampaignId,
  customerServiceId,
  type Campaign,
  type UploadId,
  type UploadPreview,
} from '../../shared/campaign.ts'
import { customerService } from '../../shared/customer.ts'
import { newId } from '../../shared/new-id.ts'
import { refuse, isRefusal, type Refusal } from '../../shared/refusal.ts'
import * as z from 'zod/mini'
import type { Db } from '../base/db.ts'
import { handlers, type Principal } from '../base/http.ts'
import {
  changeCampaign,
  changeParticipant,
  deleteCampaign,
  insertCampaign,
  listCampaigns,
  listParticipants,
  serviceCounts,
  stagesOf,
} from './queries.ts'
import { uploadWorker } from './object.ts'
import { getProducts, shownProducts } from './products/products.ts'
import { linesPage, report } from './upload/report.ts'
import { listUploads } from './upload/queries.ts'
import { shownUpload } from './upload/job.ts'
import { cancel, previewOf, receive, resume, start, watch } from './upload/uploads.ts'

const pageLength = 50

export const campaignHandlers = handlers({
  async 'GET /api/campaigns'({ db }) {
    const [rows, service] = await Promise.all([shownCampaigns(db), serviceCounts(db)])
    const virtual: Campaign = {
      id: customerServiceId,
      name: customerService,
      kind: 'virtual',
      stages: [],
      participants: { pending: 0, ...service },
      createdAt: null,
    }
    return { campaigns: [...rows, virtual] }
  },
  async 'POST /api/campaigns'({ db, me, body }) {
    const id = newId('cmp')
    await insertCampaign(db, actorOf(me), { ...body, id })
    return campaignOf(db, id)
  },
  async 'PATCH /api/campaigns/:campaignId'({ db, me, params, body }) {
    const id = outbound(params.campaignId)
    if (isRefusal(id)) return id
    const changed = await changeCampaign(db, actorOf(me), id, body)
    return changed ? campaignOf(db, id) : refuse('not-found')
  },
  async 'DELETE /api/campaigns/:campaignId'({ env, db, me, later, params }) {
    const id = outbound(params.campaignId)
    if (isRefusal(id)) return id
    const theirs = await listUploads(db, id)
    const answer = await deleteCampaign(db, actorOf(me), id)
    if (answer !== 'deleted') return refuse(answer)
    // Safe: uploads are named by `newId`. Each worker removes its file.
    const workers = theirs.map((one) => uploadWorker(env, db.tenantId, one.id as UploadId))
    later(Promise.all(workers.map((worker) => worker.wake())))
    return undefined
  },

  async 'GET /api/campaigns/:campaignId/participants'({ db, params, query }) {
    const { status, stage, limit = pageLength } = query
    const after = placeOf(query.cursor)
    if (after === 'unknown') return refuse('invalid', { at: 'cursor' })
    if (!(await stagesOf(db, params.campaignId))) return refuse('not-found')
    const page = { status, stage, after, limit: limit + 1 }
    const rows = await listParticipants(db, params.campaignId, page)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return {
      rows: shown.map(({ id, name, email, phone, ...rest }) => ({
        customer: { id, name, email, phone },
        ...rest,
      })),
      next: rows.length > limit && last ? `${last.loadedAt}.${last.id}` : null,
    }
  },
  async 'PATCH /api/campaigns/:campaignId/participants/:customerId'({ db, me, params, body }) {
    const stages = await stagesOf(db, params.campaignId)
    if (!stages) return refuse('not-found')
    if (body.stage && stages.length > 0 && !stages.includes(body.stage)) {
      return refuse('invalid', { at: 'stage', detail: `One of: ${stages.join(', ')}` })
    }
    const changed = await changeParticipant(db, actorOf(me), params, body)
    return changed ? undefined : refuse('not-found')
  },

  async 'POST /api/campaigns/:campaignId/uploads'(call): Promise<UploadPreview | Refusal> {
    const id = outbound(call.params.campaignId)
    if (isRefusal(id)) return id
    if (!(await stagesOf(call.db, id))) return refuse('not-found')
    return receive(call, id, call.query.name)
  },
  async 'GET /api/campaigns/:campaignId/uploads'({ db, params }) {
    if (!(await stagesOf(db, params.campaignId))) return refuse('not-found')
    return { uploads: (await listUploads(db, params.campaignId)).map(shownUpload) }
  },
  'GET /api/uploads/:uploadId': (call) => watch(call, call.params.uploadId),
  'GET /api/uploads/:uploadId/preview': (call) => previewOf(call, call.params.uploadId),
  'POST /api/uploads/:uploadId/start': (call) => start(call, call.params.uploadId, call.body),
  'POST /api/uploads/:uploadId/cancel': (call) => cancel(call, call.params.uploadId),
  'POST /api/uploads/:uploadId/resume': (call) => resume(call, call.params.uploadId),
  'GET /api/uploads/:uploadId/lines': (call) => linesPage(call, call.params.uploadId, call.query),
  'GET /api/uploads/:uploadId/report': (call) => report(call, call.params.uploadId),

  'GET /api/customers/:customerId/products': (call) => shownProducts(call, call.params.customerId),
  'POST /api/customers/:customerId/products/refresh': (call) =>
    getProducts(call, call.params.customerId),
})

function actorOf({ operatorId }: Principal) {
  return { kind: 'operator', id: operatorId } as const
}

/** The id of a campaign that can be changed. The virtual one is only looked at. */
function outbound(id: string): string | Refusal {
  if (id === customerServiceId) {
    return refuse('not-supported-here', {
      detail: `${customerService} holds what is of no campaign`,
    })
  }
  const known = z.safeParse(CampaignId, id)
  return known.success ? known.data : refuse('not-found')
}

async function shownCampaigns(db: Db): Promise<Campaign[]> {
  const rows = await listCampaigns(db)
  return rows.map(({ id, name, stages, createdAt, counts }) => {
    const of = (status: string) => counts.find((one) => one.status === status)?.n ?? 0
    const each = {
      pending: of('pending'),
      active: of('active'),
      completed: of('completed'),
    }
    return { id, name, kind: 'outbound', stages, participants: each, createdAt }
  })
}

async function campaignOf(db: Db, id: string): Promise<Campaign | Refusal> {
  const all = await shownCampaigns(db)
  return all.find((one) => one.id === id) ?? refuse('not-found')
}

/** The place after which the next page begins. */
function placeOf(cursor: string | undefined) {
  if (cursor === undefined) return undefined
  const [, at, id] = /^(\d{1,16})\.(cus_[0-9a-z]{26})$/.exec(cursor) ?? []
  return at && id ? { at: Number(at), id } : 'unknown'
}

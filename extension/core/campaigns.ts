// The tenant's campaigns, and who takes part in the one in view.

import { atom } from 'nanostores'

import type {
  Campaign,
  CampaignChange,
  CampaignId,
  NewCampaign,
  Participant,
  ParticipantChange,
  ParticipantStatus,
} from '../../shared/campaign.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { call, sentenceOf } from './api.ts'
import { reloadProfile } from './customers.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'

export interface Participants {
  readonly rows: readonly Participant[]
  readonly more: boolean
}
export interface ParticipantFilter {
  readonly status: ParticipantStatus | undefined
  readonly stage: string | undefined
}

const pageSize = 50
const everybody: ParticipantFilter = { status: undefined, stage: undefined }

export const $campaigns = atom<Loadable<readonly Campaign[]>>(idle)
export const $participants = atom<Loadable<Participants>>(idle)
export const $participantFilter = atom<ParticipantFilter>(everybody)

let round = 0
let opened: CampaignId | undefined
let next: string | null = null

personal(() => {
  round += 1
  opened = undefined
  $campaigns.set(idle)
  $participants.set(idle)
  $participantFilter.set(everybody)
})

export async function loadCampaigns(): Promise<void> {
  $campaigns.set(loading($campaigns.get()))
  const answer = await call('GET /api/campaigns')
  if (answer.ok) $campaigns.set(ready(answer.answer.campaigns))
  else $campaigns.set(failed($campaigns.get(), sentenceOf(answer.refusal)))
}

/** For who only wants names and stages. */
export function needCampaigns(): void {
  if ($campaigns.get().state === 'idle') void loadCampaigns()
}

/** Makes a campaign. Gives back its id, or the sentence of a refusal. */
export async function createCampaign(
  body: NewCampaign,
): Promise<{ id: string } | { sentence: string }> {
  const answer = await call('POST /api/campaigns', { body })
  if (!answer.ok) return { sentence: sentenceOf(answer.refusal) }
  await loadCampaigns()
  return { id: answer.answer.id }
}

export async function changeCampaign(
  campaignId: string,
  body: CampaignChange,
): Promise<string | undefined> {
  const answer = await call('PATCH /api/campaigns/:campaignId', { params: { campaignId }, body })
  if (!answer.ok) return sentenceOf(answer.refusal)
  await loadCampaigns()
  return undefined
}

export async function deleteCampaign(campaignId: string): Promise<string | undefined> {
  const answer = await call('DELETE /api/campaigns/:campaignId', { params: { campaignId } })
  if (!answer.ok) return sentenceOf(answer.refusal)
  await loadCampaigns()
  return undefined
}

// --- Who takes part

export function openParticipants(id: CampaignId): void {
  if (opened === id) {
    void loadParticipants()
    return
  }
  opened = id
  $participantFilter.set(everybody)
  $participants.set(idle)
  void loadParticipants()
}

export function filterParticipants(filter: ParticipantFilter): void {
  $participantFilter.set(filter)
  void loadParticipants()
}

export function loadParticipants(): Promise<void> {
  return page()
}

export async function moreParticipants(): Promise<void> {
  if (next !== null && $participants.get().state === 'ready') await page(next)
}

async function page(cursor?: string): Promise<void> {
  const campaignId = opened
  if (!campaignId) return
  round += 1
  const mine = round
  const { status, stage } = $participantFilter.get()
  $participants.set(loading($participants.get()))
  const answer = await call('GET /api/campaigns/:campaignId/participants', {
    params: { campaignId },
    query: {
      limit: pageSize,
      ...(status ? { status } : {}),
      ...(stage ? { stage } : {}),
      ...(cursor ? { cursor } : {}),
    },
  })
  if (mine !== round) return
  if (!answer.ok) {
    $participants.set(failed($participants.get(), sentenceOf(answer.refusal)))
    return
  }
  next = answer.answer.next
  const above = cursor ? ($participants.get().value?.rows ?? []) : []
  $participants.set(ready({ rows: [...above, ...answer.answer.rows], more: next !== null }))
}

/** Sets somebody's status or stage in one campaign; no other campaign hears of it. */
export async function changeParticipant(
  campaignId: CampaignId,
  customerId: CustomerId,
  body: ParticipantChange,
): Promise<string | undefined> {
  const answer = await call('PATCH /api/campaigns/:campaignId/participants/:customerId', {
    params: { campaignId, customerId },
    body,
  })
  if (!answer.ok) return sentenceOf(answer.refusal)
  void reloadProfile()
  const { value, ...rest } = $participants.get()
  if (opened !== campaignId || !value) return undefined
  const rows = value.rows.map((one) =>
    one.customer.id === customerId ? { ...one, ...withoutUndefined(body) } : one,
  )
  $participants.set({ ...rest, value: { ...value, rows } })
  return undefined
}

function withoutUndefined({ status, stage }: ParticipantChange): Partial<Participant> {
  return { ...(status ? { status } : {}), ...(stage === undefined ? {} : { stage }) }
}

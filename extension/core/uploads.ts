// Uploads of contacts to a campaign: the file, where its columns go, how far it has come, what became of each line.

import { atom, computed } from 'nanostores'

import type {
  CampaignId,
  ColumnTarget,
  Mapping,
  Outcome,
  ParticipantStatus,
  Upload,
  UploadLine,
  UploadPreview,
} from '../../shared/campaign.ts'
import { campaignWords } from '../words/campaigns.ts'
import { loadCampaigns, loadParticipants } from './campaigns.ts'
import { call, sentenceOf, stream, upload, type Answer } from './api.ts'
import { environment, personal } from './environment.ts'
import { onNews, onReturn } from './news.ts'
import { failed, idle, loading, no, ready, yes, type Can, type Loadable } from './loadable.ts'

/** One upload on its way, from the file to the report. */
export interface Wizard {
  readonly campaignId: CampaignId
  readonly step: 'file' | 'sending' | 'mapping' | 'course'
  readonly preview?: UploadPreview
  readonly mapping: Mapping
  readonly status: ParticipantStatus | undefined
  readonly stage: string
  readonly upload?: Upload
  readonly busy: boolean
  readonly sentence?: string
}
export interface Lines {
  readonly lines: readonly UploadLine[]
  readonly more: boolean
  readonly outcome: Outcome | undefined
}

const largestBytes = 200_000_000

export const $uploads = atom<Loadable<readonly Upload[]>>(idle)
export const $wizard = atom<Wizard | undefined>()
export const $lines = atom<Loadable<Lines>>(idle)

/** Whether the file can be read into records as its columns are mapped now. */
export const $canStart = computed($wizard, (wizard): Can => {
  const targets = Object.values(wizard?.mapping ?? {})
  if (targets.length === 0) return no(campaignWords.upload.needColumn)
  const once = targets.filter((target) => target !== 'product')
  return new Set(once).size === once.length ? yes : no(campaignWords.upload.twice)
})

let sending = new AbortController()
let linesNext: string | null = null

personal(() => {
  closeWizard()
  $uploads.set(idle)
})

/** Hears how far uploads have come, while somebody looks. Gives back how to stop. */
export function followUploads(): () => void {
  const stops = [
    onNews((news) => {
      if (news.type === 'upload') hear(news.upload)
    }),
    onReturn(() => void askAgain()),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

export async function loadUploads(campaignId: CampaignId): Promise<void> {
  $uploads.set(loading($uploads.get()))
  const answer = await call('GET /api/campaigns/:campaignId/uploads', { params: { campaignId } })
  if (answer.ok) $uploads.set(ready(answer.answer.uploads))
  else $uploads.set(failed($uploads.get(), sentenceOf(answer.refusal)))
}

export function beginUpload(campaignId: CampaignId): void {
  closeWizard()
  $wizard.set({
    campaignId,
    step: 'file',
    mapping: {},
    status: undefined,
    stage: '',
    busy: false,
  })
}

/** Takes up an upload that was made before: its mapping, its progress or its report. */
export async function openUpload(campaignId: CampaignId, made: Upload): Promise<void> {
  beginUpload(campaignId)
  if (made.state !== 'ready') {
    follow(made)
    return
  }
  change({ step: 'sending' })
  take(await call('GET /api/uploads/:uploadId/preview', { params: { uploadId: made.id } }))
}

export function closeWizard(): void {
  sending.abort()
  linesNext = null
  $lines.set(idle)
  $wizard.set(undefined)
}

/** Sends the file. Nothing is read into records yet. */
export async function sendFile(file: File): Promise<void> {
  const wizard = $wizard.get()
  if (!wizard) return
  if (file.size > largestBytes) {
    change({ sentence: campaignWords.upload.tooLarge })
    return
  }
  sending = new AbortController()
  const { signal } = sending
  clearSentence()
  change({ step: 'sending' })
  const answer = await upload(
    'POST /api/campaigns/:campaignId/uploads',
    {
      params: { campaignId: wizard.campaignId },
      query: { name: file.name.slice(-255) || 'contacts.csv' },
      signal,
    },
    file,
  )
  if (!signal.aborted) take(answer)
}

/** Says where a column goes; nothing leaves it out. */
export function mapColumn(column: number, target: ColumnTarget | undefined): void {
  const wizard = $wizard.get()
  if (!wizard) return
  const { [String(column)]: _before, ...others } = wizard.mapping
  change({ mapping: target === undefined ? others : { ...others, [String(column)]: target } })
}

export function setUploadDefaults(to: Pick<Partial<Wizard>, 'status' | 'stage'>): void {
  change(to)
}

/** Reads the file into records. */
export async function startUpload(): Promise<void> {
  const wizard = $wizard.get()
  const uploadId = wizard?.preview?.upload.id
  if (!wizard || !uploadId || wizard.busy || !$canStart.get().allowed) return
  const { mapping, status } = wizard
  const stage = wizard.stage.trim()
  await run(
    call('POST /api/uploads/:uploadId/start', {
      params: { uploadId },
      body: { mapping, ...(status ? { status } : {}), ...(stage === '' ? {} : { stage }) },
    }),
  )
}

export async function cancelUpload(): Promise<void> {
  const uploadId = $wizard.get()?.upload?.id
  if (uploadId) await run(call('POST /api/uploads/:uploadId/cancel', { params: { uploadId } }))
}

/** Goes on where it stopped. */
export async function resumeUpload(): Promise<void> {
  const uploadId = $wizard.get()?.upload?.id
  if (uploadId) await run(call('POST /api/uploads/:uploadId/resume', { params: { uploadId } }))
}

async function run(asked: Promise<Answer<Upload>>): Promise<void> {
  clearSentence()
  change({ busy: true })
  const answer = await asked
  change({ busy: false })
  if (answer.ok) follow(answer.answer)
  else change({ sentence: sentenceOf(answer.refusal) })
}

function take(answer: Answer<UploadPreview>): void {
  if (!answer.ok) {
    change({ step: 'file', sentence: answer.refusal.detail ?? sentenceOf(answer.refusal) })
    return
  }
  change({ step: 'mapping', preview: answer.answer, mapping: answer.answer.mapping })
}

function follow(made: Upload): void {
  const before = $wizard.get()?.upload
  change({ step: 'course', upload: made })
  const { value, ...rest } = $uploads.get()
  if (value) {
    const others = value.map((one) => (one.id === made.id ? made : one))
    $uploads.set({ ...rest, value: others })
  }
  if (made.state === 'running' || before?.state === made.state) return
  void loadLines(undefined)
  if (before) {
    void loadCampaigns()
    void loadParticipants()
  }
}

/** The line was broken: what was told meanwhile is asked for. */
async function askAgain(): Promise<void> {
  const made = $wizard.get()?.upload
  if (made?.state !== 'running') return
  const answer = await call('GET /api/uploads/:uploadId', { params: { uploadId: made.id } })
  if (answer.ok) hear(answer.answer)
}

function hear(upload: Upload): void {
  const shown = $wizard.get()?.upload
  if (shown?.id === upload.id) {
    if (upload.updatedAt >= shown.updatedAt) follow(upload)
    return
  }
  const { value, ...rest } = $uploads.get()
  if (!value?.some(({ id }) => id === upload.id)) return
  $uploads.set({ ...rest, value: value.map((one) => (one.id === upload.id ? upload : one)) })
}

function change(to: Partial<Wizard>): void {
  const wizard = $wizard.get()
  if (wizard) $wizard.set({ ...wizard, ...to })
}

function clearSentence(): void {
  const wizard = $wizard.get()
  if (!wizard) return
  const { sentence: _said, ...rest } = wizard
  $wizard.set(rest)
}

export function percentOf({ size, offset }: Upload): number {
  return size === 0 ? 100 : Math.floor((offset / size) * 100)
}

// --- The report

/** What became of the lines: all of them, or those of one outcome. */
export async function loadLines(outcome: Outcome | undefined): Promise<void> {
  $lines.set(loading(idle))
  await linesPage(outcome)
}

export async function moreLines(): Promise<void> {
  const { value, state } = $lines.get()
  if (value && linesNext !== null && state === 'ready') await linesPage(value.outcome, linesNext)
}

async function linesPage(outcome: Outcome | undefined, cursor?: string): Promise<void> {
  const uploadId = $wizard.get()?.upload?.id
  if (!uploadId) return
  const answer = await call('GET /api/uploads/:uploadId/lines', {
    params: { uploadId },
    query: { limit: 50, ...(outcome ? { outcome } : {}), ...(cursor ? { cursor } : {}) },
  })
  if ($wizard.get()?.upload?.id !== uploadId) return
  if (!answer.ok) {
    $lines.set(failed($lines.get(), sentenceOf(answer.refusal)))
    return
  }
  linesNext = answer.answer.next
  const above = cursor ? ($lines.get().value?.lines ?? []) : []
  $lines.set(
    ready({ lines: [...above, ...answer.answer.lines], more: linesNext !== null, outcome }),
  )
}

/** The whole report as a CSV: a blob: address, and its name. */
export async function fetchReport(): Promise<{ url: string; name: string } | string> {
  const made = $wizard.get()?.upload
  if (!made) return ''
  const answer = await stream(
    'GET /api/uploads/:uploadId/report',
    { params: { uploadId: made.id } },
    () => undefined,
  )
  if (!answer.ok) return sentenceOf(answer.refusal)
  const day = new Date(environment().now()).toISOString().slice(0, 10)
  return { url: URL.createObjectURL(answer.answer), name: `report-${day}-${made.fileName}` }
}

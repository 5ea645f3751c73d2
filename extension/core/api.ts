// The worker, as functions: one call for every route of the contract, typed by it. Never throws for
// the network's sake; carries no schema.

import type { AnswerOf, CallOf, RouteName } from '../../shared/api.ts'
import { isRefusal, refusals, type Refusal, type RefusalWord } from '../../shared/refusal.ts'
import { words } from '../words.ts'
import { environment } from './environment.ts'

/** The worker said no, or nothing at all. */
export type No = Refusal | { readonly refusal: 'offline'; readonly detail?: never }
export type Answer<Value> =
  | { readonly ok: true; readonly answer: Value }
  | { readonly ok: false; readonly refusal: No }

/** A bearer, and what to do when the worker no longer knows it. The sign-in store sets both. */
export const credentials: { bearer: string | undefined; onSignedOut: () => void } = {
  bearer: undefined,
  onSignedOut: () => undefined,
}

const retryWaitsMs = [300, 1200]
const timeoutMs = 20_000
/** Files take their time on a slow line: 25 MB, a list of contacts of 200 MB, a million rows down. */
const patient: Partial<Record<RouteName, number>> = {
  'POST /api/files': 300_000,
  'POST /api/campaigns/:campaignId/uploads': 1_800_000,
  'GET /api/customers/export': 3_600_000,
  'GET /api/uploads/:uploadId/report': 1_800_000,
}

/** Parameters only where the route has some. */
type Input<Name extends RouteName> = [unknown] extends [CallOf<Name>]
  ? [input?: Options]
  : [input: CallOf<Name> & Options]
interface Options {
  /** Ends the call; it then answers as offline. */
  readonly signal?: AbortSignal
}
interface Parts extends Options {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Calls a route. A GET that found nobody is tried again; anything else is the caller's to repeat. */
export async function call<Name extends RouteName>(
  name: Name,
  ...[input]: Input<Name>
): Promise<Answer<AnswerOf<Name>>> {
  const parts = (input ?? {}) as Parts
  const response = await request(name, parts, parts.body === undefined ? {} : json(parts.body))
  // Safe: the worker can't mount a route that answers otherwise than its contract.
  return (await answerOf(response)) as Answer<AnswerOf<Name>>
}

type Upload = 'POST /api/files' | 'POST /api/campaigns/:campaignId/uploads'

/** Uploads a file as it is; the route reads it while it comes. */
export async function upload<Name extends Upload>(
  name: Name,
  input: CallOf<Name> & Options,
  file: Blob,
): Promise<Answer<AnswerOf<Name>>> {
  const headers = { 'Content-Type': file.type || 'application/octet-stream' }
  const response = await request(name, input, { headers, body: file })
  // Safe: as in `call`.
  return (await answerOf(response)) as Answer<AnswerOf<Name>>
}

type Stream = 'GET /api/customers/export' | 'GET /api/uploads/:uploadId/report'

/** How far a file has come down; `total` rows, where the worker has said it. */
export interface Progress {
  readonly bytes: number
  readonly lines: number
  readonly total: number | undefined
}

/** So much is put away at a time: a blob lies outside of the page's own memory. */
const chunkBytes = 4_000_000

/** Fetches a large file piece by piece, telling how far it has come. */
export async function stream<Name extends Stream>(
  name: Name,
  input: CallOf<Name> & Options,
  onProgress: (progress: Progress) => void,
): Promise<Answer<Blob>> {
  const response = await request(name, input, {})
  if (!response?.ok || !response.body) return { ok: false, refusal: await refusalOf(response) }
  const total = Number(response.headers.get('X-Total') ?? Number.NaN)
  const blobs: Blob[] = []
  let [bytes, lines, waiting] = [0, 0, 0]
  let chunks: Uint8Array<ArrayBuffer>[] = []
  try {
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      bytes += value.length
      waiting += value.length
      lines += linesIn(value)
      onProgress({ bytes, lines, total: Number.isFinite(total) ? total : undefined })
      if (waiting < chunkBytes) continue
      blobs.push(new Blob(chunks))
      chunks = []
      waiting = 0
    }
  } catch {
    return { ok: false, refusal: { refusal: 'offline' } }
  }
  const type = response.headers.get('Content-Type') ?? ''
  return { ok: true, answer: new Blob([...blobs, ...chunks], { type }) }
}

const newLine = 10

function linesIn(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(newLine); at !== -1; at = bytes.indexOf(newLine, at + 1)) lines += 1
  return lines
}

/** The bytes of a file of a conversation. */
export async function download(fileId: string): Promise<Answer<Blob>> {
  const response = await request('GET /api/files/:fileId', { params: { fileId } }, {})
  if (!response?.ok) return { ok: false, refusal: await refusalOf(response) }
  try {
    return { ok: true, answer: await response.blob() }
  } catch {
    return { ok: false, refusal: { refusal: 'offline' } }
  }
}

/** The sentence of a «no». */
export function sentenceOf(no: No): string {
  if (no.refusal === 'offline') return environment().online.is() ? words.unreachable : words.offline
  if (no.refusal === 'taken-by-another' && no.detail) return words.takenBy(no.detail)
  if (no.refusal === 'text-too-long' && no.detail) return words.textTooLong(no.detail)
  return words.refusals[no.refusal]
}

/** Whether trying the same again may end otherwise. */
export function mayPass(no: No): boolean {
  return no.refusal === 'offline' || no.refusal === 'unavailable' || no.refusal === 'too-many'
}

function json(body: unknown): RequestInit {
  return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}

async function request(
  name: RouteName,
  { params, query, signal }: Parts,
  init: RequestInit,
): Promise<Response | undefined> {
  const { workerUrl, signInBy } = environment()
  const [method, path] = name.split(' ') as [string, string]
  const url = workerUrl + fill(path, params) + search(query)
  const headers = new Headers(init.headers)
  const { bearer } = credentials
  if (signInBy === 'bearer' && bearer) headers.set('Authorization', `Bearer ${bearer}`)

  const waits = method === 'GET' ? retryWaitsMs : []
  for (let tries = 0; ; tries += 1) {
    const response = await once(url, {
      ...init,
      method,
      headers,
      signal: deadline(signal, patient[name] ?? timeoutMs),
      // The extension has a bearer; a cookie beside it could be somebody else's.
      credentials: signInBy === 'cookie' ? 'same-origin' : 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    })
    const wait = waits[tries]
    const again = response === undefined || response.status >= 500
    if (!again || wait === undefined || signal?.aborted || !environment().online.is()) {
      // A bearer that changed meanwhile was not the one refused.
      if (response?.status === 401 && bearer === credentials.bearer) await noteSignedOut(response)
      return response
    }
    await pause(wait * (0.5 + environment().random()))
  }
}

async function once(url: string, init: RequestInit): Promise<Response | undefined> {
  try {
    return await environment().fetch(url, init)
  } catch {
    return undefined
  }
}

function deadline(signal: AbortSignal | undefined, ms: number): AbortSignal {
  const timeout = AbortSignal.timeout(ms)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}

/** A wrong password is a 401 too, but nobody was signed in. */
async function noteSignedOut(response: Response): Promise<void> {
  const { refusal } = await refusalOf(response.clone())
  if (refusal === 'signed-out') credentials.onSignedOut()
}

async function answerOf(response: Response | undefined): Promise<Answer<unknown>> {
  if (!response?.ok) return { ok: false, refusal: await refusalOf(response) }
  if (response.status === 204) return { ok: true, answer: undefined }
  try {
    return { ok: true, answer: await response.json() }
  } catch {
    return { ok: false, refusal: { refusal: 'offline' } }
  }
}

async function refusalOf(response: Response | undefined): Promise<No> {
  if (!response) return { refusal: 'offline' }
  try {
    const body: unknown = await response.json()
    if (isRefusal(body) && body.refusal in refusals) return body
  } catch {
    // Not of our making: a proxy, or a page. Its status still says something.
  }
  return { refusal: wordOf(response.status) }
}

function wordOf(status: number): RefusalWord {
  if (status === 401) return 'signed-out'
  if (status === 403) return 'not-permitted'
  if (status === 404) return 'not-found'
  if (status === 413) return 'too-large'
  if (status === 429) return 'too-many'
  return 'unavailable'
}

function fill(path: string, params: Parts['params']): string {
  return path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(params?.[key] ?? ''))
}

function search(query: Parts['query']): string {
  const filled = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(filled.map(([key, value]) => [key, String(value)])).toString()
  return text === '' ? '' : `?${text}`
}

function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(resolve, ms)
  return promise
}

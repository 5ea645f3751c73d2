// Asking a provider over HTTP, and calling by name what goes wrong on the way.

import { EgressRefused, type Fetch } from '../../base/egress.ts'
import { readCapped } from '../../base/http.ts'
import { SendError, type SendTrouble } from '../channel.ts'
import { readJson } from './envelope.ts'

/** More than any answer of a provider's API has. */
const longestAnswer = 256 * 1024
const longestWaitMs = 24 * 60 * 60 * 1000

/** What a provider answered. */
export interface Answer {
  readonly ok: boolean
  readonly status: number
  /** The body as JSON; undefined when it was none. */
  readonly json: unknown
  /** How long the provider asks to wait, from `Retry-After`. */
  readonly retryAfterMs: number | undefined
}

/**
 * What a request does at the provider. `deliver` may reach the customer: no answer to it means we
 * don't know. `prepare` does not: no answer means that it may be asked again.
 */
export type Purpose = 'deliver' | 'prepare'

/** Asks and reads the whole answer. Throws `SendError` when there is none, whatever its status. */
export async function ask(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  purpose: Purpose,
): Promise<Answer> {
  const response = await reach(fetch, url, init, purpose)
  let bytes: Uint8Array<ArrayBuffer> | undefined
  try {
    bytes = await readCapped(response, longestAnswer)
  } catch {
    throw noAnswer(purpose, 'The connection broke while the provider was answering')
  }
  return {
    ok: response.ok,
    status: response.status,
    json: bytes && readJson(bytes),
    retryAfterMs: retryAfterOf(response.headers.get('Retry-After')),
  }
}

/** Asks, and leaves the body to the caller. Throws `SendError` when there is no answer. */
export async function reach(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  purpose: Purpose,
): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    // Never the error's own words: they may hold the URL, and with it a token.
    if (error instanceof EgressRefused) {
      throw new SendError('rejected', 'The provider’s address is not a public https address')
    }
    if (neverLeft(error)) throw new SendError('unreachable', 'The provider can’t be reached')
    throw noAnswer(purpose, 'The provider did not answer')
  }
}

/** JSON as the body of a POST. */
export function jsonBody(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
}

/**
 * Sends the parts of one message in order. A message is shown as one, so once a part has gone
 * out a later failure must not lead to all of it being sent again.
 */
export async function sendInOrder<Part>(
  parts: readonly Part[],
  sendOne: (part: Part) => Promise<string>,
): Promise<{ externalId: string }> {
  let externalId: string | undefined
  for (const [index, part] of parts.entries()) {
    try {
      externalId = await sendOne(part)
    } catch (error) {
      if (index === 0 || !(error instanceof SendError)) throw error
      throw new SendError('unknown', `Sent ${index} of ${parts.length} parts, then: ${error.note}`)
    }
  }
  if (externalId === undefined) throw new SendError('rejected', 'There is nothing to send')
  return { externalId }
}

/** What an HTTP status means where the provider says no more. */
export function byStatus(status: number, purpose: Purpose): SendTrouble {
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 429) return 'throttled'
  // The answer of somebody in between, who gave up waiting: the message may be on its way.
  if (status === 504 && purpose === 'deliver') return 'unknown'
  return status >= 500 ? 'unreachable' : 'rejected'
}

function noAnswer(purpose: Purpose, note: string): SendError {
  return new SendError(purpose === 'deliver' ? 'unknown' : 'unreachable', note)
}

/** Whether the request can't have reached anybody: no such name, nobody listening. */
function neverLeft(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|connection refused|dns lookup/i.test(
    `${code} ${error.message}`,
  )
}

function retryAfterOf(header: string | null): number | undefined {
  if (!header) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return ms > 0 ? Math.min(ms, longestWaitMs) : undefined
}

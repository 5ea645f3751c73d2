// The one door for outgoing requests. Everything the worker asks of the world goes through here.

import type { Env } from './env.ts'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** How long any request may take. */
export const egressTimeoutMs = 10_000
const mostHops = 2

/** The address is not one we ask: a name or number inside, no https, a port of its own. */
export class EgressRefused extends Error {
  constructor(url: string) {
    super(`not a public https address: ${url.slice(0, 80)}`)
    this.name = 'EgressRefused'
  }
}

/**
 * A fetch for addresses that came from outside: a provider's media URL, a tenant's base URL.
 * Public https hosts only, no redirects followed unseen, ten seconds. Throws `EgressRefused`, or
 * what `fetch` throws. On a developer's machine the provider sandbox is reached by a path of our own.
 */
export function egress(env: Pick<Env, 'SANDBOX' | 'PUBLIC_URL'>): Fetch {
  return async (url, init = {}) => {
    // A timer of our own, ended with the answer: a pending one would keep an object from sleeping.
    const timeout = new AbortController()
    const timer = setTimeout(() => {
      timeout.abort(new DOMException('No answer in time', 'TimeoutError'))
    }, egressTimeoutMs)
    const signal = init.signal ? AbortSignal.any([init.signal, timeout.signal]) : timeout.signal
    const end = () => clearTimeout(timer)
    try {
      return endingWith(await follow(env, url, { ...init, signal }), end)
    } catch (error) {
      end()
      throw error
    }
  }
}

async function follow(
  env: Pick<Env, 'SANDBOX' | 'PUBLIC_URL'>,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const headers = new Headers(init.headers)
  let address = url
  for (let hop = 0; ; hop += 1) {
    const sandbox = sandboxOf(env, address)
    const options = { ...init, headers, redirect: 'manual' as const }
    const response = sandbox
      ? await sandbox.fetch(address, options)
      : await fetch(publicAddress(address), options)
    const location = response.headers.get('Location')
    if (response.status < 300 || response.status > 399 || !location) return response
    if (hop === mostHops) throw new EgressRefused(address)
    address = new URL(location, address).href
    // Credentials are for the host they were meant for.
    if (new URL(address).origin !== new URL(url).origin) headers.delete('Authorization')
  }
}

/** The same answer; `end` is called when its body has been read, given up or broken. */
function endingWith(response: Response, end: () => void): Response {
  if (!response.body) {
    end()
    return response
  }
  const watched = new TransformStream<Uint8Array, Uint8Array>({ flush: end })
  // The reader sees the error of a broken body itself; here it only ends the timer.
  response.body.pipeTo(watched.writable).catch(end)
  return new Response(watched.readable, response)
}

function sandboxOf(env: Pick<Env, 'SANDBOX' | 'PUBLIC_URL'>, url: string): Fetcher | undefined {
  return env.SANDBOX && url.startsWith(`${env.PUBLIC_URL}/sandbox/`) ? env.SANDBOX : undefined
}

/** The address, if it is one of the public web. The URL that is judged is the one that is fetched. */
export function publicAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || url.protocol !== 'https:' || url.port !== '' || url.username || url.password) {
    throw new EgressRefused(address)
  }
  const host = url.hostname.replace(/\.$/, '')
  // The parser has already turned 0x7f.1, 2130706433 and the like into dotted numbers.
  const isNumber = /^[\d.]+$/.test(host) || host.startsWith('[')
  const isInside =
    /(^|\.)(localhost|local|internal|lan|home|corp|intranet|arpa|test|invalid|onion)$/.test(host)
  if (isNumber || isInside || !host.includes('.')) throw new EgressRefused(address)
  return url
}

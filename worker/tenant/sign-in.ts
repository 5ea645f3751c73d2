// Who is asking: by the bearer of the extension, or by the portal's cookie.

import type { OperatorId } from '../../shared/ids.ts'
import { sha256Hex } from '../base/crypto.ts'
import type { Env } from '../base/env.ts'
import type { Identify, Principal } from '../base/http.ts'
import { signInOf } from './queries.ts'

/** How long a sign-in lasts, in milliseconds. */
export const signInLastsMs = 30 * 24 * 3600_000

/** How long a look-up is believed: a role that was lost elsewhere bites within this time. */
const believedMs = 3000
const mostKept = 5000
const cookieName = 'alongside'

interface Kept {
  readonly principal: Principal
  /** When it is asked again: never after the sign-in's own end. */
  readonly until: number
}
const kept = new Map<string, Kept>()

/**
 * The principal behind a request, if it carries a sign-in that still holds. A request that changes
 * something and comes with the cookie must come from a page of ours.
 */
export const identify: Identify = async (request, env) => {
  const bearer = bearerOf(request) ?? cookieOf(request, env)
  if (!bearer) return undefined

  const hash = await bearerHash(bearer)
  const now = Date.now()
  const known = kept.get(hash)
  if (known && known.until > now) return known.principal

  kept.delete(hash)
  const found = await signInOf(env, hash)
  if (!found || found.expiresAt.getTime() <= now) return undefined
  const { expiresAt, ...who } = found
  const principal = { ...who, signInId: hash }
  keep(hash, { principal, until: Math.min(now + believedMs, expiresAt.getTime()) })
  return principal
}

/** What the database knows a bearer by. */
export function bearerHash(bearer: string): Promise<string> {
  return sha256Hex(bearer)
}

/** The sign-in has ended: it is asked for again at once. */
export function forgetSignIn(signInId: string): void {
  kept.delete(signInId)
}

/** Something about the operator has changed: all their sign-ins are asked for again at once. */
export function forgetOperator(operatorId: OperatorId): void {
  for (const [hash, { principal }] of kept) {
    if (principal.operatorId === operatorId) kept.delete(hash)
  }
}

/** Whether the request comes from a page of this worker, as the browser says. */
export function isOwnPage(request: Request, env: Pick<Env, 'PUBLIC_URL'>): boolean {
  const origin = request.headers.get('Origin')
  return origin === new URL(env.PUBLIC_URL).origin || origin === new URL(request.url).origin
}

/** The header that gives the portal its cookie, out of reach of its scripts. */
export function cookieFor(token: string, env: Pick<Env, 'PUBLIC_URL'>): string {
  return cookie(token, signInLastsMs / 1000, env)
}

export function noCookie(env: Pick<Env, 'PUBLIC_URL'>): string {
  return cookie('', 0, env)
}

function cookie(value: string, maxAge: number, { PUBLIC_URL }: Pick<Env, 'PUBLIC_URL'>): string {
  const secure = PUBLIC_URL.startsWith('https:') ? '; Secure' : ''
  return `${cookieName}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer ([\w-]{16,200})$/i.exec(request.headers.get('Authorization') ?? '')?.[1]
}

function cookieOf(request: Request, env: Env): string | undefined {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (!reads && !isOwnPage(request, env)) return undefined
  return /(?:^|;\s*)alongside=([\w-]{16,200})(?:;|$)/.exec(request.headers.get('Cookie') ?? '')?.[1]
}

function keep(hash: string, entry: Kept): void {
  kept.set(hash, entry)
  for (const oldest of kept.keys()) {
    if (kept.size <= mostKept) return
    kept.delete(oldest)
  }
}

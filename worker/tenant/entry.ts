// The ways in and out: sign-up, sign-in, sign-out.

import { newId } from '../../shared/new-id.ts'
import { isRefusal, refuse, type Refusal } from '../../shared/refusal.ts'
import type { SignIn, SignUp } from '../../shared/tenant.ts'
import { audited, tenantDb, type Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import type { Principal } from '../base/http.ts'
import { Attempts } from './attempts.ts'
import type { Admission } from './auth.ts'
import { addMember, addTenant, carryOut, EmailTaken, endSignIn, sweepSignIns } from './queries.ts'
import { isTimeZone } from './rules.ts'
import { cookieFor, forgetSignIn, isOwnPage, noCookie } from './sign-in.ts'

const minuteMs = 60_000
/** Guesses at one person's password from one place, and from anywhere; guesses from one place. */
const perPersonHere = new Attempts({ most: 8, withinMs: 5 * minuteMs })
const perPerson = new Attempts({ most: 60, withinMs: 5 * minuteMs })
const perPlace = new Attempts({ most: 120, withinMs: 5 * minuteMs })
const signUps = new Attempts({ most: 60, withinMs: 10 * minuteMs })

/** Founds a tenant with its owner: the account, the tenant, the member and the audit row, or nothing. */
export async function signUp(
  env: Env,
  request: Request,
  { company, timeZone = 'UTC', ...person }: SignUp,
): Promise<Response | Refusal> {
  if (!isTimeZone(timeZone)) {
    return refuse('invalid', { at: 'timeZone', detail: 'Not a time zone, like Europe/Lisbon' })
  }
  if (!signUps.allow(placeOf(request), Date.now())) return refuse('too-many', { detail: wait })

  const tenantId = newId('ten')
  const { openAccount } = await import('./auth.ts')
  const admission = await openAccount(env, tenantId, person, request.headers)
  if (isRefusal(admission)) return admission

  const db = tenantDb(env, tenantId)
  const { operatorId, writes } = admission
  try {
    await carryOut(db, [
      ...writes,
      addTenant(db, company, timeZone),
      addMember(db, operatorId, 'owner'),
      audited(db, { kind: 'operator', id: operatorId }, 'tenant/founded', tenantId),
    ])
  } catch (error) {
    if (error instanceof EmailTaken) return refuse('already-exists', { at: 'email' })
    throw error
  }
  return letIn(env, request, admission)
}

/** Signs in. Too many wrong passwords in five minutes: «too-many», however right the next one is. */
export async function signIn(
  env: Env,
  request: Request,
  given: SignIn,
): Promise<Response | Refusal> {
  const now = Date.now()
  const place = placeOf(request)
  const person = given.email.trim().toLowerCase()
  const here = `${place} ${person}`
  if (
    !perPlace.allow(place, now) ||
    !perPersonHere.allow(here, now) ||
    !perPerson.allow(person, now)
  ) {
    return refuse('too-many', { detail: wait })
  }

  const { admit } = await import('./auth.ts')
  const admission = await admit(env, { ...given, email: person }, request.headers)
  if (isRefusal(admission)) return admission

  perPersonHere.clear(here)
  const { operatorId, tenantId, writes } = admission
  const db = tenantDb(env, tenantId)
  await carryOut(db, [
    ...writes,
    sweepSignIns(db, operatorId),
    audited(db, { kind: 'operator', id: operatorId }, 'operator/signed-in', operatorId),
  ])
  return letIn(env, request, admission)
}

/** Ends this sign-in, here and on every socket it has open. */
export async function signOut(env: Env, db: Db, me: Principal): Promise<Response> {
  const actor = { kind: 'operator', id: me.operatorId } as const
  await carryOut(db, [
    endSignIn(db, me.signInId),
    audited(db, actor, 'operator/signed-out', me.operatorId),
  ])
  forgetSignIn(me.signInId)
  await env.INBOX.getByName(me.tenantId).kickSignIn(me.signInId)
  return new Response(null, { status: 204, headers: { 'Set-Cookie': noCookie(env) } })
}

const wait = 'Wait five minutes and try again'

/** The token; for a page of ours it is put out of its scripts' reach as well. */
function letIn(env: Env, request: Request, { token }: Admission): Response {
  const headers = new Headers({ 'Cache-Control': 'no-store' })
  if (isOwnPage(request, env)) headers.set('Set-Cookie', cookieFor(token, env))
  return Response.json({ token }, { headers })
}

function placeOf(request: Request): string {
  return request.headers.get('CF-Connecting-IP') ?? ''
}

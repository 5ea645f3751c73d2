// Who is signed in, and what they may do.

import { atom, computed, type ReadableAtom } from 'nanostores'

import { permissions, type Permission } from '../../shared/permissions.ts'
import type { Me } from '../../shared/tenant.ts'
import { call, credentials, mayPass, sentenceOf } from './api.ts'
import { environment, forgetEverything, personal } from './environment.ts'
import { no, yes, type Can } from './loadable.ts'

export type SignInState = 'unknown' | 'signed-out' | 'signing-in' | 'signed-in'

const bearerKey = 'bearer'
/** With a cookie there is nothing to read here; this says to other pages that it has changed. */
const cookieKey = 'signed-in'
/** How soon an unreachable worker is asked again who we are. */
const againMs = 5000

export const $signInState = atom<SignInState>('unknown')
export const $me = atom<Me | undefined>()
export const $signInRefusal = atom<string | undefined>()
/** Nobody knows yet who is signed in, because the worker can't be reached. It is asked again. */
export const $serverDown = atom(false)

personal(() => {
  credentials.bearer = undefined
  $me.set(undefined)
  $signInRefusal.set(undefined)
})

/** Finds out whether the last sign-in still holds. */
export async function resumeSignIn(): Promise<void> {
  if (environment().signInBy === 'bearer') {
    credentials.bearer = await keptBearer()
    if (!credentials.bearer) {
      $signInState.set('signed-out')
      return
    }
  }
  await meet()
}

/** Signs in. False: it was refused, and `$signInRefusal` says why. */
export async function signIn(input: {
  email: string
  password: string
  /** Keep the sign-in when the browser is closed. */
  keep: boolean
}): Promise<boolean> {
  if ($signInState.get() === 'signing-in') return false
  const { email, password, keep } = input
  $signInState.set('signing-in')
  $signInRefusal.set(undefined)
  const signedIn = await call('POST /api/sign-in', { body: { email: email.trim(), password } })
  if (!signedIn.ok) return refuseSignIn(sentenceOf(signedIn.refusal))

  // Whoever was here before leaves nothing to whoever comes now.
  await forgetEverything()
  const { storage, signInBy } = environment()
  if (signInBy === 'bearer') {
    credentials.bearer = signedIn.answer.token
    await (keep ? storage.local : storage.session).set(bearerKey, signedIn.answer.token)
  } else {
    await storage.local.set(cookieKey, environment().now())
  }
  const me = await call('GET /api/me')
  if (!me.ok) return refuseSignIn(sentenceOf(me.refusal))
  $me.set(me.answer)
  $signInState.set('signed-in')
  return true
}

/** Signs out here and at the worker. Everything personal goes at once, whether it answers or not. */
export async function signOut(): Promise<void> {
  const told = call('POST /api/sign-out')
  $signInState.set('signed-out')
  await forgetEverything()
  await told
}

/** Takes in that the worker no longer knows this sign-in. */
export function loseSignIn(): void {
  if ($signInState.get() === 'signing-in' || $signInState.get() === 'signed-out') return
  $signInState.set('signed-out')
  void forgetEverything()
}

/** Follows a sign-in or sign-out on another page of this browser. */
export function signedInElsewhere(): () => void {
  return environment().onKept((key) => {
    if (key === bearerKey) void followBearer()
    else if (key === cookieKey && environment().signInBy === 'cookie') void meet()
  })
}

async function followBearer(): Promise<void> {
  const bearer = await keptBearer()
  if (bearer === credentials.bearer || $signInState.get() === 'signing-in') return
  if (!bearer) loseSignIn()
  else if ($signInState.get() === 'signed-out') await resumeSignIn()
}

async function keptBearer(): Promise<string | undefined> {
  const { storage } = environment()
  const kept = (await storage.session.get(bearerKey)) ?? (await storage.local.get(bearerKey))
  return typeof kept === 'string' ? kept : undefined
}

/** Asks the worker again who is signed in: a role may have changed. */
export async function meet(): Promise<void> {
  const me = await call('GET /api/me')
  if (me.ok) {
    $serverDown.set(false)
    $me.set(me.answer)
    $signInState.set('signed-in')
    return
  }
  if (!mayPass(me.refusal)) {
    $serverDown.set(false)
    $signInState.set('signed-out')
    return
  }
  if ($signInState.get() !== 'unknown') return
  $serverDown.set(true)
  setTimeout(() => void meet(), againMs)
}

const mays = new Map<Permission, ReadableAtom<Can>>()

/** Whether the signed-in person holds a permission; if not, with the sentence why. */
export function $may(permission: Permission): ReadableAtom<Can> {
  const known = mays.get(permission)
  if (known) return known
  const $can = computed($me, (me) =>
    me?.permissions.includes(permission) ? yes : no(permissions[permission]),
  )
  mays.set(permission, $can)
  return $can
}

function refuseSignIn(sentence: string): false {
  $signInRefusal.set(sentence)
  $signInState.set('signed-out')
  return false
}

credentials.onSignedOut = loseSignIn

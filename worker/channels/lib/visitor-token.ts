// The token by which a website's visitor is known: signed by us, kept by the visitor's browser.

import * as z from 'zod/mini'

import { newId } from '../../../shared/new-id.ts'
import { fromHex, hmac, hmacIsRight, toHex, utf8 } from '../../base/crypto.ts'
import { read, readJson } from './envelope.ts'

const day = 24 * 60 * 60 * 1000
/** How long a token lets its visitor in. */
export const tokenLife = day
/** How long after a visit the same browser is the same visitor: a cookie lives no longer either. */
export const visitorLife = 400 * day
const longestToken = 400
/** Clocks of two machines differ by this much. */
const clockSlack = 5 * 60 * 1000

const Claims = z.strictObject({
  visitor: z.string().check(z.regex(/^v_[0-9a-z]{26}$/)),
  /** When it was made, and until when it lets in. */
  at: z.int(),
  until: z.int(),
})
export type Claims = z.infer<typeof Claims>

export async function newToken(key: string, visitor: string, now: number): Promise<string> {
  const claims: Claims = { visitor, at: now, until: now + tokenLife }
  const text = btoa(JSON.stringify(claims))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
  return `${text}.${toHex(await hmac(key, utf8(text)))}`
}

/** What a token claims, if we have signed it, however old it is. Never throws. */
export async function signedClaims(key: string, token: string): Promise<Claims | undefined> {
  const [text = '', hex = '', ...more] = token.length > longestToken ? [] : token.split('.')
  const signature = /^[0-9a-f]{64}$/.test(hex) ? fromHex(hex) : undefined
  if (!signature || more.length > 0) return undefined
  return (await hmacIsRight(key, utf8(text), signature)) ? claimsOf(token) : undefined
}

/** What a token claims, signed or not: only for one that has been verified before. */
export function claimsOf(token: string): Claims | undefined {
  const text = token.split('.')[0] ?? ''
  try {
    const json = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return read(Claims, readJson(utf8(json)))
  } catch {
    return undefined
  }
}

/** Whether signed claims let their visitor in now. */
export function letsIn(claims: Claims, now: number): boolean {
  return claims.at <= now + clockSlack && now < claims.until
}

/** Whether the same visitor may have a new token for this old one. */
export function isRemembered(claims: Claims, now: number): boolean {
  return claims.at <= now + clockSlack && now < claims.at + visitorLife
}

/** A visitor's id: 26 characters, made as every id is. */
export function newVisitor(): string {
  return `v_${newId('cus').slice('cus_'.length)}`
}

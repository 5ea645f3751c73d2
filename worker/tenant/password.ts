// Passwords at rest: scrypt with a salt of its own each, and the parameters beside it.

import { scrypt } from 'node:crypto'

import { fromBase64, toBase64 } from '../base/crypto.ts'

/** 16 MiB and five rounds: as strong as OWASP asks, within the memory of an isolate. */
const usualCost = { N: 16_384, r: 8, p: 5 } as const
const keyBytes = 32

interface Cost {
  readonly N: number
  readonly r: number
  readonly p: number
}

export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const key = await derive(password, salt, usualCost)
  const { N, r, p } = usualCost
  return ['scrypt', N, r, p, toBase64(salt), toBase64(key)].join('$')
}

/** Whether it is the password behind the hash, in constant time. A hash we can't read is of none. */
export async function passwordIsRight(hash: string, password: string): Promise<boolean> {
  const [scheme, N, r, p, salt, right] = hash.split('$')
  if (scheme !== 'scrypt' || !salt || !right) return false
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const key = await derive(password, fromBase64(salt), cost)
  const rightKey = fromBase64(right)
  return key.length === rightKey.length && crypto.subtle.timingSafeEqual(key, rightKey)
}

async function derive(
  password: string,
  salt: Uint8Array,
  cost: Cost,
): Promise<Uint8Array<ArrayBuffer>> {
  await myTurn()
  try {
    // The same letters typed on another keyboard may come as other code points.
    return await scryptOf(password.normalize('NFKC'), salt, cost)
  } finally {
    takenUntil = 0
  }
}

/** Until when somebody is hashing. A time and no flag: a request that was cut off gives nothing back. */
let takenUntil = 0
const turnMs = 1000
const stepMs = 20

/**
 * workerd hashes on the isolate's own thread. One at a time, with a breath before each: many
 * sign-ins at once keep no webhook waiting for longer than one of them takes.
 */
async function myTurn(): Promise<void> {
  while (takenUntil > Date.now()) await scheduler.wait(stepMs)
  takenUntil = Date.now() + turnMs
  await scheduler.wait(stepMs)
}

function scryptOf(
  password: string,
  salt: Uint8Array,
  cost: Cost,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

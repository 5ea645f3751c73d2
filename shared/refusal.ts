// Why the product says no. A refusal is an answer, not an exception: it is returned, it crosses
// RPC as a value, and the face turns the word into a sentence.

import type { CustomerProfile } from './customer.ts'
import type { CustomerId } from './ids.ts'

/** Each word, and the HTTP status that says it. */
export const refusals = {
  invalid: 400,
  'signed-out': 401,
  'wrong-password': 401,
  'not-permitted': 403,
  'foreign-origin': 403,
  'not-found': 404,
  'session-finished': 409,
  'already-with-operator': 409,
  'taken-by-another': 409,
  'not-waiting': 409,
  'already-exists': 409,
  'changed-meanwhile': 409,
  'last-owner': 409,
  'not-attached': 409,
  'different-external-ids': 409,
  'merged-further': 409,
  'not-connected': 409,
  'in-use': 409,
  'session-open': 409,
  'reply-window-closed': 409,
  'too-large': 413,
  'text-too-long': 422,
  'not-supported-here': 422,
  'too-many': 429,
  unavailable: 503,
} as const
export type RefusalWord = keyof typeof refusals

/** A «no» with what the reader needs to go on. */
export interface Refusal {
  readonly refusal: RefusalWord
  /** Where it happened: a field's name, when there is one. */
  readonly at?: string
  /** What to know besides the word: a colleague's name, a limit. */
  readonly detail?: string
  /** The record that has it already. */
  readonly customer?: { readonly id: CustomerId; readonly name: string }
  /** The record as a colleague has left it meanwhile. */
  readonly current?: CustomerProfile
}

export function refuse(refusal: RefusalWord, more: Omit<Refusal, 'refusal'> = {}): Refusal {
  return { refusal, ...more }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refusal' in value
}

// What the search box asks for: exact addresses, and words and digits anywhere in a record.

import { and, or, sql, type SQL } from 'drizzle-orm'

import type { IdentityKind } from '../../shared/customer.ts'
import { customers } from '../base/schema.ts'
import { fold, normalise } from './rules.ts'

export interface Search {
  /** The addresses the text may be, whole. Who has one of them is found first. */
  readonly exact: readonly { readonly kind: IdentityKind; readonly value: string }[]
  readonly matches: SQL | undefined
}

const exactKinds: readonly IdentityKind[] = [
  'external',
  'email',
  'phone',
  'telegram-username',
  'telegram-id',
  'whatsapp-user',
  'visitor',
]
/** Digits with what people put between them. */
const likePhone = /^[+\d\s().\-/]+$/
const fewestDigits = 3
/** Further words are left out: they would make a query of any length. */
const mostWords = 10

export async function searchFor(text: string, defaultCountry: string): Promise<Search> {
  const found = await Promise.all(
    exactKinds.map(async (kind) => ({ kind, value: await normalise(kind, text, defaultCountry) })),
  )
  const exact = found.flatMap(({ kind, value }) => (value ? [{ kind, value }] : []))
  const words = fold(text).split(' ').slice(0, mostWords)
  const digits = digitsOf(text)
  const matches = or(
    and(...words.map(isIn)),
    digits.length > 0 ? or(...digits.map(isIn)) : undefined,
  )
  return { exact, matches }
}

/** Not LIKE: its patterns may be 50 bytes long and no more. */
function isIn(text: string): SQL {
  return sql`instr(${customers.searchText}, ${text}) > 0`
}

/** The digits of a number or of a piece of one, with and without what is only dialled. */
function digitsOf(text: string): string[] {
  const digits = text.replaceAll(/\D/g, '')
  if (!likePhone.test(text) || digits.length < fewestDigits) return []
  const significant = digits.replace(/^0+/, '')
  return significant.length < fewestDigits ? [digits] : [...new Set([digits, significant])]
}

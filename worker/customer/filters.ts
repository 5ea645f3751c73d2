// What the search box asks for: exact addresses, and words and digits anywhere in a record.

import { or, sql, type SQL } from 'drizzle-orm'

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

export async function searchFor(text: string, defaultCountry: string): Promise<Search> {
  const found = await Promise.all(
    exactKinds.map(async (kind) => ({ kind, value: await normalise(kind, text, defaultCountry) })),
  )
  const exact = found.flatMap(({ kind, value }) => (value ? [{ kind, value }] : []))
  const words = JSON.stringify(fold(text).split(' '))
  const hasWords = sql`not exists (select 1 from json_each(${words}) word
    where instr(${customers.searchText}, word.value) = 0)`
  const digits = digitsOf(text)
  // No LIKE: its patterns may be 50 bytes long and no more.
  const hasDigits =
    digits.length > 0 &&
    sql`exists (select 1 from json_each(${JSON.stringify(digits)}) number
    where instr(${customers.searchText}, number.value) > 0)`
  return { exact, matches: hasDigits ? or(hasWords, hasDigits) : hasWords }
}

/** The digits of a number or of a piece of one, with and without what is only dialled. */
function digitsOf(text: string): string[] {
  const digits = text.replaceAll(/\D/g, '')
  if (!likePhone.test(text) || digits.length < fewestDigits) return []
  const significant = digits.replace(/^0+/, '')
  return significant.length < fewestDigits ? [digits] : [...new Set([digits, significant])]
}

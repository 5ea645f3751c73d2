// Phone numbers: from however they are written to E.164, and back to how they are read.

import type { CountryCode } from 'libphonenumber-js/min'

/** Already E.164, as channels give them. The longest is 15 digits. */
const international = /^\+[1-9]\d{6,14}$/

/**
 * The number as E.164, or nothing when it can't be one. A number without its country is read in
 * the country given, and without one it can't be read.
 */
export async function toE164(raw: string, country?: string): Promise<string | undefined> {
  const compact = raw.replaceAll(/[\s\u00a0().\-/]/g, '')
  // A zero in brackets is dialled at home only, but in Italy: the library knows.
  const hasZero = raw.replaceAll(/[\s\u00a0]/g, '').includes('(0)')
  if (!hasZero && international.test(compact)) return oneForm(compact)
  if (!/\d/.test(compact) || compact.length > 40) return undefined

  const { parsePhoneNumberFromString } = await library()
  // Safe: a country the library does not know only makes it read international numbers alone.
  const defaultCountry = country as CountryCode | undefined
  const phone = parsePhoneNumberFromString(raw, {
    extract: false,
    ...(defaultCountry ? { defaultCountry } : {}),
  })
  return phone?.isPossible() ? oneForm(phone.number) : undefined
}

/** Numbers as a person reads them: +1 312 555 0142. */
export async function shownPhones(numbers: readonly string[]): Promise<Map<string, string>> {
  if (numbers.length === 0) return new Map()
  const { PhoneNumber } = await library()
  const shown = (number: string) => {
    try {
      // A third of the time it takes to read a text as a number, and no digit is lost.
      return new PhoneNumber(number).formatInternational()
    } catch {
      return number
    }
  }
  return new Map(numbers.map((one) => [one, shown(one)]))
}

/** Mexico dropped the 1 of its mobile numbers in 2019; some networks still send it. */
function oneForm(number: string): string {
  return /^\+521\d{10}$/.test(number) ? `+52${number.slice(4)}` : number
}

/**
 * Loaded when first needed: its tables take 6 ms of a cold start, and a webhook, whose numbers
 * come as E.164, never needs them.
 */
function library() {
  return import('libphonenumber-js/min')
}

// How a value is written in one way only, by its field's type, and which of two values stays.

import type { Source } from '../../../shared/customer.ts'
import type { Field } from '../../../shared/fields.ts'
import { fold } from '../../../shared/fold.ts'
import type { SessionId } from '../../../shared/ids.ts'
import type { Value } from '../../../shared/session.ts'

/** A value as it is kept: as text, folded, and as the number that filters compare. */
export interface Kept {
  readonly value: string
  readonly key: string
  readonly num: number | null
}

const longestText = 2_000
const largestNumber = 1e15

/**
 * The one way a value of this type is written, or nothing when it is none. Writing it again gives
 * the same. An instant becomes the day it is in the tenant's time zone.
 */
export function parseValue(
  { type, options }: Pick<Field, 'type' | 'options'>,
  raw: Value,
  timeZone = 'UTC',
): Kept | undefined {
  switch (type) {
    case 'text':
      return textOf(String(raw))
    case 'number':
      return typeof raw === 'boolean' ? undefined : numberOf(raw)
    case 'date':
      return typeof raw === 'string' ? dateOf(raw.trim(), timeZone) : undefined
    case 'enum': {
      const wanted = fold(String(raw))
      const option =
        options.find((one) => one === raw) ?? options.find((one) => fold(one) === wanted)
      return option === undefined ? undefined : keptText(option)
    }
    case 'boolean':
      return booleanOf(raw)
  }
}

/** A text as a value: what names, addresses and other texts without a type of their own are kept as. */
export function keptText(value: string): Kept {
  return { value, key: fold(value), num: null }
}

function textOf(raw: string): Kept | undefined {
  const text = raw
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/gu, ' ')
    .trim()
  return text === '' || text.length > longestText ? undefined : keptText(text)
}

function numberOf(raw: string | number): Kept | undefined {
  const text = String(raw).trim()
  if (!/^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,3})?$/i.test(text)) return undefined
  const num = Number(text)
  if (!Number.isFinite(num) || Math.abs(num) > largestNumber) return undefined
  // Plus zero: there is also a negative one.
  return { value: String(num + 0), key: String(num + 0), num: num + 0 }
}

const isoDay = /^(\d{4})-(\d{2})-(\d{2})$/
const isoTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/

function dateOf(raw: string, timeZone: string): Kept | undefined {
  if (isoDay.test(raw)) return dayOf(raw)
  const [, , , zone] = isoTime.exec(raw) ?? []
  if (!isoTime.test(raw) || Number.isNaN(Date.parse(raw.replace(' ', 'T')))) return undefined
  // Without a zone it is somebody's local time: its day is the day it says.
  return dayOf(zone ? dayIn(timeZone, Date.parse(raw.replace(' ', 'T'))) : raw.slice(0, 10))
}

function dayOf(iso: string): Kept | undefined {
  const num = Date.parse(`${iso}T00:00:00Z`)
  // The parser takes the 31st of February for the 3rd of March.
  const real = !Number.isNaN(num) && new Date(num).toISOString().startsWith(iso)
  return real ? { value: iso, key: iso, num } : undefined
}

function dayIn(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  '1': true,
  false: false,
  no: false,
  '0': false,
}

function booleanOf(raw: Value): Kept | undefined {
  const said = typeof raw === 'boolean' ? raw : truths[fold(String(raw))]
  if (said === undefined) return undefined
  return { value: String(said), key: String(said), num: said ? 1 : 0 }
}

/** Why a value is none of its field, in words for an operator. */
export function whatIsWanted({ type, options }: Pick<Field, 'type' | 'options'>): string {
  switch (type) {
    case 'text':
      return `A text of at most ${longestText} characters`
    case 'number':
      return 'A number, like 1250.5'
    case 'date':
      return 'A date, like 2027-02-03'
    case 'enum':
      return `One of: ${options.join(', ')}`
    case 'boolean':
      return 'Yes or no'
  }
}

/** What each source is worth: a person before an upload, an upload before what a machine has found. */
export const trust: Readonly<Record<Source, number>> = {
  operator: 5,
  upload: 4,
  channel: 3,
  parameter: 2,
  analysis: 2,
  conversation: 1,
}

/** What of a value decides whether another may take its place. */
export interface Standing {
  readonly field: string
  readonly source: Source
  readonly pinned: boolean
  readonly sessionId: SessionId | null
  readonly at: number
}

/**
 * Whether a feed's value takes the place of the one that is held. Nothing a person has pinned
 * gives way, and nothing to what is worth less; of two worth the same the later stays.
 * `values/queries.ts` says the same in SQL, and a test holds them together.
 */
export function givesWay(held: Standing, news: Omit<Standing, 'pinned'>): boolean {
  if (held.pinned) return false
  const [old, next] = [worthOf(held), worthOf(news)]
  if (old !== next) return next > old
  if (held.at !== news.at) return news.at > held.at
  return (news.sessionId ?? '') > (held.sessionId ?? '')
}

function worthOf({ field, source }: Pick<Standing, 'field' | 'source'>): number {
  // A display name is chosen by its bearer: what they say their name is goes before it.
  return field === 'name' && source === 'channel' ? 0 : trust[source]
}

/** Whether a value of this source counts as known; of the others somebody only said so. */
export function isKnown(source: Source): boolean {
  return source === 'operator' || source === 'upload' || source === 'channel'
}

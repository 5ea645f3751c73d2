// Who is who: how an identity is written in one way only, and which record a sender belongs to.

import type { Identity, IdentityKind } from '../../shared/customer.ts'
import { fold } from '../../shared/fold.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { toE164 } from './phone.ts'

/** The longest identity kept. What is longer is no address. */
const longestValue = 254
const longestName = 120

/**
 * The one way an identity is written, or nothing when it is none. Two spellings of the same
 * address give the same value; everything else compares values alone.
 */
export async function normalise(
  kind: IdentityKind,
  raw: string,
  defaultCountry?: string,
): Promise<string | undefined> {
  const value = raw.trim()
  if (value === '' || value.length > longestValue) return undefined
  switch (kind) {
    case 'phone':
      return toE164(value, defaultCountry)
    case 'email': {
      const email = value.toLowerCase()
      return /^[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)+$/.test(email) ? email : undefined
    }
    case 'telegram-username': {
      const username = value.replace(/^@/, '').toLowerCase()
      return /^\w{3,32}$/.test(username) ? username : undefined
    }
    case 'external':
    case 'whatsapp-user':
    case 'telegram-id':
    case 'visitor':
      return value
  }
}

/** A name as it may stand on a record: one line, without what can't be seen. */
export function cleanName(raw: string): string {
  return raw
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, longestName)
    .trim()
}

/** What a visitor is called before they say who they are. */
export function visitorName(address: string): string {
  return `Visitor ${address.replaceAll(/[^0-9a-z]/gi, '').slice(-4)}`
}

/** An identity with where it holds: the connection for what means nothing outside it. */
export interface Address extends Identity {
  readonly scope: string
}

/** An existing record that shares at least one identity with a sender. */
export interface Candidate {
  readonly id: CustomerId
  readonly createdAt: number
  /** All of its identities, not only the shared. */
  readonly identities: readonly Pick<Address, 'kind' | 'value' | 'scope'>[]
}

/**
 * Which record an inbound sender belongs to; nothing when they are new. Nothing is merged: of
 * several it is the oldest that may be theirs, and the others only look alike. Records of
 * another External ID never are; one without any may be, and takes the sender's over. A record
 * that holds the sender's very External ID goes before older ones without.
 */
export function choose(
  candidates: readonly Candidate[],
  sender: readonly Address[],
): CustomerId | undefined {
  const theirs = candidates
    .filter((one) => mayBe(one, sender))
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const external = valueOf(sender, 'external')
  const named = external && theirs.find((one) => valueOf(one.identities, 'external') === external)
  return (named || theirs[0])?.id
}

function mayBe({ identities }: Candidate, sender: readonly Address[]): boolean {
  if (differ(identities, sender, 'external')) return false
  // A username can be given up and taken by another person; the id behind it stays.
  const movable = differ(identities, sender, 'telegram-id')
  return sender.some(
    (wanted) =>
      !(movable && wanted.kind === 'telegram-username') &&
      identities.some((one) => isSame(one, wanted)),
  )
}

/** Whether both sides have identities of this kind, and none in common. */
function differ(
  record: Candidate['identities'],
  sender: readonly Address[],
  kind: IdentityKind,
): boolean {
  const wanted = valueOf(sender, kind)
  const held = record.filter((one) => one.kind === kind)
  return wanted !== undefined && held.length > 0 && held.every((one) => one.value !== wanted)
}

function valueOf(identities: Candidate['identities'], kind: IdentityKind): string | undefined {
  return identities.find((one) => one.kind === kind)?.value
}

export function isSame(
  a: Pick<Address, 'kind' | 'value' | 'scope'>,
  b: Pick<Address, 'kind' | 'value' | 'scope'>,
): boolean {
  return a.kind === b.kind && a.value === b.value && a.scope === b.scope
}

/** The order in which an identity names its owner's first record: what others have too comes last. */
const naming: readonly IdentityKind[] = [
  'external',
  'phone',
  'telegram-id',
  'email',
  'whatsapp-user',
  'visitor',
  'telegram-username',
]

/** The identity a new record's id is made from. Every first message of a person finds the same. */
export function namingIdentity(sender: readonly Address[]): Address | undefined {
  return [...sender].sort(
    (a, b) => naming.indexOf(a.kind) - naming.indexOf(b.kind) || (a.value < b.value ? -1 : 1),
  )[0]
}

/** What a record's row repeats of its values: the keys it is sorted by, what it is searched by. */
export interface Columns {
  readonly nameKey: string
  /** The first proven or, without one, the learnt. */
  readonly email: string
  readonly phone: string
  readonly searchText: string
}

/** The columns of a record with these values, proven ones first and in order. */
export function columnsOf(
  name: string,
  values: readonly { readonly kind: string; readonly value: string }[],
): Columns {
  const first = (kind: string) => values.find((one) => one.kind === kind)?.value ?? ''
  return {
    nameKey: fold(name),
    email: first('email'),
    phone: first('phone'),
    searchText: searchTextOf(name, values),
  }
}

/** What the search box looks through: the name, every address and every learnt value, folded. */
export function searchTextOf(
  name: string,
  values: readonly { readonly kind: string; readonly value: string }[],
): string {
  const parts = values.map(({ kind, value }) => {
    if (kind === 'phone') return value.replaceAll(/\D/g, '')
    return kind === 'telegram-username' ? `@${fold(value)}` : fold(value)
  })
  return [...new Set([fold(name), ...parts])].join('\n')
}

// Whose record each line of a file is: made, changed, or several that become one. Pure.

import type { Outcome } from '../../shared/campaign.ts'
import { identityTitles, type IdentityKind } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { identityKey } from '../customer/merge/rules.ts'
import type { Address } from '../customer/rules.ts'
import type { Contact, Skipped } from './contact.ts'

/** A record that shares an identity with a line. */
export interface Match {
  readonly id: CustomerId
  readonly createdAt: number
  readonly identities: readonly Pick<Address, 'kind' | 'value' | 'scope'>[]
}

/** What a line comes to. */
export interface Row {
  readonly line: number
  readonly outcome: Outcome
  readonly detail: string
  readonly customerId: CustomerId | null
  readonly contact?: Contact
  /** Whether the record is known by more than before. */
  readonly hasNews: boolean
  /** Records that share an identity and may not be combined: shown to each other as look-alikes. */
  readonly apart: readonly { readonly id: CustomerId; readonly identity: Address }[]
}

export interface ChunkPlan {
  readonly rows: readonly Row[]
  /** Records that become one, in this order. */
  readonly merges: readonly { readonly survivor: CustomerId; readonly merged: CustomerId }[]
  /** Records to be made, with the line they are from. */
  readonly made: ReadonlySet<CustomerId>
  /** Records that were there, which the plan counts on being there still. */
  readonly counted: ReadonlySet<CustomerId>
  /** How many lines are planned; the rest waits for what these do. */
  readonly taken: number
}

/** Records one line may bring together. What more share tells nobody apart. */
export const mostMatches = 20
/** Merges of one chunk: each is many statements of its batch. */
const mostMerges = 12

interface Held {
  readonly id: CustomerId
  readonly createdAt: number
  identities: Match['identities']
  /** Changed by an earlier line of the chunk: merging it has to wait for that. */
  touched: boolean
}

/**
 * Decides line after line, each seeing what those before it did. A line that would merge a record
 * another line of the chunk has changed ends the plan: it begins the next one.
 */
export function planChunk(
  lines: readonly (Contact | Skipped)[],
  matches: readonly Match[],
  newIdOf: (contact: Contact) => CustomerId,
): ChunkPlan {
  const desk = deskOf(matches)
  const rows: Row[] = []
  const merges: { survivor: CustomerId; merged: CustomerId }[] = []
  const made = new Set<CustomerId>()
  const counted = new Set<CustomerId>()
  for (const contact of lines) {
    if ('skipped' in contact) {
      rows.push(skippedRow(contact.line, contact.skipped))
      continue
    }
    const matched = desk.matching(contact)
    if (matched.length > mostMatches) {
      rows.push(skippedRow(contact.line, `More than ${mostMatches} records share its identifiers`))
      continue
    }
    const { mine, apart } = combinable(contact.identities, matched)
    const [oldest, ...others] = mine
    if (others.length > 0) {
      const mustWait = mine.some(({ touched }) => touched)
      if (mustWait || merges.length + others.length > mostMerges) {
        if (rows.length > 0) break
      }
    }
    for (const { id } of [...mine, ...apart]) if (!made.has(id)) counted.add(id)
    const target = oldest ?? desk.make(newIdOf(contact))
    if (!oldest) made.add(target.id)
    for (const other of others) {
      merges.push({ survivor: target.id, merged: other.id })
      desk.join(target, other)
    }
    const hasNews = desk.add(target, contact.identities)
    rows.push({
      line: contact.line,
      customerId: target.id,
      contact,
      hasNews: hasNews || others.length > 0,
      ...verdictOf(contact, { into: target.id, isNew: !oldest, joined: others, apart }),
      apart: apart.map((one) => ({ id: one.id, identity: sharedBy(contact, one) })),
    })
  }
  return { rows, merges, made, counted, taken: rows.length }
}

function skippedRow(line: number, detail: string): Row {
  return { line, outcome: 'skipped', detail, customerId: null, hasNews: false, apart: [] }
}

/**
 * Which of the matched records are one person with the line, oldest first. External IDs decide:
 * the line's; or without one the oldest record's; or the only one there is among them.
 */
export function combinable<Record_ extends Omit<Match, 'id'> & { readonly id: string }>(
  identities: readonly Pick<Address, 'kind' | 'value'>[],
  matched: readonly Record_[],
): { mine: Record_[]; apart: Record_[] } {
  if (matched.length === 0) return { mine: [], apart: [] }
  const sorted = [...matched].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const ids = new Set(sorted.flatMap(externalsOf))
  const only = ids.size === 1 ? [...ids] : []
  const wanted =
    externalsOf({ identities })[0] ?? (sorted[0] && externalsOf(sorted[0])[0]) ?? only[0]
  const isMine = (one: Record_) => {
    const theirs = externalsOf(one)
    return theirs.length === 0 || (wanted !== undefined && theirs.includes(wanted))
  }
  return { mine: sorted.filter(isMine), apart: sorted.filter((one) => !isMine(one)) }
}

function externalsOf({
  identities,
}: {
  readonly identities: readonly Pick<Address, 'kind' | 'value'>[]
}): string[] {
  return identities.filter(({ kind }) => kind === 'external').map(({ value }) => value)
}

function sharedBy({ identities }: Contact, { identities: theirs }: Match | Held): Address {
  const keys = new Set(theirs.map(identityKey))
  const shared = identities.find((one) => keys.has(identityKey(one)))
  // A match shares one: that is how it was found.
  return shared ?? (identities[0] as Address)
}

function verdictOf(
  contact: Contact,
  what: {
    readonly into: CustomerId
    readonly isNew: boolean
    readonly joined: readonly Held[]
    readonly apart: readonly Held[]
  },
): { outcome: Outcome; detail: string } {
  const { into, isNew, joined, apart } = what
  const done: Outcome = isNew ? 'created' : joined.length > 0 ? 'merged' : 'updated'
  const parts = [...contact.notes]
  if (joined.length > 0) parts.unshift(`Merged ${joined.length + 1} into ${into}, the oldest`)
  if (apart.length === 0) return { outcome: done, detail: parts.join('; ') }
  const named = apart.map((one) => {
    const { kind, value } = sharedBy(contact, one)
    return `${one.id} (${title(kind)} ${value}, External ID ${externalsOf(one).join(', ')})`
  })
  const first = `Not combined, for another External ID: ${named.join(', ')}; ${done}`
  return { outcome: 'conflict', detail: [first, ...parts].join('; ') }
}

function title(kind: IdentityKind): string {
  return identityTitles[kind].toLowerCase()
}

/** The records as the lines of a chunk change them. */
function deskOf(matches: readonly Match[]) {
  const all = new Map<CustomerId, Held>()
  const byIdentity = new Map<string, Set<CustomerId>>()
  let youngest = Number.MAX_SAFE_INTEGER - 1_000_000

  function put(held: Held, identities: Match['identities']): Held {
    all.set(held.id, held)
    for (const identity of identities) {
      const key = identityKey(identity)
      byIdentity.set(key, (byIdentity.get(key) ?? new Set()).add(held.id))
    }
    return held
  }

  /** Whether any of them is new. */
  function add(held: Held, identities: Match['identities']): boolean {
    const known = new Set(held.identities.map(identityKey))
    const news = identities.filter((one) => !known.has(identityKey(one)))
    held.identities = [...held.identities, ...news]
    held.touched = true
    put(held, news)
    return news.length > 0
  }

  for (const match of matches) put({ ...match, touched: false }, match.identities)
  return {
    add,
    matching(contact: Contact): Held[] {
      const found = contact.identities.flatMap((one) => byIdentity.get(identityKey(one)) ?? [])
      if (found.length === 0) return []
      const ids = new Set(found.flatMap((some) => [...some]))
      return [...ids].flatMap((id) => {
        const held = all.get(id)
        return held && !isAnother(contact, held) ? [held] : []
      })
    },
    make(id: CustomerId): Held {
      // Younger than all that were there, and than those of the lines before.
      youngest += 1
      return put({ id, createdAt: youngest, identities: [], touched: true }, [])
    },
    join(into: Held, other: Held): void {
      all.delete(other.id)
      for (const one of other.identities) byIdentity.get(identityKey(one))?.delete(other.id)
      add(into, other.identities)
    },
  }
}

/** A username can be given up and taken by another person; the id behind it stays. */
function isAnother({ identities }: Contact, { identities: theirs }: Held): boolean {
  const idOf = (all: readonly Pick<Address, 'kind' | 'value'>[]) =>
    all.filter(({ kind }) => kind === 'telegram-id').map(({ value }) => value)
  const [wanted, held] = [idOf(identities), idOf(theirs)]
  if (wanted.length === 0 || held.length === 0) return false
  if (wanted.some((one) => held.includes(one))) return false
  const keys = new Set(theirs.map(identityKey))
  return identities.every((one) => one.kind === 'telegram-username' || !keys.has(identityKey(one)))
}

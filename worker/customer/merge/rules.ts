// What a merge makes of two records, field by field. Pure: the database does the same in SQL, and
// the tests hold one against the other.

import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import type { MergeChoices, MergeReason, MergeSide } from '../../../shared/merge.ts'
import type {
  customers,
  fieldSuggestions,
  fieldValues,
  identities,
  participants,
  possibleDuplicates,
  products,
} from '../../base/schema.ts'

type Owned = 'tenantId' | 'customerId'
type Of<Table extends { readonly $inferSelect: object }> = Omit<Table['$inferSelect'], Owned>

export type OwnIdentity = Of<typeof identities>
export type OwnValue = Of<typeof fieldValues>
export type OwnParticipant = Of<typeof participants>

/** A session as far as it says whose it is. */
export interface OwnSession {
  readonly id: SessionId
  readonly connectionId: string
  readonly contact: string
  readonly startedAt: number
  readonly lastAt: number
}

/** A line of a record's history, as far as it says whose it is. */
export interface OwnChange {
  readonly id: string
  readonly sessionId: SessionId | null
}

/** A record with all that hangs on it. */
export interface Whole {
  readonly customer: Omit<typeof customers.$inferSelect, 'tenantId' | 'ord' | 'channels' | 'active'>
  readonly identities: readonly OwnIdentity[]
  readonly values: readonly OwnValue[]
  readonly suggestions: readonly Of<typeof fieldSuggestions>[]
  readonly changes: readonly OwnChange[]
  readonly participants: readonly OwnParticipant[]
  readonly products: readonly Of<typeof products>[]
  readonly duplicates: readonly Of<typeof possibleDuplicates>[]
  readonly aliases: readonly CustomerId[]
  readonly sessions: readonly OwnSession[]
}

/** What is kept of a merge: both records as they were, and what a person decided. */
export interface Snapshot {
  readonly survivor: Whole
  readonly merged: Whole
  readonly choices: MergeChoices
}

type Aged = Pick<Whole['customer'], 'id' | 'createdAt'>

/** The older first: it stays, under its id. */
export function byAge(a: Aged, b: Aged): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}

/** Whether two records have External IDs, and none in common: then they are never combined. */
export function areBarred(a: Pick<Whole, 'identities'>, b: Pick<Whole, 'identities'>): boolean {
  const [one, other] = [externalIds(a), externalIds(b)]
  return one.length > 0 && other.length > 0 && !one.some((id) => other.includes(id))
}

export function externalIds({ identities: all }: Pick<Whole, 'identities'>): string[] {
  return all.filter(({ kind }) => kind === 'external').map(({ value }) => value)
}

export interface FieldVerdict {
  readonly field: string
  readonly survivor: OwnValue | undefined
  readonly merged: OwnValue | undefined
  readonly winner: MergeSide
  readonly reason: MergeReason
}

/** Which value of each field stays: the older record's, unless it was only said and the other's is sure. */
export function verdictsOf(survivor: Whole, merged: Whole, choices: MergeChoices): FieldVerdict[] {
  const names = new Set([...survivor.values, ...merged.values].map(({ field }) => field))
  return [...names].map((field) => {
    const [one, other] = [valueOf(survivor, field), valueOf(merged, field)]
    return { field, survivor: one, merged: other, ...verdictOf(one, other, choices[field]) }
  })
}

function verdictOf(
  one: OwnValue | undefined,
  other: OwnValue | undefined,
  chosen: MergeSide | undefined,
): Pick<FieldVerdict, 'winner' | 'reason'> {
  if (!other) return { winner: 'survivor', reason: 'only' }
  if (!one) return { winner: 'merged', reason: 'only' }
  const surer = one.verified || !other.verified ? 'survivor' : 'merged'
  if (one.value === other.value) return { winner: chosen ?? surer, reason: 'same' }
  if (chosen) return { winner: chosen, reason: 'chosen' }
  return { winner: surer, reason: one.verified === other.verified ? 'older' : 'confirmed' }
}

export function valueOf({ values }: Whole, field: string): OwnValue | undefined {
  return values.find((one) => one.field === field)
}

/** The record that stays, after the merge. Its history grows by what the merge itself writes. */
export function merge({ survivor, merged, choices }: Snapshot): Whole {
  const verdicts = verdictsOf(survivor, merged, choices)
  const older = survivor.customer
  const newer = merged.customer
  const named = namedBy(survivor, merged, verdicts)
  return {
    customer: {
      ...older,
      name: named.name,
      nameKey: named.nameKey,
      email: older.email || newer.email,
      phone: older.phone || newer.phone,
      anonymous: older.anonymous && newer.anonymous,
      searchText: `${older.searchText}\n${newer.searchText}`,
      version: Math.max(older.version, newer.version) + 1,
      lastCommunicationAt: latest(older.lastCommunicationAt, newer.lastCommunicationAt),
    },
    identities: union(survivor.identities, merged.identities, identityKey),
    values: verdicts.flatMap(({ winner, survivor: one, merged: other }) => {
      const kept = winner === 'survivor' ? one : other
      return kept ? [kept] : []
    }),
    suggestions: union(survivor.suggestions, merged.suggestions, ({ field }) => field),
    changes: union(survivor.changes, merged.changes, ({ id }) => id),
    participants: mergeParticipants(survivor.participants, merged.participants),
    products: union(survivor.products, merged.products, productKey),
    duplicates: mergeDuplicates(survivor, merged),
    aliases: [...survivor.aliases, ...merged.aliases, newer.id],
    sessions: [...survivor.sessions, ...merged.sessions],
  }
}

function namedBy(
  survivor: Whole,
  merged: Whole,
  verdicts: readonly FieldVerdict[],
): Whole['customer'] {
  const name = verdicts.find(({ field }) => field === 'name')
  if (name) return name.winner === 'merged' ? merged.customer : survivor.customer
  // Neither has a name of its own: what stands in for one is worth more than «Visitor 8f2c».
  const isVisitor = survivor.customer.anonymous && !merged.customer.anonymous
  return isVisitor ? merged.customer : survivor.customer
}

/** Rows of both, those of the first where both have one. */
function union<Row>(
  first: readonly Row[],
  second: readonly Row[],
  keyOf: (row: Row) => string,
): Row[] {
  const known = new Set(first.map(keyOf))
  return [...first, ...second.filter((row) => !known.has(keyOf(row)))]
}

export function identityKey({
  kind,
  value,
  scope,
}: Pick<OwnIdentity, 'kind' | 'value' | 'scope'>): string {
  // Neither kind nor scope has a line end in it.
  return `${kind}\n${scope}\n${value}`
}

export function productKey({ campaignId, key }: Whole['products'][number]): string {
  return JSON.stringify([campaignId, key])
}

const progress = ['pending', 'active', 'completed']

/**
 * Each campaign keeps its own row. Of one both took part in, the status and stage that have come
 * further stay (the survivor's when they are equal), its data goes before the other's, and it was
 * loaded when the first of both was.
 */
export function mergeParticipants(
  first: readonly OwnParticipant[],
  second: readonly OwnParticipant[],
): OwnParticipant[] {
  const both = first.map((one) => {
    const other = second.find(({ campaignId }) => campaignId === one.campaignId)
    if (!other) return one
    const further = progress.indexOf(other.status) > progress.indexOf(one.status) ? other : one
    return {
      ...one,
      status: further.status,
      stage: further.stage,
      data: { ...other.data, ...one.data },
      summary: one.summary ?? other.summary,
      loadedAt: Math.min(one.loadedAt, other.loadedAt),
    }
  })
  return union(both, second, ({ campaignId }) => campaignId)
}

/** Look-alikes of either are look-alikes of both; a pair somebody has said no to stays dismissed. */
function mergeDuplicates(survivor: Whole, merged: Whole): Whole['duplicates'] {
  const pair = new Set([survivor.customer.id, merged.customer.id])
  const rows = [...survivor.duplicates, ...merged.duplicates].filter(
    ({ otherId }) => !pair.has(otherId),
  )
  const kept = new Map<string, Whole['duplicates'][number]>()
  for (const row of rows) {
    const known = kept.get(duplicateKey(row))
    kept.set(
      duplicateKey(row),
      known ? { ...known, dismissed: known.dismissed || row.dismissed } : row,
    )
  }
  return [...kept.values()]
}

export function duplicateKey({ otherId, kind, value }: Whole['duplicates'][number]): string {
  return JSON.stringify([otherId, kind, value])
}

export function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

/** What names a session's customer on its channel, as an identity would be written. */
export function isContactOf(
  contact: string,
  { kind, value }: Pick<OwnIdentity, 'kind' | 'value'>,
): boolean {
  const bare = contact.trim().toLowerCase()
  if (kind === 'phone') return bare.replaceAll(/\D/g, '') === value.replaceAll(/\D/g, '')
  if (kind === 'telegram-username') return bare.replace(/^@/, '') === value
  return bare === value.toLowerCase()
}

// How a merge is taken back: both records again as they were, and what has come since on the side
// it belongs to. Pure.

import type { MergeId, MergeSide } from '../../../shared/merge.ts'
import { columnsOf } from '../rules.ts'
import {
  duplicateKey,
  identityKey,
  isContactOf,
  latest,
  merge,
  productKey,
  valueOf,
  type OwnChange,
  type OwnIdentity,
  type OwnSession,
  type Snapshot,
  type Whole,
} from './rules.ts'

export interface Undone {
  readonly survivor: Whole
  readonly merged: Whole
}

/** `now`: the surviving record as it is, with all that has come to it since. */
export function undo(snapshot: Snapshot, now: Whole, mergeId: MergeId): Undone {
  const { survivor: older, merged: newer } = snapshot
  const left = merge(snapshot)
  const sideOf = sidesOf(snapshot, now)
  const sessions = split(now.sessions, (one) => sideOf(one.id))
  const bySession = (one: { readonly sessionId: string | null }) =>
    one.sessionId === null ? 'survivor' : sideOf(one.sessionId)
  const share = <Row>(rows: (of: Whole) => readonly Row[], by: Sharing<NoInfer<Row>>) =>
    divide({ older: rows(older), newer: rows(newer), left: rows(left), now: rows(now) }, by)

  const identities = share((of) => of.identities, {
    keyOf: identityKey,
    sideOf: (one) => sideOfIdentity(one, now.sessions, sideOf),
  })
  const values = share((of) => of.values, { keyOf: ({ field }) => field, sideOf: bySession })
  const suggestions = share((of) => of.suggestions, {
    keyOf: ({ field }) => field,
    sideOf: bySession,
  })
  const participants = share((of) => of.participants, {
    keyOf: ({ campaignId }) => campaignId,
    sideOf: (_, was) => (was.newer && !was.older ? 'merged' : 'survivor'),
  })
  const products = share((of) => of.products, {
    keyOf: productKey,
    sideOf: (_, was) => (was.newer && !was.older ? 'merged' : 'survivor'),
  })
  const duplicates = share((of) => of.duplicates, {
    keyOf: duplicateKey,
    sideOf: (one) => {
      const shares = (side: readonly OwnIdentity[]) =>
        side.some(({ kind, value }) => kind === one.kind && value === one.value)
      return shares(identities.merged) && !shares(identities.survivor) ? 'merged' : 'survivor'
    },
  })
  const changes = split(
    now.changes.filter(({ id }) => !id.startsWith(`${mergeId}.`)),
    (one) => sideOfChange(one, snapshot, bySession),
  )
  const wentTo = new Set(newer.aliases)
  const aliases = split(
    now.aliases.filter((id) => id !== newer.customer.id),
    (id) => (wentTo.has(id) ? 'merged' : 'survivor'),
  )
  const side = (which: MergeSide): Omit<Whole, 'customer'> => ({
    identities: identities[which],
    values: values[which],
    suggestions: suggestions[which],
    participants: participants[which],
    products: products[which],
    duplicates: duplicates[which],
    changes: changes[which],
    aliases: aliases[which],
    sessions: sessions[which],
  })
  const survivor = side('survivor')
  const merged = side('merged')
  const renamed = now.customer.name !== left.customer.name
  return {
    survivor: {
      ...survivor,
      customer: {
        ...restored(older.customer, survivor, renamed ? now.customer : older.customer),
        version: now.customer.version + 1,
      },
    },
    merged: { ...merged, customer: restored(newer.customer, merged, newer.customer) },
  }
}

type SideOf = (sessionId: string) => MergeSide

/** Whose each session is: as before, or by the line it came over, or by the address it names. */
function sidesOf({ survivor, merged }: Snapshot, now: Whole): SideOf {
  const lineOf = ({ connectionId, contact }: OwnSession) => JSON.stringify([connectionId, contact])
  const lines = {
    survivor: new Set(survivor.sessions.map(lineOf)),
    merged: new Set(merged.sessions.map(lineOf)),
  }
  const sides = new Map<string, MergeSide>()
  for (const session of now.sessions) {
    const line = lineOf(session)
    const names = (whole: Whole) =>
      whole.identities.some((one) => isContactOf(session.contact, one))
    const spoke = lines.merged.has(line) !== lines.survivor.has(line)
    const isMerged = spoke ? lines.merged.has(line) : names(merged) && !names(survivor)
    sides.set(session.id, isMerged ? 'merged' : 'survivor')
  }
  // What was before the merge is known, whatever the lines say.
  for (const { id } of survivor.sessions) sides.set(id, 'survivor')
  for (const { id } of merged.sessions) sides.set(id, 'merged')
  return (sessionId) => sides.get(sessionId) ?? 'survivor'
}

/** An address a channel has proven since came with the session that began right after it. */
function sideOfIdentity(
  { proof, createdAt }: OwnIdentity,
  sessions: readonly OwnSession[],
  sideOf: SideOf,
): MergeSide {
  if (proof !== 'channel' && proof !== 'signed') return 'survivor'
  const next = sessions
    .filter(({ startedAt }) => startedAt >= createdAt)
    .sort((a, b) => a.startedAt - b.startedAt)[0]
  return next ? sideOf(next.id) : 'survivor'
}

function sideOfChange(
  one: OwnChange,
  { survivor, merged }: Snapshot,
  bySession: (one: OwnChange) => MergeSide,
): MergeSide {
  const isOf = (whole: Whole) => whole.changes.some(({ id }) => id === one.id)
  if (isOf(merged)) return 'merged'
  return isOf(survivor) ? 'survivor' : bySession(one)
}

interface Rows<Row> {
  readonly older: readonly Row[]
  readonly newer: readonly Row[]
  /** What the merge made of them. */
  readonly left: readonly Row[]
  readonly now: readonly Row[]
}

interface Sharing<Row> {
  keyOf(row: Row): string
  /** Whose a row is that came or was changed since. */
  sideOf(
    row: Row,
    was: { readonly older: Row | undefined; readonly newer: Row | undefined },
  ): MergeSide
}

/**
 * What nobody has touched since goes back to what it was on both sides. What was changed stays
 * changed, on one side; the other has what it had.
 */
function divide<Row>(
  { older, newer, left, now }: Rows<Row>,
  { keyOf, sideOf }: Sharing<Row>,
): Record<MergeSide, Row[]> {
  const of = (rows: readonly Row[]) => new Map(rows.map((row) => [keyOf(row), row]))
  const [olders, newers, lefts, nows] = [of(older), of(newer), of(left), of(now)]
  const sides: Record<MergeSide, Row[]> = { survivor: [], merged: [] }
  for (const key of new Set([...olders.keys(), ...newers.keys(), ...nows.keys()])) {
    const [was, is] = [{ older: olders.get(key), newer: newers.get(key) }, nows.get(key)]
    let [one, other] = [was.older, was.newer]
    if (!isSameRow(lefts.get(key), is)) {
      if (is && sideOf(is, was) === 'merged') other = is
      else one = is
    }
    if (one) sides.survivor.push(one)
    if (other) sides.merged.push(other)
  }
  return sides
}

function isSameRow(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

/** The row as a text, whatever the order of its keys. */
function canonical(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

function split<Row>(
  rows: readonly Row[],
  sideOf: (row: Row) => MergeSide,
): Record<MergeSide, Row[]> {
  const sides: Record<MergeSide, Row[]> = { survivor: [], merged: [] }
  for (const row of rows) sides[sideOf(row)].push(row)
  return sides
}

const contacts: ReadonlySet<string> = new Set(['name', 'email', 'phone'])

/** The record itself: what is computed from what hangs on it is computed anew by who writes it. */
function restored(
  was: Whole['customer'],
  now: Omit<Whole, 'customer'>,
  named: Whole['customer'],
): Whole['customer'] {
  const whole = { ...now, customer: was }
  const isContact =
    now.identities.some(({ kind }) => kind !== 'visitor') ||
    now.values.some(({ field }) => contacts.has(field))
  const name = valueOf(whole, 'name')
  const proven = [...now.identities].sort(
    (a, b) => a.createdAt - b.createdAt || (a.value < b.value ? -1 : 1),
  )
  const said = now.values.map(({ field, value }) => ({ kind: field, value }))
  const called = name?.value ?? named.name
  return {
    ...was,
    ...columnsOf(called, [...proven, ...said]),
    name: called,
    anonymous: was.anonymous && !isContact,
    lastCommunicationAt: now.sessions.reduce(
      (at: number | null, { lastAt }) => latest(at, lastAt),
      was.lastCommunicationAt,
    ),
  }
}

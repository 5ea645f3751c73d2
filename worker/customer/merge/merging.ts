// Merging two records and taking it back: read, decide, write; refused when something else came first.

import { identityTitles } from '../../../shared/customer.ts'
import { builtInFields, isBuiltIn } from '../../../shared/fields.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import type {
  Merged,
  MergeChoices,
  MergeField,
  MergeId,
  MergePreview,
  MergeRow,
  Unmerged,
} from '../../../shared/merge.ts'
import { newId } from '../../../shared/new-id.ts'
import { refuse, type Refusal } from '../../../shared/refusal.ts'
import type { Actor, Db } from '../../base/db.ts'
import { carryOut, Overtaken } from '../../tenant/queries.ts'
import { reindex } from '../columns/queries.ts'
import { shownValues } from '../profile.ts'
import { merging, mergesOf, readWhole, sharedCampaigns } from './queries.ts'
import {
  areBarred,
  byAge,
  externalIds,
  identityKey,
  verdictsOf,
  type FieldVerdict,
  type OwnValue,
  type Whole,
} from './rules.ts'
import { undo } from './undo.ts'
import { readMerge, undoing } from './undoing/queries.ts'

/** A snapshot is one value of the database, which takes two million bytes. */
const largestPair = 1_600_000
const mostMerges = 100
const mostTries = 8

/** Reads both, the older first. Nothing when one is not there, or they are one already. */
async function pairOf(db: Db, ids: readonly [CustomerId, CustomerId]) {
  if (ids[0] === ids[1]) return undefined
  const [one, other] = await Promise.all(ids.map((id) => readWhole(db, id)))
  if (!one || !other) return undefined
  const [survivor, merged] = [one.whole, other.whole].sort((a, b) => byAge(a.customer, b.customer))
  // Two went in.
  if (!survivor || !merged) return undefined
  return { survivor, merged, isLarge: one.text.length + other.text.length > largestPair }
}

/** What merging the two would give. Nothing is written. */
export async function previewMerge(
  db: Db,
  ids: readonly [CustomerId, CustomerId],
  titles: Readonly<Record<string, string>>,
): Promise<MergePreview | Refusal> {
  const pair = await pairOf(db, ids)
  if (!pair) return refuse('not-found')
  const { survivor, merged, isLarge } = pair
  const shared = survivor.participants
    .map(({ campaignId }) => campaignId)
    .filter((id) => merged.participants.some(({ campaignId }) => campaignId === id))
  const verdicts = verdictsOf(survivor, merged, {})
  const identities = identitiesOf(survivor, merged)
  const show = await shownValues([...identities, ...verdicts.flatMap(textsOf)])
  // As on the profile; the titles come in the tenant's order.
  const order = Object.keys(titles)
  const place = ({ field }: FieldVerdict) => order.indexOf(field) + 1 || order.length + 1
  verdicts.sort((a, b) => place(a) - place(b))
  return {
    survivor: sideOf(survivor),
    merged: sideOf(merged),
    identities: identities.map((one) => ({ ...one, value: show(one.kind, one.value) })),
    fields: verdicts.map((verdict) => fieldOf(verdict, titles, show)),
    sharedCampaigns: await sharedCampaigns(db, shared),
    refusal: areBarred(survivor, merged) ? 'different-external-ids' : isLarge ? 'too-large' : null,
  }
}

function sideOf({ customer, sessions, participants }: Whole): MergePreview['survivor'] {
  const { id, name, createdAt } = customer
  return { id, name, createdAt, sessions: sessions.length, campaigns: participants.length }
}

function identitiesOf(survivor: Whole, merged: Whole): MergePreview['identities'] {
  const known = new Set(survivor.identities.map(identityKey))
  const theirs = new Set(merged.identities.map(identityKey))
  const row = ({ kind, value, proof }: Whole['identities'][number]) => ({ kind, value, proof })
  return [
    ...survivor.identities.map((one) => ({
      ...row(one),
      from: theirs.has(identityKey(one)) ? ('both' as const) : ('survivor' as const),
    })),
    ...merged.identities
      .filter((one) => !known.has(identityKey(one)))
      .map((one) => ({ ...row(one), from: 'merged' as const })),
  ]
}

function textsOf({ field, survivor, merged }: FieldVerdict): { kind: string; value: string }[] {
  return [survivor, merged].flatMap((one) => (one ? [{ kind: field, value: one.value }] : []))
}

function fieldOf(
  { field, survivor, merged, winner, reason }: FieldVerdict,
  titles: Readonly<Record<string, string>>,
  show: (kind: string, value: string) => string,
): MergeField {
  const shown = (one: OwnValue | undefined) =>
    one
      ? { value: show(field, one.value), source: one.source, verified: one.verified, at: one.at }
      : null
  const builtIn = isBuiltIn(field) ? builtInFields[field].title : field
  return {
    field,
    title: titles[field] ?? builtIn,
    survivor: shown(survivor),
    merged: shown(merged),
    winner,
    reason,
    conflict: survivor !== undefined && merged !== undefined && survivor.value !== merged.value,
  }
}

/** Merges two records into the older. Both or nothing; refused when one is not there any more. */
export async function mergeCustomers(
  db: Db,
  ids: readonly [CustomerId, CustomerId],
  wish: { readonly choices: MergeChoices; readonly actor: Actor; readonly at: number },
): Promise<Merged | Refusal> {
  const pair = await pairOf(db, ids)
  if (!pair) return (await mergedBefore(db, ids)) ?? refuse('not-found')
  const { survivor, merged, isLarge } = pair
  if (areBarred(survivor, merged)) return barred(survivor, merged)
  if (isLarge) return refuse('too-large', { detail: 'More than one merge can keep to be undone' })
  const mergeId = newId('mrg')
  const customerId = survivor.customer.id
  try {
    await carryOut(
      db,
      merging(db, {
        ...wish,
        mergeId,
        survivor: customerId,
        merged: merged.customer.id,
        cause: 'operator',
      }),
    )
  } catch (error) {
    if (error instanceof Overtaken) return refuse('changed-meanwhile')
    throw error
  }
  await reindex(db, [customerId])
  return { mergeId, customerId }
}

/** The same two were merged already: a repeated request hears the same answer. */
async function mergedBefore(
  db: Db,
  ids: readonly [CustomerId, CustomerId],
): Promise<Merged | undefined> {
  const known = await mergesOf(db, ids[0], mostMerges)
  const same = known.find(
    ({ survivorId, mergedId, undoneAt }) =>
      undoneAt === null && survivorId !== mergedId && [survivorId, mergedId].includes(ids[1]),
  )
  // Safe: merges are named by `newId`.
  return same && { mergeId: same.id as MergeId, customerId: same.survivorId }
}

function barred(survivor: Whole, merged: Whole): Refusal {
  const ids = [...externalIds(survivor), ...externalIds(merged)].join(' ≠ ')
  return refuse('different-external-ids', { detail: `${identityTitles.external}: ${ids}` })
}

/**
 * Takes a merge back. What comes to the record meanwhile is read again, so that it goes to the side
 * it belongs to.
 */
export async function undoMerge(
  db: Db,
  id: MergeId,
  by: { readonly actor: Actor; readonly at: number },
): Promise<Unmerged | Refusal> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const merge = await readMerge(db, id)
    if (!merge || merge.undoneAt !== null) return refuse('not-found')
    if (merge.blockedBy) return refuse('merged-further', { detail: merge.blockedBy })
    const now = await readWhole(db, merge.survivorId)
    // The record was deleted since: there is nothing to take apart.
    if (!now) return refuse('not-found')
    const undone = undo(merge.snapshot, now.whole, id)
    try {
      await carryOut(db, undoing(db, { merge, before: now.text, undone, ...by }))
    } catch (error) {
      if (error instanceof Overtaken) continue
      throw error
    }
    await reindex(db, [merge.survivorId, merge.mergedId])
    return { survivorId: merge.survivorId, restoredId: merge.mergedId }
  }
  return refuse('changed-meanwhile')
}

/** The merges a record has been in, newest first. */
export async function mergeHistory(db: Db, id: CustomerId): Promise<MergeRow[]> {
  const rows = await mergesOf(db, id, mostMerges)
  return rows.map(({ survivorId, survivorName, mergedId, mergedName, ...row }) => ({
    ...row,
    // Safe: merges are named by `newId`.
    id: row.id as MergeId,
    survivor: { id: survivorId, name: survivorName },
    merged: { id: mergedId, name: mergedName },
  }))
}

// From a sender to their record: found by what the channel proves, or made.

import * as z from 'zod/mini'

import type { IdentityKind } from '../../shared/customer.ts'
import { CustomerId, type ConnectionId } from '../../shared/ids.ts'
import type { Db } from '../base/db.ts'
import type { Sender } from '../channels/channel.ts'
import { adopt, candidatesOf, goneAt, makeRecord } from './record/queries.ts'
import {
  choose,
  cleanName,
  isSame,
  namingIdentity,
  normalise,
  visitorName,
  type Address,
} from './rules.ts'
import { tombstoneOf } from './tombstone.ts'

/** Identities that mean nothing outside their connection, where the channel says so. */
const scopedKinds: ReadonlySet<IdentityKind> = new Set(['visitor', 'whatsapp-user'])

/**
 * Finds the customer behind a sender, or makes them. Only proven identities match, and nothing is
 * merged: other records with the same address become possible duplicates.
 *
 * Two first messages may race. Both derive the same id from the same identity, so both write the
 * same rows and the second write changes nothing: no lock, no orphan.
 */
export async function resolveCustomer(
  db: Db,
  sender: Sender,
  connectionId: ConnectionId,
  now: number,
): Promise<{ id: CustomerId; name: string }> {
  const addresses = await addressesOf(sender, connectionId)
  const given = givenName(sender)
  const candidates = await candidatesOf(db, addresses)
  const chosen = choose(candidates, addresses)
  const known = candidates.find(({ id }) => id === chosen)
  if (known) {
    const news = addresses.filter((one) => !known.identities.some((held) => isSame(held, one)))
    if (news.length === 0) return { id: known.id, name: known.name }
    return { id: known.id, name: await adopt(db, known.id, { addresses: news, name: given }, now) }
  }

  const anonymous = given === '' && addresses.every(({ kind }) => kind === 'visitor')
  const name = given || (anonymous ? visitorName(sender.address) : sender.contact || sender.address)
  const id = await firstId(db, addresses, [connectionId, sender.address])
  await makeRecord(db, { id, name, named: given !== '', anonymous, addresses }, now)
  return { id, name }
}

async function addressesOf(sender: Sender, connectionId: ConnectionId): Promise<Address[]> {
  const written = await Promise.all(
    sender.identities.map(async ({ kind, value, proof }) => {
      const scope = sender.scoped && scopedKinds.has(kind) ? connectionId : ''
      return { kind, value: await normalise(kind, value), proof, scope }
    }),
  )
  const addresses: Address[] = []
  for (const { value, ...rest } of written) {
    if (value && !addresses.some((one) => isSame(one, { ...rest, value }))) {
      addresses.push({ ...rest, value })
    }
  }
  return addresses
}

/** The name the channel gives, if it is one: not the stand-in a website's visitor gets. */
function givenName(sender: Sender): string {
  const name = cleanName(sender.name)
  return /^visitor \S+$/i.test(name) || name === sender.contact ? '' : name
}

async function firstId(
  db: Db,
  addresses: readonly Address[],
  thread: readonly string[],
): Promise<CustomerId> {
  const by = namingIdentity(addresses)
  const parts = by ? [by.kind, by.value, by.scope] : ['thread', ...thread]
  let id = await idFrom(db, parts)
  // Who was deleted before and writes again is a new contact, under an id of its own.
  let gone = await goneAt(db, by ? [id, await tombstoneOf(db, by)] : [id])
  while (gone !== undefined) {
    id = await idFrom(db, [...parts, String(gone)])
    // oxlint-disable-next-line no-await-in-loop -- once for each time they were deleted
    gone = await goneAt(db, [id])
  }
  return id
}

async function idFrom(db: Db, parts: readonly string[]): Promise<CustomerId> {
  const hex = await db.keyed('customer', ...parts)
  const letters = BigInt(`0x${hex}`).toString(36).padStart(26, '0')
  return z.parse(CustomerId, `cus_${letters.slice(-26)}`)
}

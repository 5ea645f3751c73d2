// People, sessions and records for the tests of merging, on a real D1.

import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'

import type { IdentityKind } from '../../../shared/customer.ts'
import type { CustomerId, SessionId } from '../../../shared/ids.ts'
import type { MergeChoices } from '../../../shared/merge.ts'
import { newId } from '../../../shared/new-id.ts'
import { isRefusal } from '../../../shared/refusal.ts'
import { controlDb, tenantDb, type Db } from '../../base/db.ts'
import { sessions, tenants } from '../../base/schema.ts'
import { resolveCustomer } from '../match.ts'
import { projectCustomer } from '../project.ts'
import { homeOf } from '../values/queries.ts'
import { mergeCustomers } from './merging.ts'
import { readWhole } from './queries.ts'
import type { Whole } from './rules.ts'

export const noon = Date.UTC(2027, 1, 3, 12)
export const connection = newId('con')
export const actor = { kind: 'operator', id: newId('opr') } as const

/** A tenant without people: ten thousand of them are made in a deep run. */
export async function newDb(): Promise<Db> {
  const id = newId('ten')
  await controlDb(env)
    .insert(tenants)
    .values({ id, name: 'Acme', slug: id, createdAt: new Date(noon) })
  return tenantDb(env, id)
}

export function person(
  db: Db,
  known: Partial<Record<IdentityKind, string>>,
  more: { name?: string; at?: number } = {},
) {
  const list = Object.entries(known) as [IdentityKind, string][]
  const contact = list[0]?.[1] ?? 'nobody'
  return resolveCustomer(
    db,
    {
      address: contact,
      contact,
      name: more.name ?? '',
      identities: list.map(([kind, value]) => ({ kind, value, proof: 'channel' })),
    },
    connection,
    more.at ?? noon,
  ).then(({ id }) => id)
}

export async function spoke(
  db: Db,
  customerId: CustomerId,
  contact: string,
  at: number,
): Promise<SessionId> {
  const id = newId('ses')
  await db.orm.insert(sessions).values({
    tenantId: db.tenantId,
    id,
    seq: 1,
    customerId: homeOf(db.tenantId, sql`${customerId}`),
    customerName: 'Dana',
    contact,
    connectionId: connection,
    channel: 'telegram',
    agentId: newId('agt'),
    agentName: 'Mira',
    mode: 'ai',
    startedAt: at,
    lastMessageAt: at + 5,
    lastText: 'Hello',
    messageCount: 1,
    status: 'open',
    parameters: {},
    results: {},
    hasAttachments: false,
  })
  await db.orm.batch([projectCustomer(db, customerId, at + 5)])
  return id
}

export async function wholeOf(db: Db, id: CustomerId): Promise<Whole> {
  const read = await readWhole(db, id)
  if (!read) throw new Error(`${id} is gone`)
  return read.whole
}

export async function isThere(db: Db, id: CustomerId): Promise<boolean> {
  return (await readWhole(db, id)) !== undefined
}

export async function mergeOf(
  db: Db,
  ids: readonly [CustomerId, CustomerId],
  choices: MergeChoices = {},
  at = noon + 1_000,
) {
  const merged = await mergeCustomers(db, ids, { choices, actor, at })
  if (isRefusal(merged)) throw new Error(merged.refusal)
  return merged
}

/** What the rules speak of: rows without order, the record without what is only computed. */
export function plain({ customer, ...rows }: Whole) {
  const { searchText: _text, email: _email, phone: _phone, version: _version, ...record } = customer
  const sorted = Object.entries(rows).map(([key, list]) => [
    key,
    list
      .map((row) => JSON.stringify(row, Object.keys(typeof row === 'object' ? row : {}).sort()))
      .sort(),
  ])
  return { record, ...Object.fromEntries(sorted) }
}

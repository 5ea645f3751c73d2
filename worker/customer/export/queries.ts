// The SQL of the download: all that is known of some records, and the audit row.

import { sql } from 'drizzle-orm'

import type { IdentityKind } from '../../../shared/customer.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { fieldOf } from '../fields/rules.ts'
import { ofThem, participating, participation } from '../find/queries.ts'

export interface Whole {
  readonly values: { readonly field: string; readonly value: string; readonly num: number | null }[]
  /** By field name, all of each: what is proven, and what was only said. */
  readonly addresses: Record<string, string[]>
  readonly campaigns: {
    readonly name: string
    readonly status: string
    readonly stage: string | null
  }[]
}

/** Everything that is known of some records. One trip. */
export async function wholeOf(db: Db, ids: readonly string[]): Promise<Map<string, Whole>> {
  const { orm } = db
  const theirs = ofThem(db, ids)
  const id = sql<string>`held.customer_id`
  const value = sql<string>`held.value`
  const [addresses, values, campaigns] = await orm.batch([
    orm
      .select({ id, kind: sql<IdentityKind>`held.kind`, value })
      .from(theirs(sql`identity`))
      .orderBy(sql`held.created_at, held.value`),
    orm
      .select({ id, field: sql<string>`held.field`, value, num: sql<number | null>`held.num` })
      .from(theirs(sql`field_value`)),
    orm
      .select({ id, ...participation })
      .from(participating(theirs(sql`participant`)))
      .orderBy(sql`held.loaded_at`),
  ])
  const found = new Map<string, Whole>()
  const of = (id: string) => {
    const one = found.get(id) ?? { values: [], addresses: {}, campaigns: [] }
    found.set(id, one)
    return one
  }
  for (const { id, kind, value } of addresses) (of(id).addresses[fieldOf(kind)] ??= []).push(value)
  for (const { id, ...value } of values) {
    if (value.field !== 'email' && value.field !== 'phone') of(id).values.push(value)
    else {
      const known = (of(id).addresses[value.field] ??= [])
      if (!known.includes(value.value)) known.push(value.value)
    }
  }
  for (const { id, ...campaign } of campaigns) of(id).campaigns.push(campaign)
  return found
}

/** Who took out how many, and by which filter. */
export async function noteDownload(
  db: Db,
  by: Actor,
  detail: {
    readonly format: string
    readonly total: number
    readonly filter: string
    readonly q: string
  },
): Promise<void> {
  await audited(db, by, 'customers.download', 'customers', detail)
}

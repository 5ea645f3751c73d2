// The SQL of products: those campaigns bring, and those the tenant's own system gives.

import { and, asc, desc, eq, sql } from 'drizzle-orm'

import type { CustomerId } from '../../../shared/ids.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { rowsFrom } from '../../base/rows.ts'
import { campaigns, customers, identities, productFetches, products } from '../../base/schema.ts'
import { homeOf } from '../../customer/values/queries.ts'

/** Who is asked about: where the record is now, what it is called, every proven identity. */
export async function ownerOf(db: Db, id: CustomerId) {
  const home = sql`${customers.id} = ${homeOf(db.tenantId, sql`${id}`)}`
  const rows = await db.orm
    .select({
      id: customers.id,
      name: customers.name,
      kind: identities.kind,
      value: identities.value,
    })
    .from(customers)
    .leftJoin(identities, db.mine(identities, eq(identities.customerId, customers.id)))
    .where(db.mine(customers, home))
    .orderBy(asc(identities.createdAt), asc(identities.value))
  const [first] = rows
  if (!first) return undefined
  return {
    id: first.id,
    name: first.name,
    identities: rows.flatMap(({ kind, value }) => (kind && value ? [{ kind, value }] : [])),
  }
}

/** A customer's products, the newest first, and when they were last asked for. */
export async function readProducts(db: Db, id: CustomerId) {
  const [rows, [fetched]] = await db.orm.batch([
    db.orm
      .select({
        name: products.name,
        attributes: products.attributes,
        at: products.at,
        campaignId: products.campaignId,
        campaignName: sql<string | null>`${campaigns.name}`.as('campaign_name'),
      })
      .from(products)
      .leftJoin(campaigns, db.mine(campaigns, eq(campaigns.id, products.campaignId)))
      .where(db.mine(products, eq(products.customerId, id)))
      .orderBy(desc(products.at), asc(products.name)),
    db.orm
      .select({ at: productFetches.at, error: productFetches.error })
      .from(productFetches)
      .where(db.mine(productFetches, eq(productFetches.customerId, id))),
  ])
  return { rows, fetched }
}

export interface Fetched {
  readonly key: string
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** What the tenant's system has said: all it has now, or why it could not be heard. */
export async function keepFetched(
  db: Db,
  id: CustomerId,
  answer: readonly Fetched[] | string,
  by: { readonly actor: Actor; readonly at: number },
): Promise<void> {
  const { actor, at } = by
  const error = typeof answer === 'string' ? answer : null
  const fetched = db.orm
    .insert(productFetches)
    .values({ tenantId: db.tenantId, customerId: id, at, error })
    .onConflictDoUpdate({
      target: [productFetches.tenantId, productFetches.customerId],
      set: { at, error },
    })
  const audit = audited(db, actor, 'products.get', id, error ? { error } : { count: answer.length })
  if (typeof answer === 'string') {
    await db.orm.batch([fetched, audit])
    return
  }
  const rows = answer.map((one) => ({ ...one, customerId: id, campaignId: '', at }))
  await db.orm.batch([
    db.orm
      .delete(products)
      .where(db.mine(products, and(eq(products.customerId, id), eq(products.campaignId, '')))),
    db.orm.insert(products).select(rowsFrom(products, JSON.stringify(rows), db)),
    fetched,
    audit,
  ])
}

// The SQL of saved filters.

import { and, asc, eq, ne, or, sql } from 'drizzle-orm'

import type { Filter } from '../../../shared/filters.ts'
import type { FilterId, OperatorId } from '../../../shared/ids.ts'
import type { SavedFilter } from '../../../shared/saved-filters.ts'
import { audited, type Db } from '../../base/db.ts'
import { operators, savedFilters } from '../../base/schema.ts'

/** The operator's own and the shared ones, by name. */
export async function filtersFor(db: Db, me: OperatorId): Promise<SavedFilter[]> {
  const rows = await db.orm
    .select({ row: savedFilters, owner: operators.name })
    .from(savedFilters)
    .leftJoin(operators, eq(operators.id, savedFilters.ownerId))
    .where(db.mine(savedFilters, or(eq(savedFilters.ownerId, me), eq(savedFilters.shared, true))))
    .orderBy(asc(savedFilters.name), asc(savedFilters.id))
  return rows.map(({ row, owner }) => ({
    // Safe: ids and filters are written here alone, after they were parsed.
    id: row.id as FilterId,
    name: row.name,
    filter: row.filter as unknown as Filter,
    owner: { id: row.ownerId, name: owner ?? '' },
    shared: row.shared,
    isDefault: row.isDefault && row.ownerId === me,
    updatedAt: row.updatedAt,
  }))
}

/** Writes a filter down, new or changed. A default takes the place of its owner's other one. */
export async function saveFilter(
  db: Db,
  me: OperatorId,
  filter: SavedFilter,
  what: 'filter.save' | 'filter.change',
): Promise<void> {
  const { id, name, owner, shared, isDefault, updatedAt } = filter
  // Safe: a filter is an object of JSON.
  const tree = filter.filter as unknown as Record<string, unknown>
  // Whether it is the default is its owner's own affair.
  const own = owner.id === me ? { isDefault } : {}
  const news = { name, shared, filter: tree, updatedAt, ...own }
  const others = and(eq(savedFilters.ownerId, owner.id), ne(savedFilters.id, id))
  await db.orm.batch([
    db.orm
      .insert(savedFilters)
      .values({ tenantId: db.tenantId, id, ownerId: owner.id, createdAt: updatedAt, ...news })
      .onConflictDoUpdate({ target: [savedFilters.tenantId, savedFilters.id], set: news }),
    db.orm
      .update(savedFilters)
      .set({ isDefault: false })
      .where(db.mine(savedFilters, others, sql`${isDefault ? 1 : 0} = 1`)),
    audited(db, { kind: 'operator', id: me }, what, id, { name, shared, filter: tree }),
  ])
}

export async function dropFilter(db: Db, me: OperatorId, { id, name }: SavedFilter): Promise<void> {
  await db.orm.batch([
    db.orm.delete(savedFilters).where(db.mine(savedFilters, eq(savedFilters.id, id))),
    audited(db, { kind: 'operator', id: me }, 'filter.delete', id, { name }),
  ])
}

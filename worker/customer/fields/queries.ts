// The SQL of fields: what a tenant has set, and the values that go with a field.

import { asc, eq, sql } from 'drizzle-orm'

import type { Field } from '../../../shared/fields.ts'
import { audited, type Actor, type Db } from '../../base/db.ts'
import { rowsFrom } from '../../base/rows.ts'
import { fieldChanges, fields, fieldSuggestions, fieldValues } from '../../base/schema.ts'
import { reindex } from '../columns/queries.ts'
import { fieldsFrom, type FieldRow } from './rules.ts'

/** How many records lose their values of a deleted field at once. */
const chunk = 500

/** Every field of the tenant, built-in and custom, in its order. */
export async function fieldsOf(db: Db): Promise<Field[]> {
  return fieldsFrom(await selectFields(db))
}

/** What the tenant has written down about fields; for a batch. */
export function selectFields(db: Db) {
  const { name, title, type, options, hidden, column, position } = fields
  return db.orm
    .select({ name, title, type, options, hidden, column, position })
    .from(fields)
    .where(db.mine(fields))
    .orderBy(asc(fields.position), asc(fields.name))
}

/** Makes a field. `false`: there is one of this name already. */
export async function insertField(db: Db, actor: Actor, field: FieldRow): Promise<boolean> {
  const { name, type } = field
  try {
    await db.orm.batch([
      db.orm.insert(fields).values({ tenantId: db.tenantId, ...field, createdAt: Date.now() }),
      audited(db, actor, 'field.add', name, { type }),
    ])
    return true
  } catch (error) {
    const known = await selectFields(db)
    if (known.some((one) => one.name === name)) return false
    throw error
  }
}

/** Writes down fields as they are now. */
export async function saveFields(
  db: Db,
  actor: Actor,
  changed: readonly Field[],
  about: { readonly name: string; readonly what: readonly string[] },
): Promise<void> {
  const createdAt = Date.now()
  const rows = JSON.stringify(changed.map((field) => ({ ...field, createdAt })))
  await db.orm.batch([
    db.orm
      .insert(fields)
      .select(rowsFrom(fields, rows, db))
      .onConflictDoUpdate({
        target: [fields.tenantId, fields.name],
        set: {
          title: sql`excluded.title`,
          options: sql`excluded.options`,
          hidden: sql`excluded.hidden`,
          column: sql`excluded.is_column`,
          position: sql`excluded.position`,
        },
      }),
    audited(db, actor, 'field.change', about.name, { what: about.what }),
  ])
}

/** How many values a field has. */
export async function usageOf(db: Db, field: string): Promise<number> {
  const row = await db.orm
    .select({ n: sql<number>`count(*)` })
    .from(fieldValues)
    .where(db.mine(fieldValues, eq(fieldValues.field, field)))
    .get()
  return row?.n ?? 0
}

/**
 * Deletes a field and its values, some records at a time; the field itself goes last, so that a
 * deletion that was cut short is found unfinished and can be asked for again.
 */
export async function deleteField(db: Db, actor: Actor, field: string): Promise<number> {
  const values = await usageOf(db, field)
  for (;;) {
    const gone = await db.orm
      .delete(fieldValues)
      .where(
        db.mine(
          fieldValues,
          eq(fieldValues.field, field),
          sql`${fieldValues.customerId} in (select held.customer_id from field_value held
            where held.tenant_id = ${db.tenantId} and held.field = ${field} limit ${chunk})`,
        ),
      )
      .returning({ id: fieldValues.customerId })
    const ids = gone.map(({ id }) => id)
    await reindex(db, ids)
    if (ids.length < chunk) break
  }
  await db.orm.batch([
    db.orm.delete(fields).where(db.mine(fields, eq(fields.name, field))),
    db.orm.delete(fieldValues).where(db.mine(fieldValues, eq(fieldValues.field, field))),
    db.orm
      .delete(fieldSuggestions)
      .where(db.mine(fieldSuggestions, eq(fieldSuggestions.field, field))),
    db.orm.delete(fieldChanges).where(db.mine(fieldChanges, eq(fieldChanges.field, field))),
    audited(db, actor, 'field.delete', field, { values }),
  ])
  return values
}

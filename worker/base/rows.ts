// Many rows through one parameter: from JSON into a table, and out of a table as JSON. A statement of
// D1 takes a hundred parameters; a JSON text is one.

import { getTableColumns, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

type Columns = Readonly<Record<string, SQLiteColumn>>
/** What an object is made of: columns, or expressions over them. */
type Parts = Readonly<Record<string, SQLiteColumn | SQL>>

/**
 * What `insert(table).select(…)` takes: a row for each object of a JSON array, whose keys are the
 * names of the table's columns in the schema. The tenant is the handle's, whatever the JSON says.
 */
export function rowsFrom(
  table: SQLiteTable,
  json: string,
  { tenantId, where }: { readonly tenantId: string; readonly where?: SQL },
): SQL {
  const columns: Columns = getTableColumns(table)
  const values = Object.entries(columns).map(([key, column]) => {
    if (column.name === 'tenant_id') return sql`${tenantId}`
    return column.dataType === 'json'
      ? sql`value -> ${literal(key)}`
      : sql`value ->> ${literal(key)}`
  })
  return sql`select ${sql.join(values, sql`, `)} from json_each(${json})
    where ${where ?? sql`true`}`
}

/**
 * The same for many rows of our own making: arrays instead of objects, a third of the text. `where`
 * is given how a column of a row is named.
 */
export function rowsInto(
  table: SQLiteTable,
  rows: readonly Readonly<Record<string, unknown>>[],
  {
    tenantId,
    where,
  }: { readonly tenantId: string; readonly where?: (column: (key: string) => SQL) => SQL },
): SQL {
  const columns: Columns = getTableColumns(table)
  const keys = Object.keys(columns).filter((key) => columns[key]?.name !== 'tenant_id')
  const place = (key: string) => sql`${keys.indexOf(key)}`.inlineParams()
  const values = Object.entries(columns).map(([key, column]) => {
    if (column.name === 'tenant_id') return sql`${tenantId}`
    return column.dataType === 'json'
      ? sql`given.value -> ${place(key)}`
      : sql`given.value ->> ${place(key)}`
  })
  const json = JSON.stringify(rows.map((row) => keys.map((key) => row[key] ?? null)))
  const only = where?.((key) => sql`given.value ->> ${place(key)}`) ?? sql`true`
  return sql`select ${sql.join(values, sql`, `)} from json_each(${json}) given where ${only}`
}

/** What `insert(table).select(…)` takes: the table's own rows again, with some columns changed. */
export function rowsAgain(
  table: SQLiteTable,
  changed: Readonly<Record<string, SQL>>,
  where: SQL,
): SQL {
  const columns: Columns = getTableColumns(table)
  const values = Object.entries(columns).map(([key, column]) => changed[key] ?? sql`${column}`)
  return sql`select ${sql.join(values, sql`, `)} from ${table} where ${where}`
}

/** Rows as a JSON array of objects, in the order given: an expression for other statements. */
export function rowsAsJson(
  columns: Parts,
  from: { readonly table: SQLiteTable; readonly where: SQL; readonly order: SQL },
): SQL<string> {
  const { table, where, order } = from
  return sql`(select coalesce(json_group_array(json(one)), '[]') from (
    select ${rowAsJson(columns)} as one from ${table} where ${where} order by ${order}))`
}

/** One row as a JSON object. Booleans are booleans in it, and JSON columns are what they hold. */
export function rowAsJson(columns: Parts): SQL<string> {
  const pairs = Object.entries(columns).map(
    ([key, column]) => sql`${literal(key)}, ${asJson(column)}`,
  )
  return sql`json_object(${sql.join(pairs, sql`, `)})`
}

function asJson(column: SQLiteColumn | SQL): SQL {
  if (!('dataType' in column)) return column
  if (column.dataType === 'json') return sql`json(${column})`
  if (column.dataType !== 'boolean') return sql`${column}`
  return sql`json(case ${column} when 1 then 'true' when 0 then 'false' else 'null' end)`
}

/** The name of a column as part of the statement: it comes from the schema, and parameters are few. */
function literal(key: string): SQL {
  return sql`${key}`.inlineParams()
}

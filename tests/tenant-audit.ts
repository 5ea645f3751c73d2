// Whether a statement keeps to its tenant. Room tests ask this of every statement they execute.

import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'

import * as schema from '../worker/base/schema.ts'

export interface Statement {
  readonly sql: string
  readonly params: readonly unknown[]
  /** The tenant of the handle it was run with; none for the control database. */
  readonly tenantId: string | undefined
}

/** The tables whose rows are a tenant's. */
const tenantTables = new Set<string>(
  Object.values(schema)
    .filter((one) => is(one, SQLiteTable))
    .filter((table) =>
      Object.values(getTableColumns(table)).some(({ name }) => name === 'tenant_id'),
    )
    .map(getTableName),
)

/** What may be asked of tenants' tables without a tenant, and why. Nothing else may. */
const withoutTenant: readonly { readonly why: string; readonly like: RegExp }[] = [
  {
    why: 'a webhook names its connection alone: its tenant is read from the row',
    like: /^select .* from "connection" where "connection"\."id" = \?$/,
  },
  {
    why: 'a bearer names its sign-in: the tenant and the role are read through it',
    like: /^select .* from "sign_in" inner join "member" on \("member"\."tenant_id" = "sign_in"\."active_organization_id" and .* where "sign_in"\."token" = \?$/,
  },
  {
    why: 'who signs in has not said for which tenant',
    like: /^select "tenant_id" from "member" where "member"\."user_id" = \? order by /,
  },
  {
    why: 'an account goes with its last membership, wherever that was',
    like: /^delete from "(credential|operator)" where \(.* and NOT EXISTS \(SELECT 1 FROM "member" WHERE "member"\."user_id" = \?\)\)$/,
  },
  {
    why: 'test tenants are made by their id',
    like: /^insert into "member" \("id", "tenant_id", /,
  },
]

/** Why a statement must not be, or nothing when it keeps to its tenant. */
export function trespass({ sql, params, tenantId }: Statement): string | undefined {
  const places = placesOf(sql)
  const touched = places.filter(({ table }) => tenantTables.has(table))
  if (tenantId === undefined) {
    if (touched.length === 0) return undefined
    const allowed = withoutTenant.some(({ like }) => like.test(sql))
    return allowed ? undefined : `no tenant at all: ${sql}`
  }
  if (touched.length > 0 && !params.includes(tenantId)) return `its tenant is not bound: ${sql}`
  const other = params.find(
    (one) => typeof one === 'string' && one.startsWith('ten_') && one !== tenantId,
  )
  if (other !== undefined) return `another tenant is bound: ${sql}`
  const loose = touched.find((place) => !isBound(sql, place))
  return loose && `«${loose.name}» is not of its tenant: ${sql}`
}

interface Place {
  readonly table: string
  /** Its alias, where it has one. */
  readonly name: string
}

/** The tables a statement reads or writes, by the names it calls them. */
function placesOf(sql: string): Place[] {
  const found = sql.matchAll(/\b(?:from|join|into|update)\s+"(\w+)"(?:\s+(?:as\s+)?"(\w+)")?/gi)
  return Array.from(found, ([, table = '', alias]) => ({ table, name: alias ?? table }))
}

/** Whether a table is held to the tenant: by a value, or by another table's column that is. */
function isBound(sql: string, { name, table }: Place): boolean {
  const column = alone(sql) ? `(?:"${name}"\\.)?"tenant_id"` : `"${name}"\\."tenant_id"`
  const other = '"\\w+"\\."tenant_id"'
  // What an update sets is no condition.
  const conditions = sql.replace(/^update .*? where /i, 'where ')
  const held = [
    new RegExp(`${column} (?:=|in) (?:\\(?\\?|${other})`, 'i').test(conditions),
    new RegExp(`${other} = "${name}"\\."tenant_id"`, 'i').test(conditions),
    new RegExp(`^insert into "${table}" \\((?:"\\w+", )*"tenant_id"`, 'i').test(sql),
  ]
  return held.includes(true)
}

/** Of one table, a column needs no name before it. */
function alone(sql: string): boolean {
  return placesOf(sql).length === 1
}

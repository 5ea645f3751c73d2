// The one way to D1: a handle bound to one tenant, which adds that tenant to every query.

import { and, eq, type SQL } from 'drizzle-orm'
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

import { newId } from '../../shared/new-id.ts'
import type { OperatorId, TenantId } from '../../shared/ids.ts'
import { hmac, toHex, utf8 } from './crypto.ts'
import type { Env } from './env.ts'
import { auditRows } from './schema.ts'

export interface Db {
  readonly tenantId: TenantId
  readonly orm: DrizzleD1Database
  /** The condition every query of this tenant begins with, and more of them. */
  mine(table: SQLiteTable & { readonly tenantId: SQLiteColumn }, ...more: (SQL | undefined)[]): SQL
  /** A hash of texts under the worker's key, in hex: who has the database alone can try none against it. */
  keyed(...texts: readonly string[]): Promise<string>
}

/** What the tests listen to: every statement, with the tenant it was run for. */
export const statements: {
  heard?: (statement: { sql: string; params: unknown[]; tenantId: TenantId | undefined }) => void
} = {}

/** Which database holds a tenant. One for now; the choice is made here and nowhere else. */
function databaseOf(env: Pick<Env, 'DB'>, _tenantId: TenantId | undefined): D1Database {
  return env.DB
}

export function tenantDb(env: Pick<Env, 'DB' | 'SECRET_KEY'>, tenantId: TenantId): Db {
  return {
    tenantId,
    orm: open(env, tenantId),
    mine(table, ...more) {
      // `and` gives nothing only for no conditions, and here is always one.
      return and(eq(table.tenantId, tenantId), ...more) as SQL
    },
    async keyed(...texts) {
      const all = utf8(JSON.stringify(['keyed', tenantId, ...texts]))
      return toHex(await hmac(env.SECRET_KEY, all))
    },
  }
}

/**
 * The database without a tenant. For sign-in, which finds the tenant, and for intake, which reads
 * a connection by the id in its URL. Nothing else has a reason to call it; a test names who does.
 */
export function controlDb(env: Pick<Env, 'DB'>): DrizzleD1Database {
  return open(env, undefined)
}

function open(env: Pick<Env, 'DB'>, tenantId: TenantId | undefined): DrizzleD1Database {
  return drizzle(overheard(databaseOf(env, tenantId), tenantId))
}

/** The database as it is, or while a test listens, one that tells of every statement it binds. */
function overheard(database: D1Database, tenantId: TenantId | undefined): D1Database {
  const { heard } = statements
  if (!heard) return database
  return {
    // Not the library's logger: it is silent about batches.
    prepare: (sql: string) => {
      const prepared = database.prepare(sql)
      return {
        bind: (...params: unknown[]) => {
          heard({ sql, params, tenantId })
          return prepared.bind(...params)
        },
      }
    },
    batch: (list: D1PreparedStatement[]) => database.batch(list),
    // Safe: the library prepares, binds and batches, and does nothing else with a database.
  } as unknown as D1Database
}

/** Who did something: a person, an agent, or the product itself. */
export type Actor =
  | { readonly kind: 'operator'; readonly id: OperatorId }
  | { readonly kind: 'agent'; readonly id: string }
  | { readonly kind: 'system' }

/** The row that says who did what. It goes into the same batch as the change it speaks of. */
export function audited(
  db: Db,
  actor: Actor,
  action: string,
  subject: string,
  detail: Record<string, unknown> = {},
) {
  return db.orm.insert(auditRows).values({
    tenantId: db.tenantId,
    id: newId('aud'),
    at: Date.now(),
    actor: actor.kind === 'system' ? 'system' : `${actor.kind}:${actor.id}`,
    action,
    subject,
    detail,
  })
}

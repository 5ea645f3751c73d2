// Counts the rows that statements read, as D1 itself counts them.

import type { Env } from '../worker/base/env.ts'

type Bindings = Pick<Env, 'DB'>

export interface Counted extends Bindings {
  /** Statements since the last asking, with the rows each has read. */
  read(): { readonly sql: string; readonly rows: number }[]
}

/** The database, listened to. Each statement runs as it is. */
export function counted({ DB }: Bindings): Counted {
  let heard: { sql: string; rows: number }[] = []
  const originals = new WeakMap<
    object,
    { readonly statement: D1PreparedStatement; readonly sql: string }
  >()
  const note = (sql: string, result: D1Result) => {
    heard.push({ sql, rows: result.meta.rows_read })
    return result
  }
  const listening = (sql: string, statement: D1PreparedStatement): D1PreparedStatement => {
    const one = {
      bind: (...params: unknown[]) => listening(sql, statement.bind(...params)),
      all: async () => note(sql, await statement.all()),
      run: async () => note(sql, await statement.run()),
      async raw() {
        // Rows as lists come without their count: asked twice, the second time for it.
        const rows = await statement.raw()
        note(sql, await statement.all())
        return rows
      },
      first: async () => note(sql, await statement.all()).results[0] ?? null,
    }
    originals.set(one, { statement, sql })
    // Safe: nothing else is done with a statement here.
    return one as unknown as D1PreparedStatement
  }
  const database = {
    prepare: (sql: string) => listening(sql, DB.prepare(sql)),
    async batch(statements: D1PreparedStatement[]) {
      const known = statements.map((one) => originals.get(one)!)
      const results = await DB.batch(known.map(({ statement }) => statement))
      return results.map((result, at) => note(known[at]!.sql, result))
    },
  }
  return {
    // Safe: the library prepares, binds and batches, and does nothing else with a database.
    DB: database as unknown as D1Database,
    read() {
      const all = heard
      heard = []
      return all
    },
  }
}

// Fills a tenant with customers for measuring: `node scripts/generate.ts 100000` into the local state,
// beside what is there. The product must not be running on it.

import { join } from 'node:path'

import { fieldStatement, peopleStatements, type Statement } from './generate/rows.ts'
import { runProduct } from './product.ts'
import { fail, root, say, seconds, Trouble } from './terminal.ts'

/** People in one statement. */
const chunk = 25_000

/** What takes the statements: D1 as Miniflare and the platform have it. */
export interface Database {
  prepare(sql: string): { bind(...params: unknown[]): Prepared }
  batch(statements: Prepared[]): Promise<unknown>
}
type Prepared = unknown

/** Adds customers to a tenant, with addresses, values and sessions. The same seed adds the same. */
export async function generate(
  db: Database,
  tenantId: string,
  wish: {
    readonly count: number
    readonly seed?: number
    readonly told?: (done: number) => void
  },
): Promise<void> {
  const { count, seed = 1, told } = wish
  const run = (statements: readonly Statement[]) =>
    db.batch(statements.map(({ sql, params }) => db.prepare(sql).bind(...params)))
  await run([fieldStatement(tenantId)])
  for (let from = 0; from < count; from += chunk) {
    const to = Math.min(count, from + chunk)
    await run(peopleStatements(tenantId, { from, to, seed }))
    told?.(to)
  }
}

if (process.argv[1] === import.meta.filename) {
  await main().catch(fail)
}

async function main(): Promise<void> {
  const [count = 100_000, seed = 1] = process.argv.slice(2).map(Number)
  if (!Number.isInteger(count) || !Number.isInteger(seed) || count < 1) {
    throw new Trouble('Say how many: node scripts/generate.ts 100000 [seed]')
  }
  const began = Date.now()
  const product = await runProduct({ stateDir: join(root, '.state') })
  try {
    const db = await product.miniflare.getD1Database('DB')
    const tenant = await db
      .prepare('select id, name from tenant order by created_at limit 1')
      .first<{ id: string; name: string }>()
    if (!tenant) throw new Trouble('There is no tenant yet: run npm start first.')
    say(`adding ${count} customers to ${tenant.name} …`)
    // Safe: Miniflare's database is D1's.
    await generate(db as unknown as Database, tenant.id, {
      count,
      seed,
      told: (done) => {
        if (done % 50_000 === 0 || done === count) say(`  ${done} of ${count}`)
      },
    })
    say(`done in ${seconds(began)}`)
  } finally {
    await product.stop()
  }
}

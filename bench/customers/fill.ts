// Fills a house while nobody lives in it: straight into the file of its database, with the statements
// the generator has. Through the product's own door a million would take five times as long.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

import { fieldStatement, peopleStatements, type Statement } from '../../scripts/generate/rows.ts'

interface Stretch {
  readonly tenantId: string
  readonly from: number
  readonly to: number
}

/** People in one transaction. */
const chunk = 25_000

/** Adds the people from one number up to another. Gives how long it took, in ms. */
export async function fill(
  stateDir: string,
  stretch: Stretch,
  told: (done: number) => void = () => {},
): Promise<number> {
  const began = performance.now()
  const db = new DatabaseSync(await databaseFile(stateDir))
  try {
    quicken(db)
    run(db, [fieldStatement(stretch.tenantId)])
    const indexes = stretch.to - stretch.from > chunk ? putAside(db) : []
    let done = stretch.from
    for await (const statements of people(stretch)) {
      run(db, statements)
      told((done = Math.min(stretch.to, done + chunk)))
    }
    for (const sql of indexes) db.exec(sql)
    db.exec('pragma journal_mode = wal')
  } finally {
    db.close()
  }
  return performance.now() - began
}

/** What is half written after a crash is thrown away as a whole: nothing has to guard it meanwhile. */
function quicken(db: DatabaseSync): void {
  // Safe: Node has it since 24.12; its types don't say so yet.
  const open = db as DatabaseSync & { enableDefensive(on: boolean): void }
  open.enableDefensive(false)
  open.exec('pragma journal_mode = delete; pragma journal_mode = off; pragma synchronous = off')
  open.exec('pragma temp_store = memory; pragma cache_size = -2000000')
}

async function databaseFile(stateDir: string): Promise<string> {
  const folder = join(stateDir, 'd1-database-D1DatabaseObject')
  const name = (await readdir(folder)).find((one) => /^[0-9a-f]{64}\.sqlite$/.test(one))
  if (!name) throw new Error(`no database in ${folder}`)
  return join(folder, name)
}

function run(db: DatabaseSync, statements: readonly Statement[]): void {
  db.exec('begin')
  for (const { sql, params } of statements) db.prepare(sql).run(...params)
  db.exec('commit')
}

/** Indexes nothing asks while people are added. Made anew of all rows at once they cost a third. */
function putAside(db: DatabaseSync): string[] {
  const found = db
    .prepare(
      `select name, sql from sqlite_master where type = 'index' and sql is not null
       and tbl_name in ('customer', 'identity', 'field_value', 'session')
       and name not in ('customer_id', 'session_customer')`,
    )
    .all()
  for (const { name } of found) db.exec(`drop index "${String(name)}"`)
  return found.map(({ sql }) => String(sql))
}

/** Statement after statement, made in a thread of its own while the last are written. */
async function* people(stretch: Stretch): AsyncGenerator<readonly Statement[]> {
  const maker = new Worker(new URL(import.meta.url), { workerData: stretch })
  try {
    for (let at = stretch.from; at < stretch.to; at += chunk) {
      yield await new Promise<readonly Statement[]>((resolve, reject) => {
        maker.once('error', reject)
        maker.once('message', (made: readonly Statement[]) => {
          maker.off('error', reject)
          // One ahead: more would only lie in memory.
          maker.postMessage('next', [])
          resolve(made)
        })
      })
    }
  } finally {
    await maker.terminate()
  }
}

if (!isMainThread && parentPort) {
  const port = parentPort
  // Safe: given above.
  const { tenantId, from, to } = workerData as Stretch
  let at = from
  const make = () => {
    if (at >= to) return
    const end = Math.min(to, at + chunk)
    port.postMessage(peopleStatements(tenantId, { from: at, to: end, seed: 1 }))
    at = end
  }
  port.on('message', make)
  make()
}

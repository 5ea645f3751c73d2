// Before each file of room tests: the tables, and a listener that holds every statement to its
// tenant. Storage is fresh for every file.

import { applyD1Migrations, env } from 'cloudflare:test'
import { afterAll, beforeAll } from 'vitest'

import { statements } from '../worker/base/db.ts'
import { trespass } from './tenant-audit.ts'

type Listener = NonNullable<typeof statements.heard>

const trespasses = new Set<string>()

const audit: Listener = (statement) => {
  const wrong = trespass(statement)
  if (wrong) trespasses.add(wrong)
}

// Tests listen too, and `delete` their listener after: the audit stands behind theirs, and stays.
Object.setPrototypeOf(statements, {
  get heard(): Listener {
    return audit
  },
  set heard(theirs: Listener) {
    const both: Listener = (statement) => {
      audit(statement)
      theirs(statement)
    }
    Object.defineProperty(statements, 'heard', { configurable: true, writable: true, value: both })
  },
})

beforeAll(async () => {
  await applyD1Migrations(env.DB, env.MIGRATIONS)
})

afterAll(() => {
  if (trespasses.size > 0) throw new Error([...trespasses].join('\n'))
})

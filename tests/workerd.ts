// Before each file of room tests: the tables. Storage is fresh for every file.

import { applyD1Migrations, env } from 'cloudflare:test'
import { beforeAll } from 'vitest'

beforeAll(async () => {
  await applyD1Migrations(env.DB, env.MIGRATIONS)
})

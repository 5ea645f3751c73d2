// Makes migrations from the schema: `npm run migration`. They are applied by wrangler, not by drizzle.

import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./worker/base/schema.ts', './worker/base/schema-customers.ts'],
  out: './migrations',
  tablesFilter: ['!d1_*', '!_cf_*', '!customer_search*'],
})

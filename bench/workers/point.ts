// The other side of a look-up: a bare route that reads one row of D1 by its key.

import { Hono } from 'hono'

interface Env {
  readonly DB: D1Database
}

const app = new Hono<{ Bindings: Env }>().get('/point/:tenant/:id', async (c) => {
  const { tenant, id } = c.req.param()
  const row = await c.env.DB.prepare('select * from customer where tenant_id = ? and id = ?')
    .bind(tenant, id)
    .first()
  return row ? c.json(row) : c.notFound()
})

// The platform asks for the handler as the default export.
export default app

// A company's own product system, for «Get products»: it answers what it has been told to.

import { Hono } from 'hono'
import * as z from 'zod/mini'

const Told = z.object({
  /** Instead of the products. */
  status: z.optional(z.int().check(z.gte(400), z.lte(599))),
  products: z.optional(z.array(z.record(z.string(), z.unknown())).check(z.maxLength(500))),
})
type Told = z.infer<typeof Told>

/** Several systems stand side by side, each under a name of its own. */
export function productRoutes() {
  const systems = new Map<string, Told>()
  return new Hono()
    .put('/:system', async (c) => {
      const told = z.safeParse(Told, await c.req.json().catch(() => undefined))
      if (!told.success) return c.json({ error: 'It takes { status?, products? }' }, 400)
      systems.set(c.req.param('system'), told.data)
      return c.body(null, 204)
    })
    .post('/:system', (c) => {
      const { status = 200, products = [] } = systems.get(c.req.param('system')) ?? { status: 404 }
      return Response.json(status === 200 ? { products } : { error: 'out of order' }, { status })
    })
}

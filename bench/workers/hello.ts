// Bare Hono: what any worker of this kind evaluates before its first answer.

import { Hono } from 'hono'

const app = new Hono()
app.get('/', (c) => c.text('ok'))

// The platform asks for the handler as the default export.
export default app

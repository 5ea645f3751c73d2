// Sessions that take their time: a thread keeps what arrives, and nothing comes after it.

import { DurableObject } from 'cloudflare:workers'

/** Longer than any measure. */
const holdMs = 3_600_000

export class SessionObject extends DurableObject {
  async deliver(): Promise<void> {
    await scheduler.wait(holdMs)
  }
}

// The platform asks for the handler as the default export.
export default { fetch: () => new Response(null, { status: 404 }) }

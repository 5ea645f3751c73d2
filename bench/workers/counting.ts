// The built worker, with every call of its objects counted, and D1 with every row it writes.
// Nothing of the product is changed: objects are extended, D1 is listened to.

import { DurableObject } from 'cloudflare:workers'

// The built worker lies beside this module in workerd's configuration.
import app, * as rooms from './index.js'

/** What happened since it was asked last, by `Room.door`. */
const calls: Record<string, number> = {}

export const ThreadObject = counted('thread', rooms.ThreadObject)
export const SessionObject = counted('session', rooms.SessionObject)
export const InboxObject = counted('inbox', rooms.InboxObject)
export const UploadObject = counted('upload', rooms.UploadObject)
export const AnalysisObject = counted('analysis', rooms.AnalysisObject)

type AnyObject = new (ctx: DurableObjectState, env: unknown) => DurableObject

/** The class with its doors counted. A door that calls another of its own is one call. */
function counted(room: string, base: AnyObject): AnyObject {
  const Counted = class extends base {}
  let inside = 0
  for (const name of Object.getOwnPropertyNames(base.prototype)) {
    const door = Object.getOwnPropertyDescriptor(base.prototype, name)?.value as unknown
    if (name === 'constructor' || name === 'alarm' || typeof door !== 'function') continue
    Object.defineProperty(Counted.prototype, name, {
      value(this: unknown, ...given: unknown[]) {
        if (inside === 0) {
          const key = `${room}.${name}`
          calls[key] = (calls[key] ?? 0) + 1
        }
        inside += 1
        try {
          return door.apply(this, given) as unknown
        } finally {
          inside -= 1
        }
      },
    })
  }
  return Counted
}

// The platform asks for the handler as the default export.
export default {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Response | Promise<Response> {
    if (new URL(request.url).pathname !== '/counted') return app.fetch(request, env, ctx)
    const told = { ...calls }
    for (const key of Object.keys(calls)) delete calls[key]
    return Response.json(told)
  },
}

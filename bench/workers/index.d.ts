// The built worker as `counting.ts` sees it.

import type { DurableObject } from 'cloudflare:workers'

type Room = new (ctx: DurableObjectState, env: unknown) => DurableObject
export const ThreadObject: Room
export const SessionObject: Room
export const InboxObject: Room
export const UploadObject: Room
export const AnalysisObject: Room
declare const app: {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Response | Promise<Response>
}
export default app

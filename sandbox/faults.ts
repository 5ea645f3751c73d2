// Trouble on order: what a script wants to happen to the next sends of a connection.

import type { Wait } from './hooks.ts'
import type { Fault, SandboxStore } from './store.ts'

/** What the next send is to meet, its delay over. */
export async function nextFault(
  store: SandboxStore,
  connectionId: string,
  wait: Wait,
): Promise<Fault> {
  const fault = store.faults.get(connectionId)?.shift() ?? {}
  if (fault.delayMs) await wait(fault.delayMs)
  return fault
}

/** The answer a fault gives instead of the provider's, if it gives one. */
export function answerOf(fault: Fault, usual: unknown): Response | undefined {
  const { status, body } = fault
  if (status === undefined || status < 300) return undefined
  if (typeof body === 'string') return new Response(body, { status })
  const headers = status === 429 ? { 'Retry-After': '1' } : undefined
  return Response.json(body ?? usual, { status, ...(headers ? { headers } : {}) })
}

/** No answer for as long as the asker waits; then nobody is there to read one. */
export function silence(request: Request): Promise<Response> {
  return new Promise((resolve) => {
    request.signal.addEventListener('abort', () => resolve(new Response(null, { status: 499 })))
  })
}

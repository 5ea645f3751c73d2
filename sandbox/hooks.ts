// The sandbox's side of webhooks: in order for each connection, after the answer, and again when
// they were not taken.

import type { SandboxConnection } from './store.ts'
import { telegramRequest, whatsappRequest, type Json } from './wire.ts'

export type Deliver = (request: Request) => Promise<Response>
export type Wait = (ms: number) => Promise<void>

export interface Hooks {
  /** Delivers one and gives the hook's status, 0 when nobody answered. */
  deliver(connection: SandboxConnection, envelope: Json): Promise<number>
  /** Delivers later, after what was told to it before. */
  follow(connection: SandboxConnection, envelope: Json): void
  /** When all that follows has been delivered or given up. */
  settled(): Promise<void>
}

/** Time for the answer to the send to arrive before the first report of it. */
const afterAnswerMs = 25
/** A provider tries for days; here it is enough to outlive a restart of the worker. */
const retriesMs = [500, 2000, 8000, 20_000]

export function hooksBy(send: Deliver, wait: Wait): Hooks {
  const lines = new Map<string, Promise<void>>()

  async function deliver(connection: SandboxConnection, envelope: Json): Promise<number> {
    try {
      const response = await send(await requestOf(connection, envelope))
      // Read to its end: else the connection stays taken.
      await response.arrayBuffer()
      return response.status
    } catch {
      return 0
    }
  }

  async function insist(connection: SandboxConnection, envelope: Json): Promise<void> {
    for (const pauseMs of [afterAnswerMs, ...retriesMs]) {
      await wait(pauseMs)
      const status = await deliver(connection, envelope)
      if (status >= 200 && status < 300) return
    }
  }

  return {
    deliver,
    follow(connection, envelope) {
      const line = lines.get(connection.id) ?? Promise.resolve()
      lines.set(
        connection.id,
        line.then(() => insist(connection, envelope)),
      )
    },
    async settled() {
      await Promise.all(lines.values())
    },
  }
}

async function requestOf(connection: SandboxConnection, envelope: Json): Promise<Request> {
  const { channel, hookUrl, secrets } = connection
  return channel === 'whatsapp'
    ? whatsappRequest(hookUrl, secrets['appSecret'] ?? '', envelope)
    : telegramRequest(hookUrl, secrets['secretToken'] ?? '', envelope)
}

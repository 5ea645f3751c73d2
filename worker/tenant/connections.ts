// Connections, opened: the channel, its configuration with secrets, where its provider lives. Kept
// in the isolate's memory, so that a webhook can be verified while the database is down.

import type { ConnectionId, TenantId } from '../../shared/ids.ts'
import { channelOf } from '../channels/registry.ts'
import type { Channel, Config } from '../channels/channel.ts'
import { unseal } from '../base/crypto.ts'
import type { Env } from '../base/env.ts'
import { report } from '../base/report.ts'
import { findConnection, markEvent, markTrouble, type ConnectionRow } from './queries.ts'

export interface OpenConnection {
  readonly tenantId: TenantId
  readonly id: ConnectionId
  readonly name: string
  readonly channel: Channel
  /** Settings and opened secrets together. */
  readonly config: Config
  readonly baseUrl: string
  readonly state: 'running' | 'stopped' | 'error'
}

const freshMs = 5000
const staleMs = 15 * 60_000
/** While one request asks anew, the others don't. */
const askAgainMs = 1000
const mostKept = 5000

interface Kept {
  readonly connection: OpenConnection
  readonly at: number
  readonly askedAt: number
}
const kept = new Map<ConnectionId, Kept>()
/** Ids that name nothing, and until when that is believed. Apart, so that guesses push out nobody. */
const missing = new Map<ConnectionId, number>()

/**
 * The connection, at most five seconds old; after that, and up to fifteen minutes, as it was, while
 * `later` asks anew. `undefined`: there is none (believed for five seconds). Throws when it can't be
 * known: the database is down and nothing is in memory.
 */
export async function openConnection(
  env: Env,
  id: ConnectionId,
  later?: (work: Promise<unknown>) => void,
): Promise<OpenConnection | undefined> {
  const now = Date.now()
  if ((missing.get(id) ?? 0) > now) return undefined
  const known = kept.get(id)
  if (!known || now - known.at > staleMs) return load(env, id)
  if (now - known.at < freshMs || (later && now - known.askedAt < askAgainMs)) {
    return known.connection
  }

  kept.set(id, { ...known, askedAt: now })
  const asked = load(env, id).catch((error: unknown) => {
    report(error, `connection ${id}`)
    return known.connection
  })
  if (!later) return asked
  later(asked)
  return known.connection
}

export function forgetConnection(id: ConnectionId): void {
  kept.delete(id)
  missing.delete(id)
}

/** Says that the provider refuses us (`error`: its words, no content), or that all is well again. */
export async function noteConnectionTrouble(
  env: Env,
  tenantId: TenantId,
  id: ConnectionId,
  error: string | null,
): Promise<void> {
  await markTrouble(env, tenantId, id, error === null ? null : error.slice(0, 500))
}

const eventNotedMs = 30_000
const eventsNoted = new Map<ConnectionId, number>()

/**
 * Notes that something came in. Twice a minute at most, so that it costs a busy connection nothing:
 * the other times there is nothing to wait for.
 */
export function noteConnectionEvent(
  env: Env,
  tenantId: TenantId,
  id: ConnectionId,
  at: number,
): Promise<void> | undefined {
  if (at - (eventsNoted.get(id) ?? 0) < eventNotedMs) return undefined
  if (eventsNoted.size > mostKept) eventsNoted.clear()
  eventsNoted.set(id, at)
  return markEvent(env, tenantId, id, at)
}

/** The connection's secrets by name. Throws when the worker's key is another than they were sealed with. */
export async function secretsOf(env: Env, row: ConnectionRow): Promise<Config> {
  // Safe: `sealed` below is the only one who writes them.
  return JSON.parse(await unseal(env.SECRET_KEY, row.id, row.secrets)) as Config
}

async function load(env: Env, id: ConnectionId): Promise<OpenConnection | undefined> {
  const row = await findConnection(env, id)
  const connection = row && (await opened(env, row))
  const now = Date.now()
  forgetConnection(id)
  if (connection) kept.set(id, { connection, at: now, askedAt: now })
  else missing.set(id, now + freshMs)
  dropOldest(kept)
  dropOldest(missing)
  return connection
}

function dropOldest(map: Map<ConnectionId, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= mostKept) return
    map.delete(oldest)
  }
}

async function opened(env: Env, row: ConnectionRow): Promise<OpenConnection | undefined> {
  const channel = channelOf(row.channel)
  if (!channel) return undefined
  const { tenantId, id, name, state } = row
  const config = { ...row.settings, ...(await secretsOf(env, row)) }
  return { tenantId, id, name, channel, config, baseUrl: row.baseUrl ?? channel.baseUrl, state }
}

// Connecting a channel: the form's answers checked, secrets sealed, and what may be read of it.

import type { Connection, ConnectionChange, NewConnection } from '../../shared/agent.ts'
import { channelTitles } from '../../shared/channel.ts'
import type { ConnectionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { isRefusal, refuse, type Refusal } from '../../shared/refusal.ts'
import { channelOf } from '../channels/registry.ts'
import { seal, toHex } from '../base/crypto.ts'
import { audited } from '../base/db.ts'
import { publicAddress } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import { forgetConnection, secretsOf } from './connections.ts'
import type { Desk } from './people.ts'
import {
  addConnection,
  carryOut,
  changeConnection,
  listAttachedAgents,
  listConnections,
  Overtaken,
  readConnection,
  type AttachedAgent,
  type ConnectionRow,
} from './queries.ts'
import { mergeConfig, type SplitConfig } from './rules.ts'

/** The tenant's connections as they may be read. */
export async function shownConnections({ env, db }: Desk): Promise<Connection[]> {
  const rows = await listConnections(db)
  const agents = await listAttachedAgents(db, idsOf(rows))
  return rows.map((row) => shown(env, row, agents))
}

/** Connects a channel; it runs from the start. */
export async function connect(
  { env, db, me }: Desk,
  { name, channel: kind, config, baseUrl = null }: NewConnection,
): Promise<Connection | Refusal> {
  const channel = channelOf(kind)
  if (!channel) {
    const detail = `${channelTitles[kind]} can’t be connected yet`
    return refuse('invalid', { at: 'channel', detail })
  }
  const split = mergeConfig(channel, {}, { given: config, random: randomSecret })
  if (isRefusal(split)) return split
  const address = allowedBaseUrl(env, baseUrl)
  if (isRefusal(address)) return address

  const id = newId('con')
  const row = {
    id,
    name,
    channel: kind,
    state: 'running' as const,
    ...(await sealed(env, id, split)),
    baseUrl: address,
    lastEventAt: null,
    lastError: null,
    createdAt: Date.now(),
  }
  const given = Object.keys(config).map((name) => `config.${name}`)
  await carryOut(db, [
    addConnection(db, row),
    audited(db, { kind: 'operator', id: me.operatorId }, 'connection/added', id, {
      channel: kind,
      set: ['name', ...given, ...(address === null ? [] : ['baseUrl'])],
    }),
  ])
  forgetConnection(id)
  return shown(env, { ...row, tenantId: me.tenantId }, [])
}

/** Changes, starts or stops a connection. What isn't given stays; a secret is only ever replaced. */
export async function reconnect(
  { env, db, me }: Desk,
  id: ConnectionId,
  { name, state, config, baseUrl }: ConnectionChange,
): Promise<Connection | Refusal> {
  const known = await readConnection(db, id)
  if (!known) return refuse('not-found')

  const change: Partial<ConnectionRow> = {}
  if (name !== undefined) change.name = name
  if (state !== undefined) Object.assign(change, { state, lastError: null })
  if (baseUrl !== undefined) {
    const address = allowedBaseUrl(env, baseUrl)
    if (isRefusal(address)) return address
    change.baseUrl = address
  }
  if (config) {
    const split = await newConfig(env, known, config)
    if (isRefusal(split)) return split
    Object.assign(change, await sealed(env, id, split))
  }

  const changed = [
    ...Object.entries({ name, state, baseUrl }).flatMap(([key, value]) =>
      value === undefined ? [] : [key],
    ),
    ...Object.keys(config ?? {}).map((key) => `config.${key}`),
  ]
  if (changed.length > 0) {
    try {
      await carryOut(db, [
        ...changeConnection(db, known, change),
        audited(db, { kind: 'operator', id: me.operatorId }, 'connection/changed', id, {
          changed,
          ...(state ? { state } : {}),
        }),
      ])
    } catch (error) {
      if (error instanceof Overtaken) return refuse('changed-meanwhile')
      throw error
    }
    forgetConnection(id)
  }
  return shown(env, { ...known, ...change }, await listAttachedAgents(db, [id]))
}

async function newConfig(
  env: Env,
  known: ConnectionRow,
  given: NonNullable<ConnectionChange['config']>,
): Promise<SplitConfig | Refusal> {
  const channel = channelOf(known.channel)
  if (!channel) return refuse('not-supported-here', { at: 'channel' })
  const before = { ...known.settings, ...(await secretsOf(env, known)) }
  return mergeConfig(channel, before, { given, random: randomSecret })
}

async function sealed(env: Env, id: ConnectionId, { settings, secrets }: SplitConfig) {
  return {
    settings,
    secrets: await seal(env.SECRET_KEY, id, JSON.stringify(secrets)),
    secretNames: Object.keys(secrets),
  }
}

/** A base URL of the public web or, on a developer's machine, the sandbox; without a slash at the end. */
function allowedBaseUrl(env: Env, given: string | null): string | null | Refusal {
  if (given === null || given.trim() === '') return null
  const address = given.trim().replace(/\/+$/, '')
  if (env.SANDBOX && address.startsWith(`${env.PUBLIC_URL}/sandbox/`)) return address
  try {
    const { search, hash } = publicAddress(address)
    if (search === '' && hash === '') return address
  } catch {
    // Said below.
  }
  return refuse('invalid', { at: 'baseUrl', detail: 'Not a public https address' })
}

/** What may be read of a connection: the names of its secrets, never their values. */
function shown(env: Env, row: ConnectionRow, agents: readonly AttachedAgent[]): Connection {
  const { id, name, channel, state, settings, secretNames, baseUrl, lastEventAt, lastError } = row
  return {
    id,
    name,
    channel,
    state,
    settings,
    secrets: secretNames,
    baseUrl,
    hookUrl: `${env.PUBLIC_URL}/hooks/${id}`,
    agents: agents
      .filter((agent) => agent.connectionId === id)
      .map(({ id, name, running }) => ({ id, name, running })),
    lastEventAt,
    lastError,
  }
}

function idsOf(rows: readonly ConnectionRow[]): ConnectionId[] {
  return rows.map(({ id }) => id)
}

function randomSecret(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(24)))
}

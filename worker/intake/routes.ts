// From an envelope to a thread: verify the raw bytes, open it, keep each event, and only then say
// 200. Nothing but the thread's own storage is on the way: no D1, no R2, no model.

import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'

import { ConnectionId } from '../../shared/ids.ts'
import type { Visit } from '../../shared/session.ts'
import type { Envelope, Inbound } from '../channels/channel.ts'
import type { Env } from '../base/env.ts'
import { readCapped } from '../base/http.ts'
import { report } from '../base/report.ts'
import { noteConnectionEvent, openConnection, type OpenConnection } from '../tenant/connections.ts'
import { threadOf } from '../thread/door.ts'

interface Vars {
  Bindings: Env
}

/** The largest envelope any provider sends us. */
const largestEnvelope = 1_000_000

export const intakeRoutes = new Hono<Vars>()
  .get('/:connectionId', async (c) => {
    const connection = await connectionOf(c)
    if (connection === 'unavailable') return unavailable()
    const answer =
      connection &&
      (await connection.channel.handshake?.(envelopeOf(c, new Uint8Array()), connection.config))
    return answer === undefined ? new Response('Forbidden', { status: 403 }) : c.text(answer)
  })
  .on(['POST', 'OPTIONS'], '/:connectionId', async (c) => {
    const connection = await connectionOf(c)
    if (connection === 'unavailable') return unavailable()
    const cors = corsOf(c, connection)
    if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: cors })

    const body = await readCapped(c.req.raw, largestEnvelope)
    if (!body) return new Response('Too large', { status: 413, headers: cors })
    // One answer for a connection that is not there and for a signature that is not right.
    if (!connection) return unauthorized()
    const envelope = envelopeOf(c, body)
    if (!(await connection.channel.verify(envelope, connection.config))) return unauthorized(cors)
    try {
      await keep(c.env, connection, open(connection, envelope))
    } catch (error) {
      // Not all of it is kept: the provider sends it again, and what is kept is known by its id.
      report(error, `intake ${connection.id}`)
      return unavailable(cors)
    }
    const { tenantId, id } = connection
    const noted = noteConnectionEvent(c.env, tenantId, id, Date.now())
    if (noted) {
      c.executionCtx.waitUntil(
        noted.catch((error: unknown) => report(error, `last event of ${id}`)),
      )
    }
    // Only now: a provider that hears 200 will not send it again.
    return new Response('ok', { status: 200, headers: cors })
  })

/** A verified envelope we can't open is our trouble, not the provider's: told, and taken. */
function open({ channel, config, id }: OpenConnection, envelope: Envelope): Inbound[] {
  try {
    return channel.receive(envelope, config)
  } catch (error) {
    report(error, `envelope of ${id}`)
    return []
  }
}

/** Each person's events to their own thread; all of them, or an error. */
async function keep(
  env: Env,
  { tenantId, id: connectionId }: OpenConnection,
  events: readonly Inbound[],
): Promise<void> {
  const byAddress = Map.groupBy(events, ({ address }) => address)
  await Promise.all(
    Array.from(byAddress, ([address, own]) =>
      threadOf(env, { tenantId, connectionId, address }).keep(own),
    ),
  )
}

async function connectionOf(c: Context<Vars>): Promise<OpenConnection | undefined | 'unavailable'> {
  const id = z.safeParse(ConnectionId, c.req.param('connectionId'))
  if (!id.success) return undefined
  try {
    return await openConnection(c.env, id.data, (work) => c.executionCtx.waitUntil(work))
  } catch (error) {
    report(error, `connection ${id.data}`)
    return 'unavailable'
  }
}

function envelopeOf(c: Context<Vars>, body: Uint8Array<ArrayBuffer>): Envelope {
  const request = c.req.raw
  const { method, headers } = request
  // Made when asked for: most channels look at the body and one header.
  return {
    method,
    headers,
    body,
    get url() {
      return new URL(request.url)
    },
    get visit() {
      return visitOf(request)
    },
  }
}

/** Where a visitor seems to be. Channels whose customers come through a provider leave it alone. */
function visitOf(request: Request): Visit {
  const { country, city } = (request.cf ?? {}) as { country?: string; city?: string }
  const ip = request.headers.get('CF-Connecting-IP')
  const isMobile = /\bMobi/.test(request.headers.get('User-Agent') ?? '')
  return {
    ...(ip ? { ip } : {}),
    ...(country ? { country } : {}),
    ...(city ? { city } : {}),
    isMobile,
  }
}

/** For channels whose customers write from a page: the pages the connection names. */
function corsOf(c: Context<Vars>, connection: OpenConnection | undefined): Headers {
  const headers = new Headers()
  const origin = c.req.header('Origin')
  if (!origin || !connection?.channel.visitor?.allows(connection.config, origin)) return headers
  headers.set('Access-Control-Allow-Origin', origin)
  headers.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
  headers.set('Access-Control-Max-Age', '600')
  headers.set('Vary', 'Origin')
  return headers
}

function unauthorized(headers = new Headers()): Response {
  return new Response('Unauthorized', { status: 401, headers })
}

function unavailable(headers = new Headers()): Response {
  headers.set('Retry-After', '2')
  return new Response('Try again', { status: 503, headers })
}

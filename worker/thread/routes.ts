// The visitor's side over HTTP: a name for the visitor, their live line, their files.

import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'

import { ConnectionId, FileId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { isRefusal, refuse } from '../../shared/refusal.ts'
import { VisitorFile, visitorProtocol } from '../../shared/visitor.ts'
import type { VisitorChannel } from '../channels/channel.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { readCapped, refused } from '../base/http.ts'
import { secondProtocol } from '../base/sockets.ts'
import { keepFile } from '../files/keep.ts'
import { downloadOf } from '../files/routes.ts'
import { openConnection, type OpenConnection } from '../tenant/connections.ts'
import { threadOf, type ThreadNames } from './door.ts'

interface Vars {
  Bindings: Env
  Variables: { readonly line: Line }
}

/** A connection whose customers come to us, and the origin of the page they are on. */
interface Line extends OpenConnection {
  readonly visitor: VisitorChannel
}

const Admission = z.object({
  key: z.string().check(z.maxLength(200)),
  token: z.optional(z.string().check(z.maxLength(2_000))),
})
const largestAdmission = 4_096

export const visitorRoutes = new Hono<Vars>()
  .use('/:connectionId/*', async (c, next) => {
    const origin = c.req.header('Origin') ?? null
    const id = z.safeParse(ConnectionId, c.req.param('connectionId'))
    const connection = id.success ? await openConnection(c.env, id.data) : undefined
    const visitor = connection?.channel.visitor
    if (!connection || !visitor || !visitor.allows(connection.config, origin)) {
      return refused(refuse('not-found'))
    }
    if (c.req.method !== 'OPTIONS') {
      c.set('line', { ...connection, visitor })
      await next()
    } else {
      c.res = new Response(null, { status: 204 })
    }
    // A switched protocol has no headers to add to.
    if (origin && c.res.status !== 101) allow(c, origin)
    return undefined
  })
  .post('/:connectionId/visitors', async (c) => {
    const { config, visitor, name } = c.var.line
    const asked = await readJson(c.req.raw)
    const given = z.safeParse(Admission, asked)
    if (!given.success) return refused(refuse('invalid', { at: 'key' }))
    const { key, token } = given.data
    const admitted = await visitor.admit(config, {
      key,
      ...(token ? { token } : {}),
      now: Date.now(),
    })
    if (!admitted) return refused(refuse('not-found'))
    return c.json({ token: admitted.token, name })
  })
  .get('/:connectionId/live', async (c) => {
    const token = secondProtocol(c.req.raw, visitorProtocol)
    const names = token && (await namesFor(c.var.line, token))
    if (!names) return refused(refuse('signed-out'))
    const url = new URL(c.req.url)
    return threadOf(c.env, names).fetch(
      `https://thread/?after=${Number(url.searchParams.get('after')) || 0}`,
      {
        headers: { Upgrade: 'websocket' },
      },
    )
  })
  .post('/:connectionId/files', async (c) => {
    const names = await namesFor(c.var.line, bearerOf(c))
    const name = c.req.query('name')?.slice(0, 255)
    if (!names) return refused(refuse('signed-out'))
    if (!name) return refused(refuse('invalid', { at: 'name' }))
    const thread = threadOf(c.env, names)
    const id = newId('fil')
    const kept = await keepFile(c.env, tenantDb(c.env, names.tenantId), {
      id,
      sessionId: await thread.currentSession(),
      name,
      type: c.req.header('Content-Type') ?? '',
      body: c.req.raw,
    })
    if (isRefusal(kept)) return refused(kept)
    const file: VisitorFile = { id, name, ...kept }
    await thread.saveUpload(file)
    const { kind, type, size } = kept
    return c.json({ ref: id, kind, name, type, size })
  })
  .get('/:connectionId/files/:fileId', async (c) => {
    const names = await namesFor(c.var.line, bearerOf(c))
    const id = z.safeParse(FileId, c.req.param('fileId'))
    if (!names) return refused(refuse('signed-out'))
    if (!id.success || !(await threadOf(c.env, names).showsFile(id.data))) {
      return refused(refuse('not-found'))
    }
    return downloadOf(c.env, tenantDb(c.env, names.tenantId), id.data)
  })

/** The visitor's thread, if the token is one of this connection. */
async function namesFor(
  { tenantId, id, config, visitor }: Line,
  token: string,
): Promise<ThreadNames | undefined> {
  const address = await visitor.addressOf(config, token, Date.now())
  return address === undefined ? undefined : { tenantId, connectionId: id, address }
}

function bearerOf(c: Context<Vars>): string {
  return c.req.header('Authorization')?.replace(/^Bearer /, '') ?? ''
}

function allow(c: Context<Vars>, origin: string): void {
  c.res.headers.set('Access-Control-Allow-Origin', origin)
  c.res.headers.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
  c.res.headers.set('Access-Control-Allow-Methods', 'GET, POST')
  c.res.headers.set('Access-Control-Max-Age', '600')
  c.res.headers.append('Vary', 'Origin')
}

async function readJson(request: Request): Promise<unknown> {
  const bytes = await readCapped(request, largestAdmission)
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

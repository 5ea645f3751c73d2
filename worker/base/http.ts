// Routes as a table: each handler is mounted under the name its contract has in `shared/api.ts`,
// behind the permission, the parsing and the answers declared there.

import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'

import { api, type AnswerOf, type RouteName, type RouteSpec } from '../../shared/api.ts'
import type { OperatorId, TenantId } from '../../shared/ids.ts'
import { may, type Permission, type Role } from '../../shared/permissions.ts'
import { isRefusal, refusals, refuse, type Refusal } from '../../shared/refusal.ts'
import { tenantDb, type Db } from './db.ts'
import type { Env } from './env.ts'
import { report } from './report.ts'

/** The largest JSON body a route takes. */
const largestBody = 256 * 1024

/** Who is asking, as the sign-in says. */
export interface Principal {
  readonly tenantId: TenantId
  readonly operatorId: OperatorId
  readonly name: string
  readonly email: string
  readonly role: Role
  /** The hash of the bearer: names this sign-in without being it. */
  readonly signInId: string
}

/** How the HTTP layer learns who asks. The tenant room provides it; base knows no passwords. */
export type Identify = (request: Request, env: Env) => Promise<Principal | undefined>

interface Vars {
  Bindings: Env
  Variables: Record<never, never>
}
export type App = Hono<Vars>

type Parsed<
  Name extends RouteName,
  Key extends 'params' | 'query' | 'body',
> = (typeof api)[Name] extends { [K in Key]: infer Schema extends z.ZodMiniType }
  ? z.output<Schema>
  : undefined

/** What a handler is given. */
export interface Call<Name extends RouteName> {
  readonly env: Env
  readonly request: Request
  readonly params: Parsed<Name, 'params'>
  readonly query: Parsed<Name, 'query'>
  readonly body: Parsed<Name, 'body'>
  /** Present unless the route is for anyone; a handler of a permitted route may rely on both. */
  readonly me: (typeof api)[Name]['access'] extends 'anyone' ? undefined : Principal
  readonly db: (typeof api)[Name]['access'] extends 'anyone' ? undefined : Db
  readonly later: (work: Promise<unknown>) => void
}

type Given<Name extends RouteName> = (typeof api)[Name]['gives'] extends z.ZodMiniType
  ? AnswerOf<Name> | Response
  : (typeof api)[Name]['gives'] extends 'nothing'
    ? undefined | Response
    : Response

export type Handler<Name extends RouteName> = (
  call: Call<Name>,
) => Promise<Given<Name> | Refusal> | Given<Name> | Refusal

/** A room's handlers. A name that is not in the contract does not compile. */
export type Handlers<Names extends RouteName = RouteName> = {
  readonly [Name in Names]: Handler<Name>
}

/** Keeps a room's handlers typed by their names. */
export function handlers<const Names extends RouteName>(table: Handlers<Names>): Handlers<Names> {
  return table
}

/** Mounts all handlers on an app. The type asks for every route of the contract. */
export function mount(app: App, table: Handlers<RouteName>, identify: Identify): void {
  for (const name of Object.keys(api) as RouteName[]) {
    const [method, path] = name.split(' ') as [string, string]
    // Safe: handler and contract stand under the same name; TypeScript can't see the pair in a loop.
    const handle = table[name] as (call: unknown) => Promise<unknown>
    app.on(method, path, (c) => answer(c, api[name], handle, identify))
  }
}

async function answer(
  c: Context<Vars>,
  spec: RouteSpec,
  handle: (call: unknown) => Promise<unknown>,
  identify: Identify,
): Promise<Response> {
  const request = c.req.raw
  const me = spec.access === 'anyone' ? undefined : await identify(request, c.env)
  if (spec.access !== 'anyone') {
    if (!me) return refused(refuse('signed-out'))
    const needed = spec.access
    if (needed !== 'signed-in' && !may(me.role, needed as Permission)) {
      return refused(refuse('not-permitted', { detail: needed }))
    }
  }

  const params = parse(spec.params, c.req.param())
  // An id of the wrong shape names nothing: it answers as any id that is not there.
  if (isRefusal(params)) return refused(refuse('not-found'))
  const query = parse(spec.query, c.req.query())
  if (isRefusal(query)) return refused(query)
  const body = spec.body ? await readBody(request, spec.body) : undefined
  if (isRefusal(body)) return refused(body)

  const given = await handle({
    env: c.env,
    request,
    params,
    query,
    body,
    me,
    db: me && tenantDb(c.env, me.tenantId),
    later: (work: Promise<unknown>) => c.executionCtx.waitUntil(work),
  })
  if (given instanceof Response) return given
  if (isRefusal(given)) return refused(given)
  if (given === undefined) return new Response(null, { status: 204 })
  return Response.json(given, { headers: { 'Cache-Control': 'no-store' } })
}

/** A refusal as an answer: the word's status, the word and what goes with it as JSON. */
export function refused(refusal: Refusal): Response {
  const headers: HeadersInit =
    refusal.refusal === 'unavailable' ? { 'Retry-After': '2' } : { 'Cache-Control': 'no-store' }
  return Response.json(refusal, { status: refusals[refusal.refusal], headers })
}

function parse(schema: z.ZodMiniType | undefined, value: unknown): unknown {
  if (!schema) return undefined
  const result = z.safeParse(schema, value)
  return result.success ? result.data : invalid(result.error)
}

function invalid(error: z.core.$ZodError): Refusal {
  const issue = error.issues[0]
  return refuse('invalid', {
    at: issue?.path.join('.') ?? '',
    detail: issue?.message ?? 'not what this route takes',
  })
}

async function readBody(request: Request, schema: z.ZodMiniType): Promise<unknown> {
  // What a deletion needs to be told can be nothing.
  if (request.method === 'DELETE' && !request.body) return parse(schema, {})
  // A form of a foreign page can't send this type without the browser asking us first.
  if (!request.headers.get('Content-Type')?.startsWith('application/json')) {
    return refuse('invalid', { detail: 'Send JSON, with Content-Type: application/json' })
  }
  const bytes = await readCapped(request, largestBody)
  if (!bytes) return refuse('too-large', { detail: `${largestBody} bytes at most` })
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return refuse('invalid', { detail: 'The body is not JSON' })
  }
  return parse(schema, value)
}

/** The body, unless it is longer than the limit: then nothing, and no more of it is read. */
export async function readCapped(
  body: Request | Response,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(body.headers.get('Content-Length') ?? 0) > limitBytes) return undefined
  if (!body.body) return new Uint8Array()
  // A request is as long as it says: nothing decodes it on the way. A response may grow.
  if (body instanceof Request && body.headers.has('Content-Length')) {
    const whole = new Uint8Array(await body.arrayBuffer())
    return whole.byteLength > limitBytes ? undefined : whole
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength
    if (size > limitBytes) return undefined
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

/** The app all rooms' routes go on. What is thrown is a bug: reported, and shown without its words. */
export function newApp(): App {
  const app = new Hono<Vars>()
  app.onError((error, c) => {
    report(error, `${c.req.method} ${new URL(c.req.url).pathname}`)
    return refused(refuse('unavailable', { detail: 'Something broke on our side. Try again.' }))
  })
  app.notFound(() => refused(refuse('not-found')))
  return app
}

// The tenant's routes alone, to be asked in tests: mounted as the worker mounts them, with an inbox
// that only notes whom it was told to put out.

import { env as testEnv } from 'cloudflare:test'

import type { RouteName } from '../shared/api.ts'
import type { Env } from '../worker/base/env.ts'
import { mount, newApp, type Handlers } from '../worker/base/http.ts'
import { tenantHandlers } from '../worker/tenant/routes.ts'
import { identify } from '../worker/tenant/sign-in.ts'

export interface Asked {
  readonly bearer?: string
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly headers?: HeadersInit
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at what came, whatever it is
  readonly json: any
}

/** Something to ask the routes with. `over` replaces bindings. */
export function desk(over: Partial<Env> = {}) {
  const kicked: [tenantId: string, whom: string][] = []
  const INBOX = {
    getByName: (tenantId: string) => ({
      kick: async (operatorId: string) => void kicked.push([tenantId, operatorId]),
      kickSignIn: async (signInId: string) => void kicked.push([tenantId, signInId]),
    }),
  }
  // Safe: the tenant's routes ask nothing else of the inbox.
  const env = { ...(testEnv as unknown as Env), INBOX: INBOX as unknown as Env['INBOX'], ...over }
  const app = newApp()
  mount(app, onlyTheTenants(), identify)

  async function ask(name: RouteName, asked: Asked = {}): Promise<Answered> {
    const { bearer, params = {}, query = {}, body, headers } = asked
    const [method = '', path = ''] = name.split(' ')
    const all = new Headers(headers)
    if (bearer) all.set('Authorization', `Bearer ${bearer}`)
    const hasBody = body !== undefined && method !== 'GET' && method !== 'DELETE'
    if (hasBody) all.set('Content-Type', 'application/json')
    const place = path.replace(/:(\w+)/g, (_, param: string) => params[param] ?? '')
    const search = new URLSearchParams(query).toString()
    const url = `https://alongside.example${place}${search ? `?${search}` : ''}`
    const init = { method, headers: all, ...(hasBody ? { body: JSON.stringify(body) } : {}) }
    const response = await app.request(url, init, env)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      json: text === '' ? undefined : JSON.parse(text),
    }
  }
  return { env, ask, kicked }
}

/** Other rooms' routes are not there; asking one is a bug of the test. */
function onlyTheTenants(): Handlers {
  return tenantHandlers as unknown as Handlers
}

// Some rooms' routes alone, to be asked in tests: mounted as the worker mounts them.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'

import { api, type RouteName } from '../shared/api.ts'
import { refuse } from '../shared/refusal.ts'
import type { Env } from '../worker/base/env.ts'
import { mount, newApp, type Handlers } from '../worker/base/http.ts'
import { identify } from '../worker/tenant/sign-in.ts'

/** Asks one of the handlers over HTTP; every other route answers that it is not there. */
export function deskOf(handlers: object) {
  const env = testEnv as unknown as Env
  const nowhere = Object.fromEntries(
    Object.keys(api).map((name) => [name, () => refuse('not-found')]),
  )
  const app = newApp()
  // Safe: every name of the contract is there.
  mount(app, { ...nowhere, ...handlers } as unknown as Handlers<RouteName>, identify)
  return (method: string, path: string, init: RequestInit & { readonly bearer?: string } = {}) => {
    const { bearer, ...rest } = init
    const headers = new Headers(rest.headers)
    if (bearer) headers.set('Authorization', `Bearer ${bearer}`)
    const request = new Request(`https://alongside.example${path}`, { ...rest, method, headers })
    return app.fetch(request, env, createExecutionContext())
  }
}

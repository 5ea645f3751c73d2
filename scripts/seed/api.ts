// The real API, called as the panel calls it.

import type { AnswerOf, RouteName } from '../../shared/api.ts'

interface Given {
  /** For the `:names` in the path. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type Api = <Name extends RouteName>(name: Name, given?: Given) => Promise<AnswerOf<Name>>

/** The API at an address, for whom the token names. Throws with the refusal when it says no. */
export function apiAt(url: string, token?: string): Api {
  return async (name, { params = {}, query = {}, body } = {}) => {
    const [method = '', pattern = ''] = name.split(' ')
    const path = pattern.replace(/:(\w+)/g, (_, key: string) => params[key] ?? '')
    const search = new URLSearchParams(query).toString()
    const response = await fetch(`${url}${path}${search && `?${search}`}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok)
      throw new Error(`${name} answered ${response.status}: ${await response.text()}`)
    // Safe: the worker answers by the same contract that names the type.
    return (response.status === 204 ? undefined : await response.json()) as never
  }
}

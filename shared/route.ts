// What a route's declaration says, and the pieces that many of them share.

import * as z from 'zod/mini'

import type { Permission } from './permissions.ts'

/**
 * Who may call a route: `anyone`, whoever is `signed-in`, or who holds a permission.
 * `anyone` is for sign-in alone; what a provider or a visitor calls is not part of this API.
 */
export type Access = 'anyone' | 'signed-in' | Permission

export interface RouteSpec {
  readonly access: Access
  readonly summary: string
  readonly params?: z.ZodMiniType
  readonly query?: z.ZodMiniType
  /** A JSON body. A `raw` route reads its body itself, by its own limits. */
  readonly body?: z.ZodMiniType
  readonly raw?: string
  /** What a 200 carries. `nothing`: 204. `file`, `socket`: not JSON. */
  readonly gives: z.ZodMiniType | 'nothing' | 'file' | 'socket'
}

/** Gives nothing: 204. */
export const ok = 'nothing' as const
export const Cursor = z.optional(z.string().check(z.maxLength(200)))
export const Limit = z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200)))

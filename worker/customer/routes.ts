// Customers over HTTP: the list, the profile, a customer's sessions.

import * as z from 'zod/mini'

import { CustomerId, SessionId } from '../../shared/ids.ts'
import { refuse } from '../../shared/refusal.ts'
import { handlers } from '../base/http.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { searchFor } from './filters.ts'
import { profileOf, rowsOf } from './profile.ts'
import { listCustomers, sessionsOf, type Place } from './queries.ts'

const pageLength = 50

export const customerHandlers = handlers({
  async 'GET /api/customers'({ db, query }) {
    const after = placeOf(query.cursor, CustomerId)
    if (after === 'unknown') return refuse('invalid', { at: 'cursor' })
    const q = query.q?.trim()
    const search = q ? await searchFor(q, (await tenantSettings(db)).defaultCountry) : undefined
    const { rows, more, total } = await listCustomers(db, {
      anonymous: query.anonymous ?? 'hide',
      limit: query.limit ?? pageLength,
      ...(search ? { search } : {}),
      ...(after ? { after } : {}),
    })
    const last = rows.at(-1)
    const next = more && last ? cursorOf(last.lastCommunicationAt, last.id) : null
    return { rows: await rowsOf(db, rows), next, total }
  },

  async 'GET /api/customers/:customerId'({ db, params }) {
    return (await profileOf(db, params.customerId)) ?? refuse('not-found')
  },

  async 'GET /api/customers/:customerId/sessions'({ db, params, query }) {
    const { campaign, cursor, limit = pageLength } = query
    const after = placeOf(cursor, SessionId)
    if (after === 'unknown' || after?.at === null) return refuse('invalid', { at: 'cursor' })
    const page = await sessionsOf(db, params.customerId, {
      limit,
      ...(campaign === undefined ? {} : { campaign }),
      // Safe: the line above has answered the places without a time.
      ...(after ? { after: after as Place<SessionId> } : {}),
    })
    if (!page) return refuse('not-found')
    const last = page.rows.at(-1)
    return { rows: page.rows, next: page.more && last ? cursorOf(last.startedAt, last.id) : null }
  },
})

/** The place after which the next page begins, as a text for the client to hand back. */
function cursorOf(at: number | null, id: string): string {
  return `${at ?? ''}.${id}`
}

function placeOf<Id extends string>(
  cursor: string | undefined,
  idSchema: z.ZodMiniType<Id>,
): Place<Id, number | null> | 'unknown' | undefined {
  if (cursor === undefined) return undefined
  const [, at, rest] = /^(\d{0,16})\.(.+)$/.exec(cursor) ?? []
  const id = z.safeParse(idSchema, rest)
  return id.success ? { at: at ? Number(at) : null, id: id.data } : 'unknown'
}

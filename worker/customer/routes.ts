// One customer over HTTP: the profile and its sessions.

import * as z from 'zod/mini'

import { SessionId } from '../../shared/ids.ts'
import { refuse } from '../../shared/refusal.ts'
import { handlers } from '../base/http.ts'
import { profileOf } from './profile.ts'
import { sessionsOf, type Place } from './queries.ts'
import { aliasOf } from './record/queries.ts'

const pageLength = 50

export const customerHandlers = handlers({
  async 'GET /api/customers/:customerId'({ db, params }) {
    return (await profileOf(db, params.customerId)) ?? refuse('not-found')
  },

  async 'GET /api/customers/:customerId/sessions'({ db, params, query }) {
    const { campaign, cursor, limit = pageLength } = query
    const after = placeOf(cursor, SessionId)
    if (after === 'unknown' || after?.at === null) return refuse('invalid', { at: 'cursor' })
    const wish = {
      limit,
      ...(campaign === undefined ? {} : { campaign }),
      // Safe: the line above has answered the places without a time.
      ...(after ? { after: after as Place<SessionId> } : {}),
    }
    const found = await sessionsOf(db, params.customerId, wish)
    // A merged record's sessions are where the record is now.
    const home = found ? undefined : await aliasOf(db, params.customerId)
    const page = home ? await sessionsOf(db, home, wish) : found
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

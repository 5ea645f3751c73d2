// Changing a record over HTTP: add, edit, confirm, suggestions, history.

import type { CustomerProfile } from '../../../shared/customer.ts'
import type { OperatorId } from '../../../shared/ids.ts'
import type { HistoryRow } from '../../../shared/record.ts'
import { isRefusal, refuse, type Refusal } from '../../../shared/refusal.ts'
import type { Db } from '../../base/db.ts'
import type { Env } from '../../base/env.ts'
import { handlers } from '../../base/http.ts'
import { fieldsOf } from '../fields/queries.ts'
import { historyPage } from '../history/queries.ts'
import { shownValues } from '../profile.ts'
import { aliasOf } from '../record/queries.ts'
import {
  addCustomer,
  answerSuggestion,
  confirmValue,
  editCustomer,
  revertChange,
  type Hand,
} from './edit.ts'
import { openSessionsOf, recordOf } from './queries.ts'
import { heldFrom } from './rules.ts'

const pageLength = 50

interface Changing {
  readonly env: Env
  readonly db: Db
  readonly later: (work: Promise<unknown>) => void
}

export const editHandlers = handlers({
  async 'POST /api/customers'({ env, db, me, body, later }) {
    return told({ env, db, later }, await addCustomer(db, body, handOf(me)))
  },

  async 'PATCH /api/customers/:customerId'({ env, db, me, params, body, later }) {
    return told({ env, db, later }, await editCustomer(db, params.customerId, body, handOf(me)))
  },

  async 'POST /api/customers/:customerId/confirmations'({ env, db, me, params, body, later }) {
    return told({ env, db, later }, await confirmValue(db, params.customerId, body, handOf(me)))
  },

  async 'POST /api/customers/:customerId/suggestions'({ env, db, me, params, body, later }) {
    return told({ env, db, later }, await answerSuggestion(db, params.customerId, body, handOf(me)))
  },

  async 'GET /api/customers/:customerId/history'({ db, params, query }) {
    const after = placeOf(query.cursor)
    if (after === 'unknown') return refuse('invalid', { at: 'cursor' })
    const id = (await aliasOf(db, params.customerId)) ?? params.customerId
    if (!(await recordOf(db, id))) return refuse('not-found')
    const limit = query.limit ?? pageLength
    const found = await historyPage(db, id, { limit: limit + 1, ...(after ? { after } : {}) })
    const rows = await shownHistory(db, found.slice(0, limit))
    const last = rows.at(-1)
    return { rows, next: found.length > limit && last ? `${last.at}.${last.id}` : null }
  },

  async 'POST /api/customers/:customerId/history/:changeId/revert'(call) {
    const { env, db, me, params, later } = call
    const { customerId, changeId } = params
    return told({ env, db, later }, await revertChange(db, customerId, changeId, handOf(me)))
  },
})

function handOf({ operatorId }: { readonly operatorId: OperatorId }): Hand {
  return { operatorId, now: Date.now() }
}

/** Tells whoever has the record on a screen, and the sessions that are open under its name. */
function told(
  { env, db, later }: Changing,
  profile: CustomerProfile | Refusal,
): CustomerProfile | Refusal {
  if (!isRefusal(profile)) later(tell(env, db, profile))
  return profile
}

async function tell(env: Env, db: Db, { id, name }: CustomerProfile): Promise<void> {
  const { tenantId } = db
  await env.INBOX.getByName(tenantId).customerChanged(id)
  const open = await openSessionsOf(db, id)
  await Promise.all(open.map((one) => env.SESSION.getByName(`${tenantId}/${one.id}`).rename(name)))
}

type Found = Awaited<ReturnType<typeof historyPage>>

/** The rows as a person reads them: fields by their titles, addresses as lists. */
async function shownHistory(db: Db, found: Found): Promise<HistoryRow[]> {
  const fields = await fieldsOf(db)
  const texts = found.flatMap(({ change }) =>
    [change.value, change.before].flatMap((text) =>
      valuesIn(text).map((value) => ({ kind: change.field, value })),
    ),
  )
  const show = await shownValues(texts)
  return found.map(({ change, operatorId, operatorName }): HistoryRow => {
    const { id, field, value, before, source, sessionId, at } = change
    const shown = (text: string) =>
      valuesIn(text)
        .map((one) => show(field, one))
        .join(', ')
    return {
      id,
      field,
      title: fields.find(({ name }) => name === field)?.title ?? field,
      value: shown(value),
      before: shown(before),
      source,
      ...(operatorId ? { operator: { id: operatorId, name: operatorName ?? '' } } : {}),
      ...(sessionId ? { sessionId } : {}),
      at,
    }
  })
}

function valuesIn(text: string): string[] {
  return heldFrom(text)?.map(({ value }) => value) ?? (text === '' ? [] : [text])
}

function placeOf(cursor: string | undefined): { at: number; id: string } | 'unknown' | undefined {
  if (cursor === undefined) return undefined
  const [, at, id] = /^(\d{1,16})\.(chg_[0-9a-z]{26})$/.exec(cursor) ?? []
  return at && id ? { at: Number(at), id } : 'unknown'
}

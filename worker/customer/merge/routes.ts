// Merging over HTTP: what it would give, doing it, taking it back; and suggestions that are wrong.

import { refuse, isRefusal } from '../../../shared/refusal.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import type { Env } from '../../base/env.ts'
import { handlers, type Principal } from '../../base/http.ts'
import { dismissDuplicate } from '../duplicates/queries.ts'
import { fieldsOf } from '../fields/queries.ts'
import { isKnown } from '../record/queries.ts'
import { mergeCustomers, mergeHistory, previewMerge, undoMerge } from './merging.ts'

export const mergeHandlers = handlers({
  async 'GET /api/customers/:customerId/merge-preview'({ db, params, query }) {
    const titles = (await fieldsOf(db)).map(({ name, title }) => [name, title])
    return previewMerge(db, [params.customerId, query.with], Object.fromEntries(titles))
  },

  async 'POST /api/customers/:customerId/merges'({ db, me, env, later, params, body }) {
    const ids = [params.customerId, body.with] as const
    const merged = await mergeCustomers(db, ids, {
      choices: body.choices ?? {},
      actor: actorOf(me),
      at: Date.now(),
    })
    if (!isRefusal(merged)) later(tell(env, me, ids))
    return merged
  },

  async 'GET /api/customers/:customerId/merges'({ db, params }) {
    if (!(await isKnown(db, params.customerId))) return refuse('not-found')
    return { merges: await mergeHistory(db, params.customerId) }
  },

  async 'POST /api/merges/:mergeId/undo'({ db, me, env, later, params }) {
    const undone = await undoMerge(db, params.mergeId, { actor: actorOf(me), at: Date.now() })
    if (!isRefusal(undone)) later(tell(env, me, [undone.survivorId, undone.restoredId]))
    return undone
  },

  async 'POST /api/customers/:customerId/duplicates/:otherId/dismissal'(call) {
    const { db, me, env, later, params } = call
    const pair = [params.customerId, params.otherId] as const
    if (!(await dismissDuplicate(db, pair, actorOf(me)))) return refuse('not-found')
    later(tell(env, me, pair))
    return undefined
  },
})

function actorOf({ operatorId }: Principal) {
  return { kind: 'operator', id: operatorId } as const
}

/** Whoever shows one of the records asks for it again. */
async function tell(env: Env, { tenantId }: Principal, ids: readonly CustomerId[]): Promise<void> {
  await Promise.all(ids.map((id) => env.INBOX.getByName(tenantId).customerChanged(id)))
}

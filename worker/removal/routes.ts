// Deleting a customer over HTTP: what would go, and the deletion itself.

import { refuse } from '../../shared/refusal.ts'
import { handlers } from '../base/http.ts'
import { removalOf } from './queries.ts'
import { removeCustomer } from './remove.ts'

export const removalHandlers = handlers({
  async 'GET /api/customers/:customerId/removal'({ db, params }) {
    return (await removalOf(db, params.customerId)) ?? refuse('not-found')
  },

  'DELETE /api/customers/:customerId'({ env, db, me, params, body }) {
    const { operatorId } = me
    const order = { id: params.customerId, name: body.name, operatorId, now: Date.now() }
    return removeCustomer(env, db, order)
  },
})

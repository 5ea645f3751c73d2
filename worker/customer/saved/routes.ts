// Saved filters over HTTP.

import type { FilterId } from '../../../shared/ids.ts'
import { newId } from '../../../shared/new-id.ts'
import { may } from '../../../shared/permissions.ts'
import { isRefusal, refuse, type Refusal } from '../../../shared/refusal.ts'
import type { SavedFilter } from '../../../shared/saved-filters.ts'
import type { Db } from '../../base/db.ts'
import { handlers, type Principal } from '../../base/http.ts'
import { dropFilter, filtersFor, saveFilter } from './queries.ts'

/** Saved filters one operator sees, at most. */
const most = 500
const sharing = refuse('not-permitted', { detail: 'filters.share' })

export const savedFilterHandlers = handlers({
  async 'GET /api/filters'({ db, me }) {
    return { filters: await filtersFor(db, me.operatorId) }
  },

  async 'POST /api/filters'({ db, me, body }) {
    const { shared = false, isDefault = false, name, filter } = body
    if (shared && !may(me.role, 'filters.share')) return sharing
    const known = await filtersFor(db, me.operatorId)
    if (known.length >= most) return refuse('too-many', { detail: String(most) })
    const owner = { id: me.operatorId, name: me.name }
    const updatedAt = Date.now()
    const saved = { id: newId('flt'), name, filter, shared, isDefault, owner, updatedAt }
    await saveFilter(db, me.operatorId, saved, 'filter.save')
    return saved
  },

  async 'PATCH /api/filters/:filterId'({ db, me, params, body }) {
    const saved = await mineToChange(db, me, params.filterId)
    if (isRefusal(saved)) return saved
    const { name, filter, shared, isDefault } = body
    if (shared !== undefined && shared !== saved.shared && !may(me.role, 'filters.share')) {
      return sharing
    }
    // A default is its owner's own affair.
    if (isDefault !== undefined && saved.owner.id !== me.operatorId) {
      return refuse('not-permitted', { at: 'isDefault' })
    }
    const changed: SavedFilter = {
      ...saved,
      name: name ?? saved.name,
      filter: filter ?? saved.filter,
      shared: shared ?? saved.shared,
      isDefault: isDefault ?? saved.isDefault,
      updatedAt: Date.now(),
    }
    await saveFilter(db, me.operatorId, changed, 'filter.change')
    return changed
  },

  async 'DELETE /api/filters/:filterId'({ db, me, params }) {
    const saved = await mineToChange(db, me, params.filterId)
    if (isRefusal(saved)) return saved
    await dropFilter(db, me.operatorId, saved)
    return undefined
  },
})

/** One's own, or a shared one for those who may share. A colleague's private one is not there. */
async function mineToChange(db: Db, me: Principal, id: FilterId): Promise<SavedFilter | Refusal> {
  const saved = (await filtersFor(db, me.operatorId)).find((one) => one.id === id)
  if (!saved) return refuse('not-found')
  const isMine = saved.owner.id === me.operatorId
  return isMine || may(me.role, 'filters.share') ? saved : sharing
}

// Fields settings over HTTP.

import { isBuiltIn, type Field } from '../../../shared/fields.ts'
import type { OperatorId } from '../../../shared/ids.ts'
import { isRefusal, refuse } from '../../../shared/refusal.ts'
import type { Actor } from '../../base/db.ts'
import { handlers } from '../../base/http.ts'
import { deleteField, fieldsOf, insertField, saveFields, usageOf } from './queries.ts'
import { changeField, optionsOf } from './rules.ts'

/** A tenant's own fields, at most: each may be a column, and each is part of every form. */
const mostFields = 200

export const fieldHandlers = handlers({
  async 'GET /api/fields'({ db }) {
    return { fields: await fieldsOf(db) }
  },

  async 'POST /api/fields'({ db, me, body }) {
    const { name, title, type } = body
    const known = await fieldsOf(db)
    if (known.some((one) => one.name === name)) return refuse('already-exists', { at: 'name' })
    if (known.length >= mostFields) return refuse('too-many', { detail: String(mostFields) })
    const options = optionsOf(type, body.options ?? [])
    if (!options) return refuse('invalid', { at: 'options' })
    const field: Field = {
      name,
      title,
      type,
      options,
      builtin: false,
      hidden: body.hidden ?? false,
      column: body.column ?? false,
      position: Math.max(...known.map(({ position }) => position)) + 1,
    }
    const { builtin: _builtin, ...row } = field
    const isNew = await insertField(db, by(me), row)
    return isNew ? field : refuse('already-exists', { at: 'name' })
  },

  async 'PATCH /api/fields/:name'({ db, me, params, body }) {
    const known = await fieldsOf(db)
    const changed = changeField(known, params.name, body)
    if (isRefusal(changed)) return changed
    const news = changed.filter((one) => {
      const before = known.find(({ name }) => name === one.name)
      return JSON.stringify(before) !== JSON.stringify(one)
    })
    if (news.length > 0) {
      await saveFields(db, by(me), news, { name: params.name, what: Object.keys(body) })
    }
    return changed.find(({ name }) => name === params.name) ?? refuse('not-found')
  },

  async 'GET /api/fields/:name/usage'({ db, params }) {
    const known = await fieldsOf(db)
    if (!known.some(({ name }) => name === params.name)) return refuse('not-found')
    return { values: await usageOf(db, params.name) }
  },

  async 'DELETE /api/fields/:name'({ db, me, params }) {
    if (isBuiltIn(params.name)) return refuse('invalid', { at: 'name' })
    const known = await fieldsOf(db)
    if (!known.some(({ name }) => name === params.name)) return refuse('not-found')
    return { values: await deleteField(db, by(me), params.name) }
  },
})

function by({ operatorId }: { readonly operatorId: OperatorId }): Actor {
  return { kind: 'operator', id: operatorId }
}

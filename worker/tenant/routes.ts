// The tenant over HTTP: ways in and out, people, settings, the audit log, channels and connections.

import { channelTitles } from '../../shared/channel.ts'
import { roles } from '../../shared/permissions.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import { channels } from '../channels/registry.ts'
import { seal } from '../base/crypto.ts'
import { audited } from '../base/db.ts'
import { publicAddress } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import { handlers } from '../base/http.ts'
import { connect, reconnect, shownConnections } from './connecting.ts'
import { signIn, signOut, signUp } from './entry.ts'
import { addPerson, changePersonsRole, removePerson } from './people.ts'
import { carryOut, changeSettings, listAudit, listMembers } from './queries.ts'
import { settingsTrouble } from './rules.ts'
import { forgetSettings, tenantSettings } from './settings.ts'

export const tenantHandlers = handlers({
  'POST /api/sign-up': ({ env, request, body }) => signUp(env, request, body),
  'POST /api/sign-in': ({ env, request, body }) => signIn(env, request, body),
  'POST /api/sign-out': ({ env, db, me }) => signOut(env, db, me),

  'GET /api/me': async ({ db, me }) => ({
    operator: { id: me.operatorId, name: me.name, email: me.email },
    tenant: { ...(await tenantSettings(db)), id: me.tenantId },
    role: me.role,
    permissions: [...roles[me.role]],
  }),

  'GET /api/members': async ({ db }) => ({ members: await listMembers(db) }),
  'POST /api/members': (call) => addPerson(call, call.body),
  'PATCH /api/members/:operatorId': (call) =>
    changePersonsRole(call, call.params.operatorId, call.body.role),
  'DELETE /api/members/:operatorId': (call) => removePerson(call, call.params.operatorId),

  'GET /api/settings': ({ db }) => tenantSettings(db),
  'PATCH /api/settings': async ({ env, db, me, body: { productUrl, productSecret, ...body } }) => {
    const trouble = settingsTrouble(body) ?? productTrouble(env, productUrl)
    if (trouble) return trouble
    const products = {
      ...(productUrl === undefined ? {} : { productUrl: productUrl || null }),
      ...(productSecret === undefined
        ? {}
        : { productSecret: await seal(env.SECRET_KEY, me.tenantId, productSecret) }),
    }
    const changed = Object.keys({ ...body, ...products })
    if (changed.length > 0) {
      const actor = { kind: 'operator', id: me.operatorId } as const
      await carryOut(db, [
        changeSettings(db, { ...body, ...products }),
        audited(db, actor, 'settings/changed', me.tenantId, { changed }),
      ])
      forgetSettings(me.tenantId)
    }
    return tenantSettings(db)
  },

  'GET /api/audit': async ({ db, query: { before, limit = 50 } }) => {
    const place = before === undefined ? undefined : placeOf(before)
    if (before !== undefined && !place) return refuse('invalid', { at: 'before' })
    const rows = await listAudit(db, limit + 1, place)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return { rows: shown, next: rows.length > limit && last ? `${last.at}.${last.id}` : null }
  },

  'GET /api/channels': () => ({
    channels: Object.values(channels).map(({ kind, fields }) => ({
      kind,
      title: channelTitles[kind],
      fields: fields.map((field) => ({ ...field })),
    })),
  }),
  'GET /api/connections': async (call) => ({ connections: await shownConnections(call) }),
  'POST /api/connections': (call) => connect(call, call.body),
  'PATCH /api/connections/:connectionId': (call) =>
    reconnect(call, call.params.connectionId, call.body),
})

/** Only what the one door for requests would ask may be set. */
function productTrouble(env: Env, url: string | undefined): Refusal | undefined {
  if (!url || (env.SANDBOX && url.startsWith(`${env.PUBLIC_URL}/sandbox/`))) return undefined
  try {
    publicAddress(url)
    return undefined
  } catch {
    return refuse('invalid', { at: 'productUrl', detail: 'A public address: https://…' })
  }
}

/** Where a page of the audit log begins, out of its cursor. */
function placeOf(cursor: string): { at: number; id: string } | undefined {
  const [, at, id] = /^(\d{1,16})\.(aud_[0-9a-z]{26})$/.exec(cursor) ?? []
  return at && id ? { at: Number(at), id } : undefined
}

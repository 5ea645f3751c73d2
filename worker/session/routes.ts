// Sessions over HTTP: reading, commands, tickets; and the sockets that carry the facts.

import * as z from 'zod/mini'
import { Hono } from 'hono'

import { SessionId, type OperatorId } from '../../shared/ids.ts'
import { closeCodes } from '../../shared/inbox.ts'
import type { Person } from '../../shared/message.ts'
import { isRefusal, refuse, type Refusal } from '../../shared/refusal.ts'
import { agentById } from '../agent/queries.ts'
import type { Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { handlers, refused, type Principal } from '../base/http.ts'
import { panelProtocol, refuseSocket, secondProtocol } from '../base/sockets.ts'
import type { Holder } from '../inbox/object.ts'
import { memberNamed } from '../tenant/queries.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { sessionOf } from './door.ts'
import { inboxCounts, inboxPage, uploadedFiles } from './queries.ts'

const pageLength = 50

/** The session an operator speaks of: of their own tenant, or one that is not there. */
function mine({ env, me, params }: { env: Env; me: Principal; params: { sessionId: SessionId } }) {
  return sessionOf(env, me.tenantId, params.sessionId)
}

function personOf({ operatorId: id, name }: Principal): Person {
  return { id, name }
}

export const sessionHandlers = handlers({
  'GET /api/inbox': async ({ db, me, query: { view, cursor, limit } }) => {
    const [page, counts] = await Promise.all([
      inboxPage(db, view, me.operatorId, { cursor, limit: limit ?? pageLength }),
      inboxCounts(db, me.operatorId),
    ])
    return { ...page, counts }
  },

  'GET /api/people': async ({ env, me }) => ({
    people: await env.INBOX.getByName(me.tenantId).people(),
  }),

  'GET /api/sessions/:sessionId': (call) => mine(call).row(),

  'GET /api/sessions/:sessionId/facts': async (call) => {
    const facts = await mine(call).factsAfter(call.query.after ?? 0)
    return isRefusal(facts) ? facts : { facts }
  },

  'GET /api/sessions/:sessionId/logs': async (call) => {
    const [logs, { plan }] = await Promise.all([mine(call).logs(), tenantSettings(call.db)])
    if (isRefusal(logs)) return logs
    return { system: logs.system, traces: plan === 'paid' ? logs.traces : null }
  },

  'POST /api/sessions/:sessionId/messages': async (call) => {
    const { id, text, attachments = [], quickReplies = [] } = call.body
    const files = await uploadedFiles(call.db, call.params.sessionId, attachments)
    if (files.length < attachments.length) return refuse('invalid', { at: 'attachments' })
    return mine(call).reply(personOf(call.me), { id, text, attachments: files, quickReplies })
  },

  'POST /api/sessions/:sessionId/notes': (call) =>
    mine(call).note({ ...call.body, person: personOf(call.me) }),

  'POST /api/sessions/:sessionId/handover': (call) =>
    mine(call).handOver(call.body.id, personOf(call.me), call.body.reason ?? ''),

  'POST /api/sessions/:sessionId/acceptance': async (call) => {
    const session = mine(call)
    const row = await session.row()
    if (isRefusal(row)) return row
    return session.accept(
      call.body.id,
      personOf(call.me),
      (await drafts(call.db, call.env, row.agent.id)) ? 'copilot' : 'human',
    )
  },

  'POST /api/sessions/:sessionId/takeover': (call) =>
    mine(call).takeOver(call.body.id, personOf(call.me)),

  'PUT /api/sessions/:sessionId/assignee': async (call) => {
    const to = await colleague(call.db, call.body.operatorId)
    return isRefusal(to) ? to : mine(call).assign(call.body.id, to, personOf(call.me))
  },

  'PUT /api/sessions/:sessionId/mode': (call) =>
    mine(call).setMode(call.body.id, personOf(call.me), call.body.mode),

  'POST /api/sessions/:sessionId/resolution': async (call) => {
    const { statuses } = await tenantSettings(call.db)
    const status = call.body.status ?? statuses[0] ?? 'resolved'
    if (!statuses.includes(status)) return refuse('invalid', { at: 'status' })
    return mine(call).resolve(call.body.id, personOf(call.me), status)
  },

  'POST /api/tickets': async ({ env, me }) => {
    const holder: Holder = { person: personOf(me), role: me.role, signInId: me.signInId }
    const secret = await env.INBOX.getByName(me.tenantId).issueTicket(holder)
    return { ticket: `${me.tenantId}.${secret}` }
  },
})

/** Whether the session's agent helps operators with drafts. Not to be known is no reason to wait. */
async function drafts(
  db: Db,
  env: Env,
  agentId: Parameters<typeof agentById>[2],
): Promise<boolean> {
  try {
    const agent = await agentById(db, env, agentId)
    return agent?.running === true && agent.copilot
  } catch {
    return false
  }
}

async function colleague(db: Db, id: OperatorId): Promise<Person | Refusal> {
  const person = await memberNamed(db, id)
  return person ?? refuse('invalid', { at: 'operatorId', detail: 'Not of this tenant' })
}

interface Vars {
  Bindings: Env
}

/** The sockets. Authority comes with a ticket, in the subprotocol: never in a URL, good once. */
export const liveRoutes = new Hono<Vars>()
  .get('/api/live', async (c) => {
    if (!isUpgrade(c.req.raw))
      return refused(refuse('invalid', { detail: 'Open this as a WebSocket' }))
    const seat = await redeem(c.req.raw, c.env)
    if (!seat) return badTicket()
    return c.env.INBOX.getByName(seat.tenantId).fetch('https://inbox/', {
      headers: {
        Upgrade: 'websocket',
        'X-Holder': encodeURIComponent(JSON.stringify(seat.holder)),
      },
    })
  })
  .get('/api/sessions/:sessionId/live', async (c) => {
    if (!isUpgrade(c.req.raw))
      return refused(refuse('invalid', { detail: 'Open this as a WebSocket' }))
    const id = z.safeParse(SessionId, c.req.param('sessionId'))
    if (!id.success) return refused(refuse('not-found'))
    const seat = await redeem(c.req.raw, c.env, id.data)
    if (!seat) return badTicket()
    const after = Number(c.req.query('after')) || 0
    const { person, signInId } = seat.holder
    return sessionOf(c.env, seat.tenantId as Principal['tenantId'], id.data).fetch(
      `https://session/?after=${after}`,
      { headers: { Upgrade: 'websocket', 'X-Operator': person.id, 'X-Sign-In': signInId } },
    )
  })

async function redeem(
  request: Request,
  env: Env,
  sessionId?: SessionId,
): Promise<{ tenantId: string; holder: Holder } | undefined> {
  const [tenantId, secret] = (secondProtocol(request, panelProtocol) ?? '').split('.')
  if (!tenantId || !secret || !/^ten_[0-9a-z]{26}$/.test(tenantId)) return undefined
  const holder = await env.INBOX.getByName(tenantId).redeem(secret, sessionId)
  return holder && { tenantId, holder }
}

function badTicket(): Response {
  return refuseSocket(panelProtocol, closeCodes.badTicket, 'The ticket was used or is too old')
}

function isUpgrade(request: Request): boolean {
  return request.headers.get('Upgrade')?.toLowerCase() === 'websocket'
}

// What may be done in a session, and if not, why. The worker decides; this only saves the way.

import { permissions, type Permission } from '../../shared/permissions.ts'
import { isActive, type SessionState } from '../../shared/session.ts'
import type { Me } from '../../shared/tenant.ts'
import { words } from '../words.ts'
import { no, yes, type Can } from './loadable.ts'

type Judge = (session: SessionState, me: Me | undefined) => Can

const { reasons } = words

export const mayReply: Judge = (session, me) =>
  refusedFor('sessions.reply', session, me) ?? takenByAnother(session, me) ?? yes

/** A note is welcome from anyone who may answer, whoever has the session, finished or not. */
export const mayNote: Judge = (session, me) => missing('sessions.reply', session, me) ?? yes

export const mayHandOver: Judge = (session, me) => {
  const refused = refusedFor('sessions.handover', session, me)
  if (refused) return refused
  return session.mode === 'ai' ? yes : no(reasons.handled)
}

export const mayAccept: Judge = (session, me) => {
  const refused = refusedFor('sessions.takeover', session, me)
  if (refused) return refused
  if (session.operator) {
    return no(
      session.operator.id === me?.operator.id
        ? reasons.mine
        : reasons.takenBy(session.operator.name),
    )
  }
  return session.mode === 'ai' ? no(reasons.notWaiting) : yes
}

/** Who comes to a session another operator has only looks at it: that is no reason against. */
export const mayTakeOver: Judge = (session, me) =>
  refusedFor('sessions.takeover', session, me) ?? yes

export const mayAssign: Judge = (session, me) => refusedFor('sessions.assign', session, me) ?? yes

export const maySwitchMode: Judge = (session, me) => {
  const refused = refusedFor('sessions.reply', session, me) ?? takenByAnother(session, me)
  if (refused) return refused
  if (session.mode === 'ai') return no(reasons.withAi)
  return session.operator ? yes : no(reasons.acceptFirst)
}

export const mayResolve: Judge = (session, me) =>
  refusedFor('sessions.reply', session, me) ?? takenByAnother(session, me) ?? yes

/** What speaks against every act: no permission, or a session that is over (F333, F335). */
function refusedFor(
  permission: Permission,
  session: SessionState,
  me: Me | undefined,
): Can | undefined {
  const refused = missing(permission, session, me)
  if (refused) return refused
  return isActive(session) ? undefined : no(reasons.finished)
}

function missing(
  permission: Permission,
  session: SessionState,
  me: Me | undefined,
): Can | undefined {
  if (!session.opened) return no(reasons.loading)
  return me?.permissions.includes(permission) ? undefined : no(permissions[permission])
}

function takenByAnother({ operator }: SessionState, me: Me | undefined): Can | undefined {
  if (!operator || operator.id === me?.operator.id) return undefined
  return no(reasons.takenBy(operator.name))
}

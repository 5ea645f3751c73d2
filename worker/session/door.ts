// How other rooms reach a session's object. The tenant is part of its name: another tenant's
// operator asks for another object, and finds it empty.

import type { SessionId, TenantId } from '../../shared/ids.ts'
import type { Env } from '../base/env.ts'
import type { SessionObject } from './object.ts'

export function sessionOf(
  env: Pick<Env, 'SESSION'>,
  tenantId: TenantId,
  sessionId: SessionId,
): DurableObjectStub<SessionObject> {
  return env.SESSION.getByName(`${tenantId}/${sessionId}`)
}

/** The thread a session is spoken on. Its own room is above this one. */
export function lineTo(
  env: Pick<Env, 'THREAD'>,
  tenantId: TenantId,
  { connectionId, address }: { readonly connectionId: string; readonly address: string },
) {
  return env.THREAD.getByName(`${tenantId}/${connectionId}/${address}`)
}

/** The tenant and session an object's name says. Throws on an object that was made without one. */
export function namesOf(name: string | undefined): { tenantId: TenantId; sessionId: SessionId } {
  const [tenantId, sessionId] = (name ?? '').split('/')
  if (!tenantId || !sessionId) throw new Error('a session object without a name')
  // Safe: names are made by `sessionOf` alone.
  return { tenantId: tenantId as TenantId, sessionId: sessionId as SessionId }
}

// How other rooms reach a thread's object: one per person per connection, named by both.

import type { ConnectionId, TenantId } from '../../shared/ids.ts'
import type { Env } from '../base/env.ts'
import type { ThreadObject } from './object.ts'

export interface ThreadNames {
  readonly tenantId: TenantId
  readonly connectionId: ConnectionId
  /** Who it is on this connection, as the channel names them. */
  readonly address: string
}

export function threadOf(
  env: Pick<Env, 'THREAD'>,
  { tenantId, connectionId, address }: ThreadNames,
): DurableObjectStub<ThreadObject> {
  return env.THREAD.getByName(`${tenantId}/${connectionId}/${address}`)
}

export function namesOf(name: string | undefined): ThreadNames {
  const [tenantId, connectionId, ...address] = (name ?? '').split('/')
  if (!tenantId || !connectionId || address.length === 0) {
    throw new Error('a thread object without a name')
  }
  // Safe: names are made by `threadOf` alone.
  return {
    tenantId: tenantId as TenantId,
    connectionId: connectionId as ConnectionId,
    address: address.join('/'),
  }
}

// Deleting a customer: cut off first, then sessions and threads and files, the record last. Every
// step can be done again, so that a deletion that was cut short is finished by asking once more.

import { fold } from '../../shared/fold.ts'
import type { ConnectionId, CustomerId, OperatorId, SessionId } from '../../shared/ids.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import type { Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { forgetFiles } from '../files/keep.ts'
import { sessionOf } from '../session/door.ts'
import { threadOf } from '../thread/door.ts'
import { deleteRecord, deleteSessions, removalOf, sessionsLeft, unlink } from './queries.ts'

/** Sessions taken out in one step. What a step has done stays done. */
const sessionsAtOnce = 25

export interface Order {
  readonly id: CustomerId
  /** The customer's name, typed again: asked for while a session is active. */
  readonly name?: string | undefined
  readonly operatorId: OperatorId
  readonly now: number
}

/**
 * Deletes a customer for good, with every session, message and file. What the provider delivers
 * late brings nothing back; what the person writes afterwards makes a new contact.
 */
export async function removeCustomer(
  env: Env,
  db: Db,
  { id, name, ...by }: Order,
): Promise<Refusal | undefined> {
  const removal = await removalOf(db, id)
  if (!removal) return refuse('not-found')
  if (removal.active > 0 && fold(name ?? '') !== fold(removal.name)) {
    return refuse('session-open', { at: 'name', detail: String(removal.active) })
  }
  await unlink(db, id, removal, by)
  const gone: SessionId[] = []
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- step by step: each is found done by the next try
    const sessions = await sessionsLeft(db, id, sessionsAtOnce)
    if (sessions.length === 0) break
    // oxlint-disable-next-line no-await-in-loop
    gone.push(...(await eraseSessions(env, db, sessions)))
  }
  await deleteRecord(db, id)
  await env.INBOX.getByName(db.tenantId).customerRemoved(id, gone)
  return undefined
}

/**
 * Sessions with the threads they came by, and the sessions these threads have just begun. First
 * everything that is under way comes to its end, so that nothing is written after the erasure.
 */
async function eraseSessions(
  env: Env,
  db: Db,
  begun: readonly SessionId[],
): Promise<readonly SessionId[]> {
  const { tenantId } = db
  const session = (id: SessionId) => sessionOf(env, tenantId, id)
  const lines = await Promise.all(begun.map((id) => session(id).halt()))
  const threads = new Map<string, { connectionId: ConnectionId; address: string }>()
  for (const line of lines) if (line) threads.set(JSON.stringify(line), line)
  const spoken = await Promise.all(
    [...threads.values()].map((line) => threadOf(env, { tenantId, ...line }).erase()),
  )
  const all = [...new Set([...begun, ...spoken.flat()])]
  await Promise.all(all.map((id) => session(id).erase()))
  await forgetFiles(env, db, all)
  await deleteSessions(db, all)
  return all
}

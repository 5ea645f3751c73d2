// The people of a tenant: added, given another role, removed.

import type { OperatorId } from '../../shared/ids.ts'
import type { Role } from '../../shared/permissions.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import type { Member, NewMember } from '../../shared/tenant.ts'
import { audited, type Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import type { Principal } from '../base/http.ts'
import {
  addMember,
  carryOut,
  changeRole,
  emailIsTaken,
  EmailTaken,
  Overtaken,
  readMember,
  removeMember,
  type Write,
} from './queries.ts'
import { mayGrant } from './rules.ts'
import { forgetOperator } from './sign-in.ts'

/** Who acts, on what they stand. */
export interface Desk {
  readonly env: Env
  readonly db: Db
  readonly me: Principal
}

/** Adds a person. One who has an account anywhere is answered alike: whose it is stays unsaid. */
export async function addPerson(
  { env, db, me }: Desk,
  { role, ...person }: NewMember,
): Promise<Member | Refusal> {
  if (!mayGrant(me.role, role)) return aboveMe()
  if (await emailIsTaken(env, person.email)) return refuse('already-exists', { at: 'email' })

  const { newAccount } = await import('./auth.ts')
  const { operatorId, writes } = await newAccount(env, person)
  try {
    await carryOut(db, [
      ...writes,
      addMember(db, operatorId, role),
      audited(db, actor(me), 'member/added', operatorId, { role }),
    ])
  } catch (error) {
    if (error instanceof EmailTaken) return refuse('already-exists', { at: 'email' })
    throw error
  }
  return { id: operatorId, name: person.name, email: person.email.toLowerCase(), role }
}

/** Gives a person another role. Their sockets close, and open again with what the new role allows. */
export async function changePersonsRole(
  desk: Desk,
  operatorId: OperatorId,
  role: Role,
): Promise<Member | Refusal> {
  const { db, me } = desk
  const member = await readMember(db, operatorId)
  if (!member) return refuse('not-found')
  if (!mayGrant(me.role, role) || !mayGrant(me.role, member.role)) return aboveMe()
  if (member.role === role) return member

  const refusal = await carryOutAndKick(desk, member, [
    ...changeRole(db, operatorId, member.role, role),
    audited(db, actor(me), 'member/role-changed', operatorId, { from: member.role, to: role }),
  ])
  return refusal ?? { ...member, role }
}

/** Takes a person out; they are signed out at once. */
export async function removePerson(
  desk: Desk,
  operatorId: OperatorId,
): Promise<Refusal | undefined> {
  const { env, db, me } = desk
  const member = await readMember(db, operatorId)
  if (!member) return refuse('not-found')
  if (!mayGrant(me.role, member.role)) return aboveMe()

  return carryOutAndKick(desk, member, [
    ...removeMember(env, db, member),
    audited(db, actor(me), 'member/removed', operatorId, { role: member.role }),
  ])
}

/** Writes, unless the member is no longer as it was read or nobody would be left to own the tenant. */
async function carryOutAndKick(
  { env, db, me }: Desk,
  member: Member,
  writes: readonly Write[],
): Promise<Refusal | undefined> {
  try {
    await carryOut(db, writes)
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error
    const now = await readMember(db, member.id)
    return refuse(now?.role === member.role ? 'last-owner' : 'changed-meanwhile')
  }
  forgetOperator(member.id)
  await env.INBOX.getByName(me.tenantId).kick(member.id)
  return undefined
}

function aboveMe(): Refusal {
  return refuse('not-permitted', { detail: 'members.manage', at: 'role' })
}

function actor(me: Principal) {
  return { kind: 'operator', id: me.operatorId } as const
}

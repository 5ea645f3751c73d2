// The SQL of tenants, their people, settings, audit log and connections.

import { and, asc, desc, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'

import type { ConnectionId, OperatorId, TenantId } from '../../shared/ids.ts'
import type { Person } from '../../shared/message.ts'
import type { Role } from '../../shared/permissions.ts'
import type { AuditRow, Member, TenantSettings } from '../../shared/tenant.ts'
import { controlDb, tenantDb, type Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import type { Principal } from '../base/http.ts'
import {
  agentConnections,
  agents,
  auditRows,
  connections,
  credentials,
  members,
  operators,
  signIns,
  tenants,
} from '../base/schema.ts'
import type { SettingsChange } from './rules.ts'

/** A statement on its way into a batch. */
export type Write = BatchItem<'sqlite'>

/** Writes all of it or nothing. Throws `Overtaken` when a guard among the writes says no. */
export async function carryOut(db: Db, writes: readonly Write[]): Promise<void> {
  const [first, ...rest] = writes
  if (!first) return
  try {
    await db.orm.batch([first, ...rest])
  } catch (error) {
    if (said(error, 'malformed JSON')) throw new Overtaken()
    if (said(error, 'UNIQUE constraint failed: operator.email')) throw new EmailTaken()
    throw error
  }
}

/** A guard in a batch has refused it: nothing was written. */
export class Overtaken extends Error {}
/** Another operator has this email: nothing was written. */
export class EmailTaken extends Error {}

function said(error: unknown, words: string): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one.message.includes(words)) return true
  }
  return false
}

// --- Sign-in

/** The sign-in behind a bearer's hash, with the role its operator has in its tenant just now. */
export async function signInOf(
  env: Env,
  hash: string,
): Promise<(Omit<Principal, 'signInId'> & { expiresAt: Date }) | undefined> {
  return controlDb(env)
    .select({
      tenantId: members.organizationId,
      operatorId: operators.id,
      name: operators.name,
      email: operators.email,
      role: members.role,
      expiresAt: signIns.expiresAt,
    })
    .from(signIns)
    .innerJoin(
      members,
      and(
        eq(members.organizationId, signIns.activeOrganizationId),
        eq(members.userId, signIns.userId),
      ),
    )
    .innerJoin(operators, eq(operators.id, signIns.userId))
    .where(eq(signIns.token, hash))
    .get()
}

/** The tenant an operator works for. */
export async function tenantOf(env: Env, operatorId: OperatorId): Promise<TenantId | undefined> {
  const row = await controlDb(env)
    .select({ tenantId: members.organizationId })
    .from(members)
    .where(eq(members.userId, operatorId))
    .orderBy(members.createdAt)
    .get()
  return row?.tenantId
}

export function endSignIn(db: Db, hash: string): Write {
  return db.orm
    .delete(signIns)
    .where(and(eq(signIns.activeOrganizationId, db.tenantId), eq(signIns.token, hash)))
}

/** Takes away what has run out, of one operator: nobody else is looking for it. */
export function sweepSignIns(db: Db, operatorId: OperatorId): Write {
  return db.orm
    .delete(signIns)
    .where(
      and(
        eq(signIns.activeOrganizationId, db.tenantId),
        eq(signIns.userId, operatorId),
        lt(signIns.expiresAt, new Date()),
      ),
    )
}

// --- The tenant and its settings

export function addTenant(db: Db, name: string, timeZone: string): Write {
  const id = db.tenantId
  return db.orm.insert(tenants).values({ id, name, slug: id, timeZone, createdAt: new Date() })
}

export async function readSettings(db: Db): Promise<TenantSettings | undefined> {
  const { name, timeZone, plan, statuses, defaultCountry, productUrl: url } = tenants
  const row = await db.orm
    .select({ name, timeZone, plan, statuses, defaultCountry, url })
    .from(tenants)
    .where(eq(tenants.id, db.tenantId))
    .get()
  if (!row) return undefined
  const { url: productUrl, ...settings } = row
  return productUrl ? { ...settings, productUrl } : settings
}

/** Where products are asked for, with the secret as it is kept: sealed. */
export async function productSystem(
  db: Db,
): Promise<{ url: string | null; secret: string | null } | undefined> {
  const { productUrl: url, productSecret: secret } = tenants
  return db.orm.select({ url, secret }).from(tenants).where(eq(tenants.id, db.tenantId)).get()
}

/** The secret is sealed by whoever calls. */
export function changeSettings(
  db: Db,
  change: Omit<SettingsChange, 'productUrl'> & {
    readonly productUrl?: string | null
    readonly productSecret?: string
  },
): Write {
  return db.orm.update(tenants).set(change).where(eq(tenants.id, db.tenantId))
}

// --- People

export function addMember(db: Db, operatorId: OperatorId, role: Role): Write {
  return db.orm.insert(members).values({
    id: crypto.randomUUID(),
    organizationId: db.tenantId,
    userId: operatorId,
    role,
    createdAt: new Date(),
  })
}

const memberColumns = {
  id: operators.id,
  name: operators.name,
  email: operators.email,
  role: members.role,
}

export async function listMembers(db: Db): Promise<Member[]> {
  return db.orm
    .select(memberColumns)
    .from(members)
    .innerJoin(operators, eq(operators.id, members.userId))
    .where(eq(members.organizationId, db.tenantId))
    .orderBy(sql`${operators.name} COLLATE NOCASE`, operators.id)
}

export async function readMember(db: Db, operatorId: OperatorId): Promise<Member | undefined> {
  return db.orm
    .select(memberColumns)
    .from(members)
    .innerJoin(operators, eq(operators.id, members.userId))
    .where(theMember(db, operatorId))
    .get()
}

/** A colleague as facts name them, if they are of this tenant. */
export async function memberNamed(db: Db, operatorId: OperatorId): Promise<Person | undefined> {
  const member = await readMember(db, operatorId)
  return member && { id: member.id, name: member.name }
}

export async function emailIsTaken(env: Env, email: string): Promise<boolean> {
  const row = await controlDb(env)
    .select({ id: operators.id })
    .from(operators)
    .where(eq(operators.email, email.toLowerCase()))
    .get()
  return row !== undefined
}

/** Changes a role, unless it has become another than `from` meanwhile or no owner would be left. */
export function changeRole(db: Db, operatorId: OperatorId, from: Role, role: Role): Write[] {
  const update = db.orm
    .update(members)
    .set({ role })
    .where(and(theMember(db, operatorId), eq(members.role, from)))
  return [update, somethingChanged(db), anOwnerIsLeft(db)]
}

/**
 * Takes a person out of the tenant, with their sign-ins; what they could sign in with goes when
 * they belong nowhere else. The same guards as for a change of role.
 */
export function removeMember(env: Env, db: Db, { id, role }: Pick<Member, 'id' | 'role'>): Write[] {
  const nowhere = sql`NOT EXISTS (SELECT 1 FROM ${members} WHERE ${members.userId} = ${id})`
  const { orm } = db
  // An account is of no tenant.
  const control = controlDb(env)
  return [
    orm.delete(members).where(and(theMember(db, id), eq(members.role, role))),
    somethingChanged(db),
    anOwnerIsLeft(db),
    orm
      .delete(signIns)
      .where(and(eq(signIns.activeOrganizationId, db.tenantId), eq(signIns.userId, id))),
    control.delete(credentials).where(and(eq(credentials.userId, id), nowhere)),
    control.delete(operators).where(and(eq(operators.id, id), nowhere)),
  ]
}

function theMember(db: Db, operatorId: OperatorId) {
  return and(eq(members.organizationId, db.tenantId), eq(members.userId, operatorId))
}

// A batch knows no «if»: a guard that does not hold reads what is no JSON, which ends the batch.

function anOwnerIsLeft(db: Db): Write {
  return db.orm
    .select({ ok: sql`CASE WHEN count(*) > 0 THEN 1 ELSE json('no owner') END` })
    .from(members)
    .where(and(eq(members.organizationId, db.tenantId), eq(members.role, 'owner')))
}

/** The statement before it has changed a row. */
function somethingChanged(db: Db): Write {
  return db.orm
    .select({ ok: sql`CASE WHEN changes() > 0 THEN 1 ELSE json('overtaken') END` })
    .from(tenants)
    .where(eq(tenants.id, db.tenantId))
}

// --- The audit log

export async function listAudit(
  db: Db,
  limit: number,
  before: { readonly at: number; readonly id: string } | undefined,
): Promise<AuditRow[]> {
  const { id, at, actor, action, subject, detail } = auditRows
  return db.orm
    .select({ id, at, actor, action, subject, detail })
    .from(auditRows)
    .where(db.mine(auditRows, before && sql`(${at}, ${id}) < (${before.at}, ${before.id})`))
    .orderBy(desc(at), desc(id))
    .limit(limit)
}

// --- Connections

export type ConnectionRow = typeof connections.$inferSelect
export type AttachedAgent = Awaited<ReturnType<typeof listAttachedAgents>>[number]

/** A connection by its id alone: a webhook names no tenant. */
export async function findConnection(
  env: Env,
  id: ConnectionId,
): Promise<ConnectionRow | undefined> {
  return controlDb(env).select().from(connections).where(eq(connections.id, id)).get()
}

export async function readConnection(db: Db, id: ConnectionId): Promise<ConnectionRow | undefined> {
  return db.orm
    .select()
    .from(connections)
    .where(db.mine(connections, eq(connections.id, id)))
    .get()
}

export async function listConnections(db: Db): Promise<ConnectionRow[]> {
  return db.orm
    .select()
    .from(connections)
    .where(db.mine(connections))
    .orderBy(asc(connections.createdAt), asc(connections.id))
}

/** Which agents are attached to the connections, oldest agent first. */
export async function listAttachedAgents(db: Db, ids: readonly ConnectionId[]) {
  return db.orm
    .select({
      connectionId: agentConnections.connectionId,
      id: agents.id,
      name: agents.name,
      running: agents.running,
    })
    .from(agentConnections)
    .innerJoin(
      agents,
      and(eq(agents.tenantId, agentConnections.tenantId), eq(agents.id, agentConnections.agentId)),
    )
    .where(
      db.mine(
        agentConnections,
        // One parameter for any number of ids: D1 takes a hundred.
        inArray(
          agentConnections.connectionId,
          sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`,
        ),
      ),
    )
    .orderBy(asc(agents.createdAt), asc(agents.id))
}

export function addConnection(db: Db, row: Omit<ConnectionRow, 'tenantId'>): Write {
  return db.orm.insert(connections).values({ ...row, tenantId: db.tenantId })
}

/** Changes a connection, unless its secrets have been changed since `known` was read. */
export function changeConnection(
  db: Db,
  known: ConnectionRow,
  change: Partial<ConnectionRow>,
): Write[] {
  const update = db.orm
    .update(connections)
    .set(change)
    .where(
      db.mine(
        connections,
        eq(connections.id, known.id),
        eq(connections.secrets, known.secrets),
        sql`${connections.settings} = ${JSON.stringify(known.settings)}`,
      ),
    )
  return [update, somethingChanged(db)]
}

/** Marks a connection's last trouble, or its end. One that was stopped stays stopped. */
export async function markTrouble(
  env: Env,
  tenantId: TenantId,
  id: ConnectionId,
  error: string | null,
): Promise<void> {
  const db = tenantDb(env, tenantId)
  const troubled = eq(connections.state, 'error')
  const other = or(isNull(connections.lastError), sql`${connections.lastError} <> ${error}`)
  await db.orm
    .update(connections)
    .set({ state: error === null ? 'running' : 'error', lastError: error })
    .where(
      db.mine(
        connections,
        eq(connections.id, id),
        error === null ? troubled : and(or(eq(connections.state, 'running'), troubled), other),
      ),
    )
}

/** Notes when something last came in. Only forward. */
export async function markEvent(
  env: Env,
  tenantId: TenantId,
  id: ConnectionId,
  at: number,
): Promise<void> {
  const db = tenantDb(env, tenantId)
  await db.orm
    .update(connections)
    .set({ lastEventAt: at })
    .where(
      db.mine(
        connections,
        eq(connections.id, id),
        or(isNull(connections.lastEventAt), lt(connections.lastEventAt, at)),
      ),
    )
}

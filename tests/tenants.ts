// Tenants for tests: made right in D1, without passwords, with a bearer for each role.

import type { OperatorId, TenantId } from '../shared/ids.ts'
import { newId } from '../shared/new-id.ts'
import { roleNames, type Role } from '../shared/permissions.ts'
import { sha256Hex } from '../worker/base/crypto.ts'
import { controlDb } from '../worker/base/db.ts'
import type { Env } from '../worker/base/env.ts'
import { members, operators, signIns, tenants } from '../worker/base/schema.ts'

export interface TestOperator {
  readonly id: OperatorId
  readonly name: string
  readonly email: string
  /** Goes into `Authorization: Bearer`. */
  readonly bearer: string
}

export interface TestTenant {
  readonly tenantId: TenantId
  readonly operators: Readonly<Record<Role, TestOperator>>
}

/** What may differ from the usual test tenant: free plan, UTC, status «resolved», country US. */
export interface TestTenantOptions {
  readonly name?: string
  readonly timeZone?: string
  readonly plan?: 'free' | 'paid'
  readonly statuses?: string[]
  readonly defaultCountry?: string
}

/** A new tenant with an operator in each role, all signed in for a day. */
export async function newTenant(
  env: Pick<Env, 'DB'>,
  options: TestTenantOptions = {},
): Promise<TestTenant> {
  const tenantId = newId('ten')
  const db = controlDb(env)
  await db
    .insert(tenants)
    .values({ id: tenantId, name: 'Acme', slug: tenantId, createdAt: new Date(), ...options })
  const made = await Promise.all(
    roleNames.map(async (role) => [role, await newOperator(env, tenantId, role)] as const),
  )
  // Safe: there is one entry for each role.
  return { tenantId, operators: Object.fromEntries(made) as Record<Role, TestOperator> }
}

/** One more operator of a tenant, signed in. */
export async function newOperator(
  env: Pick<Env, 'DB'>,
  tenantId: TenantId,
  role: Role,
): Promise<TestOperator> {
  const id = newId('opr')
  const name = `${role} ${id.slice(4, 8)}`
  const email = `${role}.${id.slice(4, 12)}@example.com`
  const now = new Date()
  const db = controlDb(env)
  await db.batch([
    db
      .insert(operators)
      .values({ id, name, email, emailVerified: true, createdAt: now, updatedAt: now }),
    db.insert(members).values({
      id: crypto.randomUUID(),
      organizationId: tenantId,
      userId: id,
      role,
      createdAt: now,
    }),
  ])
  return { id, name, email, bearer: await newSignIn(env, tenantId, id) }
}

/** One more sign-in of an operator: gives its bearer. */
export async function newSignIn(
  env: Pick<Env, 'DB'>,
  tenantId: TenantId,
  operatorId: OperatorId,
  lastsMs = 24 * 3600_000,
): Promise<string> {
  const bearer = `${crypto.randomUUID()}${crypto.randomUUID()}`
  const now = new Date()
  await controlDb(env)
    .insert(signIns)
    .values({
      id: crypto.randomUUID(),
      token: await sha256Hex(bearer),
      userId: operatorId,
      activeOrganizationId: tenantId,
      expiresAt: new Date(now.getTime() + lastsMs),
      createdAt: now,
      updatedAt: now,
    })
  return bearer
}

/** What a tenant's audit log holds, newest first. */
export async function auditOf(env: Pick<Env, 'DB'>, tenantId: TenantId) {
  const { results } = await env.DB.prepare(
    'SELECT id, at, actor, action, subject, detail FROM audit WHERE tenant_id = ? ORDER BY at DESC, id DESC',
  )
    .bind(tenantId)
    .all<{
      id: string
      at: number
      actor: string
      action: string
      subject: string
      detail: string
    }>()
  // Safe: details are kept as JSON objects.
  return results.map((row) => ({ ...row, detail: JSON.parse(row.detail) as object }))
}

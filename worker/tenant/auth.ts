// Accounts and passwords, by better-auth. Slow to evaluate: only sign-up, sign-in and adding a
// person import this file, and only when they are called.

import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { betterAuth } from 'better-auth/minimal'
import { organization } from 'better-auth/plugins/organization'

import type { OperatorId, TenantId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import type { NewMember, SignIn, SignUp } from '../../shared/tenant.ts'
import { controlDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import {
  credentials,
  invitations,
  members,
  operators,
  signIns,
  tenants,
  verifications,
} from '../base/schema.ts'
import { hashPassword, passwordIsRight } from './password.ts'
import { tenantOf, type Write } from './queries.ts'
import { bearerHash, signInLastsMs } from './sign-in.ts'

/** What the library decided, not yet written: the caller puts it in one batch with its own rows. */
export interface Admission {
  readonly operatorId: OperatorId
  readonly tenantId: TenantId
  /** The bearer. Only its hash is among the writes. */
  readonly token: string
  readonly writes: readonly Write[]
}

/** A new operator with a password, signed in to a tenant that is being founded. */
export async function openAccount(
  env: Env,
  tenantId: TenantId,
  { name, email, password }: Pick<SignUp, 'name' | 'email' | 'password'>,
  headers: Headers,
): Promise<Admission | Refusal> {
  const { auth, writes } = authOf(env, async () => tenantId)
  try {
    const { token, user } = await auth.api.signUpEmail({ body: { name, email, password }, headers })
    // Safe: an account is made signed in, and ids are made by `newId` below.
    return { operatorId: user.id as OperatorId, tenantId, token: token as string, writes }
  } catch (error) {
    if (codeOf(error) !== 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL') throw error
    return refuse('already-exists', { at: 'email' })
  }
}

/** Signs an operator in. Unknown, wrong and belonging nowhere answer alike, in like time. */
export async function admit(
  env: Env,
  { email, password }: SignIn,
  headers: Headers,
): Promise<Admission | Refusal> {
  let tenantId: TenantId | undefined
  const { auth, writes } = authOf(env, async (operatorId) => {
    tenantId = await tenantOf(env, operatorId)
    return tenantId
  })
  try {
    const { token, user } = await auth.api.signInEmail({ body: { email, password }, headers })
    // Safe: without a tenant there is no sign-in, and the library has thrown.
    return { operatorId: user.id as OperatorId, tenantId: tenantId as TenantId, token, writes }
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return refuse('wrong-password')
  }
}

/** A new operator with a password, not signed in. */
export async function newAccount(
  env: Env,
  { name, email, password }: Pick<NewMember, 'name' | 'email' | 'password'>,
): Promise<{ operatorId: OperatorId; writes: readonly Write[] }> {
  const { auth, writes } = authOf(env, async () => undefined)
  const { internalAdapter } = await auth.$context
  const user = await internalAdapter.createUser(
    { name, email, emailVerified: false },
    { method: 'email-password' },
  )
  await internalAdapter.createAccount({
    userId: user.id,
    accountId: user.id,
    providerId: 'credential',
    password: await hashPassword(password),
  })
  // Safe: ids are made by `newId` below.
  return { operatorId: user.id as OperatorId, writes }
}

function authOf(env: Env, tenantOf: (operatorId: OperatorId) => Promise<TenantId | undefined>) {
  const writes: Write[] = []
  const auth = betterAuth({
    baseURL: env.PUBLIC_URL,
    secret: env.SECRET_KEY,
    trustedOrigins: [env.PUBLIC_URL],
    database: drizzleAdapter(collecting(env, writes), {
      provider: 'sqlite',
      schema: {
        operator: operators,
        sign_in: signIns,
        credential: credentials,
        verification: verifications,
        tenant: tenants,
        member: members,
        invitation: invitations,
      },
    }),
    user: { modelName: 'operator' },
    session: { modelName: 'sign_in', expiresIn: signInLastsMs / 1000 },
    account: { modelName: 'credential' },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 10,
      password: {
        hash: hashPassword,
        verify: ({ hash, password }) => passwordIsRight(hash, password),
      },
    },
    plugins: [
      organization({ creatorRole: 'owner', schema: { organization: { modelName: 'tenant' } } }),
    ],
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const tenantId = await tenantOf(session.userId as OperatorId)
            return tenantId !== undefined && { data: { activeOrganizationId: tenantId } }
          },
        },
      },
    },
    advanced: {
      database: {
        generateId: ({ model }) => (model === 'user' ? newId('opr') : crypto.randomUUID()),
      },
      ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] },
    },
    // It would log addresses of people.
    logger: { disabled: true },
    telemetry: { enabled: false },
  })
  return { auth, writes }
}

/**
 * A database that reads, and keeps what is to be inserted for the caller's batch: an account, its
 * tenant and the audit row are written together or not at all. A bearer is kept as its hash.
 */
function collecting(env: Env, writes: Write[]) {
  const db = controlDb(env)
  const insert = (table: typeof signIns) => ({
    values: (row: typeof signIns.$inferInsert) => ({
      returning: async () => {
        const kept = table === signIns ? { ...row, token: await bearerHash(row.token) } : row
        writes.push(db.insert(table).values(kept))
        return [row]
      },
    }),
  })
  return Object.create(db, {
    insert: { value: insert },
    update: { value: refuseToWrite },
    delete: { value: refuseToWrite },
  }) as typeof db
}

function refuseToWrite(): never {
  throw new Error('accounts are only ever added to here')
}

/** The library's word for why not; nothing when it is no refusal of the library but a bug. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('body' in error)) return undefined
  const { body } = error
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : undefined
}

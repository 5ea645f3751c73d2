// The company that uses the product, and its people.

import * as z from 'zod/mini'

import { OperatorId, TenantId } from './ids.ts'
import { Time } from './message.ts'
import { roleNames, type Permission } from './permissions.ts'

export const Role = z.enum(roleNames)

/** A name as it may be shown: something to read, and no control characters. */
export const Name = z
  .string()
  .check(
    z.trim(),
    z.minLength(1),
    z.maxLength(120),
    z.regex(/^[^\p{Cc}]+$/u, 'no control characters'),
  )

export const TenantSettings = z.object({
  name: Name,
  /** IANA name, like `Europe/Lisbon`. */
  timeZone: z.string().check(z.maxLength(60)),
  plan: z.enum(['free', 'paid']),
  /** Names of finished sessions' statuses, in order; the first is the usual one. */
  statuses: z
    .array(z.string().check(z.minLength(1), z.maxLength(40)))
    .check(z.minLength(1), z.maxLength(20)),
  /** Two-letter country a phone number without a prefix is read in. */
  defaultCountry: z.string().check(z.regex(/^[A-Z]{2}$/)),
  /** Where «Get products» asks. Absent: no product system is connected. */
  productUrl: z.optional(z.string().check(z.maxLength(500))),
})
export type TenantSettings = z.infer<typeof TenantSettings>

/** Names that are left out stay as they are. The secret is written and never read back. */
export const SettingsChange = z.strictObject({
  ...z.partial(TenantSettings).shape,
  /** Empty: products are not asked for any more. */
  productUrl: z.optional(z.string().check(z.maxLength(500))),
  /** Signs what is asked: HMAC-SHA256. */
  productSecret: z.optional(z.string().check(z.minLength(16), z.maxLength(200))),
})
export type SettingsChange = z.infer<typeof SettingsChange>

/** Who is signed in, where, and what they may do. */
export const Me = z.object({
  operator: z.object({ id: OperatorId, name: z.string(), email: z.string() }),
  tenant: z.extend(TenantSettings, { id: TenantId }),
  role: Role,
  permissions: z.array(z.custom<Permission>((value) => typeof value === 'string')),
})
export type Me = z.infer<typeof Me>

export const Member = z.object({
  id: OperatorId,
  name: z.string(),
  email: z.string(),
  role: Role,
})
export type Member = z.infer<typeof Member>

const Password = z.string().check(z.minLength(10), z.maxLength(128))
const Email = z.email().check(z.maxLength(254))

export const NewMember = z.strictObject({
  name: Name,
  email: Email,
  password: Password,
  role: Role,
})
export type NewMember = z.infer<typeof NewMember>

export const SignUp = z.strictObject({
  name: Name,
  email: Email,
  password: Password,
  company: Name,
  timeZone: z.optional(z.string().check(z.maxLength(60))),
})
export type SignUp = z.infer<typeof SignUp>

export const SignIn = z.strictObject({
  email: z.string().check(z.maxLength(254)),
  password: z.string().check(z.maxLength(128)),
})
export type SignIn = z.infer<typeof SignIn>

export const AuditRow = z.object({
  id: z.string(),
  at: Time,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
})
export type AuditRow = z.infer<typeof AuditRow>

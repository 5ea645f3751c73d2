// The fields of a customer: the built-in ones, what a tenant adds, and how a value is written.

import * as z from 'zod/mini'

export const FieldType = z.enum(['text', 'number', 'date', 'enum', 'boolean'])
export type FieldType = z.infer<typeof FieldType>

/** The technical name: what feeds match by, and what filters and files speak of. Never changes. */
export const FieldName = z.string().check(z.regex(/^[a-z][a-z0-9_]{0,59}$/))
export type FieldName = z.infer<typeof FieldName>

const Title = z.string().check(z.trim(), z.minLength(1), z.maxLength(60))
const Options = z.array(Title).check(z.minLength(1), z.maxLength(100))

export const Field = z.object({
  name: FieldName,
  title: Title,
  type: FieldType,
  options: z.array(z.string()),
  builtin: z.boolean(),
  /** Not on the profile, whatever its value. */
  hidden: z.boolean(),
  /** A column of the table. */
  column: z.boolean(),
  /** Its place among the columns and on the profile. */
  position: z.int(),
})
export type Field = z.infer<typeof Field>

export const NewField = z.strictObject({
  name: FieldName,
  title: Title,
  type: FieldType,
  options: z.optional(Options),
  hidden: z.optional(z.boolean()),
  column: z.optional(z.boolean()),
})
export type NewField = z.infer<typeof NewField>

/** Name and type stay; a type's meaning can't change under the values that have it. */
export const FieldChange = z.strictObject({
  title: z.optional(Title),
  options: z.optional(Options),
  hidden: z.optional(z.boolean()),
  column: z.optional(z.boolean()),
  position: z.optional(z.int().check(z.gte(0), z.lte(10_000))),
})
export type FieldChange = z.infer<typeof FieldChange>

/** How a built-in field is held. */
interface BuiltIn {
  readonly title: string
  readonly type: FieldType
  /** The identity it shows, for fields that are one; a customer may have several. */
  readonly identity?:
    | 'email'
    | 'phone'
    | 'whatsapp-user'
    | 'external'
    | 'telegram-username'
    | 'telegram-id'
    | 'visitor'
  /** Whether a person may write it. */
  readonly editable: boolean
  readonly column: boolean
  readonly hidden: boolean
}

/** Every built-in field, in its first order. To add one, add its line. */
export const builtInFields = {
  name: { title: 'Name', type: 'text', editable: true, column: true, hidden: false },
  email: {
    title: 'Email',
    type: 'text',
    identity: 'email',
    editable: true,
    column: true,
    hidden: false,
  },
  phone: {
    title: 'Phone',
    type: 'text',
    identity: 'phone',
    editable: true,
    column: true,
    hidden: false,
  },
  whatsapp_user: {
    title: 'WhatsApp user',
    type: 'text',
    identity: 'whatsapp-user',
    editable: false,
    column: false,
    hidden: false,
  },
  telegram_username: {
    title: 'Telegram',
    type: 'text',
    identity: 'telegram-username',
    editable: true,
    column: false,
    hidden: false,
  },
  telegram_id: {
    title: 'Telegram ID',
    type: 'text',
    identity: 'telegram-id',
    editable: false,
    column: false,
    hidden: false,
  },
  linkedin: { title: 'LinkedIn', type: 'text', editable: true, column: false, hidden: false },
  external_id: {
    title: 'External ID',
    type: 'text',
    identity: 'external',
    editable: true,
    column: false,
    hidden: false,
  },
  visitor_id: {
    title: 'Visitor ID',
    type: 'text',
    identity: 'visitor',
    editable: false,
    column: false,
    hidden: true,
  },
  channels: { title: 'Channels', type: 'enum', editable: false, column: true, hidden: true },
  created_at: { title: 'Created', type: 'date', editable: false, column: false, hidden: true },
  last_communication: {
    title: 'Last communication',
    type: 'date',
    editable: false,
    column: true,
    hidden: true,
  },
  campaign: { title: 'Campaign', type: 'enum', editable: false, column: false, hidden: true },
  campaign_status: {
    title: 'Campaign status',
    type: 'enum',
    editable: false,
    column: false,
    hidden: true,
  },
  campaign_stage: {
    title: 'Campaign stage',
    type: 'text',
    editable: false,
    column: false,
    hidden: true,
  },
} as const satisfies Record<string, BuiltIn>
export type BuiltInName = keyof typeof builtInFields

/** How many values a field has. */
export const FieldUsage = z.object({ values: z.int() })
export type FieldUsage = z.infer<typeof FieldUsage>

export function isBuiltIn(name: string): name is BuiltInName {
  return Object.hasOwn(builtInFields, name)
}

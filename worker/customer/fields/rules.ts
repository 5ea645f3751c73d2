// Which fields a customer has: the built-in ones as the tenant has set them, and its own.

import type { IdentityKind } from '../../../shared/customer.ts'
import {
  builtInFields,
  isBuiltIn,
  type BuiltInName,
  type Field,
  type FieldChange,
} from '../../../shared/fields.ts'
import { refuse, type Refusal } from '../../../shared/refusal.ts'

/** What a tenant has written down about a field. */
export type FieldRow = Omit<Field, 'builtin'>

/** Every field in the tenant's order. Built-in ones the tenant never touched stand as they come. */
export function fieldsFrom(rows: readonly FieldRow[]): Field[] {
  const names = Object.keys(builtInFields) as BuiltInName[]
  const builtIns = names.map((name, position): Field => {
    const { title, type, hidden, column } = builtInFields[name]
    const own = rows.find((row) => row.name === name)
    const usual = { title, hidden, column, position }
    const { title: ownTitle, hidden: ownHidden, column: ownColumn, position: place } = own ?? usual
    return {
      name,
      title: ownTitle,
      type,
      options: [],
      builtin: true,
      hidden: ownHidden,
      column: ownColumn,
      position: place,
    }
  })
  const customs = rows
    .filter(({ name }) => !isBuiltIn(name))
    .map((row): Field => ({ ...row, builtin: false }))
  return [...builtIns, ...customs].sort(inOrder)
}

function inOrder(a: Field, b: Field): number {
  // Names tell apart what stands in one place.
  return a.position - b.position || (a.name < b.name ? -1 : 1)
}

/**
 * The fields after a change of one, or why not. Its new place is its index among all: the others
 * make room, and every field is numbered anew.
 */
export function changeField(
  fields: readonly Field[],
  name: string,
  change: FieldChange,
): readonly Field[] | Refusal {
  const field = fields.find((one) => one.name === name)
  if (!field) return refuse('not-found')
  const { position, ...news } = change
  const own = field.builtin ? undefined : news.options && optionsOf(field.type, news.options)
  if (news.options && !own) return refuse('invalid', { at: 'options' })
  const options = own ?? field.options
  // Safe: a change names only what it changes; what it leaves out is not undefined but absent.
  const changed = { ...field, ...(news as Partial<Field>), options }
  const others = fields.filter((one) => one !== field)
  if (position === undefined) return fields.map((one) => (one === field ? changed : one))
  return others.toSpliced(position, 0, changed).map((one, place) => ({ ...one, position: place }))
}

/** The options of a field, or nothing when its type can't have these. */
export function optionsOf(type: Field['type'], options: readonly string[]): string[] | undefined {
  if (type !== 'enum') return options.length === 0 ? [] : undefined
  return options.length > 0 && new Set(options).size === options.length ? [...options] : undefined
}

/** The kind of identity a field shows, for fields that are one. */
export function identityOf(name: string): IdentityKind | undefined {
  if (!isBuiltIn(name)) return undefined
  const field = builtInFields[name]
  return 'identity' in field ? field.identity : undefined
}

const fieldNames = new Map(
  (Object.keys(builtInFields) as BuiltInName[]).flatMap((name) => {
    const kind = identityOf(name)
    return kind ? [[kind, name] as const] : []
  }),
)

/** The field an identity is shown in. */
export function fieldOf(kind: IdentityKind): string {
  return fieldNames.get(kind) ?? kind
}

/** Whether a person may write the field. */
export function isEditable(name: string): boolean {
  return !isBuiltIn(name) || builtInFields[name].editable
}

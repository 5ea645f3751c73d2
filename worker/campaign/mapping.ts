// Where the columns of a file go: what their headers suggest, and what a person has decided.

import { fieldOf, type Mapping, type UploadStart } from '../../shared/campaign.ts'
import type { IdentityKind } from '../../shared/customer.ts'
import { builtInFields, isBuiltIn, type Field } from '../../shared/fields.ts'
import { fold } from '../../shared/fold.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'

/** Identities a file may bring. The others mean nothing outside their channel. */
const uploadable: ReadonlySet<IdentityKind> = new Set([
  'external',
  'email',
  'phone',
  'telegram-username',
  'telegram-id',
])

/** How each column is read. */
export interface Plan {
  readonly identities: readonly { readonly column: number; readonly kind: IdentityKind }[]
  /** Columns of the name, joined in their order: first name, last name. */
  readonly name: readonly number[]
  readonly values: readonly { readonly column: number; readonly field: Field }[]
  readonly data: readonly { readonly column: number; readonly key: string }[]
  readonly product?: number
  readonly attributes: readonly { readonly column: number; readonly key: string }[]
  readonly status?: number
  readonly stage?: number
}

/** The identity a field shows, if a file may bring it. */
export function identityOf(field: string): IdentityKind | undefined {
  if (!isBuiltIn(field)) return undefined
  const known = builtInFields[field]
  const kind: IdentityKind | undefined = 'identity' in known ? known.identity : undefined
  return kind && uploadable.has(kind) ? kind : undefined
}

/** Reads a mapping; refused where it names what is not there, or nothing to tell people by. */
export function planOf(
  mapping: Mapping,
  fields: readonly Field[],
  columns: number,
): Plan | Refusal {
  const plan = { identities: [], name: [], values: [], data: [], attributes: [] } as {
    -readonly [Key in keyof Plan]: Plan[Key] extends readonly (infer One)[] ? One[] : Plan[Key]
  }
  const taken = new Set<string>()
  for (const [place, target] of Object.entries(mapping).sort(([a], [b]) => Number(a) - Number(b))) {
    const column = Number(place)
    const at = `mapping.${place}`
    if (column >= columns) return refuse('invalid', { at, detail: 'There is no such column' })
    const name = fieldOf(target)
    const kind = name === undefined ? undefined : identityOf(name)
    const many = kind !== undefined || name === 'name'
    if (taken.has(target) && !many) return refuse('invalid', { at, detail: `${target} is taken` })
    taken.add(target)
    if (name === undefined) {
      const [what = '', key = ''] = split(target)
      if (what === 'data') plan.data.push({ column, key })
      else if (what === 'product' && key !== '') plan.attributes.push({ column, key })
      else if (what === 'product') plan.product = column
      else if (what === 'status') plan.status = column
      else plan.stage = column
    } else if (kind) plan.identities.push({ column, kind })
    else if (name === 'name') plan.name.push(column)
    else {
      const field = fields.find((one) => one.name === name)
      const writable = field && (!isBuiltIn(name) || builtInFields[name].editable)
      if (!writable) return refuse('invalid', { at, detail: `No field ${name} to write` })
      plan.values.push({ column, field })
    }
  }
  if (plan.identities.length === 0) {
    return refuse('invalid', {
      at: 'mapping',
      detail: 'Map a column to External ID, email, phone or Telegram: people are matched by these',
    })
  }
  if (plan.attributes.length > 0 && plan.product === undefined) {
    return refuse('invalid', { at: 'mapping', detail: 'Map the product’s name too' })
  }
  return plan
}

function split(target: string): string[] {
  const colon = target.indexOf(':')
  return colon < 0 ? [target] : [target.slice(0, colon), target.slice(colon + 1)]
}

/** What headers are called that mean one of ours, folded and without signs. */
const synonyms: Readonly<Record<string, string>> = {
  mail: 'email',
  emailaddress: 'email',
  phonenumber: 'phone',
  mobile: 'phone',
  mobilephone: 'phone',
  mobilenumber: 'phone',
  tel: 'phone',
  telephone: 'phone',
  cell: 'phone',
  whatsappnumber: 'phone',
  fullname: 'name',
  firstname: 'name',
  lastname: 'name',
  surname: 'name',
  customername: 'name',
  contactname: 'name',
  id: 'external_id',
  customerid: 'external_id',
  contactid: 'external_id',
  crmid: 'external_id',
  telegramusername: 'telegram_username',
}

/** Where the columns seem to go. What no header suggests becomes data of the campaign. */
export function suggestMapping(header: readonly string[], fields: readonly Field[]): Mapping {
  const mapping: Record<string, string> = {}
  const taken = new Set<string>()
  header.slice(0, 1_000).forEach((title, column) => {
    const target = targetOf(title, fields)
    const many = ['field:name', 'field:email', 'field:phone'].includes(target ?? '')
    if (target === undefined || (taken.has(target) && !many)) return
    taken.add(target)
    mapping[String(column)] = target
  })
  return mapping
}

function targetOf(title: string, fields: readonly Field[]): string | undefined {
  const bare = bareOf(title)
  if (bare === '') return undefined
  if (bare === 'status' || bare === 'stage' || bare === 'product') return bare
  const named = synonyms[bare]
  const field = fields.find(
    (one) => one.name === named || bareOf(one.name) === bare || bareOf(one.title) === bare,
  )
  if (field && (identityOf(field.name) || isWritable(field))) return `field:${field.name}`
  const key = title
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 60)
  return `data:${key}`
}

function isWritable({ name }: Field): boolean {
  if (!isBuiltIn(name)) return true
  const known = builtInFields[name]
  return known.editable && !('identity' in known)
}

function bareOf(text: string): string {
  return fold(text).replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** What is kept of a start beside the mapping, in the same place. Columns are numbers; these are not. */
export function keptMapping(start: UploadStart, delimiter: string): Record<string, string> {
  const { mapping, status, stage } = start
  return { ...mapping, delimiter, ...(status ? { status } : {}), ...(stage ? { stage } : {}) }
}

/** The columns alone of what is kept. */
export function columnsIn(kept: Readonly<Record<string, string>>): Mapping {
  return Object.fromEntries(Object.entries(kept).filter(([key]) => /^\d+$/.test(key)))
}

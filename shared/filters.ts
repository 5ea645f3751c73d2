// The predicate: a tree of groups and conditions that says which customers are meant. The list, its
// counter, the download, live rows, saved filters and the URL all speak it.

import * as z from 'zod/mini'

import { builtInFields, isBuiltIn, type FieldType } from './fields.ts'
import { refuse, type Refusal } from './refusal.ts'

/** What a condition may compare with: a text, a number, a day like `2027-02-03`, yes or no. */
export type Operand = string | number | boolean

export interface Condition {
  /** A field's name, or `*` for any column. */
  readonly field: string
  readonly op: Operator
  readonly values: readonly Operand[]
  /** Of a campaign's status and stage: in this campaign alone. */
  readonly campaign?: string
}
export type Group = { readonly all: readonly Filter[] } | { readonly any: readonly Filter[] }
export type Filter = Group | Condition

/** What kind of values a field has for a filter: its type, or one of those only built-in fields have. */
export type Kind = FieldType | 'channel' | 'campaign' | 'anything'

/** How many values an operator takes. */
const takes = { none: [0, 0], one: [1, 1], two: [2, 2], many: [1, 100] } as const

interface OperatorSpec {
  readonly title: string
  readonly kinds: readonly Kind[]
  readonly takes: keyof typeof takes
}

/** Every operator. To add one, add its line here and in `shared/predicate.ts`. */
export const operators = {
  equals: { title: 'equals', kinds: ['text'], takes: 'one' },
  not_equals: { title: 'not equals', kinds: ['text'], takes: 'one' },
  contains: { title: 'contains', kinds: ['text', 'anything'], takes: 'one' },
  not_contains: { title: 'does not contain', kinds: ['text', 'anything'], takes: 'one' },
  starts_with: { title: 'starts with', kinds: ['text'], takes: 'one' },
  eq: { title: '=', kinds: ['number'], takes: 'one' },
  ne: { title: '≠', kinds: ['number'], takes: 'one' },
  gt: { title: '>', kinds: ['number'], takes: 'one' },
  lt: { title: '<', kinds: ['number'], takes: 'one' },
  gte: { title: '≥', kinds: ['number'], takes: 'one' },
  lte: { title: '≤', kinds: ['number'], takes: 'one' },
  before: { title: 'before', kinds: ['date'], takes: 'one' },
  after: { title: 'after', kinds: ['date'], takes: 'one' },
  on: { title: 'on', kinds: ['date'], takes: 'one' },
  between: { title: 'between', kinds: ['number', 'date'], takes: 'two' },
  last_days: { title: 'in the last … days', kinds: ['date'], takes: 'one' },
  is: { title: 'is', kinds: ['enum', 'boolean'], takes: 'one' },
  is_not: { title: 'is not', kinds: ['enum', 'boolean'], takes: 'one' },
  any_of: { title: 'is any of', kinds: ['enum'], takes: 'many' },
  has: { title: 'has', kinds: ['channel'], takes: 'many' },
  has_not: { title: 'has not', kinds: ['channel'], takes: 'many' },
  in: { title: 'in', kinds: ['campaign'], takes: 'many' },
  not_in: { title: 'not in', kinds: ['campaign'], takes: 'many' },
  empty: { title: 'is empty', kinds: ['text', 'number', 'date', 'enum', 'boolean'], takes: 'none' },
  not_empty: {
    title: 'is not empty',
    kinds: ['text', 'number', 'date', 'enum', 'boolean'],
    takes: 'none',
  },
} as const satisfies Record<string, OperatorSpec>
export type Operator = keyof typeof operators

/** The name of «any column» in a condition. */
export const anything = '*'
/** The id that stands for the virtual campaign Customer Service. */
export const serviceId = 'customer-service'

export const filterCaps = { depth: 5, conditions: 50, text: 200, values: takes.many[1] } as const

/** Everybody. */
export const noFilter: Group = { all: [] }

/** The kind of a field's values; nothing for a field there is not. */
export function kindOf(
  field: string,
  customFields: Readonly<Record<string, FieldType>>,
): Kind | undefined {
  if (field === anything) return 'anything'
  if (field === 'channels') return 'channel'
  if (field === 'campaign') return 'campaign'
  if (isBuiltIn(field)) return builtInFields[field].type
  return Object.hasOwn(customFields, field) ? customFields[field] : undefined
}

/** The operators a kind of field has, in the order they are offered. */
export function operatorsFor(kind: Kind): Operator[] {
  const all = Object.keys(operators) as Operator[]
  return all.filter((op) => (operators[op].kinds as readonly Kind[]).includes(kind))
}

/** Whether a filter lets everybody through. */
export function isEverybody(filter: Filter): boolean {
  return 'all' in filter && filter.all.every(isEverybody)
}

/** One filter that asks for all that several ask for. */
export function allOf(filters: readonly Filter[]): Filter {
  const [only, ...others] = filters.filter((one) => !isEverybody(one))
  if (!only) return noFilter
  return others.length === 0 ? only : { all: [only, ...others] }
}

const Text = z.string().check(z.maxLength(filterCaps.text))
const Leaf = z.strictObject({
  field: z.string().check(z.regex(/^(\*|[a-z][a-z0-9_]{0,59})$/)),
  op: z.enum(Object.keys(operators) as [Operator, ...Operator[]]),
  values: z.array(z.union([Text, z.number(), z.boolean()])).check(z.maxLength(filterCaps.values)),
  campaign: z.optional(z.string().check(z.maxLength(60))),
})

/**
 * Reads a filter of unknown making. Too deep, too long or of another shape, it is refused with
 * the place: `all.1.any.0.values`.
 */
export function parseFilter(input: unknown): Filter | Refusal {
  let conditions = 0
  return read(input, [], 1)

  function read(node: unknown, place: readonly string[], depth: number): Filter | Refusal {
    if (typeof node !== 'object' || node === null) return invalid(place, 'not a group or condition')
    for (const key of ['all', 'any'] as const) {
      if (key in node) return readGroup(node as Record<string, unknown>, key, place, depth)
    }
    conditions += 1
    if (conditions > filterCaps.conditions) {
      return invalid(place, `${filterCaps.conditions} conditions at most`)
    }
    const leaf = z.safeParse(Leaf, node)
    if (leaf.success) return readLeaf(leaf.data, place)
    const [issue] = leaf.error.issues
    return invalid([...place, ...(issue?.path ?? []).map(String)], issue?.message ?? 'not known')
  }

  function readGroup(
    node: Record<string, unknown>,
    key: 'all' | 'any',
    place: readonly string[],
    depth: number,
  ): Filter | Refusal {
    const children = node[key]
    if (!Array.isArray(children) || Object.keys(node).length > 1) {
      return invalid(place, `a group is { "${key}": [...] } and nothing else`)
    }
    if (depth > filterCaps.depth) return invalid(place, `${filterCaps.depth} levels at most`)
    if (children.length === 0 && (key === 'any' || depth > 1)) {
      return invalid(place, 'a group needs a condition')
    }
    const parts: Filter[] = []
    for (const [at, child] of children.entries()) {
      const one = read(child, [...place, key, String(at)], depth + 1)
      if ('refusal' in one) return one
      parts.push(one)
    }
    // Safe: the key is one of the two.
    return { [key]: parts } as unknown as Group
  }
}

function readLeaf(leaf: z.infer<typeof Leaf>, place: readonly string[]): Condition | Refusal {
  const { field, op, values, campaign } = leaf
  const [least, most] = takes[operators[op].takes]
  if (values.length < least || values.length > most) {
    return invalid([...place, 'values'], `«${operators[op].title}» takes ${wanted(least, most)}`)
  }
  if (campaign !== undefined && !['campaign_status', 'campaign_stage'].includes(field)) {
    return invalid([...place, 'campaign'], 'only a campaign’s status and stage are of a campaign')
  }
  return { field, op, values, ...(campaign === undefined ? {} : { campaign }) }
}

function wanted(least: number, most: number): string {
  if (least === most) return least === 1 ? 'one value' : `${least || 'no'} values`
  return `${least} to ${most} values`
}

function invalid(place: readonly string[], detail: string): Refusal {
  return refuse('invalid', { at: place.join('.'), detail })
}

/** A filter in a body: parsed as `parseFilter` does. */
export const Filter: z.ZodMiniType<Filter, Filter> = z.custom<Filter>().check((given) => {
  const filter = parseFilter(given.value)
  if (!('refusal' in filter)) return
  const path = filter.at ? filter.at.split('.') : []
  given.issues.push({ code: 'custom', message: filter.detail ?? '', path, input: given.value })
})

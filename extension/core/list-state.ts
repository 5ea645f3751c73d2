// What the table is asked to show, and the same as a part of the address: it can be sent to a colleague.

import { decodeFilter, encodeFilter, quickFilter } from '../../shared/filter-url.ts'
import { allOf, isEverybody, kindOf, type Filter, type Kind } from '../../shared/filters.ts'
import type { Field, FieldType } from '../../shared/fields.ts'
import type { CustomerId, FilterId } from '../../shared/ids.ts'

export interface ListState {
  readonly q: string
  /** What stands under the headers, by field. */
  readonly quick: Readonly<Record<string, string>>
  /** What the panel on the right has applied. */
  readonly advanced: Filter | undefined
  /** The saved filter that was applied, until it is changed. */
  readonly saved: FilterId | undefined
  /** A field's name; a minus before it turns it round. */
  readonly sort: string
  readonly anonymous: boolean
  /** The row that is highlighted. */
  readonly row: CustomerId | undefined
  /** Whether the panel of advanced filters is open. */
  readonly panel: boolean
}

export const firstSort = '-last_communication'
export const firstState: ListState = {
  q: '',
  quick: {},
  advanced: undefined,
  saved: undefined,
  sort: firstSort,
  anonymous: false,
  row: undefined,
  panel: false,
}

const quickPrefix = 'f.'

export function writeState(state: ListState): string {
  const { q, quick, advanced, saved, sort, anonymous, row, panel } = state
  const search = new URLSearchParams()
  if (q !== '') search.set('q', q)
  for (const [field, text] of Object.entries(quick)) {
    if (text !== '') search.set(quickPrefix + field, text)
  }
  if (advanced && !isEverybody(advanced)) search.set('filter', encodeFilter(advanced))
  if (saved) search.set('saved', saved)
  if (sort !== firstSort) search.set('sort', sort)
  if (anonymous) search.set('anonymous', 'show')
  if (row) search.set('row', row)
  if (panel) search.set('panel', 'filters')
  return search.toString()
}

/** Reads an address somebody may have written by hand: what is not understood is left out. */
export function readState(text: string): ListState {
  const search = new URLSearchParams(text)
  const quick: Record<string, string> = {}
  for (const [key, value] of search) {
    if (key.startsWith(quickPrefix) && value !== '') quick[key.slice(quickPrefix.length)] = value
  }
  const sort = search.get('sort') ?? firstSort
  return {
    q: search.get('q') ?? '',
    quick,
    advanced: readFilter(search.get('filter')),
    saved: idOf('flt', search.get('saved')),
    sort: /^-?[a-z][a-z0-9_]{0,59}$/.test(sort) ? sort : firstSort,
    anonymous: search.get('anonymous') === 'show',
    row: idOf('cus', search.get('row')),
    panel: search.get('panel') === 'filters',
  }
}

/** Everything that decides which rows there are. */
export function findingOf(
  { q, quick, advanced, anonymous }: ListState,
  fields: readonly Field[],
): { q?: string; filter?: string; anonymous: 'show' | 'hide' } {
  const types = typesOf(fields)
  const under = quickFilter(quick, (field) => kindOf(field, types))
  const filter = allOf([under, ...(advanced ? [advanced] : [])])
  const asked = q.trim().slice(0, longestQuery)
  return {
    ...(asked === '' ? {} : { q: asked }),
    ...(isEverybody(filter) ? {} : { filter: encodeFilter(filter) }),
    anonymous: anonymous ? 'show' : 'hide',
  }
}

/** What the worker takes. */
const longestQuery = 254

/** Whether a quick filter's text asks for something its column can answer. */
export function isUnderstood(field: string, kind: Kind, text: string): boolean {
  return text.trim() === '' || !isEverybody(quickFilter({ [field]: text }, () => kind))
}

/** How many conditions a filter has. */
export function conditionsIn(filter: Filter | undefined): number {
  if (!filter) return 0
  if ('all' in filter) return filter.all.reduce((sum, one) => sum + conditionsIn(one), 0)
  if ('any' in filter) return filter.any.reduce((sum, one) => sum + conditionsIn(one), 0)
  return 1
}

export function typesOf(fields: readonly Field[]): Record<string, FieldType> {
  return Object.fromEntries(
    fields.filter(({ builtin }) => !builtin).map(({ name, type }) => [name, type]),
  )
}

function readFilter(text: string | null): Filter | undefined {
  const filter = decodeFilter(text ?? '')
  return 'refusal' in filter || isEverybody(filter) ? undefined : filter
}

function idOf(prefix: 'cus', id: string | null): CustomerId | undefined
function idOf(prefix: 'flt', id: string | null): FilterId | undefined
function idOf(prefix: string, id: string | null): string | undefined {
  return id && new RegExp(`^${prefix}_[0-9a-z]{26}$`).test(id) ? id : undefined
}

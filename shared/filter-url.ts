// A filter in a URL: short, the same for the same filter, without a character that needs escaping.

import {
  allOf,
  filterCaps,
  isEverybody,
  noFilter,
  parseFilter,
  type Filter,
  type Kind,
  type Operand,
} from './filters.ts'
import { fold } from './fold.ts'
import { refuse, type Refusal } from './refusal.ts'
import { fromUrlText, toUrlText } from './url-text.ts'

/** The longest text that is read at all. */
const longest = 20_000

/** Groups become `["&", …]` and `["|", …]`, conditions `["name", "contains", ["dana"]]`. */
type Compact = readonly unknown[]

/** A filter as a text for a URL; empty for the filter that lets everybody through. */
export function encodeFilter(filter: Filter): string {
  if (isEverybody(filter)) return ''
  return toUrlText(compact(filter))
}

/** Reads what `encodeFilter` wrote. A URL is anybody's: whatever else it says is refused. */
export function decodeFilter(text: string): Filter | Refusal {
  if (text === '') return noFilter
  if (text.length > longest) return refuse('too-large', { at: 'filter' })
  const value = fromUrlText(text)
  if (value === undefined) return refuse('invalid', { at: 'filter', detail: 'Not a filter' })
  return parseFilter(expand(value, 1))
}

function compact(filter: Filter): Compact {
  if ('all' in filter) return ['&', ...filter.all.map(compact)]
  if ('any' in filter) return ['|', ...filter.any.map(compact)]
  const { field, op, values, campaign } = filter
  return [field, op, values, ...(campaign === undefined ? [] : [campaign])]
}

/** Deeper than a filter may be, it is left as it is, for the parser to refuse with the place. */
function expand(node: unknown, depth: number): unknown {
  if (!Array.isArray(node) || depth > filterCaps.depth + 1) return node
  const [head, ...rest] = node as unknown[]
  if (head === '&') return { all: rest.map((one) => expand(one, depth + 1)) }
  if (head === '|') return { any: rest.map((one) => expand(one, depth + 1)) }
  const [op, values, campaign] = rest
  return { field: head, op, values, ...(campaign === undefined ? {} : { campaign }) }
}

/** What the inputs under the column heads ask for, all of it at once. Empty ones ask for nothing. */
export function quickFilter(
  texts: Readonly<Record<string, string>>,
  kindOfField: (field: string) => Kind | undefined,
): Filter {
  return allOf(
    Object.entries(texts).flatMap(([field, text]) => {
      const kind = kindOfField(field)
      return kind && text.trim() !== '' ? quick(field, kind, text.trim()) : []
    }),
  )
}

/** By the column's kind: a text is contained, `2027-01-01..2027-01-31` and `1..5` are ranges. */
function quick(field: string, kind: Kind, text: string): Filter[] {
  const condition = (op: string, values: readonly Operand[]): Filter[] => {
    const filter = parseFilter({ field, op, values })
    return 'refusal' in filter ? [] : [filter]
  }
  const [from = '', to] = text.split('..').map((end) => end.trim())
  switch (kind) {
    case 'text':
    case 'anything':
      return fold(text) === '' ? [] : condition('contains', [text.slice(0, filterCaps.text)])
    case 'enum':
      return condition('is', [text])
    case 'boolean':
      return condition('is', [text === 'true'])
    case 'channel':
      return condition('has', [text])
    case 'campaign':
      return condition('in', [text])
    case 'date':
      if (to === undefined) return condition('on', [from])
      if (from && to) return condition('between', [from, to])
      return from
        ? [{ any: [...condition('on', [from]), ...condition('after', [from])] }]
        : [{ any: [...condition('on', [to]), ...condition('before', [to])] }]
    case 'number':
      if (to === undefined) return condition('eq', [number(from)])
      if (from && to) return condition('between', [number(from), number(to)])
      return from ? condition('gte', [number(from)]) : condition('lte', [number(to)])
  }
}

/** What is no number stays what it is, to be refused with its place. */
function number(text: string): Operand {
  const value = Number(text.replace(',', '.'))
  return text === '' || !Number.isFinite(value) ? text : value
}

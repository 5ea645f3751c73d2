// The order of the table's rows, as the worker's sort has it: for live rows only.

import type { CustomerRow } from '../../shared/customer.ts'
import type { Field } from '../../shared/fields.ts'
import { fold } from '../../shared/fold.ts'
import type { Order } from './pages.ts'

type Key = string | number | null

/** What has no value comes last, whichever way round. */
export function orderOf(sort: string, fields: readonly Field[]): Order {
  const isDown = sort.startsWith('-')
  const name = isDown ? sort.slice(1) : sort
  const type = fields.find((field) => field.name === name)?.type
  return (one, other) => {
    const [a, b] = [keyOf(one, name, type), keyOf(other, name, type)]
    if (a === b) return 0
    if (a === null) return 1
    if (b === null) return -1
    const before = a < b ? -1 : 1
    return isDown ? -before : before
  }
}

function keyOf(row: CustomerRow, name: string, type: Field['type'] | undefined): Key {
  if (name === 'last_communication') return row.lastCommunicationAt
  if (name === 'created_at') return row.createdAt
  const text = textOf(row, name)
  if (text === '') return null
  return type === 'number' ? Number(text) : fold(text)
}

function textOf(row: CustomerRow, name: string): string {
  if (name === 'name' || name === 'email' || name === 'phone') return row[name]
  return row.values[name] ?? ''
}

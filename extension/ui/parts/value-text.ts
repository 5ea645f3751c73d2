// How a value is read, by the type of its field.

import type { FieldType } from '../../../shared/fields.ts'
import { words } from '../../words.ts'

const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

/** `true`: Yes; `2026-04-11`: 11 Apr 2026. What is not of its type stays as it is. */
export function valueText(value: string, type: FieldType = 'text'): string {
  if (type === 'boolean') return words.truths[value] ?? value
  const day = type === 'date' && /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(day) ? value : days.format(day)
}

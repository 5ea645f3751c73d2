// How values are read.

import { expect, it } from 'vitest'

import { valueText } from './value-text.ts'

it.each([
  ['true', 'boolean', 'Yes'],
  ['false', 'boolean', 'No'],
  ['maybe', 'boolean', 'maybe'],
  ['2026-04-11', 'date', '11 Apr 2026'],
  ['2026-13-45', 'date', '2026-13-45'],
  ['soon', 'date', 'soon'],
  ['2026-04-11', 'text', '2026-04-11'],
  ['true', undefined, 'true'],
] as const)('%s as %s reads %s', (value, type, text) => {
  expect(valueText(value, type)).toBe(text)
})

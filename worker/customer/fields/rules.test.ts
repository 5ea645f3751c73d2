// Fields: the built-in ones as they come, what a tenant makes of them, and their order.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { builtInFields } from '../../../shared/fields.ts'
import { isRefusal } from '../../../shared/refusal.ts'
import { changeField, fieldsFrom, optionsOf, type FieldRow } from './rules.ts'

const names = Object.keys(builtInFields)

function custom(more: Partial<FieldRow> = {}): FieldRow {
  const usual = { name: 'plan', title: 'Plan', type: 'text', hidden: false, column: false } as const
  return { ...usual, options: [], position: 100, ...more }
}

describe('fields', () => {
  it('are the built-in ones in their first order while nothing is set', () => {
    expect(fieldsFrom([]).map(({ name }) => name)).toEqual(names)
    expect(fieldsFrom([]).every(({ builtin }) => builtin)).toBe(true)
  })

  it('take title, visibility and place from the tenant, never a type', () => {
    const row = custom({ name: 'email', title: 'Mail', type: 'number', hidden: true, position: -1 })
    const [first] = fieldsFrom([row])

    expect(first).toMatchObject({ name: 'email', title: 'Mail', type: 'text', hidden: true })
    expect(fieldsFrom([row])).toHaveLength(names.length)
  })

  it('keep every field once, whatever is moved where', () => {
    const move = fc.tuple(fc.constantFrom(...names, 'plan'), fc.nat({ max: 30 }))
    fc.assert(
      fc.property(fc.array(move, { maxLength: 10 }), (moves) => {
        let fields = fieldsFrom([custom()])
        for (const [name, position] of moves) {
          const moved = changeField(fields, name, { position })
          if (isRefusal(moved)) throw new Error('refused')
          const rows = moved.map(({ builtin: _builtin, ...row }) => row)
          fields = fieldsFrom(rows)
          expect(fields.map((one) => one.name)).toEqual(moved.map((one) => one.name))
          expect(fields[Math.min(position, names.length)]?.name).toBe(name)
        }
        expect(fields.map(({ name }) => name).sort()).toEqual([...names, 'plan'].sort())
      }),
    )
  })

  it('have options where their type does, and no option twice', () => {
    expect(optionsOf('enum', ['a', 'b'])).toEqual(['a', 'b'])
    expect(optionsOf('enum', [])).toBeUndefined()
    expect(optionsOf('enum', ['a', 'a'])).toBeUndefined()
    expect(optionsOf('text', ['a'])).toBeUndefined()
    expect(changeField(fieldsFrom([]), 'email', { options: ['a'] })).toMatchObject({
      at: 'options',
    })
    expect(changeField(fieldsFrom([]), 'nope', {})).toMatchObject({ refusal: 'not-found' })
  })
})

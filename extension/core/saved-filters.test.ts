import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Filter } from '../../shared/filters.ts'
import { newId } from '../../shared/new-id.ts'
import type { SavedFilter } from '../../shared/saved-filters.ts'
import type { Fake } from './fake-environment.ts'
import { ada, grace, meAs, noon, settle, signedIn } from './fake-worker.ts'
import { changePart, draftOf, filterOf, isGroup, newCondition, withField } from './filter-draft.ts'
import { go } from './route.ts'
import {
  $canApply,
  $filterDraft,
  $saved,
  applyDraft,
  draft,
  followApplied,
  loadSaved,
  saveFilter,
} from './saved-filters.ts'
import { $listState, applyFilter, openTable } from './table.ts'

const quiet: Filter = {
  all: [
    { field: 'last_communication', op: 'before', values: ['2026-10-20'] },
    {
      any: [
        { field: 'campaign_stage', op: 'equals', values: ['Offer'], campaign: 'customer-service' },
        { field: 'channels', op: 'has', values: ['a', 'b'] },
      ],
    },
  ],
}

function savedOf(over: Partial<SavedFilter> = {}): SavedFilter {
  const id = newId('flt')
  return {
    id,
    name: 'Quiet',
    filter: quiet,
    owner: ada,
    shared: false,
    isDefault: false,
    updatedAt: noon,
    ...over,
  }
}

let fake: Fake
let stop: () => Promise<void>
let closeTable: () => void

beforeEach(async () => {
  ;({ fake, stop } = await signedIn(
    {
      'GET /api/fields': () => ({ fields: [] }),
      'GET /api/customers': () => ({ rows: [], next: null, total: null }),
      'GET /api/customers/count': () => ({ total: 0 }),
      'GET /api/filters': () => ({ filters: [] }),
    },
    meAs('admin'),
  ))
  go({ name: 'customers' })
  closeTable = openTable()
  await settle()
})

afterEach(async () => {
  closeTable()
  await stop()
})

describe('the draft', () => {
  it('is the filter it was made from', () => {
    expect(filterOf(draftOf(quiet), {})).toEqual(quiet)
  })

  it('reads values by the kind of their field', () => {
    const part = { ...withField(newCondition(), 'debt', { debt: 'number' }), values: ['12,5'] }

    expect(filterOf({ id: 0, join: 'any', parts: [part] }, { debt: 'number' })).toEqual({
      any: [{ field: 'debt', op: 'eq', values: [12.5] }],
    })
  })

  it('forgets the values when the kind changes', () => {
    const text = { ...withField(newCondition(), 'name', {}), values: ['da'] }

    expect(withField(text, 'email', {}).values).toEqual(['da'])
    expect(withField(text, 'created_at', {})).toMatchObject({ op: 'before', values: [] })
  })

  it('loses a group with its last condition', () => {
    const group = draftOf(quiet)
    const inner = group.parts.find(isGroup)
    const ids = inner?.parts.map(({ id }) => id) ?? []

    const rest = ids.reduce((all, id) => changePart(all, id, () => undefined), group)

    expect(rest.parts).toHaveLength(1)
  })
})

describe('Apply', () => {
  it('is off until a condition has a field, and says so', () => {
    expect($canApply.get()).toEqual({
      allowed: false,
      reason: 'Add at least one condition with a field selected.',
    })
  })

  it('is off while a value is missing', () => {
    draft((group) => ({ ...group, parts: [withField(newCondition(), 'name', {})] }))

    expect($canApply.get().allowed).toBe(false)
  })

  it('leaves a condition without a field out', () => {
    const named = { ...withField(newCondition(), 'name', {}), values: ['da'] }
    draft((group) => ({ ...group, parts: [named, newCondition()] }))

    applyDraft()

    expect($listState.get().advanced).toEqual({
      all: [{ field: 'name', op: 'contains', values: ['da'] }],
    })
  })

  it('follows what is applied from elsewhere', () => {
    const stopFollowing = followApplied()
    applyFilter(quiet)

    expect(filterOf($filterDraft.get(), {})).toEqual(quiet)
    stopFollowing()
  })
})

describe('saved filters', () => {
  it('the default of mine opens the list, a colleague’s does not', async () => {
    const mine = savedOf({ isDefault: true })
    const theirs = savedOf({ isDefault: true, owner: grace, shared: true })
    fake.answers({ 'GET /api/filters': () => ({ filters: [theirs, mine] }) })

    await loadSaved()

    expect($listState.get()).toMatchObject({ saved: mine.id, advanced: quiet })
  })

  it('the default keeps away from a list somebody has sent', async () => {
    applyFilter({ all: [{ field: 'name', op: 'contains', values: ['x'] }] })
    fake.answers({ 'GET /api/filters': () => ({ filters: [savedOf({ isDefault: true })] }) })

    await loadSaved()

    expect($listState.get().saved).toBeUndefined()
  })

  it('a new one is kept and in force', async () => {
    const made = savedOf({ name: 'Da' })
    fake.answers({ 'POST /api/filters': () => made })
    const named = { ...withField(newCondition(), 'name', {}), values: ['da'] }
    draft((group) => ({ ...group, parts: [named] }))

    expect(await saveFilter('Da', false)).toBeUndefined()

    expect($saved.get().value).toEqual([made])
    expect($listState.get().saved).toBe(made.id)
  })

  it('a taken name is said in a sentence', async () => {
    fake.answers({
      'POST /api/filters': () => Response.json({ refusal: 'already-exists' }, { status: 409 }),
    })
    const named = { ...withField(newCondition(), 'name', {}), values: ['da'] }
    draft((group) => ({ ...group, parts: [named] }))

    expect(await saveFilter('Da', false)).toBe('You have a filter of that name already.')
  })
})

// A filter while it is being put together: groups and conditions that may still lack something.

import {
  kindOf,
  operators,
  operatorsFor,
  type Condition,
  type Filter,
  type Kind,
  type Operand,
  type Operator,
} from '../../shared/filters.ts'
import type { FieldType } from '../../shared/fields.ts'

export interface DraftGroup {
  readonly id: number
  readonly join: 'all' | 'any'
  readonly parts: readonly DraftPart[]
}
export interface DraftCondition {
  readonly id: number
  /** Empty: not chosen yet. */
  readonly field: string
  readonly op: Operator
  /** As they are typed; what they mean follows from the field's kind. */
  readonly values: readonly string[]
  readonly campaign: string
}
export type DraftPart = DraftGroup | DraftCondition

type Types = Readonly<Record<string, FieldType>>

let lastId = 0

export function newGroup(join: DraftGroup['join'] = 'all'): DraftGroup {
  return { id: nextId(), join, parts: [newCondition()] }
}

export function newCondition(): DraftCondition {
  return { id: nextId(), field: '', op: 'contains', values: [], campaign: '' }
}

export function isGroup(part: DraftPart): part is DraftGroup {
  return 'join' in part
}

/** Changes the part with this id, wherever it stands; `undefined` takes it out. */
export function changePart(
  group: DraftGroup,
  id: number,
  to: (part: DraftPart) => DraftPart | undefined,
): DraftGroup {
  if (group.id === id) {
    const changed = to(group)
    return changed && isGroup(changed) ? changed : group
  }
  const parts = group.parts.flatMap((part): readonly DraftPart[] => {
    if (part.id === id) {
      const changed = to(part)
      return changed ? [changed] : []
    }
    return isGroup(part) ? [changePart(part, id, to)] : [part]
  })
  // A group that has lost its last condition goes with it.
  return { ...group, parts: parts.filter((part) => !isGroup(part) || part.parts.length > 0) }
}

/** Chooses a field: the operator stays if the field has it. */
export function withField(part: DraftCondition, field: string, types: Types): DraftCondition {
  const kind = field === '' ? undefined : kindOf(field, types)
  const before = part.field === '' ? undefined : kindOf(part.field, types)
  const offered = kind ? operatorsFor(kind) : []
  const first = kind === 'text' ? 'contains' : offered[0]
  const op = kind === before && offered.includes(part.op) ? part.op : (first ?? 'contains')
  return { ...part, field, op, values: kind === before ? part.values : [] }
}

/** How many values an operator takes: none, one, two, or many. */
export function valuesOf(op: Operator): 'none' | 'one' | 'two' | 'many' {
  return operators[op].takes
}

export function hasField(group: DraftGroup): boolean {
  return group.parts.some((part) => (isGroup(part) ? hasField(part) : part.field !== ''))
}

/** The conditions that have a field but not all their values. */
export function unfinished(group: DraftGroup, types: Types): readonly number[] {
  return group.parts.flatMap((part) => {
    if (isGroup(part)) return unfinished(part, types)
    return part.field !== '' && !conditionOf(part, types) ? [part.id] : []
  })
}

/** The filter; conditions without a field are left out. */
export function filterOf(group: DraftGroup, types: Types): Filter | undefined {
  const parts = group.parts.flatMap((part): readonly Filter[] => {
    const one = isGroup(part) ? filterOf(part, types) : conditionOf(part, types)
    return one ? [one] : []
  })
  if (parts.length === 0) return undefined
  return group.join === 'all' ? { all: parts } : { any: parts }
}

export function draftOf(filter: Filter | undefined): DraftGroup {
  if (!filter) return newGroup()
  const draft = partOf(filter)
  return isGroup(draft) ? draft : { id: nextId(), join: 'all', parts: [draft] }
}

function partOf(filter: Filter): DraftPart {
  if ('all' in filter) return { id: nextId(), join: 'all', parts: filter.all.map(partOf) }
  if ('any' in filter) return { id: nextId(), join: 'any', parts: filter.any.map(partOf) }
  const { field, op, values, campaign = '' } = filter
  return { id: nextId(), field, op, values: values.map(String), campaign }
}

function conditionOf(part: DraftCondition, types: Types): Condition | undefined {
  const { field, op, campaign } = part
  const kind = field === '' ? undefined : kindOf(field, types)
  if (!kind || !operatorsFor(kind).includes(op)) return undefined
  const texts = part.values.map((value) => value.trim()).filter((value) => value !== '')
  const values = texts.map((text) => operandOf(text, kind, op))
  const takes = valuesOf(op)
  const wanted = takes === 'none' ? 0 : takes === 'two' ? 2 : 1
  const isFull = takes === 'many' ? values.length >= 1 : values.length === wanted
  if (!isFull || values.some((value) => value === undefined)) return undefined
  const isOfCampaign = field === 'campaign_status' || field === 'campaign_stage'
  return {
    field,
    op,
    // Safe: one that is undefined has just been turned away.
    values: values as Operand[],
    ...(isOfCampaign && campaign !== '' ? { campaign } : {}),
  }
}

function operandOf(text: string, kind: Kind, op: Operator): Operand | undefined {
  if (kind === 'boolean') return text === 'true'
  if (kind !== 'number' && op !== 'last_days') return text
  const number = Number(text.replace(',', '.'))
  return Number.isFinite(number) ? number : undefined
}

function nextId(): number {
  lastId += 1
  return lastId
}

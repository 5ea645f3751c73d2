// One condition of a filter: a field, what is asked of it, and with what.

import { useStore } from '@nanostores/preact'
import { useEffect } from 'preact/hooks'

import { $campaigns, needCampaigns } from '../../core/campaigns.ts'
import { $fields } from '../../core/fields.ts'
import {
  valuesOf,
  withField,
  type DraftCondition,
  type DraftPart,
} from '../../core/filter-draft.ts'
import { $types } from '../../core/saved-filters.ts'
import {
  anything,
  kindOf,
  operators,
  operatorsFor,
  type Kind,
  type Operator,
} from '../../../shared/filters.ts'
import { tableWords } from '../../words/table.ts'
import { Button } from '../kit/button.tsx'
import { Check, Input, Select } from '../kit/field.tsx'
import { useChoices } from './filter-choices.ts'

const { filters: says } = tableWords

export interface ConditionProps {
  readonly part: DraftCondition
  readonly change: (id: number, to: (part: DraftPart) => DraftPart | undefined) => void
}

export function ConditionEditor({ part, change }: ConditionProps) {
  const types = useStore($types)
  const fields = useStore($fields).value ?? []
  const kind = part.field === '' ? undefined : kindOf(part.field, types)
  const put = (next: DraftCondition) => change(part.id, () => next)

  return (
    <div class="filter-condition">
      <div class="row">
        <Select
          label={says.field}
          value={part.field}
          options={[
            { value: '', title: says.chooseField },
            { value: anything, title: says.anyColumn },
            ...fields.map(({ name, title }) => ({ value: name, title })),
          ]}
          onSelect={(field) => put(withField(part, field, types))}
        />
        <Button
          small
          kind="ghost"
          icon="close"
          label={says.removeCondition}
          onClick={() => change(part.id, () => undefined)}
        />
      </div>
      {kind && (
        <div class="filter-values">
          <Select
            label={says.operator}
            value={part.op}
            options={operatorsFor(kind).map((op) => ({ value: op, title: operators[op].title }))}
            // Safe: the options are operators.
            onSelect={(op) => put(withOperator(part, op as Operator))}
          />
          <Values part={part} kind={kind} put={put} />
        </div>
      )}
      {(part.field === 'campaign_status' || part.field === 'campaign_stage') && (
        <InCampaign part={part} put={put} />
      )}
    </div>
  )
}

interface ValuesProps {
  readonly part: DraftCondition
  readonly kind: Kind
  readonly put: (next: DraftCondition) => void
}

function Values({ part, kind, put }: ValuesProps) {
  const choices = useChoices(part.field, kind)
  const takes = valuesOf(part.op)
  const write = (at: number, text: string) => {
    const values = [...part.values]
    values[at] = text
    put({ ...part, values: Array.from(values, (value) => value ?? '') })
  }

  if (takes === 'none') return null
  if (part.op === 'last_days') {
    return (
      <span class="row">
        <Input
          label={says.value}
          type="number"
          min={1}
          value={part.values[0] ?? ''}
          onText={(text) => write(0, text)}
        />
        <span class="small-text dim">{says.days}</span>
      </span>
    )
  }
  if (takes === 'many' && choices.length > 0)
    return <Many part={part} choices={choices} put={put} />
  if (choices.length > 0) {
    return (
      <Select
        label={says.value}
        value={part.values[0] ?? ''}
        options={[{ value: '', title: '' }, ...choices]}
        onSelect={(value) => write(0, value)}
      />
    )
  }
  const type = kind === 'date' ? 'date' : 'text'
  return (
    <span class="row">
      <Input
        label={takes === 'two' ? says.first : says.value}
        type={type}
        value={part.values[0] ?? ''}
        onText={(text) => write(0, text)}
      />
      {takes === 'two' && (
        <Input
          label={says.second}
          type={type}
          value={part.values[1] ?? ''}
          onText={(text) => write(1, text)}
        />
      )}
    </span>
  )
}

interface ManyProps extends Omit<ValuesProps, 'kind'> {
  readonly choices: readonly { readonly value: string; readonly title: string }[]
}

function Many({ part, choices, put }: ManyProps) {
  return (
    <div class="filter-many" role="group" aria-label={says.value}>
      {choices.map(({ value, title }) => (
        <Check
          key={value}
          label={title}
          checked={part.values.includes(value)}
          onCheck={(on) => {
            const others = part.values.filter((one) => one !== value)
            put({ ...part, values: on ? [...others, value] : others })
          }}
        />
      ))}
    </div>
  )
}

function InCampaign({ part, put }: Omit<ValuesProps, 'kind'>) {
  const campaigns = useStore($campaigns).value ?? []
  useEffect(needCampaigns, [])

  return (
    <Select
      label={says.campaign}
      value={part.campaign}
      options={[
        { value: '', title: `${says.campaign}: ${says.anyCampaign}` },
        ...campaigns.map(({ id, name }) => ({ value: id, title: `${says.campaign}: ${name}` })),
      ]}
      onSelect={(campaign) => put({ ...part, campaign })}
    />
  )
}

/** Values stay where the new operator takes as many. */
function withOperator(part: DraftCondition, op: Operator): DraftCondition {
  const isSame = valuesOf(op) === valuesOf(part.op) && op !== 'last_days' && part.op !== 'last_days'
  return { ...part, op, values: isSame ? part.values : [] }
}

// Changing somebody's status and stage in one campaign; no other campaign hears of it.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $campaigns, changeParticipant, needCampaigns } from '../../core/campaigns.ts'
import { CampaignId, ParticipantStatus } from '../../../shared/campaign.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { recordWords } from '../../words/record.ts'
import { Button } from '../kit/button.tsx'
import { Field, Input, Select } from '../kit/field.tsx'
import { Trouble } from '../kit/states.tsx'

const { participation: says } = recordWords

export interface ParticipationEditorProps {
  readonly customerId: CustomerId
  readonly campaignId: string
  readonly status: ParticipantStatus
  readonly stage: string | null
  readonly onDone: () => void
}

export function ParticipationEditor(props: ParticipationEditorProps) {
  const { customerId, campaignId, status, stage, onDone } = props
  const campaign = useStore($campaigns).value?.find(({ id }) => id === campaignId)
  const [trouble, setTrouble] = useState<string>()
  const [typed, setTyped] = useState(stage ?? '')
  const stages = campaign?.stages ?? []
  useEffect(needCampaigns, [])
  useEffect(() => setTyped(stage ?? ''), [stage])

  const write = async (change: Parameters<typeof changeParticipant>[2]) =>
    // Safe: only outbound campaigns, which have an id of their own, are changed here.
    setTrouble(await changeParticipant(campaignId as CampaignId, customerId, change))
  const putStage = (next: string) => void write({ stage: next.trim() === '' ? null : next.trim() })

  return (
    <div class="participation-editor">
      <Field label={says.status}>
        {(ties) => (
          <Select
            {...ties}
            value={status}
            options={ParticipantStatus.options.map((value) => ({ value, title: value }))}
            // Safe: the options are the statuses.
            onSelect={(next) => void write({ status: next as ParticipantStatus })}
          />
        )}
      </Field>
      <Field label={says.stage}>
        {(ties) =>
          stages.length > 0 ? (
            <Select
              {...ties}
              value={stage ?? ''}
              options={[
                { value: '', title: says.noStage },
                ...withCurrent(stages, stage).map((value) => ({ value, title: value })),
              ]}
              onSelect={putStage}
            />
          ) : (
            <Input {...ties} value={typed} onText={setTyped} onEnter={() => putStage(typed)} />
          )
        }
      </Field>
      <Button
        onClick={() => {
          if (typed.trim() !== (stage ?? '')) putStage(typed)
          onDone()
        }}
      >
        {says.done}
      </Button>
      {trouble && <Trouble text={trouble} />}
    </div>
  )
}

function withCurrent(stages: readonly string[], stage: string | null): readonly string[] {
  return stage === null || stages.includes(stage) ? stages : [...stages, stage]
}

// What there is to choose from where a field has a list of values.

import { useStore } from '@nanostores/preact'
import { useEffect } from 'preact/hooks'

import { $campaigns, needCampaigns } from '../../core/campaigns.ts'
import { $fields } from '../../core/fields.ts'
import { ParticipantStatus } from '../../../shared/campaign.ts'
import { channelTitles } from '../../../shared/channel.ts'
import type { Kind } from '../../../shared/filters.ts'
import { tableWords } from '../../words/table.ts'

export interface Choice {
  readonly value: string
  readonly title: string
}

const channels: readonly Choice[] = Object.entries(channelTitles).map(([value, title]) => ({
  value,
  title,
}))
const truths: readonly Choice[] = [
  { value: 'true', title: tableWords.yes },
  { value: 'false', title: tableWords.no },
]
const statuses: readonly Choice[] = ParticipantStatus.options.map((value) => ({
  value,
  title: value,
}))

/** The choices of a field; none where anything may be written. */
export function useChoices(field: string, kind: Kind | undefined): readonly Choice[] {
  const fields = useStore($fields).value
  const campaigns = useStore($campaigns).value
  const isOfCampaigns = kind === 'campaign'

  useEffect(() => {
    if (isOfCampaigns) needCampaigns()
  }, [isOfCampaigns])

  if (kind === 'channel') return channels
  if (kind === 'boolean') return truths
  if (kind === 'campaign') {
    return (campaigns ?? []).map(({ id, name }) => ({ value: id, title: name }))
  }
  if (kind !== 'enum') return []
  if (field === 'campaign_status') return statuses
  const options = fields?.find(({ name }) => name === field)?.options ?? []
  return options.map((value) => ({ value, title: value }))
}

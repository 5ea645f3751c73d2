// What stands beside a campaign's name: how many take part, and what can be done with it.

import { useStore } from '@nanostores/preact'
import { useState } from 'preact/hooks'

import { deleteCampaign } from '../../core/campaigns.ts'
import { go } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import type { Campaign } from '../../../shared/campaign.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { words } from '../../words.ts'
import { Chip } from '../kit/chip.tsx'
import { Confirm } from '../kit/dialog.tsx'
import { Menu } from '../kit/menu.tsx'
import { Trouble } from '../kit/states.tsx'
import { CampaignDialog } from './campaign-dialog.tsx'

export function Counts({ participants }: Pick<Campaign, 'participants'>) {
  const { statuses } = campaignWords

  return (
    <span class="row">
      {(['pending', 'active', 'completed'] as const).map((status) => (
        <Chip key={status} tone={status === 'active' && participants.active ? 'human' : 'plain'}>
          {campaignWords.counts(participants[status] ?? 0, statuses[status])}
        </Chip>
      ))}
    </span>
  )
}

/** Edit and delete; afterwards, of the campaign in view, back to the list. */
export function Actions({ campaign }: { campaign: Campaign }) {
  const can = useStore($may('campaigns.manage'))
  const [dialog, setDialog] = useState<'edit' | 'delete'>()
  const [trouble, setTrouble] = useState<string>()
  const { id, name, participants } = campaign
  const close = () => setDialog(undefined)
  const isUsed = Object.values(participants).some((count) => count > 0)

  async function remove(): Promise<void> {
    const sentence = await deleteCampaign(id)
    setTrouble(sentence)
    if (!sentence) go({ name: 'campaigns' })
  }

  return (
    <>
      {trouble && <Trouble text={trouble} />}
      <Menu
        small
        label={campaignWords.edit}
        items={[
          {
            title: campaignWords.edit,
            icon: 'edit',
            reason: can.reason,
            onSelect: () => setDialog('edit'),
          },
          {
            title: campaignWords.delete,
            icon: 'trash',
            reason: can.reason ?? (isUsed ? campaignWords.inUse : undefined),
            onSelect: () => setDialog('delete'),
          },
        ]}
      />
      {dialog === 'edit' && <CampaignDialog campaign={campaign} onClose={close} />}
      {dialog === 'delete' && (
        <Confirm
          title={campaignWords.deleteTitle(name)}
          text={campaignWords.deleteText}
          action={campaignWords.delete}
          cancel={words.cancel}
          kind="danger"
          onConfirm={() => void remove()}
          onClose={close}
        />
      )}
    </>
  )
}

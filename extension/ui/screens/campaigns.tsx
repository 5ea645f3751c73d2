// Campaigns: the list, and one of them with who takes part and what was uploaded.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $campaigns, loadCampaigns } from '../../core/campaigns.ts'
import { go, hrefOf } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import { $times } from '../../core/time.ts'
import { CampaignId, type Campaign } from '../../../shared/campaign.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { inPlace } from '../kit/in-place.ts'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { Actions, Counts } from '../parts/campaign-actions.tsx'
import { CampaignDialog } from '../parts/campaign-dialog.tsx'
import './campaigns.css'
import { CampaignView } from './campaign.tsx'

export function Campaigns({ campaignId }: { campaignId: CampaignId | undefined }) {
  const can = useStore($may('customers.view'))
  useEffect(() => {
    if (can.allowed) void loadCampaigns()
  }, [can.allowed])

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  return campaignId ? <CampaignView key={campaignId} campaignId={campaignId} /> : <List />
}

function List() {
  const { value, state, sentence } = useStore($campaigns)
  const can = useStore($may('campaigns.manage'))
  const [isAdding, setAdding] = useState(false)

  return (
    <section class="page" aria-labelledby="campaigns-title">
      <header class="page-head">
        <h1 id="campaigns-title">{campaignWords.title}</h1>
        {value && <Chip>{value.length}</Chip>}
        <span class="spread" />
        <Button icon="plus" reason={can.reason} onClick={() => setAdding(true)}>
          {campaignWords.new}
        </Button>
      </header>
      <div class="page-body">
        {state === 'failed' && (
          <Trouble text={sentence ?? words.somethingBroke}>
            <Button small onClick={() => void loadCampaigns()}>
              {words.retry}
            </Button>
          </Trouble>
        )}
        {!value && state === 'loading' && <Skeleton label={words.loading} />}
        {value && !value.some(({ kind }) => kind === 'outbound') && (
          <Empty icon="megaphone" text={campaignWords.empty} />
        )}
        <ul role="list" class="campaign-list">
          {value?.map((campaign) => (
            <CampaignRow key={campaign.id} campaign={campaign} />
          ))}
        </ul>
      </div>
      {isAdding && <CampaignDialog onClose={() => setAdding(false)} />}
    </section>
  )
}

function CampaignRow({ campaign }: { campaign: Campaign }) {
  const times = useStore($times)
  const { id, name, kind, participants, createdAt } = campaign
  const own = CampaignId.safeParse(id).data
  const place = own && ({ name: 'campaigns', campaignId: own } as const)

  return (
    <li>
      <div class="spread">
        {place ? (
          <a href={hrefOf(place)} onClick={inPlace(() => go(place))}>
            <strong>{name}</strong>
          </a>
        ) : (
          <strong data-hint={campaignWords.virtualHelp} tabIndex={0}>
            {name}
          </strong>
        )}
        <p class="small-text dim">
          {kind === 'virtual'
            ? campaignWords.virtual
            : `${campaignWords.created}: ${createdAt === null ? words.nothing : times.date(createdAt)}`}
        </p>
      </div>
      <Counts participants={participants} />
      {kind === 'outbound' && <Actions campaign={campaign} />}
    </li>
  )
}

// The Campaigns Summary card, and the way to what is going on now.

import { useStore } from '@nanostores/preact'
import { useState } from 'preact/hooks'

import { chooseCampaign } from '../../core/communications.ts'
import { go } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import type { CustomerProfile, Participation } from '../../../shared/customer.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { recordWords } from '../../words/record.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Card, Term, Terms } from '../kit/card.tsx'
import { Chip, type ChipProps } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { lazy } from '../kit/lazy.tsx'
import { Empty } from '../kit/states.tsx'
import { ChannelIcon } from './channel-icon.tsx'
import './profile-cards.css'
import { Ago, Moment } from './times.tsx'

const ParticipationEditor = lazy(
  async () => (await import('./participation.tsx')).ParticipationEditor,
  { loading: words.loading, failed: words.somethingBroke, retry: words.retry },
)

const statusTones: Record<Participation['status'], NonNullable<ChipProps['tone']>> = {
  pending: 'plain',
  active: 'human',
  completed: 'plain',
}

export function CampaignsSummary({ profile }: { profile: CustomerProfile }) {
  const { id, participations } = profile

  return (
    <Card
      title={words.profile.campaigns}
      aside={participations.length > 0 && <Chip>{participations.length}</Chip>}
    >
      {participations.length === 0 ? (
        <Empty text={words.profile.noCampaigns} />
      ) : (
        participations.map((one, index) => (
          <Campaign key={one.campaignId} customerId={id} campaign={one} open={index === 0} />
        ))
      )}
    </Card>
  )
}

interface CampaignProps {
  readonly customerId: CustomerId
  readonly campaign: Participation
  readonly open: boolean
}

function Campaign({ customerId, campaign, open }: CampaignProps) {
  const { name, status, stage, loadedAt, lastCommunicationAt, channels, communications } = campaign
  const can = useStore($may('campaigns.manage'))
  const [isEditing, setEditing] = useState(false)

  return (
    <details class="campaign" open={open}>
      <summary>
        <Icon name="right" small />
        <span class="spread campaign-name">{name}</span>
        <Chip tone={statusTones[status]}>{status}</Chip>
      </summary>
      <div class="campaign-body">
        {campaign.summary && <p class="dim lines">{harmless(campaign.summary)}</p>}
        <Terms>
          <Term term={words.profile.status}>{status}</Term>
          {(stage || campaign.kind === 'outbound') && (
            <Term term={words.profile.stage}>{stage ? harmless(stage) : words.nothing}</Term>
          )}
          <Term term={words.profile.loaded}>
            <Moment at={loadedAt} />
          </Term>
          <Term term={words.profile.lastCommunication}>
            {lastCommunicationAt === null ? words.nothing : <Ago at={lastCommunicationAt} />}
          </Term>
          <Term term={words.profile.channels}>
            <span class="row">
              {channels.map((channel) => (
                <ChannelIcon key={channel} channel={channel} />
              ))}
              <button
                type="button"
                class="counter"
                onClick={() => {
                  go({ name: 'customer', customerId, tab: 'communications' })
                  chooseCampaign(campaign.campaignId)
                }}
              >
                {words.profile.communications(communications)}
              </button>
            </span>
          </Term>
        </Terms>
        {campaign.campaignId !== null && (
          <div class="participation">
            {isEditing ? (
              <ParticipationEditor
                customerId={customerId}
                campaignId={campaign.campaignId}
                status={status}
                stage={stage}
                onDone={() => setEditing(false)}
              />
            ) : (
              <Button small icon="edit" reason={can.reason} onClick={() => setEditing(true)}>
                {recordWords.participation.change}
              </Button>
            )}
          </div>
        )}
      </div>
    </details>
  )
}

export function ActiveNow({ profile }: { profile: CustomerProfile }) {
  const { active, id } = profile
  if (active === 0) return null

  return (
    <Button
      onClick={() => go({ name: 'customer', customerId: id, tab: 'communications' })}
      hint={words.profile.activeHelp}
    >
      <span class="dot" aria-hidden="true" />
      {words.profile.active(active)}
    </Button>
  )
}

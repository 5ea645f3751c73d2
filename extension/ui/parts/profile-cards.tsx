// The three cards of a customer's Summary.

import { useStore } from '@nanostores/preact'

import { chooseCampaign } from '../../core/communications.ts'
import { go, hrefOf } from '../../core/route.ts'
import { $times } from '../../core/time.ts'
import {
  identityTitles,
  type CustomerProfile,
  type FieldValue,
  type Participation,
  type PossibleDuplicate,
} from '../../../shared/customer.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { words } from '../../words.ts'
import { Button, ButtonLink } from '../kit/button.tsx'
import { Card, Term, Terms } from '../kit/card.tsx'
import { Chip, type ChipProps } from '../kit/chip.tsx'
import { CopyButton } from '../kit/copy-button.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { inPlace } from '../kit/in-place.ts'
import { Empty } from '../kit/states.tsx'
import { ChannelIcon } from './channel-icon.tsx'
import './profile-cards.css'
import { Ago, Moment } from './times.tsx'

export function ContactInfo({ profile }: { profile: CustomerProfile }) {
  const { fields, anonymous } = profile

  return (
    <Card title={words.profile.contactInfo}>
      {anonymous && <p class="card-note">{words.profile.noContactInfo}</p>}
      <Terms>
        {fields
          .filter(({ value }) => value !== '')
          .map((field) => (
            <Field key={field.field + field.value} field={field} />
          ))}
      </Terms>
    </Card>
  )
}

function Field({ field }: { field: FieldValue }) {
  const times = useStore($times)
  const { field: name, title, value, verified, source, at } = field
  const from = words.profile.from(
    words.profile.sources[source],
    `${times.marker(at)} ${times.zone(at)}`,
  )

  return (
    <Term term={title} code={name === 'external' || name === 'visitor'}>
      <span class="value marked">
        <span tabIndex={0} data-hint={from}>
          {harmless(value)}
        </span>
        <CopyButton text={value} label={words.profile.copy(title)} done={words.copied} />
        {!verified && (
          <Chip tone="note" hint={`${words.profile.unverifiedHelp}\n${from}`}>
            {words.profile.unverified}
          </Chip>
        )}
      </span>
    </Term>
  )
}

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
          {stage && <Term term={words.profile.stage}>{harmless(stage)}</Term>}
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
      </div>
    </details>
  )
}

export function Products() {
  return (
    <Card title={words.profile.products}>
      <Empty text={words.profile.noProducts} />
    </Card>
  )
}

/** Records that may be the same person, and why they are two (F057). */
export function PossibleDuplicates({ duplicates }: { duplicates: readonly PossibleDuplicate[] }) {
  if (duplicates.length === 0) return null

  return (
    <section class="duplicates" aria-label={words.profile.duplicates}>
      <header class="row">
        <Icon name="people" small />
        <h2 class="spread">{words.profile.duplicates}</h2>
        <Chip tone="note" icon="question" hint={words.profile.duplicatesHelp}>
          {words.profile.why}
        </Chip>
      </header>
      <ul role="list">
        {duplicates.map(({ customer, kind, value }) => (
          <li key={customer.id + kind + value} class="row">
            <span class="spread">
              <strong>{harmless(customer.name)}</strong>{' '}
              <span class="dim">{words.profile.shares(identityTitles[kind], harmless(value))}</span>
            </span>
            <OpenCustomer id={customer.id} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function OpenCustomer({ id }: { id: CustomerId }) {
  const place = { name: 'customer', customerId: id, tab: 'summary' } as const

  return (
    <ButtonLink small href={hrefOf(place)} onClick={inPlace(() => go(place))}>
      {words.open}
    </ButtonLink>
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

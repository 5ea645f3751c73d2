// One campaign: who takes part, with status and stage, and the uploads that brought them.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import {
  $campaigns,
  $participantFilter,
  $participants,
  filterParticipants,
  loadParticipants,
  moreParticipants,
  openParticipants,
} from '../../core/campaigns.ts'
import { go, hrefOf } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import {
  $uploads,
  $wizard,
  beginUpload,
  followUploads,
  loadUploads,
  openUpload,
  percentOf,
} from '../../core/uploads.ts'
import {
  ParticipantStatus,
  type Campaign,
  type CampaignId,
  type Participant,
  type Upload,
} from '../../../shared/campaign.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { Select } from '../kit/field.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { lazy } from '../kit/lazy.tsx'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { TabPanel, Tabs } from '../kit/tabs.tsx'
import { Actions, Counts } from '../parts/campaign-actions.tsx'
import { ChannelIcon } from '../parts/channel-icon.tsx'
import { ParticipationEditor } from '../parts/participation.tsx'
import { Moment } from '../parts/times.tsx'

const UploadWizard = lazy(async () => (await import('../parts/upload-wizard.tsx')).UploadWizard, {
  loading: words.loading,
  failed: words.somethingBroke,
  retry: words.retry,
})

export function CampaignView({ campaignId }: { campaignId: CampaignId }) {
  const { value, state } = useStore($campaigns)
  const campaign = value?.find(({ id }) => id === campaignId)
  const wizard = useStore($wizard)
  const can = useStore($may('campaigns.manage'))
  const [tab, setTab] = useState<'participants' | 'uploads'>('participants')

  useEffect(() => openParticipants(campaignId), [campaignId])
  useEffect(followUploads, [])

  if (value && !campaign && state === 'ready') {
    return <Empty icon="megaphone" text={campaignWords.missing} />
  }
  return (
    <section class="page" aria-label={campaign?.name ?? campaignWords.title}>
      <header class="page-head">
        <Button
          kind="ghost"
          icon="back"
          label={campaignWords.back}
          onClick={() => go({ name: 'campaigns' })}
        />
        <h1>{campaign?.name}</h1>
        {campaign && <Counts participants={campaign.participants} />}
        <span class="spread" />
        <Button icon="plus" reason={can.reason} onClick={() => beginUpload(campaignId)}>
          {campaignWords.upload.action}
        </Button>
        {campaign && <Actions campaign={campaign} />}
      </header>
      <div class="customer-tabs">
        <Tabs
          name="campaign"
          label={campaignWords.title}
          tabs={[
            { id: 'participants', title: campaignWords.participants },
            { id: 'uploads', title: campaignWords.uploads },
          ]}
          value={tab}
          onSelect={setTab}
        />
      </div>
      <TabPanel name="campaign" value={tab} class="page-body">
        {tab === 'participants' && <Participants campaignId={campaignId} campaign={campaign} />}
        {tab === 'uploads' && <Uploads campaignId={campaignId} />}
      </TabPanel>
      {wizard && <UploadWizard stages={campaign?.stages ?? []} />}
    </section>
  )
}

interface ParticipantsProps {
  readonly campaignId: CampaignId
  readonly campaign: Campaign | undefined
}

function Participants({ campaignId, campaign }: ParticipantsProps) {
  const { value, state, sentence } = useStore($participants)
  const filter = useStore($participantFilter)
  const stages = campaign?.stages ?? []
  const isFiltered = filter.status !== undefined || filter.stage !== undefined

  return (
    <>
      <div class="participants-filter row">
        <Select
          label={campaignWords.status}
          value={filter.status ?? ''}
          options={[
            { value: '', title: campaignWords.anyStatus },
            ...ParticipantStatus.options.map((one) => ({ value: one, title: one })),
          ]}
          // Safe: the options are the statuses.
          onSelect={(status) =>
            filterParticipants({
              ...filter,
              status: status === '' ? undefined : (status as ParticipantStatus),
            })
          }
        />
        {stages.length > 0 && (
          <Select
            label={campaignWords.stage}
            value={filter.stage ?? ''}
            options={[
              { value: '', title: campaignWords.anyStage },
              ...stages.map((one) => ({ value: one, title: one })),
            ]}
            onSelect={(stage) =>
              filterParticipants({ ...filter, stage: stage === '' ? undefined : stage })
            }
          />
        )}
      </div>
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadParticipants()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {!value && state === 'loading' && <Skeleton label={words.loading} />}
      {value?.rows.length === 0 && (
        <Empty
          icon="people"
          text={isFiltered ? campaignWords.noneMatch : campaignWords.noParticipants}
        />
      )}
      <ul role="list" class="campaign-list">
        {value?.rows.map((one) => (
          <ParticipantRow key={one.customer.id} participant={one} campaignId={campaignId} />
        ))}
      </ul>
      {value?.more && (
        <div class="campaign-more">
          <Button onClick={() => void moreParticipants()}>{campaignWords.more}</Button>
        </div>
      )}
    </>
  )
}

interface ParticipantProps {
  readonly participant: Participant
  readonly campaignId: CampaignId
}

function ParticipantRow({ participant, campaignId }: ParticipantProps) {
  const { customer, status, stage, loadedAt, data, channels } = participant
  const can = useStore($may('campaigns.manage'))
  const [isEditing, setEditing] = useState(false)
  const place = { name: 'customer', customerId: customer.id, tab: 'summary' } as const

  return (
    <li class={isEditing ? undefined : 'participant'}>
      <Avatar id={customer.id} name={customer.name} size="small" />
      <div class="spread">
        <a href={hrefOf(place)} onClick={inPlace(() => go(place))}>
          {harmless(customer.name)}
        </a>
        <p class="small-text dim">{harmless(customer.email || customer.phone)}</p>
        <p class="small-text dim">
          {Object.entries(data)
            .map(([key, value]) => `${harmless(key)}: ${harmless(value)}`)
            .join(' · ')}
        </p>
      </div>
      <span class="row">
        {channels.map((channel) => (
          <ChannelIcon key={channel} channel={channel} />
        ))}
      </span>
      <span class="small-text dim">
        <Moment at={loadedAt} />
      </span>
      {isEditing ? (
        <ParticipationEditor
          customerId={customer.id}
          campaignId={campaignId}
          status={status}
          stage={stage}
          onDone={() => setEditing(false)}
        />
      ) : (
        <>
          <span>
            <Chip tone={status === 'active' ? 'human' : 'plain'}>{status}</Chip>
          </span>
          <span>{harmless(stage ?? '')}</span>
          <Button
            small
            kind="ghost"
            icon="edit"
            label={words.edit}
            reason={can.reason}
            onClick={() => setEditing(true)}
          />
        </>
      )}
    </li>
  )
}

function Uploads({ campaignId }: { campaignId: CampaignId }) {
  const { value, state, sentence } = useStore($uploads)
  const can = useStore($may('campaigns.manage'))
  const isOpen = useStore($wizard) !== undefined

  useEffect(() => {
    if (can.allowed && !isOpen) void loadUploads(campaignId)
  }, [campaignId, isOpen])

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  return (
    <>
      {state === 'failed' && <Trouble text={sentence ?? words.somethingBroke} />}
      {!value && state === 'loading' && <Skeleton label={words.loading} />}
      {value?.length === 0 && <Empty icon="file" text={campaignWords.upload.none} />}
      <ul role="list" class="campaign-list">
        {value?.map((one) => (
          <UploadRow key={one.id} upload={one} campaignId={campaignId} />
        ))}
      </ul>
    </>
  )
}

function UploadRow({ upload, campaignId }: { upload: Upload; campaignId: CampaignId }) {
  const { fileName, state, lines, createdAt } = upload

  return (
    <li>
      <div class="spread">
        <strong>{harmless(fileName)}</strong>
        <p class="small-text dim">
          <Moment at={createdAt} />
          {' · '}
          {campaignWords.upload.progress(lines.toLocaleString('en'), percentOf(upload))}
        </p>
      </div>
      <Chip tone={state === 'failed' ? 'danger' : state === 'running' ? 'accent' : 'plain'}>
        {campaignWords.upload.states[state]}
      </Chip>
      <Button small onClick={() => void openUpload(campaignId, upload)}>
        {words.open}
      </Button>
    </li>
  )
}

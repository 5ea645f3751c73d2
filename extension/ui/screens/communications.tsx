// Everything ever said with a customer, one chat per campaign, with the details of what is in view.

import { useStore } from '@nanostores/preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import {
  $campaignId,
  $canContinue,
  $communications,
  $continueRefusal,
  $continuing,
  $details,
  $hasOlder,
  chooseCampaign,
  continueInHumanAgent,
  loadCommunications,
  loadOlder,
  lookAt,
  retryEpisode,
  type Episode,
} from '../../core/communications.ts'
import { environment } from '../../core/environment.ts'
import { openInTab } from '../../core/route.ts'
import { $times } from '../../core/time.ts'
import type { CustomerProfile, Participation } from '../../../shared/customer.ts'
import { isActive } from '../../../shared/session.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { useReach } from '../kit/near.ts'
import { TabPanel, Tabs } from '../kit/tabs.tsx'
import { ChannelIcon } from '../parts/channel-icon.tsx'
import { ChatFind } from '../parts/chat-find.tsx'
import { jump, readIn, watchReading } from '../parts/chat-reading.ts'
import { ConversationScroll, Entries } from '../parts/conversation.tsx'
import { EpisodeDetails } from '../parts/session-details.tsx'
import './communications.css'

export function Communications({ profile }: { profile: CustomerProfile }) {
  const [open, setOpen] = useState(environment().surface !== 'panel')

  return (
    <div class={open ? 'communications with-details' : 'communications'}>
      <Campaigns participations={profile.participations} />
      <Chat />
      <Details open={open} setOpen={setOpen} />
    </div>
  )
}

type Group = 'all' | 'campaigns' | 'other'

function Campaigns({ participations }: { participations: readonly Participation[] }) {
  const [group, setGroup] = useState<Group>('all')
  const current = useStore($campaignId)
  const shown = participations.filter(
    ({ kind }) => group === 'all' || (kind === 'outbound') === (group === 'campaigns'),
  )

  return (
    <nav class="campaigns" aria-label={words.communications.campaigns}>
      <Tabs
        name="campaigns"
        kind="pill"
        label={words.communications.campaigns}
        tabs={[
          { id: 'all', title: words.communications.all },
          { id: 'campaigns', title: words.communications.outbound },
          { id: 'other', title: words.communications.other },
        ]}
        value={group}
        onSelect={setGroup}
      />
      <TabPanel name="campaigns" value={group}>
        {shown.length === 0 && <p class="faint small-text">{words.communications.noneHere}</p>}
        <ul role="list" class="campaign-picks">
          {shown.map(({ campaignId, name, communications, channels }) => (
            <li key={campaignId}>
              <button
                type="button"
                aria-current={campaignId === current || undefined}
                onClick={() => chooseCampaign(campaignId)}
              >
                <span class="spread one-line">{name}</span>
                {channels.map((channel) => (
                  <ChannelIcon key={channel} channel={channel} />
                ))}
                <span class="count">{communications}</span>
              </button>
            </li>
          ))}
        </ul>
      </TabPanel>
    </nav>
  )
}

function Chat() {
  const { state, value, sentence } = useStore($communications)
  const campaign = useStore($campaignId)
  const scroll = useRef<HTMLDivElement>(null)
  const newest = value?.at(-1)?.session.entries.at(-1)
  const isThere = value !== undefined && value.length > 0
  useEffect(() => {
    const chat = scroll.current
    return isThere && chat ? watchReading(chat) : undefined
  }, [isThere, campaign])

  if (state === 'failed' && !value) {
    return (
      <div class="communications-chat">
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadCommunications()}>
            {words.retry}
          </Button>
        </Trouble>
      </div>
    )
  }
  return (
    <div class="communications-chat">
      {!value && <Skeleton shape="chat" label={words.loading} count={5} />}
      {value?.length === 0 && (
        <Empty icon="chat" text={words.communications.noData}>
          <p class="small-text">{words.communications.noDataHelp}</p>
        </Empty>
      )}
      {value && value.length > 0 && <ChatFind chat={scroll} name={campaign ?? ''} />}
      {value && value.length > 0 && (
        <ConversationScroll
          label={words.communications.chat}
          name={campaign ?? ''}
          newest={newest}
          scrollRef={scroll}
          onScroll={() => follow(scroll.current)}
        >
          <Older count={value.length} />
          {value.map((episode) => (
            <EpisodeView key={episode.row.id} episode={episode} />
          ))}
        </ConversationScroll>
      )}
    </div>
  )
}

/** Comes near the eye when earlier conversations are wanted. */
function Older({ count }: { count: number }) {
  const more = useStore($hasOlder)
  const { state, sentence } = useStore($communications)
  const top = useRef<HTMLDivElement>(null)
  useReach(top, () => void loadOlder(), count)

  return (
    <div ref={top} class="older">
      {more && state === 'loading' && <Skeleton shape="chat" label={words.loading} count={2} />}
      {more && state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadOlder()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {!more && <p class="grey-line">{words.communications.beginning}</p>}
    </div>
  )
}

function EpisodeView({ episode }: { episode: Episode }) {
  const times = useStore($times)
  const { row, session, load } = episode
  const place = useRef<HTMLElement>(null)

  return (
    <section
      ref={place}
      class="episode"
      data-session={row.id}
      aria-label={words.communications.episode(times.marker(row.startedAt))}
    >
      <button
        type="button"
        class="episode-head"
        onClick={() => {
          lookAt(row.id)
          jump()
          place.current?.scrollIntoView({ behavior: 'smooth', block: 'start' })
        }}
      >
        <ChannelIcon channel={row.channel} />
        {times.marker(row.startedAt)}
        {isActive(session) && <span class="dot" aria-hidden="true" />}
      </button>
      {load === 'loading' && session.entries.length === 0 && (
        <Skeleton shape="chat" label={words.loading} count={2} />
      )}
      {load === 'failed' && (
        <Trouble text={words.communications.episodeFailed}>
          <Button small onClick={() => retryEpisode(row.id)}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      <Entries entries={session.entries} />
    </section>
  )
}

/** The details follow the eye. */
function follow(chat: HTMLElement | null): void {
  const id = chat && readIn(chat)
  const episode = $communications.get().value?.find(({ row }) => row.id === id)
  if (episode) lookAt(episode.row.id)
}

interface DetailsProps {
  readonly open: boolean
  readonly setOpen: (open: boolean) => void
}

function Details({ open, setOpen }: DetailsProps) {
  const details = useStore($details)
  const refusal = useStore($continueRefusal)

  useEffect(() => {
    if (refusal) setOpen(true)
  }, [refusal])

  if (!details) return null
  return (
    <aside class="details" aria-label={words.details.title}>
      <header>
        <h2 class="spread">
          <button
            type="button"
            class="details-toggle"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {words.details.title}
          </button>
        </h2>
        <Continue episode={details} />
        <Button
          small
          kind="ghost"
          icon="open"
          label={words.details.goToSession}
          onClick={() => openInTab({ name: 'session', sessionId: details.row.id })}
        />
        {open && (
          <Button
            small
            kind="ghost"
            icon="close"
            label={words.details.hide}
            onClick={() => setOpen(false)}
          />
        )}
      </header>
      {refusal && <Trouble text={refusal} />}
      {open && (
        <div class="details-scroll">
          <EpisodeDetails session={details.session} />
        </div>
      )}
    </aside>
  )
}

function Continue({ episode }: { episode: Episode }) {
  const can = useStore($canContinue)
  const busy = useStore($continuing)
  const finished = episode.session.opened !== undefined && !isActive(episode.session)

  return (
    <Button
      small
      kind="primary"
      reason={finished ? words.details.finished : can.reason}
      busy={busy}
      onClick={() => void continueInHumanAgent()}
    >
      {words.control.takeOver}
    </Button>
  )
}

// A customer's profile: Summary and Communications.

import { useStore } from '@nanostores/preact'

import { $profile, reloadProfile } from '../../core/customers.ts'
import { back, go, openInTab, replace, type Tab } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import type { CustomerProfile } from '../../../shared/customer.ts'
import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { Button } from '../kit/button.tsx'
import { harmless } from '../kit/harmless.ts'
import { Empty, Skeleton, Trouble, Updating } from '../kit/states.tsx'
import { TabPanel, Tabs } from '../kit/tabs.tsx'
import { ChannelIcon } from '../parts/channel-icon.tsx'
import { ContactInfo } from '../parts/contact-card.tsx'
import { PossibleDuplicates } from '../parts/duplicates.tsx'
import { Products } from '../parts/products-card.tsx'
import { ActiveNow, CampaignsSummary } from '../parts/profile-cards.tsx'
import { Ago } from '../parts/times.tsx'
import { Communications } from './communications.tsx'
import './customer.css'

export function Customer({ tab }: { tab: Tab }) {
  const { state, value, sentence } = useStore($profile)
  const can = useStore($may('customers.view'))

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  if (state === 'missing') return <MissingCustomer />
  return (
    <section class="customer" aria-label={words.profile.title}>
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void reloadProfile()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {value && <Profile profile={value} tab={tab} updating={state === 'loading'} />}
      {!value && state !== 'failed' && (
        <div class="stack">
          <Skeleton label={words.loading} count={1} />
          <Skeleton shape="profile" label={words.loading} count={6} />
        </div>
      )}
    </section>
  )
}

interface ProfileProps {
  readonly profile: CustomerProfile
  readonly tab: Tab
  readonly updating: boolean
}

function Profile({ profile, tab, updating }: ProfileProps) {
  const { id, communications } = profile

  return (
    <>
      <Head profile={profile} updating={updating} />
      <div class="customer-tabs">
        <Tabs
          name="profile"
          label={words.profile.title}
          tabs={[
            { id: 'summary', title: words.profile.summary },
            {
              id: 'communications',
              title: words.profile.communicationsTab,
              count: communications,
            },
          ]}
          value={tab}
          onSelect={(next) => replace({ name: 'customer', customerId: id, tab: next })}
        />
      </div>
      <TabPanel name="profile" value={tab} class={`customer-body ${tab}-tab`}>
        {tab === 'summary' ? <Summary profile={profile} /> : <Communications profile={profile} />}
      </TabPanel>
    </>
  )
}

function Head({ profile, updating }: Omit<ProfileProps, 'tab'>) {
  const { id, name, channels, lastCommunicationAt } = profile

  return (
    <header class="customer-head">
      <span class="only-workspace">
        <Button kind="ghost" icon="back" label={words.profile.toList} onClick={back} />
      </span>
      <Avatar id={id} name={name} size="large" />
      <div class="spread">
        <h1>{harmless(name)}</h1>
        <p class="row small-text dim">
          {channels.map((channel) => (
            <ChannelIcon key={channel} channel={channel} />
          ))}
          {lastCommunicationAt !== null && (
            <span class="one-line">
              <Ago at={lastCommunicationAt} />
            </span>
          )}
          {updating && <Updating label={words.updating} />}
        </p>
      </div>
      <ActiveNow profile={profile} />
      <span class="only-panel">
        <Button
          kind="ghost"
          icon="open"
          label={words.profile.openInWorkspace}
          onClick={() => openInTab({ name: 'customer', customerId: id, tab: 'summary' })}
        />
      </span>
    </header>
  )
}

function Summary({ profile }: { profile: CustomerProfile }) {
  return (
    <div class="stack">
      <PossibleDuplicates duplicates={profile.possibleDuplicates} />
      <div class="cards">
        <ContactInfo profile={profile} />
        <CampaignsSummary profile={profile} />
        <Products />
      </div>
    </div>
  )
}

function MissingCustomer() {
  return (
    <Empty icon="person" text={words.missing.customer}>
      <Button onClick={() => go({ name: 'home' })}>{words.missing.toCustomers}</Button>
    </Empty>
  )
}

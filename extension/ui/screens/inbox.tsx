// The inbox: who waits, what is mine, what is open. Live.

import { useStore } from '@nanostores/preact'
import { useEffect, useRef } from 'preact/hooks'

import {
  $counts,
  $fresh,
  $hasMore,
  $inbox,
  $view,
  loadMore,
  reloadInbox,
  seenFresh,
  setView,
} from '../../core/inbox.ts'
import { $people, $presence, setPresence } from '../../core/people.ts'
import { $sessionId } from '../../core/session.ts'
import { $may } from '../../core/sign-in.ts'
import type { SessionRow } from '../../../shared/inbox.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { useListKeys } from '../kit/list-keys.ts'
import { Menu } from '../kit/menu.tsx'
import { useReach } from '../kit/near.ts'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { TabPanel, Tabs } from '../kit/tabs.tsx'
import { SessionRowView } from '../parts/session-row.tsx'
import './inbox.css'

export function Inbox() {
  const counts = useStore($counts)
  const view = useStore($view)

  return (
    <section class="inbox" aria-labelledby="inbox-title">
      <header class="inbox-head">
        <div class="row">
          <h1 id="inbox-title" class="spread">
            {words.inbox.title}
          </h1>
          <PresenceMenu />
        </div>
        <Tabs
          name="inbox"
          kind="pill"
          label={words.inbox.title}
          tabs={[
            { id: 'incoming', title: words.inbox.incoming, count: counts.incoming },
            { id: 'mine', title: words.inbox.mine, count: counts.mine },
            { id: 'open', title: words.inbox.open, count: counts.open },
          ]}
          value={view}
          onSelect={setView}
        />
      </header>
      <TabPanel name="inbox" value={view} class="inbox-list">
        <List />
      </TabPanel>
    </section>
  )
}

function List() {
  const { state, value, sentence } = useStore($inbox)
  const can = useStore($may('sessions.view'))
  const fresh = useStore($fresh).size
  const list = useRef<HTMLDivElement>(null)
  useListKeys(list)

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  return (
    <div
      ref={list}
      class="inbox-scroll"
      tabIndex={-1}
      onScroll={(event) => {
        if (event.currentTarget.scrollTop < 24) seenFresh()
      }}
    >
      <FreshNotice count={fresh} list={list} />
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void reloadInbox()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {value === undefined && state !== 'failed' && (
        <Skeleton shape="cards" label={words.loading} count={3} />
      )}
      {value && <Rows rows={value} />}
    </div>
  )
}

/** Told only to who has scrolled away from the top: at the top they are there to see. */
function FreshNotice({ count, list }: { count: number; list: { current: HTMLElement | null } }) {
  const away = (list.current?.scrollTop ?? 0) > 24

  useEffect(() => {
    if (!away) seenFresh()
  }, [away, count])

  if (count === 0 || !away) return null
  return (
    <div class="fresh">
      <Button
        small
        kind="primary"
        icon="up"
        onClick={() => list.current?.scrollTo({ top: 0, behavior: 'smooth' })}
      >
        {words.inbox.fresh(count)}
      </Button>
    </div>
  )
}

function Rows({ rows }: { rows: readonly SessionRow[] }) {
  const view = useStore($view)
  const more = useStore($hasMore)
  const current = useStore($sessionId)
  const end = useRef<HTMLDivElement>(null)
  useReach(end, () => void loadMore(), rows.length)

  if (rows.length === 0) return <Nothing />
  return (
    <>
      <ul role="list" class="stack" aria-label={words.inbox.views[view]}>
        {rows.map((row) => (
          <SessionRowView key={row.id} row={row} current={row.id === current} />
        ))}
      </ul>
      <div ref={end}>{more && <Skeleton shape="cards" label={words.loading} count={1} />}</div>
    </>
  )
}

function Nothing() {
  const view = useStore($view)
  const { open } = useStore($counts)

  return (
    <Empty icon={view === 'incoming' ? 'check' : 'inbox'} text={words.inbox.empty[view]}>
      {view !== 'open' && open > 0 && (
        <Button small onClick={() => setView('open')}>
          {words.inbox.showOpen(open)}
        </Button>
      )}
    </Empty>
  )
}

function PresenceMenu() {
  const presence = useStore($presence)
  const others = useStore($people).filter((one) => one.presence === 'online').length

  return (
    <span class={`presence ${presence}`} data-hint={words.people.onlineCount(others)}>
      <Menu
        small
        label={words.people.presence}
        text={words.people.youAre[presence]}
        items={(['online', 'away'] as const).map((one) => ({
          title: words.people[one],
          checked: one === presence,
          onSelect: () => setPresence(one),
        }))}
      />
    </span>
  )
}

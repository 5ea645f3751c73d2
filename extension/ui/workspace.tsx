// The workspace: the full page, in the extension and as the portal.

import { useStore } from '@nanostores/preact'

import type { Environment } from '../core/environment.ts'
import { $counts } from '../core/inbox.ts'
import { $route, customersPlace, go, hrefOf, type Place, type Route } from '../core/route.ts'
import { $may } from '../core/sign-in.ts'
import { words } from '../words.ts'
import { Icon, type IconName } from './kit/icon.tsx'
import { inPlace } from './kit/in-place.ts'
import { lazy } from './kit/lazy.tsx'
import { Customer } from './screens/customer.tsx'
import { Customers } from './screens/customers.tsx'
import { HumanAgents, Session } from './screens/human-agents.tsx'
import { useFindKey } from './screens/search.tsx'
import { Main, MeMenu, mount, NotFound, OfflineBar, SkipLink } from './screens/shell.tsx'

export function mountWorkspace(root: HTMLElement, environment: Environment): () => void {
  return mount(root, environment, Workspace)
}

function Workspace() {
  const route = useStore($route)
  useFindKey()

  return (
    <div class="workspace">
      <SkipLink />
      <OfflineBar />
      <Rail route={route} />
      <Main>
        <Screen route={route} />
      </Main>
    </div>
  )
}

const lazyWords = { loading: words.loading, failed: words.somethingBroke, retry: words.retry }
const Campaigns = lazy(async () => (await import('./screens/campaigns.tsx')).Campaigns, lazyWords)
const Analysis = lazy(async () => (await import('./screens/analysis.tsx')).Analysis, lazyWords)
const Audit = lazy(async () => (await import('./screens/audit.tsx')).Audit, lazyWords)

function Screen({ route }: { route: Route }) {
  switch (route.name) {
    case 'customer':
      return <Customer tab={route.tab} />
    case 'human-agents':
      return <HumanAgents sessionId={route.sessionId} />
    case 'session':
      return <Session sessionId={route.sessionId} />
    case 'campaigns':
      return <Campaigns campaignId={route.campaignId} />
    case 'analysis':
      return <Analysis runs={route.runs === true} runId={route.runId} />
    case 'audit':
      return <Audit />
    case 'not-found':
      return <NotFound />
    default:
      return <Customers />
  }
}

function Rail({ route }: { route: Route }) {
  const { incoming } = useStore($counts)
  const canAudit = useStore($may('audit.view'))
  const inInbox = route.name === 'human-agents' || route.name === 'session'
  const inCustomers =
    route.name === 'customer' || route.name === 'customers' || route.name === 'home'

  return (
    <nav class="rail" aria-label={words.nav.label}>
      <span class="mark" aria-hidden="true" />
      <RailLink
        to={customersPlace()}
        icon="people"
        label={words.nav.view360}
        current={inCustomers}
      />
      <RailLink
        to={{ name: 'human-agents' }}
        icon="headphones"
        label={words.nav.humanAgents}
        current={inInbox}
        badge={incoming}
      />
      <RailLink
        to={{ name: 'campaigns' }}
        icon="megaphone"
        label={words.nav.campaigns}
        current={route.name === 'campaigns'}
      />
      <RailLink
        to={{ name: 'analysis' }}
        icon="spark"
        label={words.nav.analysis}
        current={route.name === 'analysis'}
      />
      {canAudit.allowed && (
        <RailLink
          to={{ name: 'audit' }}
          icon="history"
          label={words.nav.audit}
          current={route.name === 'audit'}
        />
      )}
      <span class="spread" />
      <MeMenu />
    </nav>
  )
}

interface RailLinkProps {
  readonly to: Place
  readonly icon: IconName
  readonly label: string
  readonly current: boolean
  readonly badge?: number
}

function RailLink({ to, icon, label, current, badge = 0 }: RailLinkProps) {
  const name = badge > 0 ? words.nav.withWaiting(label, badge) : label

  return (
    <a
      href={hrefOf(to)}
      aria-label={name}
      aria-current={current ? 'page' : undefined}
      data-hint={name}
      onClick={inPlace(() => go(to))}
    >
      <Icon name={icon} />
      {badge > 0 && <span class="badge">{badge}</span>}
    </a>
  )
}

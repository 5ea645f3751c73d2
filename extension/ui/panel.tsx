// The side panel: narrow, beside whatever page is open.

import { useStore } from '@nanostores/preact'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

import { $query, clearSearch } from '../core/customers.ts'
import type { Environment } from '../core/environment.ts'
import { $counts } from '../core/inbox.ts'
import { $recent } from '../core/recent.ts'
import { $route, back, go, hrefOf, type Place, type Route } from '../core/route.ts'
import { words } from '../words.ts'
import { inPlace } from './kit/in-place.ts'
import { lazy } from './kit/lazy.tsx'
import { Inbox } from './screens/inbox.tsx'
import { Recent } from './screens/recent.tsx'
import { PanelSearch, SearchResults, useFindKey } from './screens/search.tsx'
import { Main, MeMenu, mount, NotFound, OfflineBar, SkipLink } from './screens/shell.tsx'

export function mountPanel(root: HTMLElement, environment: Environment): () => void {
  return mount(root, environment, Panel)
}

function Panel() {
  const route = useStore($route)
  const searching = useStore($query).trim() !== ''
  const inConversation = 'sessionId' in route && route.sessionId !== undefined
  useEscape()
  useFindKey()

  return (
    <div class="panel">
      <SkipLink />
      {!inConversation && (
        <header class="panel-top">
          <PanelSearch />
          <MeMenu />
        </header>
      )}
      <OfflineBar />
      <Main>{searching && !inConversation ? <SearchResults /> : <Screen route={route} />}</Main>
      <BottomBar route={route} />
    </div>
  )
}

// Profile and conversation come a moment after the panel: what finds customers is there at once.
const lazyWords = { loading: words.loading, failed: words.somethingBroke, retry: words.retry }
const Customer = lazy(async () => (await import('./screens/customer.tsx')).Customer, lazyWords)
const Conversation = lazy(
  async () => (await import('./screens/conversation.tsx')).Conversation,
  lazyWords,
)
const ReadConversation = lazy(
  async () => (await import('./screens/conversation.tsx')).ReadConversation,
  lazyWords,
)

function Screen({ route }: { route: Route }) {
  switch (route.name) {
    case 'customer':
      return <Customer tab={route.tab} />
    case 'human-agents':
      return route.sessionId ? <Conversation key={route.sessionId} /> : <Inbox />
    case 'session':
      return <ReadConversation key={route.sessionId} />
    case 'not-found':
      return <NotFound />
    default:
      return <Recent />
  }
}

function BottomBar({ route }: { route: Route }) {
  const { incoming } = useStore($counts)
  const [last] = useStore($recent)
  const customer: Place = last
    ? { name: 'customer', customerId: last.id, tab: 'summary' }
    : { name: 'home' }
  const inInbox = route.name === 'human-agents' || route.name === 'session'

  return (
    <nav class="panel-bar" aria-label={words.nav.label}>
      <BarLink to={customer} current={route.name === 'customer'}>
        {words.nav.customer}
      </BarLink>
      <BarLink to={{ name: 'human-agents' }} current={inInbox}>
        {words.nav.inbox}
        {incoming > 0 && (
          <span class="chip human">
            {incoming}
            <span class="heard"> {words.nav.waiting}</span>
          </span>
        )}
      </BarLink>
      <BarLink to={{ name: 'home' }} current={route.name === 'home' || route.name === 'customers'}>
        {words.nav.recent}
      </BarLink>
    </nav>
  )
}

interface BarLinkProps {
  readonly to: Place
  readonly current: boolean
  readonly children: ComponentChildren
}

function BarLink({ to, current, children }: BarLinkProps) {
  return (
    <a
      href={hrefOf(to)}
      aria-current={current ? 'page' : undefined}
      onClick={inPlace(() => {
        clearSearch()
        go(to)
      })}
    >
      {children}
    </a>
  )
}

/** Escape goes one step back; what is written stays where it is. */
function useEscape(): void {
  useEffect(() => {
    const stop = new AbortController()
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        if (document.querySelector('dialog[open], [popover=auto]:popover-open')) return
        const route = $route.get()
        if (route.name === 'session' || (route.name === 'human-agents' && route.sessionId)) back()
      },
      { signal: stop.signal },
    )
    return () => stop.abort()
  }, [])
}

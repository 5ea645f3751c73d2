// What the tab is called: who is looked at, and how many wait.

import { useStore } from '@nanostores/preact'
import { computed } from 'nanostores'
import { useEffect } from 'preact/hooks'

import { $profile } from '../../core/customers.ts'
import { $counts } from '../../core/inbox.ts'
import { $route, type Route } from '../../core/route.ts'
import { $session } from '../../core/session.ts'
import { words } from '../../words.ts'
import { harmless } from '../kit/harmless.ts'

const $title = computed(
  [$route, $profile, $session, $counts],
  (route, profile, session, counts) => {
    if (route.name === 'starting' || route.name === 'sign-in') return words.product
    const waiting = counts.incoming > 0 ? `(${counts.incoming}) ` : ''
    const customer = route.name === 'customer' ? profile.value?.name : session.opened?.customer.name
    const place = places[route.name] ?? words.customers.title
    return `${waiting}${harmless(customer ?? place)} · ${words.product}`
  },
)

const places: Partial<Record<Route['name'], string>> = {
  'human-agents': words.nav.humanAgents,
  campaigns: words.nav.campaigns,
  analysis: words.nav.analysis,
  audit: words.nav.audit,
}

export function useTitle(): void {
  const title = useStore($title)

  useEffect(() => {
    document.title = title
  }, [title])
}

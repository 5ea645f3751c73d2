// Where the operator is: paths to routes and back, the same on every surface.

import { atom, computed } from 'nanostores'

import type { RunId } from '../../shared/analysis.ts'
import type { CampaignId } from '../../shared/campaign.ts'
import type { CustomerId, SessionId } from '../../shared/ids.ts'
import { environment } from './environment.ts'
import { $signInState } from './sign-in.ts'

export type Tab = 'summary' | 'communications'

/** A place with data of the tenant. */
export type Place =
  | { readonly name: 'home' }
  /** 360 View; `list` is what it shows, as the table writes it. */
  | { readonly name: 'customers'; readonly list?: string }
  | { readonly name: 'customer'; readonly customerId: CustomerId; readonly tab: Tab }
  | { readonly name: 'session'; readonly sessionId: SessionId }
  | { readonly name: 'human-agents'; readonly sessionId?: SessionId }
  | { readonly name: 'campaigns'; readonly campaignId?: CampaignId }
  | { readonly name: 'analysis'; readonly runs?: true; readonly runId?: RunId }
  | { readonly name: 'audit' }
  | { readonly name: 'not-found'; readonly path: string }
  | { readonly name: 'sign-in' }
export type Route = Place | { readonly name: 'starting' }

const $path = atom('/')
const $depth = atom(0)

/** Where the path leads, whoever asks. */
export const $place = computed($path, (path) => placeOf(path))

/** What is shown: the place, or the sign-in at its very address until somebody has signed in. */
export const $route = computed([$place, $signInState], (place, state): Route => {
  if (state === 'unknown') return { name: 'starting' }
  if (state !== 'signed-in') return { name: 'sign-in' }
  return place.name === 'sign-in' ? { name: 'home' } : place
})

/** Whether `back()` has somewhere of ours to go to; it always goes somewhere sensible. */
export const $canGoBack = computed([$depth, $place], (depth, place) => depth > 0 || !isTop(place))

/** Begins to follow the address. Gives back how to stop. */
export function startRouting(): () => void {
  follow()
  return environment().address.onMove(follow)
}

export function go(place: Place): void {
  const path = pathOf(place)
  if (path === $path.get()) return
  environment().address.push(path)
  follow()
}

/** Goes there without leaving a step to go back to. */
export function replace(place: Place): void {
  environment().address.replace(pathOf(place))
  follow()
}

/** Back to where we came from; from a link that was opened directly, up to its list. */
export function back(): void {
  if ($depth.get() > 0) environment().address.back()
  else replace(upFrom($place.get()))
}

function follow(): void {
  const { address } = environment()
  $depth.set(address.depth())
  $path.set(address.read())
}

/** Opens a place of the workspace in a new tab; what is open here stays. */
export function openInTab(place: Place): void {
  environment().openTab(pathOf(place))
}

export function pathOf(place: Place): string {
  switch (place.name) {
    case 'home':
      return '/'
    case 'sign-in':
      return '/sign-in'
    case 'customers':
      return place.list ? `/customers?${place.list}` : '/customers'
    case 'customer':
      return `/customers/${place.customerId}${place.tab === 'summary' ? '' : `?tab=${place.tab}`}`
    case 'session':
      return `/sessions/${place.sessionId}`
    case 'human-agents':
      return place.sessionId ? `/human-agents/${place.sessionId}` : '/human-agents'
    case 'campaigns':
      return place.campaignId ? `/campaigns/${place.campaignId}` : '/campaigns'
    case 'analysis':
      if (place.runId) return `/deep-analysis/${place.runId}`
      return place.runs ? '/deep-analysis/runs' : '/deep-analysis'
    case 'audit':
      return '/settings/audit'
    case 'not-found':
      return place.path
  }
}

/** What an `<a>` has to say, right for this surface. */
export function hrefOf(place: Place): string {
  return environment().address.href(pathOf(place))
}

export function placeOf(path: string): Place {
  const { pathname, searchParams } = new URL(
    `https://alongside.invalid/${path.replace(/^\/+/, '')}`,
  )
  const [first = '', second = '', ...more] = pathname.split('/').filter((part) => part !== '')
  if (more.length === 0) {
    if (first === '') return { name: 'home' }
    if (first === 'sign-in' && second === '') return { name: 'sign-in' }
    if (first === 'customers') {
      if (second === '') return customersAt(searchParams)
      const tab = searchParams.get('tab') === 'communications' ? 'communications' : 'summary'
      if (isId('cus', second)) return { name: 'customer', customerId: second, tab }
    }
    if (first === 'sessions' && isId('ses', second)) return { name: 'session', sessionId: second }
    if (first === 'campaigns') {
      if (second === '') return { name: 'campaigns' }
      if (isId('cmp', second)) return { name: 'campaigns', campaignId: second }
    }
    if (first === 'deep-analysis') {
      if (second === '') return { name: 'analysis' }
      if (second === 'runs') return { name: 'analysis', runs: true }
      if (isId('run', second)) return { name: 'analysis', runId: second }
    }
    if (first === 'settings' && second === 'audit') return { name: 'audit' }
    if (first === 'human-agents') {
      if (second === '') return { name: 'human-agents' }
      if (isId('ses', second)) return { name: 'human-agents', sessionId: second }
    }
  }
  return { name: 'not-found', path: pathname }
}

function customersAt(search: URLSearchParams): Place {
  const list = search.toString()
  return list === '' ? { name: 'customers' } : { name: 'customers', list }
}

function isId(prefix: 'cmp', id: string): id is CampaignId
function isId(prefix: 'run', id: string): id is RunId
function isId(prefix: 'cus', id: string): id is CustomerId
function isId(prefix: 'ses', id: string): id is SessionId
function isId(prefix: string, id: string): boolean {
  return new RegExp(`^${prefix}_[0-9a-z]{26}$`).test(id)
}

function isTop({ name }: Place): boolean {
  return name === 'home' || name === 'sign-in'
}

let leftCustomers: Place = { name: 'customers' }

/** Where 360 View was left: the way up from a profile leads there again. */
export function rememberCustomers(place: Place): void {
  leftCustomers = place
}

export function customersPlace(): Place {
  return leftCustomers
}

function upFrom(place: Place): Place {
  const panel = environment().surface === 'panel'
  if (place.name === 'customer') return panel ? { name: 'home' } : leftCustomers
  if (place.name === 'campaigns' && place.campaignId) return { name: 'campaigns' }
  if (place.name === 'analysis' && place.runId) return { name: 'analysis', runs: true }
  if (place.name === 'human-agents' && place.sessionId) return { name: 'human-agents' }
  if (place.name === 'session') return panel ? { name: 'human-agents' } : leftCustomers
  return { name: 'home' }
}

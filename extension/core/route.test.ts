import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { refusing, type Fake } from './fake-environment.ts'
import { meAs, signedIn } from './fake-worker.ts'
import {
  $canGoBack,
  $route,
  back,
  go,
  hrefOf,
  pathOf,
  placeOf,
  replace,
  type Place,
} from './route.ts'
import { signIn, signOut } from './sign-in.ts'

const customerId = newId('cus')
const sessionId = newId('ses')
const campaignId = newId('cmp')
const runId = newId('run')
const places: [string, Place][] = [
  ['/', { name: 'home' }],
  ['/customers', { name: 'customers' }],
  ['/customers?f.name=da&sort=name', { name: 'customers', list: 'f.name=da&sort=name' }],
  [`/customers/${customerId}`, { name: 'customer', customerId, tab: 'summary' }],
  [
    `/customers/${customerId}?tab=communications`,
    { name: 'customer', customerId, tab: 'communications' },
  ],
  [`/sessions/${sessionId}`, { name: 'session', sessionId }],
  ['/human-agents', { name: 'human-agents' }],
  [`/human-agents/${sessionId}`, { name: 'human-agents', sessionId }],
  ['/campaigns', { name: 'campaigns' }],
  [`/campaigns/${campaignId}`, { name: 'campaigns', campaignId }],
  ['/deep-analysis', { name: 'analysis' }],
  ['/deep-analysis/runs', { name: 'analysis', runs: true }],
  [`/deep-analysis/${runId}`, { name: 'analysis', runId }],
  ['/settings/audit', { name: 'audit' }],
  ['/sign-in', { name: 'sign-in' }],
]

describe('paths', () => {
  it.each(places)('%s leads to a place and back', (path, place) => {
    expect(placeOf(path)).toEqual(place)
    expect(pathOf(place)).toBe(path)
  })

  it.each(['/customers/ses_1', '/nowhere', `/sessions/${customerId}`, '/a/b/c', '//evil.example'])(
    '%s leads nowhere',
    (path) => {
      expect(placeOf(path).name).toBe('not-found')
    },
  )
})

describe('the route', () => {
  let fake: Fake
  let stop: () => Promise<void>
  beforeEach(async () => {
    const made = await signedIn()
    fake = made.fake
    stop = made.stop
  })
  afterEach(async () => stop())

  it('shows the sign-in at the very address, and the address after it', async () => {
    fake.answers({
      'POST /api/sign-out': () => undefined,
      'POST /api/sign-in': () => ({ token: 'new' }),
      'GET /api/me': () => meAs(),
    })
    go({ name: 'customer', customerId, tab: 'summary' })
    await signOut()
    expect($route.get().name).toBe('sign-in')

    await signIn({ email: 'ada@example.com', password: 'correct horse', keep: false })
    expect($route.get()).toMatchObject({ name: 'customer', customerId })
  })

  it('keeps showing the sign-in while it is refused', async () => {
    fake.answers({
      'POST /api/sign-out': () => undefined,
      'POST /api/sign-in': () => refusing(401, 'wrong-password'),
    })
    await signOut()
    const done = await signIn({ email: 'ada@example.com', password: 'wrong', keep: false })

    expect(done).toBe(false)
    expect($route.get().name).toBe('sign-in')
  })

  it('goes back to where we came from', () => {
    go({ name: 'human-agents' })
    go({ name: 'human-agents', sessionId })
    back()

    expect($route.get()).toEqual({ name: 'human-agents' })
    expect($canGoBack.get()).toBe(true)
  })

  it('goes up from a link that was opened directly', () => {
    replace({ name: 'human-agents', sessionId })
    back()

    expect(hrefOf({ name: 'home' })).toBe('#/')
    expect($route.get()).toEqual({ name: 'human-agents' })
  })
})

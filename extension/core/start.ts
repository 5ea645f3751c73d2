// Sets the core going: one call per page, and one way to stop it all again.

import { loadAgents } from './agents.ts'
import { $communications, loadCommunications, startCommunications } from './communications.ts'
import {
  $profile,
  closeCustomer,
  openCustomer,
  reloadProfile,
  startCustomers,
} from './customers.ts'
import { environment, setEnvironment, type Environment } from './environment.ts'
import { $inbox, reloadInbox, startInbox } from './inbox.ts'
import { startLookup } from './lookup.ts'
import { $line, closeNews, openNews, watchNetwork } from './news.ts'
import { flushOutbox, resumeOutbox } from './outbox.ts'
import { startPresence } from './people.ts'
import { resumeRecent } from './recent.ts'
import { $route, startRouting, type Route } from './route.ts'
import { $sessionLoad, closeSession, openSession, reloadSession } from './session.ts'
import { $signInState, resumeSignIn, signedInElsewhere } from './sign-in.ts'

/** Starts the core on a platform. Gives back how to stop it. */
export function start(platform: Environment): () => void {
  setEnvironment(platform)
  let stopWork: (() => void) | undefined
  const stops = [
    startRouting(),
    watchNetwork(),
    startLookup(),
    platform.online.onChange(comeBack),
    signedInElsewhere(),
    $signInState.subscribe((state) => {
      if (state === 'signed-in' && !stopWork) stopWork = work()
      if (state === 'signed-out' && stopWork) {
        stopWork()
        stopWork = undefined
      }
    }),
    $route.subscribe(follow),
  ]
  void resumeSignIn()
  return () => {
    for (const stop of stops) stop()
    stopWork?.()
  }
}

/** Everything that runs only while somebody is signed in. */
function work(): () => void {
  void resumeRecent()
  void loadAgents(environment().now())
  void resumeOutbox()
  const stops = [
    startPresence(),
    startInbox(),
    startCustomers(),
    startCommunications(),
    $line.listen((state) => {
      if (state === 'live') comeBack()
    }),
  ]
  openNews()
  return () => {
    for (const stop of stops) stop()
    closeNews()
    closeSession()
    closeCustomer()
  }
}

/** Opens what the route shows and closes what it no longer does. */
function follow(route: Route): void {
  const sessionId =
    route.name === 'session' || route.name === 'human-agents' ? route.sessionId : undefined
  if (sessionId) openSession(sessionId)
  else closeSession()
  if (sessionId || route.name === 'customer') void loadAgents(environment().now())
  if (route.name === 'customer') openCustomer(route.customerId)
  else closeCustomer()
}

/** The network or the worker is back: what waited goes, what failed is asked again. */
function comeBack(): void {
  flushOutbox()
  if ($sessionLoad.get().state === 'failed') reloadSession()
  if ($profile.get().state === 'failed') void reloadProfile()
  if ($inbox.get().state === 'failed') void reloadInbox()
  if ($communications.get().state === 'failed') void loadCommunications()
}

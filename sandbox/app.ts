// A stand-in for the providers on a developer's machine: takes what the product sends as they
// would, shows it on phones, and lets one play the customer, by real webhooks.

import { Hono } from 'hono'

import { hooksBy, type Deliver, type Wait } from './hooks.ts'
import { phoneRoutes } from './phones.ts'
import { productRoutes } from './products.ts'
import { newStore, type SandboxStore } from './store.ts'
import { telegramRoutes } from './telegram.ts'
import { whatsappRoutes } from './whatsapp.ts'

export interface SandboxOptions {
  readonly now?: () => number
  /** How webhooks reach the hooks; by `fetch` unless given. */
  readonly deliver?: Deliver
  /** Passes time: pauses before a report, between tries, ordered delays. */
  readonly wait?: Wait
  readonly store?: SandboxStore
}

export interface Sandbox {
  /** Answers below `/sandbox`. */
  fetch(request: Request): Promise<Response>
  /** When every report that was due has been delivered or given up. */
  settled(): Promise<void>
}

export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const {
    now = Date.now,
    deliver = (request) => fetch(request),
    wait = (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    store = newStore(),
  } = options
  const hooks = hooksBy(deliver, wait)
  const place = { store, hooks, now, wait }
  const app = new Hono()
    .basePath('/sandbox')
    .route('/whatsapp', whatsappRoutes(place))
    .route('/telegram', telegramRoutes(place))
    .route('/products', productRoutes())
    .route('/', phoneRoutes(place))
  return {
    fetch: async (request) => app.fetch(request),
    settled: () => hooks.settled(),
  }
}

// The port to the platform: what Chrome or a plain page fills once, and a test fills otherwise.

import type { SessionId } from '../../shared/ids.ts'

/** A place to keep small values. `session` ends with the browser, `local` does not. */
export interface Area {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  remove(key: string): Promise<void>
  /** Every key that begins so. */
  keys(prefix: string): Promise<readonly string[]>
}

/** Something to tell the operator outside the page. The same id again replaces, it does not repeat. */
export interface Notice {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly sessionId: SessionId
}

/** Where the operator is, as a path like `/customers/cus_…`, however the surface keeps it. */
export interface Address {
  read(): string
  push(path: string): void
  replace(path: string): void
  back(): void
  /** How many steps of ours lie behind. */
  depth(): number
  /** Calls when the operator went back or forward by the browser's own means. */
  onMove(listener: () => void): () => void
  /** What an `<a>` to this path has to say. */
  href(path: string): string
}

/** What was asked to be looked up, and when: an old wish is not fulfilled. */
export interface Intent {
  readonly text: string
  readonly at: number
}

export interface Socket {
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void
}

export interface Environment {
  readonly surface: 'panel' | 'workspace' | 'portal'
  /** Without a slash at its end; empty where the worker has served the page itself. */
  readonly workerUrl: string
  /** Base of sockets, `wss://…`. */
  readonly socketUrl: string
  /** How a request says who asks: a bearer the core keeps, or the browser's HttpOnly cookie. */
  readonly signInBy: 'bearer' | 'cookie'
  readonly storage: { readonly session: Area; readonly local: Area }
  /** Calls when any page of ours has changed what is kept under a key, this one included. */
  onKept(listener: (key: string) => void): () => void
  readonly address: Address
  /** BCP 47. */
  readonly locale: string
  readonly fetch: typeof globalThis.fetch
  readonly socket: (url: string, protocols: string[]) => Socket
  readonly online: { is(): boolean; onChange(listener: () => void): () => void }
  now(): number
  random(): number
  /** Opens a path of the workspace in a tab of its own. */
  openTab(path: string): void
  notify(notice: Notice): void
  /** How many wait, on the action's icon; 0 takes it away. */
  badge(count: number): void
  /** Wishes to look something up, the last unfulfilled one first. */
  onIntent(listener: (intent: Intent) => void): () => void
}

let current: Environment | undefined

export function setEnvironment(environment: Environment): void {
  current = environment
}

export function environment(): Environment {
  if (!current) throw new Error('the core was used before start()')
  return current
}

const wipes = new Set<() => void>()

/** Registers how a store forgets. Everything personal goes on sign-out, and on another's sign-in. */
export function personal(wipe: () => void): void {
  wipes.add(wipe)
}

/** How a key begins that says nothing of anybody: the width of a divider. */
const kept = 'ui:'

/** Forgets everything personal in memory and in both storage areas. */
export async function forgetEverything(): Promise<void> {
  for (const wipe of wipes) wipe()
  const { session, local } = environment().storage
  for (const area of [session, local]) {
    for (const key of await area.keys('')) {
      if (!key.startsWith(kept)) await area.remove(key)
    }
  }
}

// A platform made for tests: a worker that answers as told, sockets one can talk through, a clock.

import type { Address, Area, Environment, Intent, Notice, Socket } from './environment.ts'

export interface FakeCall {
  readonly name: string
  readonly path: string
  readonly body: unknown
  readonly headers: Headers
}
type Answering = (call: FakeCall) => unknown

export interface FakeSocket extends Socket {
  readonly url: string
  readonly protocols: readonly string[]
  readonly sent: string[]
  /** What the worker does. */
  open(): void
  hears(message: unknown): void
  drops(code?: number): void
  closed: boolean
}

export interface Fake extends Environment {
  readonly calls: FakeCall[]
  readonly sockets: FakeSocket[]
  readonly notices: Notice[]
  readonly tabs: string[]
  readonly badges: number[]
  /** Says how routes answer, like `'GET /api/me': () => me`; the newest word holds. */
  answers(routes: Record<string, Answering>): void
  setOnline(online: boolean): void
  intend(intent: Intent): void
  keptChanged(key: string): void
  kept: { session: Map<string, unknown>; local: Map<string, unknown> }
  newest(path: string): FakeSocket
}

/** Answers with a refusal, as the worker does. */
export function refusing(status: number, refusal: string, detail?: string): Response {
  return Response.json({ refusal, detail }, { status })
}

export function fakeEnvironment(over: Partial<Environment> = {}): Fake {
  const calls: FakeCall[] = []
  const sockets: FakeSocket[] = []
  const notices: Notice[] = []
  const tabs: string[] = []
  const badges: number[] = []
  const routes = new Map<string, Answering>([['POST /api/tickets', () => ({ ticket: 'tic' })]])
  const kept = { session: new Map<string, unknown>(), local: new Map<string, unknown>() }
  const onlineListeners = new Set<() => void>()
  const intentListeners = new Set<(intent: Intent) => void>()
  const keptListeners = new Set<(key: string) => void>()
  let online = true

  return {
    surface: 'panel',
    workerUrl: 'https://worker.test',
    socketUrl: 'wss://worker.test',
    signInBy: 'bearer',
    storage: { session: area(kept.session), local: area(kept.local) },
    onKept: listen(keptListeners),
    address: address(),
    locale: 'en',
    async fetch(input, init) {
      if (!online) throw new TypeError('Failed to fetch')
      const call = callOf(String(input), init ?? {})
      calls.push(call)
      const answer = routeOf(routes, call.name)
      if (!answer) return refusing(404, 'not-found')
      const given = await answer(call)
      if (init?.signal?.aborted) throw new DOMException('aborted', 'AbortError')
      if (given instanceof Response) return given
      return given === undefined ? new Response(null, { status: 204 }) : Response.json(given)
    },
    socket(url, protocols) {
      const made = fakeSocket(url, protocols)
      sockets.push(made)
      return made
    },
    online: { is: () => online, onChange: listen(onlineListeners) },
    now: () => Date.now(),
    random: () => 0.5,
    openTab: (path) => void tabs.push(path),
    notify: (notice) => void notices.push(notice),
    badge: (count) => void badges.push(count),
    onIntent: listen(intentListeners),
    calls,
    sockets,
    notices,
    tabs,
    badges,
    kept,
    answers(more) {
      for (const [name, answer] of Object.entries(more)) routes.set(name, answer)
    },
    setOnline(next) {
      online = next
      for (const listener of onlineListeners) listener()
    },
    intend(intent) {
      for (const listener of intentListeners) listener(intent)
    },
    keptChanged(key) {
      for (const listener of keptListeners) listener(key)
    },
    newest(path) {
      const found = sockets.findLast((one) => one.url.includes(path))
      if (!found) throw new Error(`no socket to ${path}`)
      return found
    },
    ...over,
  }
}

function listen<Listener>(listeners: Set<Listener>) {
  return (listener: Listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
}

function area(map: Map<string, unknown>): Area {
  return {
    get: async (key) => structuredClone(map.get(key)),
    set: async (key, value) => void map.set(key, structuredClone(value)),
    remove: async (key) => void map.delete(key),
    keys: async (prefix) => [...map.keys()].filter((key) => key.startsWith(prefix)),
  }
}

function address(): Address {
  const stack = ['/']
  const listeners = new Set<() => void>()
  return {
    read: () => stack.at(-1) ?? '/',
    push: (path) => void stack.push(path),
    replace: (path) => void stack.splice(-1, 1, path),
    back() {
      stack.pop()
      for (const listener of listeners) listener()
    },
    depth: () => stack.length - 1,
    onMove: listen(listeners),
    href: (path) => `#${path}`,
  }
}

function callOf(url: string, init: RequestInit): FakeCall {
  const { pathname, search } = new URL(url, 'https://worker.test')
  const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : init.body
  return {
    name: `${init.method ?? 'GET'} ${pathname}`,
    path: pathname + search,
    body,
    headers: new Headers(init.headers),
  }
}

/** `GET /api/sessions/ses_1` is answered by `GET /api/sessions/*` when nothing is nearer. */
function routeOf(routes: Map<string, Answering>, name: string): Answering | undefined {
  const near = [...routes].findLast(([route]) => {
    const pattern = route.split('*').map((part) => part.replaceAll(/[/.]/g, '\\$&'))
    return new RegExp(`^${pattern.join('[^/]+')}$`).test(name)
  })
  return near?.[1]
}

function fakeSocket(url: string, protocols: string[]): FakeSocket {
  const target = new EventTarget()
  const fire = (type: string, more: object) =>
    target.dispatchEvent(Object.assign(new Event(type), more))
  return {
    url,
    protocols,
    sent: [],
    readyState: 0,
    closed: false,
    send(data) {
      this.sent.push(data)
    },
    close() {
      this.closed = true
    },
    addEventListener(type: string, listener: (event: never) => void) {
      target.addEventListener(type, listener as unknown as EventListener)
    },
    open: () => void fire('open', {}),
    hears: (message) =>
      void fire('message', {
        data: typeof message === 'string' ? message : JSON.stringify(message),
      }),
    drops: (code = 1006) => void fire('close', { code }),
  }
}

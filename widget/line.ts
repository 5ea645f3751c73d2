// The visitor's line to the worker: lets them in, keeps the socket up, sends what they wrote once
// and in order, and holds what was said. No DOM here.

import type { Keep } from './keep.ts'
import {
  eventOf,
  protocol,
  type Admission,
  type Parameters,
  type Uploaded,
  type VisitorLine,
  type VisitorNews,
  type Written,
} from './wire.ts'

/** What the line needs of the browser. */
export interface Ports {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>
  readonly socket: (url: string, protocols: string[]) => WebSocket
  readonly later: (work: () => void, ms: number) => void
  readonly keep: Keep
}

export interface LineOptions {
  /** Where the worker is, without a slash at the end. */
  readonly base: string
  readonly connectionId: string
  /** The key of the connection's snippet. */
  readonly key: string
  readonly ports: Ports
  readonly changed: () => void
}

/** `refused`: the worker does not want this page or this connection. */
export type Status = 'idle' | 'connecting' | 'online' | 'offline' | 'refused'

/** A message on its way, and whether the worker has said no to it. */
export interface Unsent {
  readonly message: Written
  readonly state: 'waiting' | 'accepted' | 'failed'
}

export interface Line {
  readonly status: () => Status
  readonly title: () => string
  readonly lines: () => readonly VisitorLine[]
  readonly unsent: () => readonly Unsent[]
  /** Whether this browser has been here before. */
  readonly known: () => boolean
  readonly open: () => void
  readonly send: (message: Written) => void
  readonly retry: (id: string) => void
  readonly discard: (id: string) => void
  readonly upload: (file: File) => Promise<Uploaded>
  readonly file: (id: string) => Promise<Blob>
  /** The visitor has seen everything there is. */
  readonly read: () => void
  readonly set: (parameters: Parameters) => void
  /** The network is back: don't wait for the next try. */
  readonly hurry: () => void
}

const outPrefix = 'out:'
const longestWaitMs = 30_000
const beatMs = 20_000
const tooManyWindows = 1008

export function newLine({ base, connectionId, key, ports, changed }: LineOptions): Line {
  const { keep } = ports
  const place = `${base}/line/${connectionId}`
  let status: Status = 'idle'
  let title = ''
  let parameters: Parameters = {}
  let last = 0
  let readUpTo = 0
  let tries = 0
  let socket: WebSocket | undefined
  let flushing = false
  /** Counts attempts, so that an old timer does not disturb a newer connection. */
  let attempt = 0
  const lines = new Map<string, VisitorLine>()
  const unsent = new Map<string, Unsent>(
    keptMessages(keep).map((message) => [message.id, { message, state: 'waiting' }]),
  )

  function become(next: Status): void {
    status = next
    changed()
  }

  async function admit(): Promise<string> {
    const token = keep.get('token')
    const response = await ports.fetch(`${place}/visitors`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(token === undefined ? { key } : { key, token }),
    })
    if (!response.ok) throw new Answered(response.status)
    const admission = (await response.json()) as Admission
    keep.set('token', admission.token)
    title = admission.name
    return admission.token
  }

  async function connect(): Promise<void> {
    const mine = ++attempt
    become('connecting')
    try {
      const token = await admit()
      if (mine !== attempt) return
      listen(token, mine)
    } catch (error) {
      if (mine === attempt) again(error)
    }
  }

  function listen(token: string, mine: number): void {
    const url = `${place.replace(/^http/, 'ws')}/live?after=${last}`
    let quiet = false
    const live = ports.socket(url, [protocol, token])
    socket = live
    live.addEventListener('open', () => {
      if (mine !== attempt) return live.close()
      tries = 0
      become('online')
      beat()
      void flush()
    })
    live.addEventListener('message', ({ data }) => {
      quiet = false
      if (mine === attempt) hear(String(data))
    })
    live.addEventListener('close', ({ code }) => {
      if (mine !== attempt) return
      socket = undefined
      // Too many windows: this one waits until it is looked at again.
      if (code === tooManyWindows) become('offline')
      else again(undefined)
    })
    /** A network that has silently gone closes no socket: an unanswered ping tells. */
    function beat(): void {
      if (mine !== attempt) return
      if (quiet) return renew()
      quiet = true
      live.send('ping')
      ports.later(beat, beatMs)
    }
  }

  function renew(): void {
    attempt += 1
    socket?.close()
    socket = undefined
    again(undefined)
  }

  /** Tries again after a while that grows, unless the answer was a plain no. */
  function again(error: unknown): void {
    if (error instanceof Answered && error.isFinal) return become('refused')
    become('offline')
    const mine = attempt
    const wait = Math.min(longestWaitMs, 500 * 2 ** tries) * (0.75 + Math.random() / 2)
    tries += 1
    ports.later(() => {
      if (mine === attempt) void connect()
    }, wait)
  }

  function hear(data: string): void {
    const news = readNews(data)
    if (!news) return
    for (const line of news) {
      const before = lines.get(line.id)
      if (!before || line.n > before.n) lines.set(line.id, line)
      last = Math.max(last, line.n)
      if (line.by === 'customer') drop(line.id)
    }
    tell({ seen: last })
    changed()
  }

  function tell(news: object): void {
    if (socket?.readyState === 1 && last > 0) socket.send(JSON.stringify(news))
  }

  function put(id: string, next: Unsent): void {
    unsent.set(id, next)
    changed()
  }

  function drop(id: string): void {
    unsent.delete(id)
    keep.set(outPrefix + id, undefined)
  }

  /** Sends what waits, one after another: the order is the order of writing. */
  async function flush(): Promise<void> {
    if (flushing) return
    flushing = true
    try {
      for (;;) {
        const next = [...unsent.values()].find(({ state }) => state === 'waiting')
        if (!next || !(await post(next.message))) return
      }
    } finally {
      flushing = false
    }
  }

  /** Whether to go on with the next one. */
  async function post(message: Written): Promise<boolean> {
    const token = keep.get('token')
    if (token === undefined) return false
    try {
      const response = await ports.fetch(`${base}/hooks/${connectionId}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify({ events: [eventOf(message, parameters)] }),
      })
      if (response.ok) {
        keep.set(outPrefix + message.id, undefined)
        // Its own line comes over the socket, perhaps it already has.
        if (unsent.has(message.id)) put(message.id, { message, state: 'accepted' })
        return true
      }
      const answered = new Answered(response.status)
      if (response.status !== 401 && !answered.isPassing) {
        put(message.id, { message, state: 'failed' })
        return true
      }
    } catch {
      // No network: as for a worker that can't take it now.
    }
    // The line begins anew, with a fresh token, and what waits is sent once it stands.
    if (status === 'online') renew()
    return false
  }

  function start(): void {
    if (status === 'idle') void connect()
    else if (status === 'online') void flush()
  }

  return {
    status: () => status,
    title: () => title,
    lines: () => [...lines.values()].sort((a, b) => a.at - b.at || a.n - b.n),
    unsent: () => [...unsent.values()],
    known: () => keep.get('token') !== undefined || unsent.size > 0,
    open: start,
    send(message) {
      keep.set(outPrefix + message.id, JSON.stringify(message))
      put(message.id, { message, state: 'waiting' })
      start()
    },
    retry(id) {
      const one = unsent.get(id)
      if (one) put(id, { ...one, state: 'waiting' })
      start()
    },
    discard(id) {
      drop(id)
      changed()
    },
    async upload(file) {
      const response = await ports.fetch(`${place}/files?name=${encodeURIComponent(file.name)}`, {
        method: 'POST',
        headers: {
          'Content-Type': file.type || 'application/octet-stream',
          Authorization: `Bearer ${keep.get('token')}`,
        },
        body: file,
      })
      if (!response.ok) throw new Answered(response.status)
      return (await response.json()) as Uploaded
    },
    async file(id) {
      const response = await ports.fetch(`${place}/files/${encodeURIComponent(id)}`, {
        headers: { Authorization: `Bearer ${keep.get('token')}` },
      })
      if (!response.ok) throw new Answered(response.status)
      return response.blob()
    },
    read() {
      if (last === readUpTo || socket?.readyState !== 1) return
      readUpTo = last
      tell({ read: last })
    },
    set(more) {
      parameters = { ...parameters, ...more }
    },
    hurry() {
      if (status !== 'offline') return
      tries = 0
      void connect()
    },
  }
}

/** The worker answered, but not with what was asked. */
export class Answered extends Error {
  readonly code: number

  constructor(code: number) {
    super(`answered ${code}`)
    this.name = 'Answered'
    this.code = code
  }

  /** Trying again may help. */
  get isPassing(): boolean {
    return this.code >= 500 || this.code === 408 || this.code === 429
  }

  get isFinal(): boolean {
    return !this.isPassing
  }
}

function readNews(data: string): VisitorLine[] | undefined {
  try {
    const news = JSON.parse(data) as Partial<VisitorNews>
    return Array.isArray(news.lines) ? news.lines : undefined
  } catch {
    // `pong`, or something of a newer worker.
    return undefined
  }
}

function keptMessages(keep: Keep): Written[] {
  return keep
    .names(outPrefix)
    .flatMap((name): Written[] => {
      try {
        return [JSON.parse(keep.get(name) ?? '') as Written]
      } catch {
        keep.set(name, undefined)
        return []
      }
    })
    .sort((a, b) => a.at - b.at)
}

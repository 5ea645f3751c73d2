// One socket to the worker that comes back by itself: a ticket for each connection, pings, back-off.

import { closeCodes } from '../../shared/inbox.ts'
import { call } from './api.ts'
import { environment, type Socket } from './environment.ts'

export type LineState = 'connecting' | 'live' | 'offline'

export interface LineOptions<News> {
  /** Asked anew for each connection, so that it can say after which fact. */
  path(): string
  /** Undefined: not what we know; it is dropped. */
  parse(data: unknown): News | undefined
  onNews(news: News): void
  onState(state: LineState): void
  /** The worker hung up because the sign-in or a permission has gone. */
  onSignedOut(): void
  /** What the line was about has been deleted: it does not come back. */
  onErased?(): void
}

export interface Line {
  /** Says something, if the line is live; gives back whether it was. */
  say(message: unknown): boolean
  /** Hangs up and connects again at once. */
  again(): void
  close(): void
}

const pingMs = 20_000
/** How long a live line may stay silent after a ping. */
const pongMs = 10_000
const connectMs = 15_000
const firstWaitMs = 500
const longestWaitMs = 30_000
const tooManyWindows = 1008

/** Opens a line and keeps it open until it is closed. */
export function openLine<News>(options: LineOptions<News>): Line {
  let socket: Socket | undefined
  let round = 0
  let failures = 0
  let state: LineState | undefined
  let closed = false
  let timer: Timer
  let watchdog: Timer

  function become(next: LineState): void {
    if (next === state || closed) return
    state = next
    options.onState(next)
  }

  async function connect(): Promise<void> {
    hangUp()
    round += 1
    const mine = round
    const ticket = await call('POST /api/tickets')
    if (closed || mine !== round) return
    if (!ticket.ok) {
      fail()
      return
    }
    const url = environment().socketUrl + options.path()
    // The ticket goes where proxies and logs don't look: not into the address.
    const opened = environment().socket(url, ['alongside', ticket.answer.ticket])
    socket = opened
    watchdog = setTimeout(() => fail(), connectMs)
    opened.addEventListener('open', () => {
      if (socket !== opened) return
      become('live')
      alive()
    })
    opened.addEventListener('message', ({ data }) => {
      if (socket === opened) hear(data)
    })
    opened.addEventListener('close', ({ code }) => {
      if (socket === opened) end(code)
    })
  }

  function hear(data: unknown): void {
    failures = 0
    alive()
    if (data === 'pong') return
    const news = parsed(data)
    if (news !== undefined) options.onNews(news)
  }

  function parsed(data: unknown): News | undefined {
    if (typeof data !== 'string') return undefined
    try {
      return options.parse(JSON.parse(data))
    } catch {
      return undefined
    }
  }

  /** Whatever is heard proves the line; the next ping is a while away. */
  function alive(): void {
    clearTimeout(watchdog)
    clearTimeout(timer)
    timer = setTimeout(ping, pingMs)
  }

  function ping(): void {
    socket?.send('ping')
    clearTimeout(watchdog)
    watchdog = setTimeout(() => fail(), pongMs)
  }

  function end(code: number): void {
    if (code === closeCodes.signedOut) options.onSignedOut()
    if (code === closeCodes.erased) {
      close()
      options.onErased?.()
      return
    }
    // Too many windows: whoever came back at once would push out the next, and so on in a ring.
    if (code === tooManyWindows) failures = Math.max(failures, 8)
    const atOnce = code === closeCodes.restart || code === closeCodes.badTicket
    fail(atOnce && failures === 0)
  }

  function fail(soon = false): void {
    hangUp()
    if (closed) return
    // Nobody knows any more what an answer to the old round would mean.
    round += 1
    const longest = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures, 10))
    const wait = soon ? 0 : longest * (0.5 + environment().random() / 2)
    failures += 1
    become(soon ? 'connecting' : 'offline')
    timer = setTimeout(() => void connect(), wait)
  }

  function hangUp(): void {
    clearTimeout(timer)
    clearTimeout(watchdog)
    const old = socket
    socket = undefined
    old?.close(1000)
  }

  function again(): void {
    if (closed) return
    failures = 0
    become('connecting')
    void connect()
  }

  function close(): void {
    closed = true
    stopWatching()
    hangUp()
  }

  const stopWatching = environment().online.onChange(() => {
    if (closed) return
    if (state === 'live') ping()
    else if (environment().online.is()) again()
  })
  become('connecting')
  void connect()

  return {
    say(message) {
      if (state !== 'live' || !socket) return false
      socket.send(JSON.stringify(message))
      return true
    },
    again,
    close,
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined

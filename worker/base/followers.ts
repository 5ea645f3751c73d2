// Who reads a log after it is written: each follower has a place in it, waits alone when it fails,
// and is asked again. No Durable Object in sight: an object brings its shelf and its alarm.

import { report } from './report.ts'

/** Where a follower stands: the last item it is done with, and how it fared with the next. */
export interface Cursor {
  readonly seq: number
  readonly failures: number
  /** Not to be asked before; 0 when it did not fail. */
  readonly retryAt: number
}

/** The log as followers see it, and where their places are kept. */
export interface Shelf<Item extends { readonly seq: number }> {
  itemsAfter(seq: number, limit: number): Item[]
  cursorOf(name: string): Cursor
  moveCursor(name: string, cursor: Cursor): void
}

export interface Follower<Item> {
  readonly name: string
  /** How many items it takes at once. One that only looks at the end takes many. */
  readonly takes: number
  /**
   * Does its work for the items, which may come again. `false`: they were none of its business,
   * so its place need not be written down. Throws when it wants to be asked again.
   */
  follow(items: readonly Item[]): Promise<boolean>
}

/** Thrown by a follower that knows when to ask again: a provider said so. */
export class AskAgain extends Error {
  readonly afterMs: number

  constructor(afterMs: number, why: string, options?: ErrorOptions) {
    super(why, options)
    this.name = 'AskAgain'
    this.afterMs = afterMs
  }
}

/** How long a follower waits after its first, second … failure, in milliseconds. */
const waitsMs = [200, 1_000, 3_000, 10_000, 30_000, 60_000]
const longestWaitMs = 300_000

/** How soon the alarm looks after followers that are at work, in case the object is gone by then. */
const watchdogMs = 10_000

export interface Crew {
  /**
   * Arms the alarm in case the object is gone before its followers are done. Called in the same
   * turn as the facts are written, so that both are on disk or neither is.
   */
  watch(): void
  /** Lets every idle follower read on. Ends when all are done or wait; never throws. */
  wake(): Promise<void>
  /**
   * Called by the alarm. Ends as soon as the next one is armed, so that a slow follower doesn't
   * hold up later alarms; the work itself goes on under `later`.
   */
  alarm(later: (work: Promise<unknown>) => void): Promise<void>
  /** Lets no follower begin anything more. When it resolves, none is at work. */
  stop(): Promise<void>
}

export interface Deck<Item extends { readonly seq: number }> {
  readonly shelf: Shelf<Item>
  readonly followers: readonly Follower<Item>[]
  readonly now: () => number
  /** The place of the last item. */
  readonly lastSeq: () => number
  getAlarm(): Promise<number | null>
  setAlarm(at: number): Promise<void>
}

export function crewOf<Item extends { readonly seq: number }>(deck: Deck<Item>): Crew {
  const { shelf, followers, now } = deck
  /** Places in memory run ahead of the written ones over items that were none of a follower's. */
  const places = new Map<string, Cursor>()
  const working = new Map<string, Promise<void>>()
  let armedAt: number | undefined
  let stopped = false

  function placeOf(name: string): Cursor {
    const place = places.get(name) ?? shelf.cursorOf(name)
    places.set(name, place)
    return place
  }

  async function readOn(follower: Follower<Item>): Promise<void> {
    for (;;) {
      const place = placeOf(follower.name)
      // At the end there is nothing to read: asking the disk again would only say so.
      if (stopped || place.seq >= deck.lastSeq() || place.retryAt > now()) return
      const items = shelf.itemsAfter(place.seq, follower.takes)
      const last = items.at(-1)
      if (!last) return
      try {
        const acted = await follower.follow(items)
        const next = { seq: last.seq, failures: 0, retryAt: 0 }
        places.set(follower.name, next)
        if (acted || place.failures > 0) shelf.moveCursor(follower.name, next)
      } catch (error) {
        const failures = place.failures + 1
        if (!(error instanceof AskAgain)) report(error, `${follower.name} at ${last.seq}`)
        const wait = error instanceof AskAgain ? error.afterMs : waitAfter(failures)
        const next = { seq: place.seq, failures, retryAt: now() + wait }
        places.set(follower.name, next)
        shelf.moveCursor(follower.name, next)
        return
      }
    }
  }

  /** When the alarm is wanted: for who waits, and as a watchdog for who works. */
  function wantedAt(): number | undefined {
    if (stopped) return undefined
    const behind = followers.filter(({ name }) => placeOf(name).seq < deck.lastSeq())
    if (behind.length === 0) return undefined
    return Math.min(
      ...behind.map(({ name }) =>
        Math.max(placeOf(name).retryAt, now() + (working.has(name) ? watchdogMs : 0)),
      ),
    )
  }

  /** Arms the alarm, unless one is armed for earlier: a wake-up must never be pushed back. */
  async function arm(): Promise<void> {
    const wanted = wantedAt()
    if (wanted === undefined || (armedAt !== undefined && armedAt <= wanted)) return
    const planned = await deck.getAlarm()
    if (planned !== null && planned <= wanted) {
      armedAt = planned
      return
    }
    armedAt = wanted
    await deck.setAlarm(wanted)
  }

  function start(): void {
    if (stopped) return
    for (const follower of followers) {
      if (working.has(follower.name)) continue
      const work = readOn(follower).finally(() => working.delete(follower.name))
      working.set(follower.name, work)
    }
  }

  async function finish(): Promise<void> {
    await Promise.all(working.values())
    // Who was at work already may have looked before the newest item was there: look again.
    if (followers.some(({ name }) => isReady(name))) return wake()
    await arm()
  }

  async function wake(): Promise<void> {
    start()
    await arm()
    return finish()
  }

  function isReady(name: string): boolean {
    const place = placeOf(name)
    return !stopped && !working.has(name) && place.seq < deck.lastSeq() && place.retryAt <= now()
  }

  return {
    watch() {
      const at = now() + watchdogMs
      if (armedAt !== undefined && armedAt > now() && armedAt <= at) return
      // One armed for earlier, before the object slept, is armed again by those it was for.
      armedAt = at
      void deck.setAlarm(at)
    },
    wake,
    async alarm(later) {
      armedAt = undefined
      start()
      await arm()
      later(finish())
    },
    async stop() {
      stopped = true
      await Promise.all(working.values())
    },
  }
}

function waitAfter(failures: number): number {
  return waitsMs[failures - 1] ?? longestWaitMs
}

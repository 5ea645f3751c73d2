// A wheel in Chromium and what it does to a page: how long its tasks take, its frames, its memory.

import type { CDPSession, Page } from 'playwright-core'

/** A hand on the wheel for a while: so many pixels a turn. */
interface Stroke {
  readonly ms: number
  readonly everyMs: number
  readonly px: number
}

/** Ten seconds of one who looks for somebody: reads on, flings far down, comes back a little. */
const hand: readonly Stroke[] = [
  { ms: 3500, everyMs: 110, px: 120 },
  { ms: 1200, everyMs: 16, px: 1000 },
  { ms: 300, everyMs: 300, px: 0 },
  { ms: 2500, everyMs: 110, px: 120 },
  { ms: 700, everyMs: 16, px: -800 },
  { ms: 300, everyMs: 300, px: 0 },
  { ms: 1500, everyMs: 16, px: 300 },
]
export const handMs = hand.reduce((sum, { ms }) => sum + ms, 0)

/** What was seen of a page while the wheel turned. Times in ms. */
export interface Seen {
  /** The tasks over 50 ms, as a clock sees them. */
  readonly tasks: readonly number[]
  /** The longest task in time of a processor: what others do meanwhile does not lengthen it. */
  readonly longestMs: number
  /** From frame to frame. */
  readonly frames: readonly number[]
  /** Frames in which a row still was on its way. */
  readonly bones: number
  /** Time of a processor that the page's own thread took. */
  readonly busyMs: number
}

/** A page with the wheel above it. */
export interface Wheel {
  turn(): Promise<Seen>
  /** The memory in use once what is not needed has gone, in MB. */
  heapMb(): Promise<number>
}

export async function wheelAbove(page: Page): Promise<Wheel> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.evaluate(watch)
  return {
    async turn() {
      await page.bringToFront()
      await page.mouse.move(700, 500)
      // What it takes to come to the front is no scrolling.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)))
      const longest = await traced(cdp, page)
      const before = await busy(cdp)
      await page.evaluate(() => (globalThis as unknown as Watched).begin())
      for (const stroke of hand) await turnFor(page, stroke)
      const seen = await page.evaluate(() => (globalThis as unknown as Watched).end())
      const busyMs = (await busy(cdp)) - before
      return { ...seen, busyMs, longestMs: await longest() }
    },
    async heapMb() {
      // What is freed by the first may have held something else.
      for (const _ of [1, 2, 3]) await cdp.send('HeapProfiler.collectGarbage')
      const { usedSize } = await cdp.send('Runtime.getHeapUsage')
      return usedSize / 1_000_000
    },
  }
}

async function turnFor(page: Page, { ms, everyMs, px }: Stroke): Promise<void> {
  const ends = performance.now() + ms
  for (let next = performance.now() + everyMs; next < ends; next += everyMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
    if (px !== 0) await page.mouse.wheel(0, px)
    // Turns that a slow page has missed are not made up for: a hand would not either.
    next = Math.max(next, performance.now() - everyMs)
  }
}

async function busy(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
}

/** A task as a trace tells it; µs of a processor. */
interface Traced {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly tdur?: number
}
const ownMark = 'the page under the wheel'

/** Writes down the tasks of the page's own thread, until the given back asks for the longest. */
async function traced(cdp: CDPSession, page: Page): Promise<() => Promise<number>> {
  const events: Traced[] = []
  // Safe: Chromium's own format, of which nothing else is read.
  const take = ({ value }: { value: object[] }) => void events.push(...(value as Traced[]))
  cdp.on('Tracing.dataCollected', take)
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: ['toplevel', 'blink.user_timing'],
      excludedCategories: ['*'],
    },
  })
  // Several pages are open: this tells which thread is its own.
  await page.evaluate((name) => void performance.mark(name), ownMark)
  return async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    cdp.once('Tracing.tracingComplete', () => resolve())
    await cdp.send('Tracing.end')
    await promise
    cdp.off('Tracing.dataCollected', take)
    const own = events.find(({ name }) => name === ownMark)
    if (!own) throw new Error('the trace does not know the page')
    const tasks = events.filter(
      ({ ph, pid, tid }) => ph === 'X' && pid === own.pid && tid === own.tid,
    )
    return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000))
  }
}

interface Watched {
  begin(): void
  end(): Omit<Seen, 'busyMs' | 'longestMs'>
}

/** Runs in the page. */
function watch(): void {
  let tasks: number[] = []
  let frames: number[] = []
  let bones = 0
  let last = 0
  let isOn = false
  const waiting = document.getElementsByClassName('bones')
  const frame = (now: number) => {
    if (!isOn) return
    if (last > 0) frames.push(now - last)
    if (waiting.length > 0) bones += 1
    last = now
    requestAnimationFrame(frame)
  }
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration)
  })
  const watched: Watched = {
    begin() {
      ;[tasks, frames, bones, last, isOn] = [[], [], 0, 0, true]
      observer.observe({ type: 'longtask' })
      requestAnimationFrame(frame)
    },
    end() {
      isOn = false
      for (const { duration } of observer.takeRecords()) tasks.push(duration)
      observer.disconnect()
      return { tasks, frames, bones }
    },
  }
  Object.assign(globalThis, watched)
}

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { closeCodes } from '../../shared/inbox.ts'
import { setEnvironment } from './environment.ts'
import { fakeEnvironment, refusing, type Fake } from './fake-environment.ts'
import { settle } from './fake-worker.ts'
import { openLine, type Line, type LineState } from './live.ts'

let fake: Fake
let line: Line
let states: LineState[]
let heard: unknown[]
const onSignedOut = vi.fn<() => void>()

beforeEach(async () => {
  vi.useFakeTimers()
  fake = fakeEnvironment()
  setEnvironment(fake)
  states = []
  heard = []
  onSignedOut.mockReset()
  line = openLine({
    path: () => `/api/live?n=${heard.length}`,
    parse: (data) => (typeof data === 'object' ? data : undefined),
    onNews: (news) => void heard.push(news),
    onState: (state) => void states.push(state),
    onSignedOut,
  })
  await settle()
})
afterEach(() => {
  line.close()
  vi.useRealTimers()
})

const latest = () => fake.newest('/api/live')

it('is live once open, and passes on what it can parse', () => {
  latest().open()
  latest().hears({ hello: 1 })
  latest().hears('nonsense')
  latest().hears('"a string"')

  expect(states).toEqual(['connecting', 'live'])
  expect(heard).toEqual([{ hello: 1 }])
})

it('pings a silent line and gives it up when nothing comes back', async () => {
  latest().open()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(latest().sent).toEqual(['ping'])
  latest().hears('pong')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(latest().sent).toEqual(['ping', 'ping'])
  const dead = latest()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(dead.closed).toBe(true)
  expect(states.at(-1)).toBe('offline')
  await vi.advanceTimersByTimeAsync(1000)

  expect(fake.sockets).toHaveLength(2)
})

it('waits longer after each failure, at most half a minute', async () => {
  const waits: number[] = []
  for (let i = 0; i < 12; i += 1) waits.push(await waitAfterDrop())

  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits[0]).toBeLessThan(1000)
  expect(waits.at(-1)).toBeGreaterThan(20_000)
  expect(waits.at(-1)).toBeLessThanOrEqual(30_000)
})

async function waitAfterDrop(): Promise<number> {
  const { length } = fake.sockets
  latest().drops()
  let waited = 0
  while (fake.sockets.length === length) {
    await vi.advanceTimersByTimeAsync(100)
    waited += 100
  }
  return waited
}

it('comes back at once when the network does', async () => {
  for (let i = 0; i < 8; i += 1) await waitAfterDrop()
  latest().drops()
  const before = fake.sockets.length
  fake.setOnline(true)
  await settle()

  expect(fake.sockets).toHaveLength(before + 1)
})

it('asks at once for another ticket when the object starts anew', async () => {
  latest().open()
  latest().hears({ hello: 1 })
  latest().drops(closeCodes.restart)
  await settle()

  expect(fake.sockets).toHaveLength(2)
  expect(latest().url).toContain('n=1')
  expect(states).toEqual(['connecting', 'live', 'connecting'])
})

it('comes back late where there are too many windows already', async () => {
  latest().open()
  latest().hears({ hello: 1 })
  latest().drops(1008)
  await vi.advanceTimersByTimeAsync(15_000)

  expect(fake.sockets).toHaveLength(1)
})

it('says when the sign-in has gone', () => {
  latest().open()
  latest().drops(closeCodes.signedOut)

  expect(onSignedOut).toHaveBeenCalledOnce()
})

it('keeps trying while there is no ticket to be had', async () => {
  fake.answers({ 'POST /api/tickets': () => refusing(503, 'unavailable') })
  latest().drops()
  await vi.advanceTimersByTimeAsync(60_000)
  const before = fake.sockets.length
  fake.answers({ 'POST /api/tickets': () => ({ ticket: 'tic' }) })
  await vi.advanceTimersByTimeAsync(30_000)

  expect(fake.sockets.length).toBeGreaterThan(before)
})

it('says nothing into a dead line, and nothing after it is closed', async () => {
  expect(line.say({ type: 'presence' })).toBe(false)
  latest().open()
  expect(line.say({ type: 'presence' })).toBe(true)
  line.close()
  latest().drops()
  await vi.advanceTimersByTimeAsync(60_000)

  expect(fake.sockets).toHaveLength(1)
  expect(states).toEqual(['connecting', 'live'])
})

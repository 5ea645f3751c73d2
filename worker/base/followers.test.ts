import { describe, expect, it } from 'vitest'

import { AskAgain, crewOf, type Cursor, type Follower } from './followers.ts'

interface Item {
  readonly seq: number
}

/** A shelf in memory, a clock that is turned by hand, an alarm that is looked at. */
function rig(followers: Follower<Item>[]) {
  const items: Item[] = []
  const cursors = new Map<string, Cursor>()
  const state = { now: 1_000, alarm: null as number | null, moves: 0 }
  const crew = crewOf<Item>({
    followers,
    now: () => state.now,
    lastSeq: () => items.length,
    shelf: {
      itemsAfter: (seq, limit) => items.filter((item) => item.seq > seq).slice(0, limit),
      cursorOf: (name) => cursors.get(name) ?? { seq: 0, failures: 0, retryAt: 0 },
      moveCursor: (name, cursor) => {
        state.moves += 1
        cursors.set(name, cursor)
      },
    },
    getAlarm: async () => state.alarm,
    setAlarm: async (at) => {
      state.alarm = at
    },
  })
  return { crew, state, cursors, add: () => items.push({ seq: items.length + 1 }) }
}

function reader(name: string, read: (seq: number) => Promise<boolean> | boolean): Follower<Item> {
  return { name, takes: 1, follow: async ([item]) => read(item!.seq) }
}

describe('a crew', () => {
  it('reads every item once and in order', async () => {
    const seen: number[] = []
    const { crew, add } = rig([reader('a', (seq) => seen.push(seq) > 0)])

    add()
    add()
    await crew.wake()
    add()
    await crew.wake()

    expect(seen).toEqual([1, 2, 3])
  })

  it('lets one follower wait alone, and the alarm is for when it may be asked again', async () => {
    const seen: number[] = []
    const rigged = rig([
      reader('fails', () => Promise.reject(new AskAgain(5_000, 'the provider says wait'))),
      reader('works', (seq) => seen.push(seq) > 0),
    ])

    rigged.add()
    rigged.add()
    await rigged.crew.wake()

    expect(seen).toEqual([1, 2])
    expect(rigged.cursors.get('fails')).toEqual({ seq: 0, failures: 1, retryAt: 6_000 })
    expect(rigged.state.alarm).toBe(6_000)
  })

  it('goes on where it failed once its time has come', async () => {
    let down = true
    const seen: number[] = []
    const rigged = rig([
      reader('a', (seq) => {
        if (down) throw new AskAgain(1_000, 'down')
        return seen.push(seq) > 0
      }),
    ])
    rigged.add()
    await rigged.crew.wake()

    down = false
    await rigged.crew.wake()
    expect(seen).toEqual([])

    rigged.state.now += 1_000
    const work: Promise<unknown>[] = []
    await rigged.crew.alarm((promise) => work.push(promise))
    await Promise.all(work)
    expect(seen).toEqual([1])
  })

  it('does not push back an earlier alarm', async () => {
    const rigged = rig([reader('a', () => Promise.reject(new AskAgain(60_000, 'later')))])
    rigged.state.alarm = 1_500

    rigged.add()
    await rigged.crew.wake()

    expect(rigged.state.alarm).toBe(1_500)
  })

  it('notices what is written while it works', async () => {
    const seen: number[] = []
    const rigged = rig([
      reader('a', (seq) => {
        if (seq === 1) rigged.add()
        return seen.push(seq) > 0
      }),
    ])

    rigged.add()
    await rigged.crew.wake()

    expect(seen).toEqual([1, 2])
  })

  it('writes no place for what is none of its business', async () => {
    const rigged = rig([reader('a', () => false)])

    for (let i = 0; i < 10; i += 1) rigged.add()
    await rigged.crew.wake()

    expect(rigged.state.moves).toBe(0)
  })

  it('has a watchdog while it works, for an object that is gone before it ends', async () => {
    const gate = Promise.withResolvers<boolean>()
    const rigged = rig([reader('slow', () => gate.promise)])

    rigged.add()
    const done = rigged.crew.wake()
    await Promise.resolve()
    await Promise.resolve()
    expect(rigged.state.alarm).toBe(11_000)

    gate.resolve(true)
    await done
  })

  it('that is stopped ends what is at work, and begins nothing more', async () => {
    const seen: number[] = []
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const rigged = rig([
      reader('a', async (seq) => {
        await promise
        return seen.push(seq) > 0
      }),
    ])
    rigged.add()
    rigged.add()
    const woken = rigged.crew.wake()
    const stopped = rigged.crew.stop()
    resolve(undefined)
    await Promise.all([woken, stopped])
    await rigged.crew.wake()

    expect(seen).toEqual([1])
  })
})

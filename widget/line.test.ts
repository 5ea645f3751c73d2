import { beforeEach, describe, expect, it } from 'vitest'

import { keepIn, type Keep } from './keep.ts'
import { newLine, type Line } from './line.ts'
import type { VisitorLine, Written } from './wire.ts'

/** A browser with a storage, and a worker that answers as it is told. */
let browser: Map<string, string>
let worker: FakeWorker

beforeEach(() => {
  browser = new Map()
  worker = new FakeWorker()
})

describe('line', () => {
  it('lets the visitor in, and remembers them', async () => {
    const line = visit()
    line.open()
    await settled()

    expect(line.status()).toBe('online')
    expect(line.title()).toBe('Website')
    expect(visit().known()).toBe(true)
  })

  it('sends what was written before the page was reloaded, once and in order', async () => {
    worker.isUp = false
    const before = visit()
    before.send(written('first', 1))
    before.send(written('second', 2))
    await settled()

    worker.isUp = true
    const after = visit()
    after.open()
    await settled()

    expect(worker.said()).toEqual(['first', 'second'])
    expect([...browser.keys()].some((key) => key.includes('out:'))).toBe(false)
  })

  it('shows a message as its line, once the line has it', async () => {
    const line = visit()
    line.send(written('hello', 1))
    await settled()
    expect(line.unsent()).toMatchObject([{ message: { text: 'hello' }, state: 'accepted' }])

    worker.tells([lineOf(1, { id: 'id-hello', by: 'customer', text: 'hello' })])

    expect(line.unsent()).toEqual([])
    expect(line.lines()).toMatchObject([{ text: 'hello' }])
  })

  it('asks for what came after the last line, and takes a repeat once', async () => {
    const line = visit()
    line.open()
    await settled()
    worker.tells([lineOf(1, { text: 'one' }), lineOf(2, { text: 'two' })])

    worker.breaks()
    await settled()
    worker.tells([lineOf(2, { text: 'two' }), lineOf(3, { text: 'three' })])

    expect(worker.sockets.at(-1)?.url).toContain('after=2')
    expect(line.lines().map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  })

  it('says how far it has taken in, and what was read', async () => {
    const line = visit()
    line.open()
    await settled()
    worker.tells([lineOf(4, {})])
    line.read()
    line.read()

    expect(worker.sockets.at(-1)?.heard).toEqual(['ping', '{"seen":4}', '{"read":4}'])
  })

  it('keeps a message the worker refuses, for the visitor to decide', async () => {
    const line = visit()
    worker.answers = 413
    line.send(written('too long', 1))
    await settled()
    expect(line.unsent()).toMatchObject([{ state: 'failed' }])

    worker.answers = 200
    line.retry('id-too long')
    await settled()
    expect(line.unsent()).toMatchObject([{ state: 'accepted' }])
  })

  it('begins anew with a new token when the old one no longer lets in', async () => {
    const line = visit()
    line.open()
    await settled()
    worker.token = 'second'
    line.send(written('late', 1))
    await settled()

    expect(worker.said()).toEqual(['late'])
    expect(worker.sockets.at(-1)?.protocols).toEqual(['alongside-visitor', 'second'])
  })

  it('gives up where it is not wanted', async () => {
    worker.admits = 404
    const line = visit()
    line.open()
    await settled()

    expect(line.status()).toBe('refused')
    expect(worker.asked).toBe(1)
  })
})

describe('keep', () => {
  it('lasts as long as the page where storage is blocked', () => {
    const keep = keepIn(() => {
      throw new Error('blocked')
    }, 'x:')
    keep.set('draft', 'Hello')

    expect(keep.get('draft')).toBe('Hello')
    expect(keep.names('dr')).toEqual(['draft'])
  })
})

class FakeWorker {
  isUp = true
  token = 'first'
  answers = 200
  admits = 200
  asked = 0
  readonly sockets: FakeSocket[] = []
  readonly #events = new Map<string, string>()

  /** What is kept of what the visitor said: each id once, as the thread does. */
  said(): string[] {
    return [...this.#events.values()]
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    this.asked += 1
    if (!this.isUp) throw new TypeError('no network')
    if (url.endsWith('/visitors')) {
      return Response.json({ token: this.token, name: 'Website' }, { status: this.admits })
    }
    const headers = new Headers(init.headers)
    if (headers.get('Authorization') !== `Bearer ${this.token}`) {
      return new Response('Unauthorized', { status: 401 })
    }
    // Safe: the line under test wrote it.
    const { events } = JSON.parse(init.body as string) as { events: Written[] }
    if (this.answers === 200) for (const { id, text } of events) this.#events.set(id, text)
    return new Response('ok', { status: this.answers })
  }

  tells(lines: VisitorLine[]): void {
    this.sockets.at(-1)?.emit('message', { data: JSON.stringify({ lines }) })
  }

  breaks(): void {
    this.sockets.at(-1)?.emit('close', { code: 1006 })
  }
}

class FakeSocket {
  readyState = 1
  readonly heard: string[] = []
  readonly url: string
  readonly protocols: string[]
  readonly #listeners = new Map<string, (event: object) => void>()

  constructor(url: string, protocols: string[]) {
    this.url = url
    this.protocols = protocols
    queueMicrotask(() => this.emit('open', {}))
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, listener)
  }

  emit(type: string, event: object): void {
    this.#listeners.get(type)?.(event)
  }

  send(text: string): void {
    this.heard.push(text)
  }

  close(): void {
    this.readyState = 3
  }
}

/** The widget on a page of the same browser. */
function visit(): Line {
  return newLine({
    base: 'https://alongside.example',
    connectionId: 'con_1',
    key: 'key',
    ports: {
      fetch: (url, init) => worker.fetch(url, init),
      socket: (url, protocols) => {
        const socket = new FakeSocket(url, protocols)
        worker.sockets.push(socket)
        // Safe: the line uses no more of a socket than the fake has.
        return socket as unknown as WebSocket
      },
      // A wait for the network is over at once; the heart does not beat in tests.
      later: (work, ms) => {
        if (ms < 20_000 && worker.isUp) queueMicrotask(work)
      },
      keep: keepOf(browser),
    },
    changed: () => {},
  })
}

function keepOf(map: Map<string, string>): Keep {
  const storage = {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
    key: (at: number) => [...map.keys()][at] ?? null,
    get length() {
      return map.size
    },
  }
  return keepIn(() => storage, 'alongside:con_1:')
}

function written(text: string, at: number): Written {
  return { id: `id-${text}`, text, files: [], at }
}

function lineOf(n: number, more: Partial<VisitorLine>): VisitorLine {
  return { n, id: `l${n}`, by: 'us', text: '', files: [], quickReplies: [], at: n, ...more }
}

/** All that is under way has come to rest: a turn of the event loop runs every microtask before it. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve))
}

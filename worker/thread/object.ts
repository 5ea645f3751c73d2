// The line between one person and one connection: keeps what arrived, in order, once; knows who it
// is and which session is open.

import { DurableObject } from 'cloudflare:workers'
import * as z from 'zod/mini'

import type { MessageId, SessionId } from '../../shared/ids.ts'
import { closeCodes } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import {
  VisitorSays,
  visitorProtocol,
  type VisitorFile,
  type VisitorLine,
} from '../../shared/visitor.ts'
import type { Inbound, Outbound } from '../channels/channel.ts'
import { sha256Hex } from '../base/crypto.ts'
import type { Env } from '../base/env.ts'
import { report } from '../base/report.ts'
import { longestFrame, openSocket, sayGoodbye, tell, tellAll } from '../base/sockets.ts'
import { namesOf } from './door.ts'
import { forward, type Memory } from './forwarding.ts'
import { ThreadLog } from './log.ts'

const waitsMs = [200, 1_000, 3_000, 10_000, 30_000, 60_000]
/** How soon the alarm looks again while a forward is under way, in milliseconds. */
const watchdogMs = 10_000
const linesAtOnce = 200
const mostSockets = 5

export class ThreadObject extends DurableObject<Env> {
  readonly #log: ThreadLog
  #ready: boolean
  #forwarding: Promise<void> | undefined
  #failures = 0
  #hasErased: boolean
  /** When the alarm is set for, as far as is known here. */
  #armedAt: number | undefined

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#log = new ThreadLog(ctx.storage.sql)
    this.#ready =
      ctx.storage.sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'erased'`).toArray().length > 0
    this.#hasErased = this.#ready && this.#log.hasErased()
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  /**
   * Keeps what arrived, each event once. When it returns, they are on disk: the caller may say 200.
   * What becomes of them happens after, and is tried until it has.
   */
  async keep(events: readonly Inbound[]): Promise<void> {
    const news = this.#hasErased ? await this.#unknownOf(events) : events
    this.#prepare()
    if (news.some(isShown)) {
      const lines = this.#keepShown(news)
      if (lines.length > 0) tellAll(this.ctx.getWebSockets(), { lines })
    } else {
      // No transaction of their own: each event stands for itself, and comes again.
      for (const event of news) this.#log.keep(event)
    }
    this.#wake()
  }

  /** The session this thread's next message goes to; one is planned when none is open. */
  currentSession(): SessionId {
    const { sessionId } = this.#memory()
    if (sessionId) return sessionId
    const planned = newId('ses')
    this.#remember({ sessionId: planned })
    return planned
  }

  /**
   * Forgets the person: what was said, who it was, where it went. Hashes of what the provider may
   * deliver again stay, so that it brings nobody back. Gives the sessions that were spoken of here.
   */
  async erase(): Promise<SessionId[]> {
    if (!this.#ready) return []
    while (this.#forwarding) await this.#forwarding
    const names = this.#log.names()
    const hashes = await Promise.all(names.map((name) => sha256Hex(name)))
    // More has come while the hashes were made: it belongs to them too.
    if (this.#forwarding || this.#log.names().length !== names.length) return this.erase()
    const { sessionId } = this.#memory()
    const sessions = this.#log.sessions()
    this.ctx.storage.transactionSync(() => {
      this.#log.erase(hashes)
      this.ctx.storage.kv.delete('memory')
    })
    this.#hasErased = true
    await this.ctx.storage.deleteAlarm()
    for (const socket of this.ctx.getWebSockets()) socket.close(closeCodes.erased, 'deleted')
    return [...new Set(sessionId ? [...sessions, sessionId] : sessions)]
  }

  // --- What leaves

  /** Where a message goes, and the provider's id of the one it answers. */
  routeFor(replyTo?: MessageId): { address: string; replyTo: string | undefined } {
    const { address } = namesOf(this.ctx.id.name)
    const known = replyTo && this.#ready ? this.#log.externalIdOf(replyTo) : undefined
    return { address, replyTo: known }
  }

  /** The provider has taken a message of ours under this id. */
  sent(externalId: string, sessionId: SessionId, messageId: MessageId): void {
    this.ctx.storage.transactionSync(() => {
      this.#prepare()
      this.#log.name(externalId, { sessionId, messageId })
    })
    this.#wake()
  }

  /** Shows a message to a visitor who is connected to us directly. */
  show({ id, text, files, quickReplies }: ShownOutbound, author: string | undefined): void {
    const line = this.ctx.storage.transactionSync(() => {
      this.#prepare()
      return this.#log.addLine({
        id,
        by: 'us',
        ...(author === undefined ? {} : { author }),
        text,
        files: [...files],
        quickReplies: [...quickReplies],
        at: Date.now(),
      })
    })
    if (line) tellAll(this.ctx.getWebSockets(), { lines: [line] })
  }

  // --- The visitor's side

  saveUpload(file: VisitorFile): void {
    this.ctx.storage.transactionSync(() => {
      this.#prepare()
      this.#log.saveUpload(file)
    })
  }

  showsFile(fileId: string): boolean {
    return this.#ready && this.#log.showsFile(fileId)
  }

  /** A visitor's socket: first what they missed, then what comes. The worker has checked the token. */
  override async fetch(request: Request): Promise<Response> {
    const sockets = this.ctx.getWebSockets()
    for (const old of sockets.slice(mostSockets - 1)) old.close(1008, 'too many windows')
    const { server, response } = openSocket(this.ctx, visitorProtocol, [], null)
    let n = Math.max(0, Number(new URL(request.url).searchParams.get('after')) || 0)
    for (;;) {
      const lines = this.#ready ? this.#log.linesAfter(n, linesAtOnce) : []
      tell(server, { lines })
      const last = lines.at(-1)
      if (!last || lines.length < linesAtOnce) break
      n = last.n
    }
    return response
  }

  override webSocketMessage(_socket: WebSocket, frame: string | ArrayBuffer): void {
    const said = parse(frame)
    if (!said || !this.#ready) return
    const status = 'read' in said ? 'read' : 'delivered'
    const upTo = 'read' in said ? said.read : said.seen
    this.ctx.storage.transactionSync(() => {
      for (const id of this.#log.advance(upTo, status)) this.#log.keep(this.#statusOf(id, status))
    })
    this.#wake()
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    sayGoodbye(socket, code)
  }

  // --- Forwarding: the thread's one follower

  override async alarm(): Promise<void> {
    this.#armedAt = undefined
    // What is under way may not end: armed again until nothing is left.
    if (this.#ready && this.#log.next()) this.#arm(Date.now() + watchdogMs)
    this.#wake()
  }

  #wake(): void {
    if (this.#forwarding) return
    // Armed only while there is something to do: an idle thread sleeps.
    if (!this.#ready || !this.#log.next()) return
    this.#arm(Date.now() + watchdogMs)
    this.#forwarding = this.#forwardAll().finally(() => {
      this.#forwarding = undefined
    })
    this.ctx.waitUntil(this.#forwarding)
  }

  /** Takes events further one by one, in order. One that fails is tried again; it never throws. */
  async #forwardAll(): Promise<void> {
    for (;;) {
      const kept = this.#log.next()
      if (!kept) return
      try {
        await forward(kept, {
          env: this.env,
          names: namesOf(this.ctx.id.name),
          log: this.#log,
          memory: () => this.#memory(),
          remember: (news) => this.#remember(news),
        })
        this.#failures = 0
      } catch (error) {
        report(error, `thread at ${kept.n}`)
        const wait = waitsMs[this.#failures] ?? 300_000
        this.#failures += 1
        this.#arm(Date.now() + wait)
        return
      }
    }
  }

  /**
   * Arms the alarm unless an earlier one is armed: a wake-up must never be pushed back. Without a
   * wait in between, so that it is written with what was kept, or neither is. One that was armed
   * before this object slept may be replaced: what it was for is being done now.
   */
  #arm(at: number): void {
    const now = Date.now()
    if (this.#armedAt !== undefined && this.#armedAt > now && this.#armedAt <= at) return
    this.#armedAt = at
    this.ctx.waitUntil(this.ctx.storage.setAlarm(at))
  }

  #prepare(): void {
    if (this.#ready) return
    this.#log.prepare()
    this.#ready = true
  }

  #memory(): Memory {
    // Safe: only `#remember` writes it.
    return (this.ctx.storage.kv.get('memory') as Memory | undefined) ?? {}
  }

  #remember(news: Memory): void {
    this.ctx.storage.kv.put('memory', { ...this.#memory(), ...news })
  }

  /** Of a person who was erased only hashes are left to know late deliveries by. */
  async #unknownOf(events: readonly Inbound[]): Promise<Inbound[]> {
    const hashes = await hashesOf(events)
    return events.filter((_, index) => !hashes[index]?.some((one) => this.#log.isErased(one)))
  }

  /** An event and the line it makes stand or fall together: it comes again, its line would not. */
  #keepShown(events: readonly Inbound[]): VisitorLine[] {
    const now = Date.now()
    return this.ctx.storage.transactionSync(() =>
      events.filter((event) => this.#log.keep(event)).flatMap((event) => this.#lineOf(event, now)),
    )
  }

  /** What a visitor wrote is a line of theirs at once: their other tabs see it too. */
  #lineOf(event: Inbound, at: number): VisitorLine[] {
    if (!isShown(event)) return []
    const files = event.files.flatMap(({ ref }) => this.#log.uploadOf(ref) ?? [])
    const line = this.#log.addLine({
      id: event.externalId,
      by: 'customer',
      text: event.text,
      files,
      quickReplies: [],
      at,
    })
    return line ? [line] : []
  }

  #statusOf(messageId: string, status: 'delivered' | 'read'): Inbound {
    const { address } = namesOf(this.ctx.id.name)
    return {
      type: 'status',
      id: `${messageId}:${status}`,
      address,
      target: messageId,
      messageId,
      status,
      at: Date.now(),
    }
  }
}

/** What a visitor who is connected to us has written: their other tabs show it too. */
function isShown(event: Inbound): event is Extract<Inbound, { type: 'message' }> {
  return event.type === 'message' && event.sender.scoped === true
}

type ShownOutbound = Pick<Outbound, 'id' | 'text' | 'quickReplies'> & {
  readonly files: readonly VisitorFile[]
}

function hashesOf(events: readonly Inbound[]): Promise<string[][]> {
  return Promise.all(
    events.map((event) => Promise.all(namesIn(event).map((name) => sha256Hex(name)))),
  )
}

/** What an event is called, and what it speaks of. */
function namesIn(event: Inbound): string[] {
  const own = `${event.type}:${event.id}`
  if (!('target' in event)) return [own]
  const message = event.type === 'status' && event.messageId ? [event.messageId] : []
  return [own, event.target, ...message]
}

function parse(frame: string | ArrayBuffer): VisitorSays | undefined {
  if (typeof frame !== 'string' || frame.length > longestFrame) return undefined
  try {
    const result = z.safeParse(VisitorSays, JSON.parse(frame))
    return result.success ? result.data : undefined
  } catch {
    return undefined
  }
}

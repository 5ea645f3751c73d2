// One session: the only writer of its facts. Doors of one line, one way to change, nothing that can
// fail before the facts are written.

import { DurableObject } from 'cloudflare:workers'

import type { LogLine, Trace } from '../../shared/api.ts'
import type { ConnectionId, FileId, MessageId } from '../../shared/ids.ts'
import { closeCodes, type SessionRow } from '../../shared/inbox.ts'
import type { DeliveryStatus, Message, Note, Person } from '../../shared/message.ts'
import { isRefusal, refuse, type Refusal } from '../../shared/refusal.ts'
import {
  emptySession,
  evolve,
  type Fact,
  type Mode,
  type NewFact,
  type SessionState,
} from '../../shared/session.ts'
import { summarise } from '../agent/summary.ts'
import { channelOf } from '../channels/registry.ts'
import { tenantDb } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { crewOf, type Crew } from '../base/followers.ts'
import { report } from '../base/report.ts'
import {
  openSocket,
  panelProtocol,
  sayGoodbye,
  tell,
  tellAll,
  type SocketOwner,
} from '../base/sockets.ts'
import { forgetFiles } from '../files/keep.ts'
import { lineTo, namesOf } from './door.ts'
import { followersOf } from './followers.ts'
import { SessionLog } from './log.ts'
import { sessionRow } from './row.ts'
import * as rules from './rules.ts'

/** How many facts one answer or one frame carries at the most. */
const pageLength = 500
/** How soon a session that could not leave tries again, in milliseconds. */
const leavingMs = 30_000

/** What a thread brings in one call: how the session begins, if it does, and what was said. */
export interface Delivery {
  /** How the session begins; left out by a thread that knows it has. */
  readonly opening?: Parameters<typeof rules.open>[1]
  readonly message: Message
  /** Where files still at the provider are found. */
  readonly remoteFiles: readonly { readonly id: FileId; readonly ref: string }[]
  /** Why no agent can answer, when none can: the session goes to the operators at once. */
  readonly unattended?: string | undefined
}

export type Amendment = Parameters<typeof rules.amend>[1]

export class SessionObject extends DurableObject<Env> {
  readonly #log: SessionLog
  readonly #crew: Crew
  #session: SessionState

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#log = new SessionLog(ctx.storage.sql)
    this.#session = this.#log.replay()
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
    const names = namesOf(ctx.id.name)
    this.#crew = crewOf<Fact>({
      shelf: this.#log,
      followers: followersOf({
        env,
        ...names,
        log: this.#log,
        state: () => this.#session,
        carryOut: (...change) => this.#carryOut(...change),
        leave: () => ctx.waitUntil(this.#leave()),
        now: Date.now,
      }),
      now: Date.now,
      lastSeq: () => this.#session.seq,
      getAlarm: () => ctx.storage.getAlarm(),
      setAlarm: (at) => ctx.storage.setAlarm(at),
    })
  }

  // --- The customer's side: called by threads

  /** Takes in what a customer sent. Providers repeat themselves; a repeat changes nothing. */
  deliver({ opening, message, remoteFiles, unattended }: Delivery): Refusal | undefined {
    return this.#carryOut(
      (session, now) => {
        const opened = opening ? rules.open(session, opening) : []
        if (isRefusal(opened)) return opened
        const received = rules.receive(fold(session, opened, now), message)
        if (isRefusal(received)) return received
        const left: NewFact[] =
          unattended !== undefined && opened.length > 0
            ? [{ type: 'handover/requested', cause: 'auto', reason: unattended }]
            : []
        return [...opened, ...received, ...left]
      },
      message.id,
      () => {
        for (const { id, ref } of remoteFiles) this.#log.saveRemoteFile(id, ref)
      },
    )
  }

  amend(command: string, change: Amendment): Refusal | undefined {
    return this.#carryOut((session) => rules.amend(session, change), command)
  }

  report(
    command: string,
    messageId: MessageId,
    step: { readonly status: DeliveryStatus; readonly at?: number; readonly note?: string },
  ): Refusal | undefined {
    return this.#carryOut((session) => rules.report(session, messageId, step), command)
  }

  // --- Operators

  reply(person: Person, said: rules.Reply): Refusal | undefined {
    return this.#command(said.id, (session, now) => {
      const limits = session.opened && channelOf(session.opened.channel)?.limits
      return limits ? rules.reply(session, person, said, now, limits) : refuse('not-supported-here')
    })
  }

  note(added: Omit<Note, 'at'>): Refusal | undefined {
    return this.#command(added.id, (session, at) => rules.note(session, { ...added, at }))
  }

  handOver(command: string, person: Person, reason: string): Refusal | undefined {
    return this.#command(command, (session) => rules.handOver(session, person, reason))
  }

  accept(command: string, person: Person, copilot: Mode): Refusal | undefined {
    return this.#command(command, (session) => rules.accept(session, person, copilot))
  }

  /** Whether the session is this person's after it. */
  takeOver(command: string, person: Person): Refusal | { assigned: boolean } {
    const refusal = this.#command(command, (session) => rules.takeOver(session, person))
    return refusal ?? { assigned: this.#session.operator?.id === person.id }
  }

  assign(command: string, to: Person, by: Person): Refusal | undefined {
    return this.#command(command, (session) => rules.assign(session, to, by))
  }

  setMode(command: string, person: Person, mode: 'human' | 'copilot'): Refusal | undefined {
    return this.#command(command, (session) => rules.setMode(session, person, mode))
  }

  resolve(command: string, person: Person, status: string): Refusal | undefined {
    return this.#command(command, (session) => rules.resolve(session, person, status))
  }

  // --- The record behind it

  /** The customer is called otherwise on their record now. */
  rename(name: string): void {
    this.#carryOut(({ opened }) =>
      opened && opened.customer.name !== name ? [{ type: 'customer/renamed', name }] : [],
    )
  }

  /** Where the customer is spoken with; nothing where there is no session. Stops all that goes on. */
  async halt(): Promise<{ connectionId: ConnectionId; address: string } | undefined> {
    await this.#crew.stop()
    const { opened } = this.#session
    return opened && { connectionId: opened.connectionId, address: opened.address }
  }

  /** Forgets everything for good, and tells the panels that look. Done twice it changes nothing. */
  async erase(): Promise<void> {
    await this.#crew.stop()
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#log.forget()
    this.#session = emptySession
    for (const socket of this.ctx.getWebSockets()) socket.close(closeCodes.erased, 'deleted')
  }

  /**
   * The customer was deleted before the database had heard of this session, so that nobody erases it:
   * it goes by itself, with its line and its files. What fails is done again by a new object.
   */
  async #leave(): Promise<void> {
    const { opened } = this.#session
    try {
      await this.ctx.storage.setAlarm(Date.now() + leavingMs)
      await this.#crew.stop()
      const { tenantId, sessionId } = this.#names
      if (opened) await lineTo(this.env, tenantId, opened).erase()
      await forgetFiles(this.env, tenantDb(this.env, tenantId), [sessionId])
      await this.erase()
      const inbox = this.env.INBOX.getByName(tenantId)
      if (opened) await inbox.customerRemoved(opened.customer.id, [sessionId])
    } catch (error) {
      report(error, 'a session of a deleted customer')
      await this.ctx.storage.setAlarm(Date.now() + leavingMs)
      this.ctx.abort('its customer has been deleted')
    }
  }

  // --- Reading

  row(): SessionRow | Refusal {
    const row = sessionRow(this.#names.sessionId, this.#session)
    return row ?? refuse('not-found')
  }

  /** The facts after a place, at most a page of them; whoever wants more asks from the last. */
  factsAfter(seq: number): Fact[] | Refusal {
    return this.#log.exists ? this.#log.itemsAfter(seq, pageLength) : refuse('not-found')
  }

  logs(): { system: LogLine[]; traces: Trace[] } | Refusal {
    if (!this.#log.exists) return refuse('not-found')
    return { system: this.#log.systemLines(), traces: this.#log.traces() }
  }

  // --- Sockets. Facts go down; nothing comes up but the ping that the runtime answers.

  override async fetch(request: Request): Promise<Response> {
    // The worker has redeemed the ticket; these headers are its own.
    const owner: SocketOwner = {
      operatorId: request.headers.get('X-Operator') ?? '',
      signInId: request.headers.get('X-Sign-In') ?? '',
    }
    if (!this.#log.exists) return new Response(null, { status: 404 })
    const after = Number(new URL(request.url).searchParams.get('after') ?? 0)
    const tags = [`operator:${owner.operatorId}`, `sign-in:${owner.signInId}`]
    const { server, response } = openSocket(this.ctx, panelProtocol, tags, owner)
    let seq = Number.isSafeInteger(after) && after >= 0 ? after : 0
    for (;;) {
      const facts = this.#log.itemsAfter(seq, pageLength)
      tell(server, { facts })
      const last = facts.at(-1)
      if (!last || facts.length < pageLength) break
      seq = last.seq
    }
    return response
  }

  /** Closes what an operator, or one of their sign-ins, has open here. */
  kick(tag: `operator:${string}` | `sign-in:${string}`): void {
    for (const socket of this.ctx.getWebSockets(tag)) {
      socket.close(closeCodes.signedOut, 'signed out')
    }
  }

  override webSocketMessage(): void {
    // Panels have nothing to say here: commands go over HTTP, where permissions are asked.
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    sayGoodbye(socket, code)
  }

  override async alarm(): Promise<void> {
    await this.#crew.alarm((work) => this.ctx.waitUntil(work))
  }

  // ---

  get #names() {
    return namesOf(this.ctx.id.name)
  }

  /** A command of a person. Without a session there is nothing to command, and nothing is written. */
  #command(
    id: string,
    decide: (session: SessionState, now: number) => rules.Verdict,
  ): Refusal | undefined {
    if (!this.#log.exists) return refuse('not-found')
    return this.#carryOut(decide, id)
  }

  /**
   * The one way a session changes: decide, write the facts, fold them, tell the panels, wake the
   * followers. What is written `alongside` stands or falls with the facts.
   */
  #carryOut(
    decide: (session: SessionState, now: number) => rules.Verdict,
    command?: string,
    alongside?: () => void,
  ): Refusal | undefined {
    if (command !== undefined && this.#log.hasDone(command)) return undefined
    const now = Date.now()
    const verdict = decide(this.#session, now)
    if (isRefusal(verdict)) return verdict
    const news = withSummary(this.#session, verdict, now)
    if (news.length === 0) return undefined

    const facts = this.ctx.storage.transactionSync(() => {
      const written = this.#log.append(news, this.#session.seq, now, command)
      alongside?.()
      return written
    })
    this.#session = facts.reduce(evolve, this.#session)
    tellAll(this.ctx.getWebSockets(), { facts })
    this.#crew.watch()
    this.#wake()
    return undefined
  }

  /** Lets the followers read on, once what was written has left for those who wait for it. */
  #wake(): void {
    this.ctx.waitUntil(this.ctx.storage.sync().then(() => this.#crew.wake()))
  }
}

/** What happened so far in two lines, when a person takes over and when the session ends. */
function withSummary(
  session: SessionState,
  verdict: readonly NewFact[],
  now: number,
): readonly NewFact[] {
  const turns = verdict.some(
    ({ type }) => type === 'handover/requested' || type === 'session/resolved',
  )
  if (!turns) return verdict
  const text = summarise(fold(session, verdict, now))
  return text === '' || text === session.summary
    ? verdict
    : [...verdict, { type: 'summary/written', text }]
}

/** The state as it would be: for rules that build on each other within one commit. */
function fold(session: SessionState, news: readonly NewFact[], at: number): SessionState {
  return news.reduce(
    (state, fact) => evolve(state, { ...fact, seq: state.seq + 1, at } as Fact),
    session,
  )
}

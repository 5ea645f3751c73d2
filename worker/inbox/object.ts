// One tenant's inbox: who is here, live rows, tickets for sockets. It holds no truth of its own:
// what is lost with it is asked for again.

import { DurableObject } from 'cloudflare:workers'
import * as z from 'zod/mini'

import type { AnalysisRun } from '../../shared/analysis.ts'
import type { Upload } from '../../shared/campaign.ts'
import type { CustomerId, OperatorId, SessionId, TenantId } from '../../shared/ids.ts'
import {
  closeCodes,
  PanelSays,
  type InboxNews,
  type Presence,
  type PresentPerson,
  type SessionRow,
} from '../../shared/inbox.ts'
import type { Person } from '../../shared/message.ts'
import { may, type Permission, type Role } from '../../shared/permissions.ts'
import { toHex } from '../base/crypto.ts'
import type { Env } from '../base/env.ts'
import {
  longestFrame,
  openSocket,
  panelProtocol,
  sayGoodbye,
  tell,
  tellAll,
} from '../base/sockets.ts'

/** How long a ticket is good for, in milliseconds. */
const ticketMs = 30_000
/** How long it is remembered which session sockets somebody may have open, in milliseconds. */
const watchMs = 24 * 3_600_000
const mostSocketsEach = 10

/** Who holds a ticket. */
export interface Holder {
  readonly person: Person
  /** Good as long as the socket is: a change of role closes it. */
  readonly role: Role
  readonly signInId: string
}

/** What a socket here remembers while the object sleeps. */
interface Seat extends Holder {
  readonly presence: Presence
  readonly viewing: SessionId | null
}

type Tag = `operator:${string}` | `sign-in:${string}`

export class InboxObject extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
    ctx.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS ticket (ticket TEXT PRIMARY KEY, operator_tag TEXT NOT NULL, sign_in_tag TEXT NOT NULL, holder TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS watch (session_id TEXT NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (session_id, tag)) STRICT;
    `)
  }

  /** A ticket for one socket: good once, for thirty seconds, for this tenant alone. */
  issueTicket(holder: Holder): string {
    const now = Date.now()
    const secret = toHex(crypto.getRandomValues(new Uint8Array(24)))
    this.ctx.storage.sql.exec('DELETE FROM ticket WHERE expires_at < ?', now)
    this.ctx.storage.sql.exec(
      'INSERT INTO ticket (ticket, operator_tag, sign_in_tag, holder, expires_at) VALUES (?, ?, ?, ?, ?)',
      secret,
      ...tagsOf(holder),
      JSON.stringify(holder),
      now + ticketMs,
    )
    return secret
  }

  /** Takes a ticket. For a session's socket it is noted where its holder looks, for a later kick. */
  redeem(ticket: string, sessionId?: SessionId): Holder | undefined {
    const now = Date.now()
    const row = this.ctx.storage.sql
      .exec<{ holder: string; expires_at: number }>(
        'DELETE FROM ticket WHERE ticket = ? RETURNING holder, expires_at',
        ticket,
      )
      .toArray()[0]
    if (!row || row.expires_at < now) return undefined
    // Safe: only `issueTicket` writes holders.
    const holder = JSON.parse(row.holder) as Holder
    if (sessionId) {
      this.ctx.storage.sql.exec('DELETE FROM watch WHERE at < ?', now - watchMs)
      for (const tag of tagsOf(holder)) {
        this.ctx.storage.sql.exec(
          'INSERT OR REPLACE INTO watch (session_id, tag, at) VALUES (?, ?, ?)',
          sessionId,
          tag,
          now,
        )
      }
    }
    return holder
  }

  // --- News, from the followers of sessions

  rowChanged(row: SessionRow): void {
    this.#tellAll({ type: 'rows', rows: [row] })
  }

  customerChanged(id: CustomerId): void {
    this.#tellAll({ type: 'customer', id })
  }

  customerRemoved(id: CustomerId, sessions: SessionId[]): void {
    this.#tellAll({ type: 'removed', id, sessions })
  }

  runChanged(run: AnalysisRun): void {
    this.#tellThose('analysis.run', { type: 'run', run })
  }

  uploadChanged(upload: Upload): void {
    this.#tellThose('campaigns.manage', { type: 'upload', upload })
  }

  people(): PresentPerson[] {
    const people = new Map<string, PresentPerson>()
    for (const socket of this.ctx.getWebSockets()) {
      const seat = seatOf(socket)
      if (!seat) continue
      const { person, presence, viewing } = seat
      const known = people.get(person.id)
      people.set(person.id, {
        person,
        // Online in one window is online.
        presence: known?.presence === 'online' ? 'online' : presence,
        viewing: [...(known?.viewing ?? []), ...(viewing ? [viewing] : [])],
      })
    }
    return [...people.values()]
  }

  // --- Authority that has gone

  /** Closes every socket of an operator in this tenant, here and at sessions. */
  async kick(operatorId: OperatorId): Promise<void> {
    await this.#kick(`operator:${operatorId}`)
  }

  async kickSignIn(signInId: string): Promise<void> {
    await this.#kick(`sign-in:${signInId}`)
  }

  async #kick(tag: Tag): Promise<void> {
    // A ticket not used yet would open a door that has just been closed.
    this.ctx.storage.sql.exec(
      'DELETE FROM ticket WHERE operator_tag = ? OR sign_in_tag = ?',
      tag,
      tag,
    )
    for (const socket of this.ctx.getWebSockets(tag)) {
      socket.close(closeCodes.signedOut, 'signed out')
    }
    const tenantId = this.#tenantId
    const watched = this.ctx.storage.sql
      .exec<{ session_id: SessionId }>('DELETE FROM watch WHERE tag = ? RETURNING session_id', tag)
      .toArray()
    await Promise.all(
      watched.map(({ session_id }) =>
        this.env.SESSION.getByName(`${tenantId}/${session_id}`).kick(tag),
      ),
    )
    this.#tellAll({ type: 'people', people: this.people() })
  }

  // --- Sockets

  /** A socket of a panel. The worker has redeemed the ticket; the header is its own. */
  override async fetch(request: Request): Promise<Response> {
    // Safe: the worker writes this header from a redeemed ticket, and no one else reaches here.
    const holder = JSON.parse(decodeURIComponent(request.headers.get('X-Holder') ?? '')) as Holder
    for (const old of this.ctx
      .getWebSockets(`operator:${holder.person.id}`)
      .slice(mostSocketsEach - 1)) {
      old.close(1008, 'too many windows')
    }
    const seat: Seat = { ...holder, presence: 'online', viewing: null }
    const { server, response } = openSocket(this.ctx, panelProtocol, tagsOf(holder), seat)
    const people = this.people()
    tell(server, { type: 'hello', people } satisfies InboxNews)
    this.#tellAll({ type: 'people', people })
    return response
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const said = parse(frame)
    const seat = seatOf(socket)
    if (!said || !seat) return
    const next: Seat =
      said.type === 'presence'
        ? { ...seat, presence: said.presence }
        : { ...seat, viewing: said.sessionId }
    socket.serializeAttachment(next)
    this.#tellAll({ type: 'people', people: this.people() })
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    socket.serializeAttachment(null)
    sayGoodbye(socket, code)
    this.#tellAll({ type: 'people', people: this.people() })
  }

  #tellAll(news: InboxNews): void {
    tellAll(this.ctx.getWebSockets(), news)
  }

  /** News of what not everybody may read. */
  #tellThose(permission: Permission, news: InboxNews): void {
    const allowed = this.ctx.getWebSockets().filter((socket) => {
      const seat = seatOf(socket)
      return seat !== null && may(seat.role, permission)
    })
    tellAll(allowed, news)
  }

  get #tenantId(): TenantId {
    if (!this.ctx.id.name) throw new Error('an inbox object without a name')
    // Safe: inboxes are named by their tenant.
    return this.ctx.id.name as TenantId
  }
}

function tagsOf({ person, signInId }: Holder): [Tag, Tag] {
  return [`operator:${person.id}`, `sign-in:${signInId}`]
}

function seatOf(socket: WebSocket): Seat | null {
  // Safe: attachments are written here alone.
  return socket.deserializeAttachment() as Seat | null
}

/** What a panel says, or nothing: a bad frame is not an error of ours. */
function parse(frame: string | ArrayBuffer): z.infer<typeof PanelSays> | undefined {
  if (typeof frame !== 'string' || frame.length > longestFrame) return undefined
  try {
    const result = z.safeParse(PanelSays, JSON.parse(frame))
    return result.success ? result.data : undefined
  } catch {
    return undefined
  }
}

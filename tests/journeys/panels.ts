// An operator's panel without its face: commands by HTTP, facts and rows by the sockets.

import type { AnswerOf, RouteName } from '../../shared/api.ts'
import type { InboxNews, SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import type { Refusal } from '../../shared/refusal.ts'
import {
  emptySession,
  evolve,
  messageOf,
  type Fact,
  type SessionState,
} from '../../shared/session.ts'
import type { MessageId } from '../../shared/ids.ts'
import type { Colleague } from './house.ts'
import { until } from './until.ts'

/** What a route answered, whatever it was. */
export interface Answered<Name extends RouteName> {
  readonly status: number
  readonly json: AnswerOf<Name>
  readonly refusal: Refusal | undefined
}

export interface LiveSession {
  readonly facts: readonly Fact[]
  readonly state: SessionState
  /** The session, once it is such. */
  comes(what: string, is: (state: SessionState) => boolean): Promise<SessionState>
  close(): void
}

export interface Panel {
  readonly who: Colleague
  readonly news: readonly InboxNews[]
  /** The newest row of each session, as the inbox socket has told. */
  readonly rows: ReadonlyMap<string, SessionRow>
  /** A row, once it is such. */
  row(what: string, is: (row: SessionRow) => boolean): Promise<SessionRow>
  open(sessionId: string, after?: number): Promise<LiveSession>
  close(): void
}

/** A panel with its inbox socket open. */
export async function panelOf(url: string, who: Colleague): Promise<Panel> {
  const news: InboxNews[] = []
  const rows = new Map<string, SessionRow>()
  const socket = await openLive(url, who, '/api/live', (told: InboxNews) => {
    news.push(told)
    if (told.type !== 'rows') return
    for (const row of told.rows) {
      if (row.seq > (rows.get(row.id)?.seq ?? 0)) rows.set(row.id, row)
    }
  })
  return {
    who,
    news,
    rows,
    row: (what, is) => until(what, () => [...rows.values()].find(is)),
    open: (sessionId, after = 0) => openSession(url, who, sessionId, after),
    close: () => socket.close(),
  }
}

async function openSession(
  url: string,
  who: Colleague,
  sessionId: string,
  after: number,
): Promise<LiveSession> {
  const facts: Fact[] = []
  let state = emptySession
  const path = `/api/sessions/${sessionId}/live?after=${after}`
  const socket = await openLive(url, who, path, (told: { facts: Fact[] }) => {
    facts.push(...told.facts)
    state = told.facts.reduce(evolve, state)
  })
  return {
    facts,
    get state() {
      return state
    },
    comes: (what, is) => until(what, () => is(state) && state),
    close: () => socket.close(),
  }
}

async function openLive<News>(
  url: string,
  who: Colleague,
  path: string,
  hear: (news: News) => void,
): Promise<WebSocket> {
  const { ticket } = await who.api('POST /api/tickets')
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, ['alongside', ticket])
  // Safe: the worker speaks by the contract that names the type.
  socket.addEventListener('message', ({ data }) => hear(JSON.parse(String(data)) as News))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`${path} did not open`)))
  })
  return socket
}

/** The session by its log, folded anew. */
export async function stateOf(who: Colleague, sessionId: string): Promise<SessionState> {
  return (await factsOf(who, sessionId)).reduce(evolve, emptySession)
}

/** All facts of a session, page by page. */
export async function factsOf(who: Colleague, sessionId: string): Promise<Fact[]> {
  const all: Fact[] = []
  for (;;) {
    const { facts } = await who.api('GET /api/sessions/:sessionId/facts', {
      params: { sessionId },
      query: { after: String(all.at(-1)?.seq ?? 0) },
    })
    if (facts.length === 0) return all
    all.push(...facts)
  }
}

/** How the delivery of a message went, oldest first. */
export function stepsOf(state: SessionState, id: string): string[] {
  return messageOf(state, id as MessageId)?.delivery.map(({ status }) => status) ?? []
}

/** Asks a route and takes a «no» as an answer. */
export async function ask<Name extends RouteName>(
  url: string,
  who: Pick<Colleague, 'token'> | undefined,
  name: Name,
  given: {
    readonly params?: Readonly<Record<string, string>>
    readonly query?: Readonly<Record<string, string>>
    readonly body?: unknown
  } = {},
): Promise<Answered<Name>> {
  const [method = '', pattern = ''] = name.split(' ')
  const path = pattern.replace(/:(\w+)/g, (_, key: string) =>
    encodeURIComponent(given.params?.[key] ?? ''),
  )
  const search = new URLSearchParams(given.query).toString()
  const hasBody = given.body !== undefined
  const response = await fetch(`${url}${path}${search && `?${search}`}`, {
    method,
    headers: {
      ...(hasBody ? { 'Content-Type': 'application/json' } : {}),
      ...(who ? { Authorization: `Bearer ${who.token}` } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(given.body) } : {}),
  })
  const text = await response.text()
  const isJson = response.headers.get('Content-Type')?.startsWith('application/json') === true
  const json = isJson ? JSON.parse(text) : text
  return { status: response.status, json, refusal: response.ok ? undefined : json }
}

export function command(): { id: string } {
  return { id: newId('cmd') }
}

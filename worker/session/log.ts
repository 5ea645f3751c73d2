// The session's facts in its object's SQLite, and what else the object keeps beside them.

import type { LogLine, Trace } from '../../shared/api.ts'
import type { FileId, MessageId } from '../../shared/ids.ts'
import {
  evolve,
  emptySession,
  type Fact,
  type NewFact,
  type SessionState,
} from '../../shared/session.ts'
import type { Cursor, Shelf } from '../base/followers.ts'

const tables = `
  CREATE TABLE fact (seq INTEGER PRIMARY KEY, command TEXT, body TEXT NOT NULL) STRICT;
  CREATE TABLE cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, failures INTEGER NOT NULL, retry_at INTEGER NOT NULL) STRICT;
  CREATE TABLE attempt (message_id TEXT PRIMARY KEY, tries INTEGER NOT NULL, under_way INTEGER NOT NULL, external_id TEXT) STRICT;
  CREATE TABLE remote_file (file_id TEXT PRIMARY KEY, ref TEXT NOT NULL) STRICT;
  CREATE TABLE line (n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
`

/** How many log lines and traces a session keeps; older ones go. */
const mostLines = 2_000

/** How far handing a message to its provider has come. */
export interface Attempt {
  readonly tries: number
  /** A call has begun and its end is not written: the object may have died in between. */
  readonly underWay: boolean
  /** Once the provider has taken the message. */
  readonly externalId?: string | undefined
}

export class SessionLog implements Shelf<Fact> {
  readonly #sql: SqlStorage
  /** An object nobody has opened a session in writes nothing: guessing ids leaves no trace. */
  #ready: boolean
  /** The ids of commands already carried out: a panel's or provider's retry acts once. */
  readonly #commands = new Set<string>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#ready =
      sql.exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'fact'`).toArray()
        .length > 0
  }

  get exists(): boolean {
    return this.#ready
  }

  /** Folds the whole log. Called once, when the object wakes. */
  replay(): SessionState {
    if (!this.#ready) return emptySession
    let state = emptySession
    const rows = this.#sql.exec<{ body: string; command: string | null }>(
      'SELECT body, command FROM fact ORDER BY seq',
    )
    for (const { body, command } of rows) {
      state = evolve(state, parse(body))
      if (command !== null) this.#commands.add(command)
    }
    return state
  }

  hasDone(command: string): boolean {
    return this.#commands.has(command)
  }

  /** Writes facts after `seq`. Called inside a transaction, and only for facts that now hold. */
  append(news: readonly NewFact[], seq: number, at: number, command?: string): Fact[] {
    if (!this.#ready) {
      this.#sql.exec(tables)
      this.#ready = true
    }
    if (command !== undefined) this.#commands.add(command)
    return news.map((fact, index) => {
      // Safe: a new fact is a fact without exactly these two.
      const placed = { ...fact, seq: seq + index + 1, at } as Fact
      this.#sql.exec(
        'INSERT INTO fact (seq, command, body) VALUES (?, ?, ?)',
        placed.seq,
        index === 0 ? (command ?? null) : null,
        JSON.stringify(placed),
      )
      return placed
    })
  }

  itemsAfter(seq: number, limit: number): Fact[] {
    if (!this.#ready) return []
    return this.#sql
      .exec<{ body: string }>(
        'SELECT body FROM fact WHERE seq > ? ORDER BY seq LIMIT ?',
        seq,
        limit,
      )
      .toArray()
      .map(({ body }) => parse(body))
  }

  cursorOf(name: string): Cursor {
    const row = this.#ready
      ? this.#sql
          .exec<{ seq: number; failures: number; retry_at: number }>(
            'SELECT seq, failures, retry_at FROM cursor WHERE name = ?',
            name,
          )
          .toArray()[0]
      : undefined
    return { seq: row?.seq ?? 0, failures: row?.failures ?? 0, retryAt: row?.retry_at ?? 0 }
  }

  moveCursor(name: string, { seq, failures, retryAt }: Cursor): void {
    this.#sql.exec(
      `INSERT INTO cursor (name, seq, failures, retry_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, failures = excluded.failures, retry_at = excluded.retry_at`,
      name,
      seq,
      failures,
      retryAt,
    )
  }

  /** After the object's storage has been deleted: as if nobody had ever opened a session here. */
  forget(): void {
    this.#ready = false
    this.#commands.clear()
  }

  // --- Attempts: a row stands while a provider call may be under way

  attemptOf(messageId: MessageId): Attempt | undefined {
    const row = this.#sql
      .exec<{ tries: number; under_way: number; external_id: string | null }>(
        'SELECT tries, under_way, external_id FROM attempt WHERE message_id = ?',
        messageId,
      )
      .toArray()[0]
    return (
      row && {
        tries: row.tries,
        underWay: row.under_way === 1,
        externalId: row.external_id ?? undefined,
      }
    )
  }

  saveAttempt(messageId: MessageId, { tries, underWay, externalId }: Attempt): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO attempt (message_id, tries, under_way, external_id) VALUES (?, ?, ?, ?)',
      messageId,
      tries,
      underWay ? 1 : 0,
      externalId ?? null,
    )
  }

  endAttempt(messageId: MessageId): void {
    this.#sql.exec('DELETE FROM attempt WHERE message_id = ?', messageId)
  }

  // --- Files still at the provider

  saveRemoteFile(fileId: FileId, ref: string): void {
    this.#sql.exec('INSERT OR IGNORE INTO remote_file (file_id, ref) VALUES (?, ?)', fileId, ref)
  }

  remoteFileOf(fileId: FileId): string | undefined {
    return this.#sql
      .exec<{ ref: string }>('SELECT ref FROM remote_file WHERE file_id = ?', fileId)
      .toArray()[0]?.ref
  }

  // --- System log and traces

  tell(kind: 'system' | 'trace', at: number, body: string): void {
    this.#sql.exec('INSERT INTO line (kind, at, body) VALUES (?, ?, ?)', kind, at, body)
    this.#sql.exec('DELETE FROM line WHERE n <= (SELECT max(n) FROM line) - ?', mostLines)
  }

  systemLines(): LogLine[] {
    return this.#lines('system').map(({ at, body }) => ({ at, text: body }))
  }

  traces(): Trace[] {
    // Safe: only `tell('trace', …)` writes these, and it is given a trace as JSON.
    return this.#lines('trace').map(({ body }) => JSON.parse(body) as Trace)
  }

  #lines(kind: 'system' | 'trace') {
    if (!this.#ready) return []
    return this.#sql
      .exec<{ at: number; body: string }>(
        'SELECT at, body FROM line WHERE kind = ? ORDER BY n',
        kind,
      )
      .toArray()
  }
}

/** Safe without a second parse: the log holds only facts this code has written. */
function parse(body: string): Fact {
  return JSON.parse(body) as Fact
}

// What a thread keeps: every event once, in order, and which message each provider id names.

import type { FileId, MessageId, SessionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import type { VisitorFile, VisitorLine } from '../../shared/visitor.ts'
import type { Inbound } from '../channels/channel.ts'

const tables = `
  CREATE TABLE IF NOT EXISTS event (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL, body TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS event_waiting ON event (n) WHERE body IS NOT NULL;
  CREATE TABLE IF NOT EXISTS early (n INTEGER PRIMARY KEY, target TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS early_target ON early (target);
  CREATE TABLE IF NOT EXISTS message (external_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, message_id TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS message_own ON message (message_id);
  CREATE TABLE IF NOT EXISTS line (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, ours INTEGER NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS erased (hash TEXT PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS upload (file_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
`

/** An event that was kept and is still to be taken further. */
export interface Kept {
  readonly n: number
  readonly messageId: MessageId
  readonly inbound: Inbound
}

export interface Whereabouts {
  readonly sessionId: SessionId
  readonly messageId: MessageId
}

export class ThreadLog {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Called before the first write: an object nobody has written to keeps nothing. */
  prepare(): void {
    this.#sql.exec(tables)
  }

  /** Keeps an event, once for ever by its id. `false`: it was here before. */
  keep(inbound: Inbound): boolean {
    const rows = this.#sql.exec(
      'INSERT INTO event (id, message_id, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING n',
      `${inbound.type}:${inbound.id}`,
      newId('msg'),
      JSON.stringify(inbound),
    )
    return rows.toArray().length > 0
  }

  /** Everything that names an event or a message here: what a late delivery could bring again. */
  names(): string[] {
    const events = this.#sql.exec<{ name: string }>('SELECT id AS name FROM event')
    const messages = this.#sql.exec<{ external_id: string; message_id: string }>(
      'SELECT external_id, message_id FROM message',
    )
    return [
      ...events.toArray().map(({ name }) => name),
      ...messages.toArray().flatMap((one) => [one.external_id, one.message_id]),
    ]
  }

  /** The sessions its messages went to. */
  sessions(): SessionId[] {
    return this.#sql
      .exec<{ session_id: SessionId }>('SELECT DISTINCT session_id FROM message')
      .toArray()
      .map(({ session_id }) => session_id)
  }

  /** Forgets all it holds but these hashes. Lines go on counting: a widget asks from its last one. */
  erase(hashes: readonly string[]): void {
    for (const hash of hashes) {
      this.#sql.exec('INSERT OR IGNORE INTO erased (hash) VALUES (?)', hash)
    }
    this.#sql.exec(
      'DELETE FROM event; DELETE FROM early; DELETE FROM message; DELETE FROM line; DELETE FROM upload;',
    )
  }

  hasErased(): boolean {
    return this.#sql.exec('SELECT 1 FROM erased LIMIT 1').toArray().length > 0
  }

  isErased(hash: string): boolean {
    return this.#sql.exec('SELECT 1 FROM erased WHERE hash = ?', hash).toArray().length > 0
  }

  /** The oldest event that still has to go further. */
  next(): Kept | undefined {
    return this.#kept(
      `SELECT n, message_id, body FROM event
       WHERE body IS NOT NULL AND n NOT IN (SELECT n FROM early) ORDER BY n LIMIT 1`,
    )
  }

  /** The event has had its effect. Its id stays for ever, its content goes. */
  done(n: number): void {
    this.#sql.exec('UPDATE event SET body = NULL WHERE n = ?', n)
    this.#sql.exec('DELETE FROM early WHERE n = ?', n)
  }

  /** The event speaks of a message that is not here yet: it waits for it, and holds up nobody. */
  park(n: number, target: string): void {
    this.#sql.exec('INSERT OR REPLACE INTO early (n, target) VALUES (?, ?)', n, target)
  }

  /** Records which message a provider's id names, and lets go on what waited for it. */
  name(externalId: string, { sessionId, messageId }: Whereabouts): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO message (external_id, session_id, message_id) VALUES (?, ?, ?)',
      externalId,
      sessionId,
      messageId,
    )
    this.#sql.exec('DELETE FROM early WHERE target IN (?, ?)', externalId, messageId)
  }

  whereIs(externalId: string, messageId?: string): Whereabouts | undefined {
    const row = this.#sql
      .exec<{ session_id: SessionId; message_id: MessageId }>(
        'SELECT session_id, message_id FROM message WHERE external_id = ? OR message_id = ? LIMIT 1',
        externalId,
        messageId ?? '',
      )
      .toArray()[0]
    return row && { sessionId: row.session_id, messageId: row.message_id }
  }

  externalIdOf(messageId: MessageId): string | undefined {
    return this.#sql
      .exec<{ external_id: string }>(
        // One that went out without an answer is known by our own id too.
        'SELECT external_id FROM message WHERE message_id = ? ORDER BY external_id = message_id',
        messageId,
      )
      .toArray()[0]?.external_id
  }

  // --- Lines: what a visitor who is connected to us sees

  addLine(line: Omit<VisitorLine, 'n'>): VisitorLine | undefined {
    const row = this.#sql
      .exec<{ n: number }>(
        `INSERT INTO line (id, ours, status, body) VALUES (?, ?, 'sent', ?)
         ON CONFLICT (id) DO NOTHING RETURNING n`,
        line.id,
        line.by === 'us' ? 1 : 0,
        JSON.stringify(line),
      )
      .toArray()[0]
    return row && { ...line, n: row.n }
  }

  linesAfter(n: number, limit: number): VisitorLine[] {
    return (
      this.#sql
        .exec<{ n: number; body: string }>(
          'SELECT n, body FROM line WHERE n > ? ORDER BY n LIMIT ?',
          n,
          limit,
        )
        .toArray()
        // Safe: only `addLine` writes lines.
        .map((row) => ({ ...(JSON.parse(row.body) as Omit<VisitorLine, 'n'>), n: row.n }))
    )
  }

  /** Our lines up to a place that have just come this far, each once. */
  advance(upTo: number, status: 'delivered' | 'read'): string[] {
    const from = status === 'read' ? `('sent', 'delivered')` : `('sent')`
    return this.#sql
      .exec<{ id: string }>(
        `UPDATE line SET status = ? WHERE n <= ? AND ours = 1 AND status IN ${from} RETURNING id`,
        status,
        upTo,
      )
      .toArray()
      .map(({ id }) => id)
  }

  // --- Files a visitor has uploaded and not yet sent

  saveUpload(file: VisitorFile): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO upload (file_id, body) VALUES (?, ?)',
      file.id,
      JSON.stringify(file),
    )
  }

  uploadOf(fileId: string): (VisitorFile & { id: FileId }) | undefined {
    const row = this.#sql
      .exec<{ body: string }>('SELECT body FROM upload WHERE file_id = ?', fileId)
      .toArray()[0]
    // Safe: only `saveUpload` writes these, with an id of ours.
    return row && (JSON.parse(row.body) as VisitorFile & { id: FileId })
  }

  /** Whether a file stands in a line of this visitor: nobody else's may be asked for. */
  showsFile(fileId: string): boolean {
    return this.#sql
      .exec<{ body: string }>('SELECT body FROM line WHERE instr(body, ?) > 0 LIMIT 5', fileId)
      .toArray()
      .some(({ body }) => (JSON.parse(body) as VisitorLine).files.some(({ id }) => id === fileId))
  }

  #kept(query: string): Kept | undefined {
    const row = this.#sql
      .exec<{ n: number; message_id: MessageId; body: string }>(query)
      .toArray()[0]
    // Safe: only `keep` writes bodies, from what a channel has parsed.
    return row && { n: row.n, messageId: row.message_id, inbound: JSON.parse(row.body) as Inbound }
  }
}

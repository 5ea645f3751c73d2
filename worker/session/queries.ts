// Sessions as D1 remembers them: the inbox's lists, and the files a reply may carry.

import { and, asc, desc, inArray, isNotNull, isNull, ne, sql, type SQL } from 'drizzle-orm'

import type { FileId, OperatorId, SessionId } from '../../shared/ids.ts'
import type { InboxView, SessionRow } from '../../shared/inbox.ts'
import type { Attachment } from '../../shared/message.ts'
import type { Db } from '../base/db.ts'
import { files, sessions } from '../base/schema.ts'
import { rowOf } from '../base/session-row.ts'

/** What a view keeps; the same as `belongsTo` in shared/inbox.ts, in SQL. */
function conditionOf(view: InboxView, me: OperatorId): SQL {
  // `and` gives nothing only for no conditions.
  return and(
    isNull(sessions.finishedAt),
    ...(view === 'incoming' ? [ne(sessions.mode, 'ai'), isNull(sessions.operatorId)] : []),
    ...(view === 'mine' ? [sql`${sessions.operatorId} = ${me}`] : []),
  ) as SQL
}

/** Incoming: the longest waiting first. The others: what was said last first. */
export async function inboxPage(
  db: Db,
  view: InboxView,
  me: OperatorId,
  page: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<{ rows: SessionRow[]; next: string | null }> {
  const waiting = view === 'incoming'
  const time = waiting ? sessions.waitingSince : sessions.lastMessageAt
  const after = decode(page.cursor)
  const beyond = after
    ? waiting
      ? sql`(${time}, ${sessions.id}) > (${after.time}, ${after.id})`
      : sql`(${time}, ${sessions.id}) < (${after.time}, ${after.id})`
    : undefined
  const order = waiting ? [asc(time), asc(sessions.id)] : [desc(time), desc(sessions.id)]
  const records = await db.orm
    .select()
    .from(sessions)
    .where(db.mine(sessions, conditionOf(view, me), isNotNull(time), beyond))
    .orderBy(...order)
    .limit(page.limit + 1)
  const rows = records.slice(0, page.limit).map(rowOf)
  const last = rows.at(-1)
  const more = records.length > page.limit && last
  return {
    rows,
    next: more ? encode((waiting ? last.waitingSince : last.lastMessageAt) ?? 0, last.id) : null,
  }
}

export async function inboxCounts(db: Db, me: OperatorId): Promise<Record<InboxView, number>> {
  const count = (view: InboxView) => sql<number>`count(*) filter (where ${conditionOf(view, me)})`
  const row = await db.orm
    .select({ incoming: count('incoming'), mine: count('mine'), open: count('open') })
    .from(sessions)
    .where(db.mine(sessions, isNull(sessions.finishedAt)))
    .get()
  return row ?? { incoming: 0, mine: 0, open: 0 }
}

/** Files uploaded for a session, as attachments, in the order asked; those of others are left out. */
export async function uploadedFiles(
  db: Db,
  sessionId: SessionId,
  ids: readonly FileId[],
): Promise<Attachment[]> {
  if (ids.length === 0) return []
  const records = await db.orm
    .select()
    .from(files)
    .where(db.mine(files, inArray(files.id, [...ids]), sql`${files.sessionId} = ${sessionId}`))
  return ids.flatMap((id) => {
    const file = records.find((record) => record.id === id)
    if (!file) return []
    const { name, type, size } = file
    return [{ id, kind: kindOf(type), name, type, size, state: 'ready' as const }]
  })
}

function kindOf(type: string): Attachment['kind'] {
  const [family] = type.split('/')
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'file'
}

function encode(time: number, id: SessionId): string {
  return `${time}.${id}`
}

/** A cursor of ours, or the beginning: one that was tampered with only begins again. */
function decode(cursor: string | undefined): { time: number; id: string } | undefined {
  const [time, id] = cursor?.split('.') ?? []
  return id && Number.isSafeInteger(Number(time)) ? { time: Number(time), id } : undefined
}

// A session's state as the row every list shows. Pure: projection and inbox both make it here.

import type { SessionId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { SessionState, ShownMessage } from '../../shared/session.ts'

/** How much of the last message a list shows. */
const snippetLength = 160

export function sessionRow(id: SessionId, session: SessionState): SessionRow | undefined {
  const { opened, operator, handover } = session
  if (!opened) return undefined
  // Who picks a session from the queue wants to know what the customer wants, not how the agent
  // took its leave.
  const waits = session.waitingSince !== undefined
  const last =
    session.entries.findLast(
      (entry) => entry.kind === 'message' && (!waits || entry.message.author.kind === 'customer'),
    ) ?? session.entries.findLast((entry) => entry.kind === 'message')
  return {
    id,
    seq: session.seq,
    customer: opened.customer,
    contact: opened.contact,
    connectionId: opened.connectionId,
    channel: opened.channel,
    agent: opened.agent,
    mode: session.mode,
    operator: operator ?? null,
    handover: handover ? { cause: handover.cause, reason: handover.reason } : null,
    waitingSince: session.waitingSince ?? null,
    startedAt: opened.at,
    finishedAt: session.finishedAt ?? null,
    lastMessageAt: session.lastMessageAt ?? null,
    lastText: last?.kind === 'message' ? snippetOf(last.message) : '',
    lastBy: last?.kind === 'message' ? last.message.author.kind : null,
    messageCount: session.messageCount,
    status: session.status,
  }
}

export function hasAttachments(session: SessionState): boolean {
  return session.entries.some(
    (entry) => entry.kind === 'message' && entry.message.attachments.length > 0,
  )
}

/** A line that says what a message is, also when it has no text. */
export function snippetOf(message: ShownMessage): string {
  const { text, attachments, places, contacts, unsupported, deleted } = message
  if (deleted) return 'Message deleted'
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line !== '') return Array.from(line).slice(0, snippetLength).join('')
  const [file] = attachments
  if (file) return file.kind === 'file' ? file.name : (fileWords[file.kind] ?? file.name)
  if (places.length > 0) return 'Location'
  if (contacts.length > 0) return 'Contact'
  return unsupported ? `Unsupported: ${unsupported}` : ''
}

const fileWords: Record<string, string> = {
  image: 'Photo',
  audio: 'Audio',
  video: 'Video',
  sticker: 'Sticker',
}

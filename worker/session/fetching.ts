// Follower: files a customer sent are fetched from the provider and kept with us.

import type { FileId } from '../../shared/ids.ts'
import type { Attachment } from '../../shared/message.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { attachmentOf, type Fact } from '../../shared/session.ts'
import { SendError } from '../channels/channel.ts'
import { tenantDb } from '../base/db.ts'
import { egress, EgressRefused } from '../base/egress.ts'
import { AskAgain, type Follower } from '../base/followers.ts'
import { keepFile } from '../files/keep.ts'
import { openConnection } from '../tenant/connections.ts'
import type { Workplace } from './followers.ts'
import { attachmentChanged, pendingFiles } from './rules.ts'

/** How long a file is asked for before it is given up, in milliseconds. */
const givenUpAfterMs = 30 * 60_000
const retryMs = 15_000

export function fetching(place: Workplace): Follower<Fact> {
  return {
    name: 'files',
    takes: 1,
    async follow([fact]) {
      if (fact?.type !== 'message/received') return false
      const pending = pendingFiles(fact.message)
      for (const id of pending) {
        const attachment = attachmentOf(place.state(), id)
        if (attachment?.state !== 'pending') continue
        const changed = await fetchOne(place, attachment, place.now() - fact.at)
        place.carryOut(
          (session) => attachmentChanged(session, fact.message.id, changed),
          `file:${id}`,
        )
      }
      return pending.length > 0
    },
  }
}

async function fetchOne(
  { env, tenantId, sessionId, state, log }: Workplace,
  attachment: Attachment,
  ageMs: number,
): Promise<Attachment> {
  const failed = (note: string): Attachment => ({ ...attachment, state: 'failed', note })
  const ref = log.remoteFileOf(attachment.id as FileId)
  const { opened } = state()
  const connection = opened && (await openConnection(env, opened.connectionId))
  if (ref === undefined || !connection?.channel.fetchFile) return failed('The file is gone.')
  try {
    const body = await connection.channel.fetchFile(ref, connection.config, {
      fetch: egress(env),
      baseUrl: connection.baseUrl,
    })
    const { id, name, type } = attachment
    const kept = await keepFile(env, tenantDb(env, tenantId), { id, sessionId, name, type, body })
    if (isRefusal(kept)) {
      return failed(
        kept.refusal === 'too-large'
          ? 'The file is larger than we take (25 MB).'
          : 'The file is empty or broken.',
      )
    }
    const kind = attachment.kind === 'sticker' && kept.kind === 'image' ? 'sticker' : kept.kind
    return { ...attachment, kind, type: kept.type, size: kept.size, state: 'ready' }
  } catch (error) {
    if (error instanceof EgressRefused) return failed('The file is at an address we do not ask.')
    const final =
      error instanceof SendError && ['unauthorized', 'blocked', 'rejected'].includes(error.trouble)
    if (final || ageMs > givenUpAfterMs) {
      return failed(error instanceof SendError ? error.note : 'The file could not be fetched.')
    }
    throw new AskAgain(retryMs, 'a file could not be fetched yet', { cause: error })
  }
}

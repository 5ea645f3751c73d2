// Files as channels name them: what we call one that came without a name, and what kind it is.

import type { AttachmentKind } from '../../../shared/message.ts'
import { SendError, type OutboundFile, type RemoteFile } from '../channel.ts'
import { clip } from './envelope.ts'

const extensions: Readonly<Record<string, string>> = {
  jpeg: 'jpg',
  mpeg: 'mp3',
  plain: 'txt',
  quicktime: 'mov',
  'svg+xml': 'svg',
}

/** A file at the provider, with a name of ours when it has none. */
export function remoteFile(file: {
  readonly kind: AttachmentKind
  readonly ref: string
  readonly type: string | undefined
  readonly name?: string | undefined
  readonly size?: number | undefined
}): RemoteFile {
  const type = file.type || 'application/octet-stream'
  const { kind, ref, size } = file
  return {
    kind,
    ref,
    type: clip(type, 127),
    name: clip(file.name || nameFor(kind, type), 255),
    ...(size === undefined ? {} : { size }),
  }
}

/** The bytes of a file of ours. Throws `SendError` when they can't be had now. */
export async function bytesOf(file: OutboundFile): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await file.bytes()
  } catch {
    throw new SendError('unreachable', 'The file can’t be read at the moment')
  }
}

function nameFor(kind: AttachmentKind, type: string): string {
  const subtype = /^[a-z]+\/([a-z0-9.+-]+)/.exec(type)?.[1] ?? ''
  const extension = extensions[subtype] ?? subtype
  return /^[a-z0-9]{2,4}$/.test(extension) ? `${kind}.${extension}` : kind
}

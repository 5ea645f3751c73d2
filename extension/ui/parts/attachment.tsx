// What came with a message: pictures as previews, everything else as a card to download. The bytes
// come from our own worker only, as blob: addresses, and only once they are near the eye.

import { useStore } from '@nanostores/preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { $file } from '../../core/files.ts'
import type { Attachment, AttachmentKind } from '../../../shared/message.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon, type IconName } from '../kit/icon.tsx'
import { useNear } from '../kit/near.ts'
import './attachment.css'

const icons: Record<AttachmentKind, IconName> = {
  image: 'image',
  sticker: 'image',
  audio: 'audio',
  video: 'video',
  file: 'file',
}

export function AttachmentView({ attachment }: { attachment: Attachment }) {
  const { kind, state } = attachment
  if (state !== 'ready') return <Waiting attachment={attachment} />
  if (kind === 'image' || kind === 'sticker') return <Picture attachment={attachment} />
  return <FileCard attachment={attachment} />
}

function Waiting({ attachment }: { attachment: Attachment }) {
  const { kind, state, note } = attachment
  const failed = state === 'failed'

  return (
    <div class={failed ? 'file-card failed' : 'file-card'}>
      <Icon name={failed ? 'warning' : icons[kind]} />
      <span class="spread">
        <span class="file-name">{nameOf(attachment)}</span>
        <span class="file-note">{failed ? (note ?? words.files.failed) : words.files.pending}</span>
      </span>
    </div>
  )
}

function Picture({ attachment }: { attachment: Attachment }) {
  const place = useRef<HTMLDivElement>(null)
  const near = useNear(place)

  return (
    <div ref={place} class={`picture ${attachment.kind}`}>
      {near && <LoadedPicture attachment={attachment} />}
    </div>
  )
}

function LoadedPicture({ attachment }: { attachment: Attachment }) {
  const file = useStore($file(attachment.id))
  const [open, setOpen] = useState(false)
  const [broken, setBroken] = useState(false)
  const name = nameOf(attachment)

  if (broken) return <FileCard attachment={attachment} />
  if (file.state === 'failed' || file.state === 'missing') {
    return <Waiting attachment={{ ...attachment, state: 'failed', note: file.sentence }} />
  }
  if (file.value === undefined) return null
  return (
    <>
      <button
        type="button"
        class="picture-button"
        aria-label={words.files.enlarge(name)}
        onClick={() => setOpen(true)}
      >
        <img src={file.value} alt={name} onError={() => setBroken(true)} />
      </button>
      {open && (
        <Dialog kind="picture" title={name} closeLabel={words.close} onClose={() => setOpen(false)}>
          <img src={file.value} alt={name} />
          <div class="dialog-actions">
            <a class="button plain" href={file.value} download={name}>
              <Icon name="download" small />
              {words.files.download}
            </a>
          </div>
        </Dialog>
      )}
    </>
  )
}

function FileCard({ attachment }: { attachment: Attachment }) {
  const { kind, type, size } = attachment
  const [wanted, setWanted] = useState<'save' | 'play'>()
  const playable = kind === 'audio' || kind === 'video'
  const name = nameOf(attachment)

  return (
    <div class="file-card">
      <Icon name={icons[kind]} />
      <span class="spread">
        <span class="file-name">{name}</span>
        <span class="file-note">
          {[kindText(type), size && sizeText(size)].filter(Boolean).join(' · ')}
        </span>
      </span>
      {playable && wanted !== 'play' && (
        <Button small onClick={() => setWanted('play')}>
          {words.files.play}
        </Button>
      )}
      <Button
        small
        kind="ghost"
        icon="download"
        label={words.files.downloadNamed(name)}
        onClick={() => setWanted('save')}
      />
      {wanted === 'save' && <Save attachment={attachment} done={() => setWanted(undefined)} />}
      {wanted === 'play' && <Player attachment={attachment} />}
    </div>
  )
}

function Save({ attachment, done }: { attachment: Attachment; done: () => void }) {
  const { state, value, sentence } = useStore($file(attachment.id))

  useEffect(() => {
    if (value === undefined) return
    const link = document.createElement('a')
    link.href = value
    link.download = nameOf(attachment)
    link.click()
    done()
  }, [value])

  return (
    <span class="file-note" role="status">
      {state === 'failed' ? sentence : words.files.fetching}
    </span>
  )
}

function Player({ attachment }: { attachment: Attachment }) {
  const { value, sentence } = useStore($file(attachment.id))
  if (value === undefined) {
    return (
      <span class="file-note" role="status">
        {sentence ?? words.files.fetching}
      </span>
    )
  }
  // What a customer has sent has no captions.
  if (attachment.kind === 'audio') return <audio controls autoplay src={value} />
  return <video controls autoplay src={value} />
}

function nameOf({ name, kind }: Attachment): string {
  return harmless(name).replaceAll('\n', ' ') || words.files.kinds[kind]
}

function kindText(type: string): string {
  return type.split('/').at(-1)?.split(';')[0]?.slice(0, 24).toUpperCase() ?? ''
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

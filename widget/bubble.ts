// One line of the conversation as elements.

import { el, icon, icons } from './dom.ts'
import type { VisitorFile } from './wire.ts'
import { words } from './words.ts'

/** Text with its web addresses made into links. Only http and https become one. */
export function textOf(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  let at = 0
  for (const found of text.matchAll(/https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g)) {
    fragment.append(text.slice(at, found.index))
    const link = el('a', {}, found[0])
    link.href = found[0]
    link.target = '_blank'
    link.rel = 'noopener noreferrer nofollow'
    fragment.append(link)
    at = found.index + found[0].length
  }
  fragment.append(text.slice(at))
  return fragment
}

/** A file: a picture is shown, all else is a button that fetches it. */
export function fileOf(file: VisitorFile, fetchFile: (id: string) => Promise<Blob>): HTMLElement {
  return file.kind === 'image' || file.kind === 'sticker'
    ? pictureOf(file, fetchFile)
    : cardOf(file, fetchFile)
}

/** The kinds of picture a browser draws without running anything. */
const safePictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

function pictureOf(file: VisitorFile, fetchFile: (id: string) => Promise<Blob>): HTMLElement {
  const image = el('img', { class: 'picture' })
  image.alt = file.name
  const giveUp = () => image.replaceWith(cardOf(file, fetchFile))
  async function show(): Promise<void> {
    try {
      const blob = await fetchFile(file.id)
      if (!safePictures.has(blob.type)) return giveUp()
      const url = URL.createObjectURL(blob)
      image.src = url
      // A page whose img-src forbids blob: throws here, and shows the card instead.
      await image.decode()
      URL.revokeObjectURL(url)
    } catch {
      giveUp()
    }
  }
  void show()
  return image
}

function cardOf(file: VisitorFile, fetchFile: (id: string) => Promise<Blob>): HTMLElement {
  const label = words.download(file.name)
  const button = el(
    'button',
    { class: 'card', type: 'button', label, onClick: () => void download() },
    icon(icons.file),
    sizeOf(file),
  )
  async function download(): Promise<void> {
    try {
      const url = URL.createObjectURL(await fetchFile(file.id))
      const link = el('a')
      link.href = url
      link.download = file.name
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
    } catch {
      button.replaceWith(el('span', { class: 'gone' }, words.fileGone))
    }
  }
  return button
}

function sizeOf({ name, size }: VisitorFile): string {
  if (size === undefined) return name
  const kilobytes = size / 1024
  return kilobytes < 1024
    ? `${name} (${Math.max(1, Math.round(kilobytes))} kB)`
    : `${name} (${(kilobytes / 1024).toFixed(1)} MB)`
}

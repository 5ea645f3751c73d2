// Where the visitor writes: text and files, kept from key to key until they are sent.

import { el, icon, icons } from './dom.ts'
import type { Keep } from './keep.ts'
import { newMessageId, type Uploaded, type Written } from './wire.ts'
import { words } from './words.ts'

const longestText = 8000
const largestFile = 25 * 1024 * 1024

interface Composer {
  readonly element: HTMLElement
  focus(): void
}

interface ComposerOptions {
  readonly keep: Keep
  readonly upload: (file: File) => Promise<Uploaded>
  readonly send: (message: Written) => void
}

export function newComposer({ keep, upload, send }: ComposerOptions): Composer {
  let files: Uploaded[] = keptFiles(keep)
  let uploading = 0

  const area = el('textarea', { label: words.placeholder })
  area.placeholder = words.placeholder
  area.rows = 1
  area.value = keep.get('draft') ?? ''
  const sendButton = el(
    'button',
    { class: 'icon send', type: 'submit', label: words.send },
    icon(icons.send),
  )
  const picker = el('input', { type: 'file' })
  picker.multiple = true
  picker.hidden = true
  const attach = el(
    'button',
    { class: 'icon', type: 'button', label: words.attach, onClick: () => picker.click() },
    icon(icons.attach),
  )
  const tray = el('div', { class: 'files', role: 'status' })
  const form = el('form', { class: 'composer' }, attach, picker, area, sendButton)

  function submit(): void {
    const text = area.value.trim()
    if (uploading > 0 || (text === '' && files.length === 0)) return
    if (text.length > longestText) return complain(words.tooLong)
    send({ id: newMessageId(), text, files, at: Date.now() })
    area.value = ''
    files = []
    for (const note of tray.querySelectorAll('.bad')) note.remove()
    remember()
    area.focus()
  }

  function remember(): void {
    keep.set('draft', area.value === '' ? undefined : area.value)
    keep.set('files', files.length === 0 ? undefined : JSON.stringify(files))
    show()
  }

  function show(): void {
    sendButton.disabled = uploading > 0 || (area.value.trim() === '' && files.length === 0)
    for (const chip of tray.querySelectorAll('[data-file]')) chip.remove()
    tray.append(...files.map(chipOf))
    tray.hidden = tray.childElementCount === 0
  }

  function chipOf(file: Uploaded): HTMLElement {
    const remove = () => {
      files = files.filter((one) => one !== file)
      remember()
      area.focus()
    }
    return el(
      'span',
      { class: 'file', 'data-file': file.ref },
      file.name,
      removeButton(file.name, remove),
    )
  }

  function complain(text: string): void {
    const note = el('span', { class: 'file bad', role: 'alert' }, text)
    note.append(removeButton(text, () => (note.remove(), show())))
    tray.append(note)
    tray.hidden = false
  }

  async function take(file: File): Promise<void> {
    if (file.size > largestFile) return complain(words.tooLarge(file.name))
    const note = el('span', { class: 'file' }, words.uploading(file.name))
    tray.append(note)
    uploading += 1
    show()
    try {
      files = [...files, await upload(file)]
    } catch {
      complain(words.uploadFailed(file.name))
    } finally {
      uploading -= 1
      note.remove()
      remember()
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  area.addEventListener('input', remember)
  area.addEventListener('keydown', (event) => {
    // While a word is being composed, Enter belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    submit()
  })
  area.addEventListener('paste', ({ clipboardData }) => {
    for (const file of clipboardData?.files ?? []) void take(file)
  })
  picker.addEventListener('change', () => {
    for (const file of picker.files ?? []) void take(file)
    picker.value = ''
  })
  show()
  return { element: el('div', {}, tray, form), focus: () => area.focus() }
}

function removeButton(name: string, onClick: () => void): HTMLElement {
  const label = words.removeFile(name)
  return el('button', { class: 'icon', type: 'button', label, onClick }, icon(icons.close))
}

function keptFiles(keep: Keep): Uploaded[] {
  try {
    return JSON.parse(keep.get('files') ?? '[]') as Uploaded[]
  } catch {
    return []
  }
}

// A phone: whose it is, what has been said on it, and what can be sent from it.

import { el } from '../widget/dom.ts'
import { bubbleOf } from './bubble.ts'
import { newOwner, type Owner } from './owner.ts'
import { lineFor, type DemoConnection, type PhoneLine, type Shown } from './sandbox.ts'

/** Does something on the phone. What comes of it is shown, trouble too. */
type Act = (act: object) => Promise<boolean>

/** A phone for a connection, with somebody's name on it. */
export function newPhone(connection: DemoConnection): HTMLElement {
  const log = el('div', { class: 'log', role: 'log', label: `What was said, ${connection.name}` })
  log.tabIndex = 0
  const trouble = el('p', { class: 'bad', role: 'alert' })
  trouble.hidden = true
  let line: PhoneLine | undefined

  function belongTo(owner: Owner): void {
    line?.hangUp()
    log.replaceChildren(el('p', { class: 'empty' }, 'Write the first message.'))
    const mine = lineFor(connection, owner, (shown) => {
      draw(log, shown, act)
      if (shown.some(({ by, status }) => by === 'us' && status === 'delivered')) mine.look()
    })
    line = mine
  }

  async function act(what: object): Promise<boolean> {
    trouble.hidden = true
    try {
      await line?.act(what)
      return true
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : String(error)
      trouble.hidden = false
      return false
    }
  }

  return el(
    'section',
    { class: 'device', label: connection.name },
    el('header', {}, el('h2', {}, connection.name), newOwner(connection, belongTo)),
    log,
    el('div', { class: 'composer' }, trouble, composer(act), tools(act)),
  )
}

function composer(act: Act): HTMLElement {
  const field = el('input', { label: 'Message', type: 'text' })
  field.placeholder = 'Message'
  field.autocomplete = 'off'
  const form = el(
    'form',
    { class: 'text' },
    field,
    el('button', { class: 'main', type: 'submit' }, 'Send'),
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const text = field.value.trim()
    if (text === '') return
    field.value = ''
    // What could not be sent stays, to be sent again.
    if (!(await act({ type: 'text', text })) && field.value === '') field.value = text
  })
  return form
}

function tools(act: Act): HTMLElement {
  const picker = el('input', { type: 'file', label: 'A file to send' })
  picker.hidden = true
  picker.addEventListener('change', () => {
    const file = picker.files?.[0]
    picker.value = ''
    if (file) void fileAct(file).then(act)
  })
  return el(
    'div',
    { class: 'tools' },
    picker,
    tool('Image', () => void drawnImage().then(act)),
    tool('File', () => picker.click()),
    tool('Voice', () => act({ type: 'voice' })),
    tool('Location', () => act({ type: 'location', location: station })),
    tool('Contact', () =>
      act({ type: 'contact', contact: { name: 'Robin Vale', phone: '+447700900123' } }),
    ),
  )
}

/** A picture of our own making. */
async function drawnImage(): Promise<object> {
  const canvas = new OffscreenCanvas(320, 200)
  const pen = canvas.getContext('2d')
  if (!pen) return { type: 'image' }
  const sky = pen.createLinearGradient(0, 0, 0, 200)
  sky.addColorStop(0, `hsl(${Math.random() * 360} 70% 75%)`)
  sky.addColorStop(1, '#f6f7f9')
  pen.fillStyle = sky
  pen.fillRect(0, 0, 320, 200)
  pen.fillStyle = '#3a4152'
  for (const [x, height] of [
    [0, 60],
    [90, 110],
    [190, 80],
    [260, 130],
  ] as const) {
    pen.beginPath()
    pen.moveTo(x - 60, 200)
    pen.lineTo(x + 20, 200 - height)
    pen.lineTo(x + 120, 200)
    pen.fill()
  }
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  return fileAct(new File([blob], 'hills.png', { type: 'image/png' }))
}

const station = { latitude: 41.1456, longitude: -8.6109, name: 'São Bento' }

function tool(title: string, onClick: () => unknown): HTMLElement {
  return el('button', { type: 'button', onClick }, title)
}

async function fileAct(file: File): Promise<object> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  const type = /^image\/(png|jpeg|webp)$/.test(file.type) ? 'image' : 'document'
  return {
    type,
    file: { name: file.name, type: file.type || 'application/octet-stream', base64 },
  }
}

/** Draws anew what has changed: a bubble is told from another by its stamp. */
function draw(log: HTMLElement, shown: readonly Shown[], act: Act): void {
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 48
  const before = new Map(
    // Safe: only elements of ours are ever put in.
    ([...log.children] as HTMLElement[]).map((bubble) => [bubble.dataset['stamp'], bubble]),
  )
  const last = shown.at(-1)?.id
  const bubbles = shown.map((one) => {
    const stamp = JSON.stringify([one, one.id === last])
    const kept = before.get(stamp)
    if (kept) return kept
    const bubble = bubbleOf(one, {
      isLast: one.id === last,
      tap: (button) => act({ type: 'button', button, target: one.id }),
      react: (emoji) => act({ type: 'reaction', emoji, target: one.id }),
    })
    bubble.dataset['stamp'] = stamp
    return bubble
  })
  log.replaceChildren(...bubbles)
  if (wasAtEnd) log.scrollTop = log.scrollHeight
}

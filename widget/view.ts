// The widget's face: the launcher, the panel and the conversation in it.

import { fileOf, textOf } from './bubble.ts'
import { newComposer } from './composer.ts'
import { el, icon, icons } from './dom.ts'
import type { Keep } from './keep.ts'
import type { Line, Unsent } from './line.ts'
import { newMessageId, type VisitorLine } from './wire.ts'
import { words } from './words.ts'

export interface View {
  draw(): void
  open(): void
  close(): void
}

/** Draws the widget into a root and follows the line. `draw` is called on every change of it. */
export function newView(root: ShadowRoot, line: Line, keep: Keep): View {
  let isOpen = false
  const count = el('span', { class: 'count', 'aria-hidden': true })
  const launcher = el(
    'button',
    { class: 'launcher', type: 'button', 'aria-controls': 'panel', onClick: toggle },
    icon(icons.chat),
    count,
  )
  const heading = el('h2', { id: 'title' })
  const bar = el('div', { class: 'bar', role: 'status' })
  const log = el('div', { class: 'log', role: 'log', label: words.log, 'aria-live': 'polite' })
  log.tabIndex = 0
  const composer = newComposer({
    keep,
    upload: (file) => line.upload(file),
    send: (message) => line.send(message),
  })
  const panel = el(
    'section',
    { class: 'panel', id: 'panel', role: 'dialog', 'aria-labelledby': 'title' },
    el(
      'div',
      { class: 'top' },
      heading,
      el(
        'button',
        { class: 'icon', type: 'button', label: words.close, onClick: close },
        icon(icons.close),
      ),
    ),
    bar,
    log,
    composer.element,
  )
  const frame = el('div', { class: 'root' }, panel, launcher)
  panel.hidden = true
  root.append(frame)
  const conversation = newConversation(log, line)

  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
  })
  document.addEventListener('visibilitychange', draw)

  function toggle(): void {
    if (isOpen) close()
    else open()
  }

  function open(): void {
    show()
    composer.focus()
  }

  function show(): void {
    isOpen = true
    keep.set('open', 'yes')
    line.open()
    draw()
    conversation.toEnd()
  }

  function close(): void {
    isOpen = false
    keep.set('open', undefined)
    draw()
    launcher.focus()
  }

  function draw(): void {
    panel.hidden = !isOpen
    frame.classList.toggle('open', isOpen)
    launcher.setAttribute('aria-expanded', String(isOpen))
    heading.textContent = line.title() || words.open
    drawBar()
    conversation.draw()
    if (isOpen && !document.hidden) {
      line.read()
      keep.set('read', String(newest(line)))
    }
    const unread = unreadOf(line, Number(keep.get('read') ?? 0))
    count.textContent = unread > 9 ? '9+' : String(unread)
    count.hidden = isOpen || unread === 0
    launcher.setAttribute(
      'aria-label',
      isOpen ? words.close : unread > 0 ? words.openUnread(unread) : words.open,
    )
  }

  function drawBar(): void {
    const status = line.status()
    const text =
      status === 'offline' ? words.offline : status === 'refused' ? words.refused : undefined
    bar.hidden = text === undefined
    bar.classList.toggle('bad', status === 'refused')
    if (bar.textContent !== (text ?? '')) bar.textContent = text ?? ''
  }

  draw()
  // As it was on the page before; the focus stays with the page.
  if (keep.get('open') === 'yes') show()
  return { draw, open, close }
}

function newest(line: Line): number {
  return Math.max(0, ...line.lines().map(({ n }) => n))
}

function unreadOf(line: Line, read: number): number {
  return line.lines().filter(({ by, n }) => by === 'us' && n > read).length
}

interface Conversation {
  draw(): void
  toEnd(): void
}

/** The rows of the log. A row is drawn anew only when what it shows has changed. */
function newConversation(log: HTMLElement, line: Line): Conversation {
  let isAtEnd = true
  const rows = new Map<string, { readonly stamp: string; readonly element: HTMLElement }>()
  const empty = el('p', { class: 'empty' }, words.empty)
  const choices = el('div', { class: 'choices', role: 'group', label: words.choices })
  let offered = ''

  function row(id: string, stamp: string, make: () => HTMLElement): HTMLElement {
    const before = rows.get(id)
    if (before?.stamp === stamp) return before.element
    const element = make()
    rows.set(id, { stamp, element })
    return element
  }

  function draw(): void {
    const lines = line.lines()
    const unsent = line.unsent()
    const wanted = [
      ...lines.map((one, at) => {
        const before = lines[at - 1]
        const first = before?.by !== one.by || before.author !== one.author
        return row(one.id, `${one.n} ${first}`, () => lineRow(one, line, first))
      }),
      ...unsent.map((one) => row(one.message.id, one.state, () => unsentRow(one, line))),
    ]
    const offer = unsent.length === 0 ? lines.at(-1) : undefined
    drawChoices(offer?.by === 'us' ? offer.quickReplies : [], offer?.id ?? '')
    const next = wanted.length === 0 ? [empty] : [...wanted, choices]
    place(log, next)
    if (isAtEnd) toEnd()
  }

  function drawChoices(offer: VisitorLine['quickReplies'], id: string): void {
    choices.hidden = offer.length === 0
    const stamp = `${id} ${JSON.stringify(offer)}`
    if (stamp === offered) return
    offered = stamp
    choices.replaceChildren(
      ...offer.map(({ title, payload }) => {
        const choose = () =>
          line.send({
            id: newMessageId(),
            text: title,
            files: [],
            chosen: payload ?? title,
            at: Date.now(),
          })
        return el('button', { type: 'button', onClick: choose }, title)
      }),
    )
  }

  function toEnd(): void {
    log.scrollTop = log.scrollHeight
  }

  log.addEventListener('scroll', () => {
    isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 48
  })
  // A picture has its height only once it is there. Its event does not bubble, so it is caught.
  log.addEventListener('load', () => isAtEnd && toEnd(), true)
  return { draw, toEnd }
}

/** Makes these the children, touching only what is not in its place: a reader is told of the new alone. */
function place(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  for (const child of parent.children) {
    // Safe: only elements of ours are ever put in.
    if (!wanted.includes(child as HTMLElement)) child.remove()
  }
  for (const [at, element] of wanted.entries()) {
    if (parent.children[at] !== element) parent.insertBefore(element, parent.children[at] ?? null)
  }
}

function lineRow(one: VisitorLine, line: Line, first: boolean): HTMLElement {
  const mine = one.by === 'customer'
  const files = one.files.map((file) => fileOf(file, line.file))
  const bubble = el('div', { class: 'bubble' }, ...files, textOf(one.text))
  const author = mine ? words.you : (one.author ?? line.title())
  return el(
    'div',
    { class: `row${mine ? ' mine' : ''}${first ? ' first' : ''}` },
    // Always said to a screen reader, drawn where the speaker changes.
    el('span', { class: first && !mine ? 'name' : 'hidden' }, author),
    bubble,
  )
}

function unsentRow({ message, state }: Unsent, line: Line): HTMLElement {
  const under =
    state === 'failed'
      ? el(
          'div',
          { class: 'under bad', role: 'alert' },
          words.failed,
          el('button', { type: 'button', onClick: () => line.retry(message.id) }, words.tryAgain),
          el('button', { type: 'button', onClick: () => line.discard(message.id) }, words.discard),
        )
      : el('div', { class: 'under' }, state === 'waiting' ? words.waiting : words.sent)
  return el(
    'div',
    { class: `row mine first${state === 'accepted' ? '' : ' waits'}` },
    el('span', { class: 'hidden' }, words.you),
    el(
      'div',
      { class: 'bubble' },
      ...message.files.map((file) => el('div', { class: 'card' }, icon(icons.file), file.name)),
      textOf(message.text),
    ),
    under,
  )
}

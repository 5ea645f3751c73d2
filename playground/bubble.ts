// One message on a phone.

import { el } from '../widget/dom.ts'
import type { Choice, Shown } from './sandbox.ts'

interface Deeds {
  readonly isLast: boolean
  readonly tap: (button: Choice) => unknown
  readonly react: (emoji: string) => unknown
}

const ticks = {
  sent: '✓ sent',
  delivered: '✓✓ delivered',
  read: '✓✓ read',
  failed: '! not delivered',
}
const heart = '❤️'

export function bubbleOf(shown: Shown, { isLast, tap, react }: Deeds): HTMLElement {
  const { by, text, buttons = [], reaction, status, note, at, deleted, edited } = shown
  const mine = by === 'customer'
  const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return el(
    'div',
    { class: `bubble${mine ? ' mine' : ''}` },
    deleted ? 'deleted' : extras(shown),
    deleted ? undefined : text,
    buttons.length > 0 &&
      el(
        'div',
        { class: 'choices', role: 'group', label: 'Answers' },
        ...buttons.map((button) => {
          const choice = el('button', { type: 'button', onClick: () => tap(button) }, button.title)
          choice.disabled = !isLast
          return choice
        }),
      ),
    el(
      'footer',
      {},
      reaction && el('span', {}, reaction),
      edited && el('span', {}, 'edited'),
      el('span', { class: status === 'failed' ? 'bad' : 'small' }, note ?? ticks[status]),
      el('span', {}, time),
      !mine &&
        el(
          'button',
          {
            type: 'button',
            label: 'React with a heart',
            'aria-pressed': reaction === heart,
            onClick: () => react(reaction === heart ? '' : heart),
          },
          '♡',
        ),
    ),
  )
}

/** What a message has besides its text. */
function extras({ file, place, contact }: Shown): HTMLElement | undefined {
  if (file?.type.startsWith('image/')) {
    const image = el('img')
    image.alt = file.name
    image.src = addressOf(file.id)
    return image
  }
  if (file) {
    const link = el('a', {}, file.name)
    link.href = addressOf(file.id)
    link.download = file.name
    return link
  }
  if (place)
    return el('p', {}, `Location: ${place.name ?? ''} ${place.latitude}, ${place.longitude}`)
  if (contact) return el('p', {}, `Contact: ${contact.name}, ${contact.phone}`)
  return undefined
}

function addressOf(fileId: string): string {
  return `/sandbox/files/${encodeURIComponent(fileId)}`
}

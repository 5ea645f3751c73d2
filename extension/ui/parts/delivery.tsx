// How far a message has come: an icon and a word; when exactly, in UTC, and what the provider
// said, on hover and on focus.

import type { DeliveryStatus, DeliveryStep } from '../../../shared/message.ts'
import { words } from '../../words.ts'
import { harmless } from '../kit/harmless.ts'
import { Icon, type IconName } from '../kit/icon.tsx'
import type { Times } from './times.tsx'

const icons: Record<DeliveryStatus, IconName> = {
  queued: 'clock',
  sending: 'clock',
  unknown: 'question',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
  failed: 'warning',
}

export function Delivery({ steps, times }: { steps: readonly DeliveryStep[]; times: Times }) {
  const last = steps.at(-1)
  if (!last) return null
  const { status } = last
  const history = steps.map((step) => stepText(step, times)).join('\n')
  const hint = status === 'unknown' ? `${words.chat.unknownHelp}\n${history}` : history

  return (
    <button
      type="button"
      class={`delivery ${status}`}
      aria-label={words.chat.delivery(words.delivery[status])}
      aria-description={hint}
      data-hint={hint}
    >
      <Icon name={icons[status]} small />
      {words.delivery[status]}
    </button>
  )
}

function stepText({ status, at, note }: DeliveryStep, times: Times): string {
  const said = note ? `: ${harmless(note)}` : ''
  return `${words.delivery[status]} ${times.utc(at)}${said}`
}

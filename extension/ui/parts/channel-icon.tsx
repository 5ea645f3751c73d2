// The channels as icons: the one place of the face that knows them by name.

import { channelTitles, type ChannelKind } from '../../../shared/channel.ts'

const paths: Record<ChannelKind, string> = {
  web: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  whatsapp: 'm4 20 1.3-3.9A8 8 0 1 1 8.5 19ZM9 9c0 4 2 6 6 6',
  telegram: 'M21 4 3 11l6 2 2 6ZM9 13l12-9',
  email: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM4 7l8 6 8-6',
  facebook: 'M15.5 4H14a3.5 3.5 0 0 0-3.5 3.5V21M7.5 12h7',
  instagram:
    'M8 4h8a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4ZM12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM17 7h.01',
  intercom:
    'M6 4h12a2 2 0 0 1 2 2v14l-3-2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM8 8v4M12 8v5M16 8v4M8 15c2.5 1.3 5.5 1.3 8 0',
  chatwoot: 'M12 4a8 8 0 1 0 0 16h8v-8a8 8 0 0 0-8-8ZM8.5 12h.01M12 12h.01M15.5 12h.01',
  sip: 'M5 4h4l1.5 4.5-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2L20 15v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1Z',
  twilio: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9 9h.01M15 9h.01M9 15h.01M15 15h.01',
  infobip: 'M4 14a8 8 0 0 1 16 0M8 14a4 4 0 0 1 8 0M12 14h.01M4 18h16',
  bird: 'M4 13c4 0 5-6 10-6 3 0 5 2 6 5-3 0-4 6-9 6-4 0-6-2-7-5ZM15 10.5h.01',
  mobile: 'M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1ZM11 18h2',
}

/** A channel; its name is said, and shown on hover. */
export function ChannelIcon({ channel }: { channel: ChannelKind }) {
  const title = channelTitles[channel]

  return (
    <span class="channel-icon" role="img" aria-label={title} data-hint={title}>
      <svg class="icon small" viewBox="0 0 24 24" aria-hidden="true">
        <path d={paths[channel]} />
      </svg>
    </span>
  )
}

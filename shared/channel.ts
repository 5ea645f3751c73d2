// The thirteen channels by the names that stand on the screen. What each can do is the worker's.

import * as z from 'zod/mini'

/** Kind → title, in the order of the Channel filter. */
export const channelTitles = {
  web: 'Web',
  whatsapp: 'WhatsApp',
  telegram: 'Telegram',
  email: 'Email',
  facebook: 'Facebook',
  instagram: 'Instagram',
  intercom: 'Intercom',
  chatwoot: 'Chatwoot',
  sip: 'Sip',
  twilio: 'Twilio',
  infobip: 'Infobip',
  bird: 'Bird Api Service',
  mobile: 'Mobile',
} as const
export type ChannelKind = keyof typeof channelTitles
export const ChannelKind = z.enum(Object.keys(channelTitles) as [ChannelKind, ...ChannelKind[]])

// The channels there are. To add one: its file, and its line here.

import type { ChannelKind } from '../../shared/channel.ts'
import type { Channel } from './channel.ts'
import { telegram } from './telegram.ts'
import { web } from './web.ts'
import { whatsapp } from './whatsapp.ts'

export const channels: Partial<Record<ChannelKind, Channel>> = { web, whatsapp, telegram }

export function channelOf(kind: ChannelKind): Channel | undefined {
  return channels[kind]
}

// What stands in a cell of the table, by the kind of its column.

import { useStore } from '@nanostores/preact'

import { $times } from '../../core/time.ts'
import type { CustomerRow } from '../../../shared/customer.ts'
import type { Field } from '../../../shared/fields.ts'

import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { Dot } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { ChannelIcon } from './channel-icon.tsx'
import { Ago } from './times.tsx'
import { valueText } from './value-text.ts'

/** How wide a column is at least, in pixels, and how much of what is left it takes. */
export function widthOf(field: Field): readonly [least: number, share: number] {
  const [least, share] = widthOfValues(field)
  // Its title fits, with the arrow of the order, unless it is a long one.
  return [Math.max(least, Math.min(260, 52 + field.title.length * 7.5)), share]
}

function widthOfValues({ name, type }: Field): readonly [least: number, share: number] {
  if (name === 'name') return [200, 1.5]
  if (name === 'email') return [200, 1.4]
  if (name === 'channels') return [120, 0.6]
  return type === 'text' || type === 'date' ? [150, 1] : [130, 0.8]
}

export function Cell({ row, field }: { row: CustomerRow; field: Field }) {
  const { name } = field
  switch (name) {
    case 'name':
      return (
        <span class="row">
          <Avatar id={row.id} name={row.name} size="small" />
          <span class="one-line">{harmless(row.name)}</span>
          {row.active > 0 && <Dot label={words.profile.active(row.active)} />}
        </span>
      )
    case 'email':
    case 'phone':
      return <Text text={row[name]} />
    case 'channels':
      return (
        <span class="row">
          {row.channels.map((channel) => (
            <ChannelIcon key={channel} channel={channel} />
          ))}
        </span>
      )
    case 'last_communication':
      return row.lastCommunicationAt === null ? (
        <>{words.nothing}</>
      ) : (
        <Ago at={row.lastCommunicationAt} />
      )
    case 'created_at':
      return <Created at={row.createdAt} />
    default:
      return <Text text={valueText(row.values[name] ?? '', field.type)} />
  }
}

function Text({ text }: { text: string }) {
  return <span class="one-line">{harmless(text)}</span>
}

function Created({ at }: { at: number }) {
  return <>{useStore($times).date(at)}</>
}

// The profile and the rows of the list, put together from the records behind them.

import { channelTitles, type ChannelKind } from '../../shared/channel.ts'
import {
  customerService,
  identityTitles,
  type CustomerProfile,
  type CustomerRow,
  type FieldValue,
  type IdentityKind,
  type Participation,
  type Proof,
  type Source,
} from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import type { Db } from '../base/db.ts'
import { shownPhones } from './phone.ts'
import { detailsOf, profileRecords, type CustomerRecord, type Spoken } from './queries.ts'

type Records = NonNullable<Awaited<ReturnType<typeof profileRecords>>>

/** The fields every record may have, in the order of the profile. */
const order: readonly string[] = [
  'name',
  'email',
  'phone',
  ...Object.keys(channelTitles),
  'whatsapp-user',
  'telegram-username',
  'telegram-id',
  'external',
  'visitor',
]
const titles: Readonly<Record<string, string>> = { name: 'Name', ...identityTitles }

const sourceOf: Record<Proof, Source> = {
  channel: 'channel',
  signed: 'parameter',
  upload: 'upload',
  operator: 'operator',
}

/** The whole profile but its conversations; nothing when there is no such customer. */
export async function profileOf(db: Db, id: CustomerId): Promise<CustomerProfile | undefined> {
  const records = await profileRecords(db, id)
  if (!records) return undefined
  const { customer, addresses, values, spoken, summary, duplicates } = records
  const show = await shownValues([
    ...addresses,
    ...values.map(({ field, value }) => ({ kind: field, value })),
    ...duplicates,
  ])
  return {
    ...customer,
    identities: addresses.map(({ kind, value, proof }) => ({ kind, value, proof })),
    fields: fieldsOf(records, show),
    participations: participationsOf(spoken, summary),
    channels: channelsOf(spoken),
    communications: sum(spoken, 'communications'),
    active: sum(spoken, 'active'),
    possibleDuplicates: duplicates.map(({ id, name, kind, value }) => ({
      customer: { id, name },
      kind,
      value: show(kind, value),
    })),
  }
}

/** Proven addresses first, then what else is known or was said. What was said and is proven stands once. */
function fieldsOf({ addresses, values, spoken }: Records, show: Show): FieldValue[] {
  const proven = addresses.flatMap(({ kind, value, proof, createdAt }) => {
    const one = { verified: true, source: sourceOf[proof], at: createdAt, value: show(kind, value) }
    const field = { ...one, field: kind as string, title: identityTitles[kind] }
    return [field, ...reachedBy(kind, value, spoken).map((by) => ({ ...one, ...by }))]
  })
  const known = values
    .filter(
      ({ field, value }) => !addresses.some((one) => one.kind === field && one.value === value),
    )
    .map(({ field, value, verified, source, at, sessionId }) => ({
      field,
      title: titles[field] ?? field,
      value: show(field, value),
      verified,
      source,
      at,
      ...(sessionId ? { sessionId } : {}),
    }))
  return [...proven, ...known].sort((a, b) => placeOf(a.field) - placeOf(b.field))
}

function placeOf(field: string): number {
  const place = order.indexOf(field)
  return place < 0 ? order.length : place
}

/** The channels in which the customer has used this very number: each shows it under its own title. */
function reachedBy(
  kind: IdentityKind,
  value: string,
  spoken: readonly Spoken[],
): Pick<FieldValue, 'field' | 'title'>[] {
  if (kind !== 'phone') return []
  const digits = value.replaceAll(/\D/g, '')
  const using = spoken.filter(({ contact }) => contact.replaceAll(/\D/g, '') === digits)
  return channelsOf(using).map((channel) => ({ field: channel, title: channelTitles[channel] }))
}

function participationsOf(all: readonly Spoken[], summary: string | null): Participation[] {
  const spoken = all.filter(({ campaign }) => !campaign)
  if (spoken.length === 0) return []
  return [
    {
      campaignId: null,
      name: customerService,
      kind: 'virtual',
      status: sum(spoken, 'active') > 0 ? 'active' : 'completed',
      stage: null,
      loadedAt: Math.min(...spoken.map(({ firstAt }) => firstAt)),
      lastCommunicationAt: Math.max(...spoken.map(({ lastAt }) => lastAt)),
      channels: channelsOf(spoken),
      communications: sum(spoken, 'communications'),
      summary,
    },
  ]
}

function channelsOf(spoken: readonly { readonly channel: ChannelKind }[]): ChannelKind[] {
  return [...new Set(spoken.map(({ channel }) => channel))]
}

function sum(spoken: readonly Spoken[], what: 'communications' | 'active'): number {
  return spoken.reduce((total, one) => total + one[what], 0)
}

/** The rows of a page. Three queries, however many rows. */
export async function rowsOf(db: Db, records: readonly CustomerRecord[]): Promise<CustomerRow[]> {
  if (records.length === 0) return []
  const ids = records.map(({ id }) => id)
  const [proven, learnt, spoken] = await detailsOf(db, ids)
  const show = await shownValues([...proven, ...learnt])
  const addresses = Map.groupBy([...proven, ...learnt], ({ id }) => id)
  const speaking = Map.groupBy(spoken, ({ id }) => id)
  return records.map(({ id, name, createdAt, lastCommunicationAt }) => {
    const first = (kind: IdentityKind) => {
      const found = addresses.get(id)?.find((one) => one.kind === kind)
      return found ? show(kind, found.value) : ''
    }
    const sessions = speaking.get(id) ?? []
    return {
      id,
      name,
      email: first('email'),
      phone: first('phone'),
      channels: channelsOf(sessions),
      active: sessions.reduce((total, { active }) => total + active, 0),
      lastCommunicationAt,
      createdAt,
    }
  })
}

type Show = (kind: string, value: string) => string

/** How values are read by a person: +1 312 555 0142, @dana. */
async function shownValues(
  values: readonly { readonly kind: string; readonly value: string }[],
): Promise<Show> {
  const phones = await shownPhones(
    values.filter(({ kind }) => kind === 'phone').map(({ value }) => value),
  )
  return (kind, value) => {
    if (kind === 'phone') return phones.get(value) ?? value
    return kind === 'telegram-username' ? `@${value}` : value
  }
}

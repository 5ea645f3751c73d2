// The profile and the rows of the list, put together from the records behind them.

import { channelTitles, type ChannelKind } from '../../shared/channel.ts'
import {
  customerService,
  type CustomerProfile,
  type FieldValue,
  type IdentityKind,
  type Participation,
  type Proof,
  type Source,
} from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import type { Db } from '../base/db.ts'
import { fieldOf } from './fields/rules.ts'
import { shownPhones } from './phone.ts'
import { aliasOf } from './record/queries.ts'
import { profileRecords, type Spoken } from './queries.ts'

type Records = NonNullable<Awaited<ReturnType<typeof profileRecords>>>

const sourceOf: Record<Proof, Source> = {
  channel: 'channel',
  signed: 'parameter',
  upload: 'upload',
  operator: 'operator',
  confirmed: 'operator',
}

/**
 * The whole profile but its conversations; nothing when there is no such customer. The id of a
 * record that was merged away gives the one it is part of now.
 */
export async function profileOf(db: Db, id: CustomerId): Promise<CustomerProfile | undefined> {
  const records = await profileRecords(db, id)
  if (!records) {
    const home = await aliasOf(db, id)
    return home && profileOf(db, home)
  }
  const { customer, addresses, values, spoken, duplicates, suggestions } = records
  const show = await shownValues([
    ...addresses,
    ...[...values, ...suggestions].map(({ field, value }) => ({ kind: field, value })),
    ...duplicates,
  ])
  return {
    ...customer,
    identities: addresses.map(({ kind, value, proof }) => ({ kind, value, proof })),
    fields: fieldValuesOf(records, show),
    suggestions: suggestions.flatMap(({ field, value, source, at, sessionId }) => {
      const title = records.fields.find(({ name }) => name === field)?.title
      if (title === undefined) return []
      const where = sessionId ? { sessionId } : {}
      return [{ field, title, value: show(field, value), raw: value, source, at, ...where }]
    }),
    participations: participationsOf(records),
    channels: channelsOf(spoken),
    communications: sum(spoken, 'communications'),
    active: sum(spoken, 'active'),
    possibleDuplicates: duplicates.map(({ id: other, name, kind, value }) => ({
      customer: { id: other, name },
      kind,
      value: show(kind, value),
    })),
  }
}

/**
 * The fields with a value, in the tenant's order, without those it hides. Of one field proven
 * addresses come first; what was said and is proven too stands once.
 */
function fieldValuesOf({ fields, addresses, values, spoken }: Records, show: Show): FieldValue[] {
  return fields.flatMap(({ name: field, title, type, builtin, hidden }): FieldValue[] => {
    if (hidden) return []
    const proven = addresses.filter(({ kind }) => fieldOf(kind) === field)
    const others = values.filter(
      (one) => one.field === field && !proven.some(({ value }) => value === one.value),
    )
    return [
      ...proven.flatMap(({ kind, value, proof, createdAt }) => {
        const one = {
          value: show(kind, value),
          verified: true,
          source: sourceOf[proof],
          at: createdAt,
          pinned: sourceOf[proof] === 'operator',
        }
        const isNew = kind === 'email' && proof === 'operator' && !hasUsed(value, spoken)
        return [
          { field, title, ...one, ...(isNew ? { neverContacted: true } : {}) },
          ...reachedBy(kind, value, spoken).map((by) => ({ ...one, ...by })),
        ]
      }),
      ...others.map(({ value, verified, source, at, sessionId, pinned }) => ({
        field,
        title,
        ...(builtin ? {} : { type }),
        value: show(field, value),
        verified,
        source,
        at,
        pinned,
        ...(sessionId ? { sessionId } : {}),
      })),
    ]
  })
}

function hasUsed(email: string, spoken: readonly Spoken[]): boolean {
  return spoken.some(({ contact }) => contact.toLowerCase() === email)
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

/** Campaigns, the last loaded first, then what was said outside them. */
function participationsOf({ taking, spoken, summary }: Records): Participation[] {
  const campaigns = taking.map((one): Participation => {
    const said = spoken.filter(({ campaignId }) => campaignId === one.campaignId)
    return { ...one, kind: 'outbound', ...spokenIn(said) }
  })
  const outside = spoken.filter(({ campaignId }) => campaignId === null)
  if (outside.length === 0) return campaigns
  const service: Participation = {
    campaignId: null,
    name: customerService,
    kind: 'virtual',
    status: sum(outside, 'active') > 0 ? 'active' : 'completed',
    stage: null,
    loadedAt: Math.min(...outside.map(({ firstAt }) => firstAt)),
    summary,
    ...spokenIn(outside),
  }
  return [...campaigns, service]
}

function spokenIn(spoken: readonly Spoken[]) {
  return {
    lastCommunicationAt: spoken.length > 0 ? Math.max(...spoken.map(({ lastAt }) => lastAt)) : null,
    channels: channelsOf(spoken),
    communications: sum(spoken, 'communications'),
  }
}

function channelsOf(spoken: readonly { readonly channel: ChannelKind }[]): ChannelKind[] {
  return [...new Set(spoken.map(({ channel }) => channel))]
}

function sum(spoken: readonly Spoken[], what: 'communications' | 'active'): number {
  return spoken.reduce((total, one) => total + one[what], 0)
}

type Show = (kind: string, value: string) => string

/** How values are read by a person: +1 312 555 0142, @dana. */
export async function shownValues(
  values: readonly { readonly kind: string; readonly value: string }[],
): Promise<Show> {
  const phones = await shownPhones(
    values.filter(({ kind }) => kind === 'phone').map(({ value }) => value),
  )
  return (kind, value) => {
    if (kind === 'phone') return phones.get(value) ?? value
    return kind === 'telegram-username' || kind === 'telegram_username' ? `@${value}` : value
  }
}

// Records as rows of the list: with their channels, and what stands in the columns that are asked for.

import type { CustomerRow } from '../../../shared/customer.ts'
import type { Field } from '../../../shared/fields.ts'
import type { Db } from '../../base/db.ts'
import { fieldOf, identityOf } from '../fields/rules.ts'
import { shownPhones } from '../phone.ts'
import { shownOf, type Found, type Shown } from './queries.ts'

/** What every row has by itself. */
const own: ReadonlySet<string> = new Set([
  'name',
  'email',
  'phone',
  'channels',
  'created_at',
  'last_communication',
])
const ofCampaigns: ReadonlySet<string> = new Set(['campaign', 'campaign_status', 'campaign_stage'])

/** Records with what their columns show. One trip at most, however many records and columns. */
export async function rowsOf(
  db: Db,
  records: readonly Found[],
  columns: readonly Field[],
): Promise<CustomerRow[]> {
  if (records.length === 0) return []
  const others = columns.filter(({ name }) => !own.has(name))
  const values = others.length > 0 ? await valuesOf(db, records, others) : undefined
  const phones = await shownPhones(records.flatMap(({ phone }) => (phone ? [phone] : [])))
  return records.map(({ place: _place, channels, active, ...record }) => ({
    ...record,
    phone: phones.get(record.phone) ?? record.phone,
    // Safe: a trigger keeps it.
    channels: JSON.parse(channels ?? '[]') as CustomerRow['channels'],
    active: active ?? 0,
    values: Object.fromEntries(values?.get(record.id) ?? []),
  }))
}

/** What stands in some columns, by record and field; several values of one field stand in one cell. */
async function valuesOf(db: Db, records: readonly Found[], columns: readonly Field[]) {
  const shown = await shownOf(
    db,
    records.map(({ id }) => id),
    {
      kinds: columns.flatMap(({ name }) => identityOf(name) ?? []),
      fields: columns.filter(({ name }) => !identityOf(name)).map(({ name }) => name),
      campaigns: columns.some(({ name }) => ofCampaigns.has(name)) ? 'show' : 'hide',
    },
  )
  return cellsOf(shown)
}

function cellsOf({ values, addresses, participations }: Shown) {
  const cells = [
    ...values,
    ...addresses.map(({ id, kind, value }) => ({
      id,
      field: fieldOf(kind),
      value: kind === 'telegram-username' ? `@${value}` : value,
    })),
    ...participations.flatMap(({ id, name, status, stage }) => [
      { id, field: 'campaign', value: name },
      { id, field: 'campaign_status', value: status },
      ...(stage === null ? [] : [{ id, field: 'campaign_stage', value: stage }]),
    ]),
  ]
  const found = new Map<string, Map<string, string>>()
  for (const { id, field, value } of cells) {
    const row = found.get(id) ?? new Map<string, string>()
    const before = row.get(field)
    row.set(field, before === undefined ? value : `${before}, ${value}`)
    found.set(id, row)
  }
  return found
}

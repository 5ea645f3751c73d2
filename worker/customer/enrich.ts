// What is learnt in a conversation: values somebody said, marked unverified, and never an identity.

import type { CustomerId } from '../../shared/ids.ts'
import type { Db } from '../base/db.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { saveLearnt, valuesOf, type Learnt } from './record/queries.ts'
import { cleanName, normalise } from './rules.ts'

/**
 * Keeps a learnt value with the session and the time it is from. It replaces only what is older
 * and worth no more, so it may be told again and in any order. The record is renamed by a learnt
 * name unless an operator, an upload or a signed parameter has named it; `renamed` is then what it
 * is called, the same however often this is asked. An email or phone another record has makes
 * both possible duplicates. What is no name, email or phone changes nothing.
 */
export async function learn(
  db: Db,
  customerId: CustomerId,
  learnt: Learnt,
): Promise<{ renamed?: string }> {
  const value = await written(db, learnt)
  if (!value) return {}
  const renamed = await saveLearnt(db, customerId, { ...learnt, value })
  return renamed === undefined ? {} : { renamed }
}

async function written(db: Db, { field, value }: Learnt): Promise<string | undefined> {
  if (field === 'name') return cleanName(value)
  if (field === 'email') return normalise('email', value)
  return (
    (await normalise('phone', value)) ??
    normalise('phone', value, (await tenantSettings(db)).defaultCountry)
  )
}

/** What is proven or confirmed of a customer, by field name. Learnt values are left out. */
export function knownFields(db: Db, customerId: CustomerId): Promise<Record<string, string>> {
  return valuesOf(db, customerId, 'verified')
}

/** What the customer has said of themselves in this or earlier sessions, confirmed by nobody. */
export function saidFields(db: Db, customerId: CustomerId): Promise<Record<string, string>> {
  return valuesOf(db, customerId, 'unverified')
}

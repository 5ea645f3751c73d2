// The feed of session parameters: those whose name is the Field Name of a custom field are copied to
// the record. By that name alone, never by a title; what is no value of its field is not copied.

import type { CustomerId, SessionId } from '../../shared/ids.ts'
import type { Value } from '../../shared/session.ts'
import type { Db } from '../base/db.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { fieldsOf } from './fields/queries.ts'
import { writeValues, type Write } from './values/queries.ts'
import { parseValue, whatIsWanted } from './values/rules.ts'

export interface Parameters {
  readonly customerId: CustomerId
  readonly sessionId: SessionId
  readonly parameters: Readonly<Record<string, Value>>
  /** When the session began. */
  readonly at: number
}

/**
 * Copies what can be copied; `log` says in words what could not. Built-in fields are not fed by
 * parameters: what a website says of an email proves nothing.
 */
export async function feedParameters(
  db: Db,
  { customerId, sessionId, parameters, at }: Parameters,
): Promise<{ copied: boolean; log: string[] }> {
  const fields = (await fieldsOf(db)).filter(
    ({ builtin, name }) => !builtin && Object.hasOwn(parameters, name),
  )
  if (fields.length === 0) return { copied: false, log: [] }
  const { timeZone } = await tenantSettings(db)
  const writes: Write[] = []
  const log: string[] = []
  for (const field of fields) {
    const { name } = field
    const kept = parseValue(field, parameters[name] ?? '', timeZone)
    if (kept) writes.push({ customerId, field: name, ...kept, source: 'parameter', sessionId, at })
    // Without the value: it may be anything, and the log is read by many.
    else
      log.push(`Parameter «${name}» was not copied to the record. Wanted: ${whatIsWanted(field)}`)
  }
  await writeValues(db, writes, 'system')
  return { copied: writes.length > 0, log }
}

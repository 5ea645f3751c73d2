// What may be: who grants which role, which time zones and statuses, what a connection's form takes.

import { roleNames, type Role } from '../../shared/permissions.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import type { TenantSettings } from '../../shared/tenant.ts'
import type { Channel, Config } from '../channels/channel.ts'

/** Nobody grants, changes or takes away a role above their own. */
export function mayGrant(granting: Role, role: Role): boolean {
  return roleNames.indexOf(granting) <= roleNames.indexOf(role)
}

/** Whether it is a name of the IANA list, like `Europe/Lisbon`. */
export function isTimeZone(name: string): boolean {
  // `Intl` takes offsets («+02:00») as well, which know no summer time.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

/** What a request says of the settings: the names it leaves out stay as they are. */
export type SettingsChange = {
  readonly [Name in keyof TenantSettings]?: TenantSettings[Name] | undefined
}

/** Why these settings can't be, or nothing. */
export function settingsTrouble(change: SettingsChange): Refusal | undefined {
  const { name, timeZone, statuses } = change
  if (name !== undefined && name.trim() === '') {
    return refuse('invalid', { at: 'name', detail: 'Enter a name' })
  }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    return refuse('invalid', { at: 'timeZone', detail: 'Not a time zone, like Europe/Lisbon' })
  }
  const folded = statuses?.map((status) => status.trim().toLowerCase())
  if (folded?.includes('') || (folded && new Set(folded).size < folded.length)) {
    return refuse('invalid', { at: 'statuses', detail: 'Each status needs a name of its own' })
  }
  return undefined
}

/** A connection's configuration as it is kept: settings to be read, secrets to be sealed. */
export interface SplitConfig {
  readonly settings: Record<string, string>
  readonly secrets: Record<string, string>
}

/**
 * The configuration with what was given laid over what is there: names that aren't given stay, an
 * empty one is taken away, and what nobody should have to think up is made where it is empty.
 * Refused: a name the channel does not know, a required one missing.
 */
export function mergeConfig(
  { fields }: Pick<Channel, 'fields'>,
  known: Config,
  { given, random }: { readonly given: Config; readonly random: () => string },
): SplitConfig | Refusal {
  const stranger = Object.keys(given).find((name) => !fields.some((field) => field.name === name))
  if (stranger !== undefined) {
    return refuse('invalid', { at: `config.${stranger}`, detail: 'This channel has no such field' })
  }
  const settings: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  for (const { name, secret, required, generated, title } of fields) {
    const stated = (given[name] ?? known[name] ?? '').trim()
    const value = stated === '' && generated ? random() : stated
    if (value !== '') (secret ? secrets : settings)[name] = value
    else if (required) return refuse('invalid', { at: `config.${name}`, detail: `Enter ${title}` })
  }
  return { settings, secrets }
}

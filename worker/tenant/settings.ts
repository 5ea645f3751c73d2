// A tenant's settings, as every room reads them: from this isolate's memory when it can.

import type { TenantId } from '../../shared/ids.ts'
import type { TenantSettings } from '../../shared/tenant.ts'
import type { Db } from '../base/db.ts'
import { readSettings } from './queries.ts'

const freshMs = 5000
/** How old settings may be when the database can't be asked. */
const staleMs = 15 * 60_000
const mostKept = 2000

const kept = new Map<TenantId, { readonly settings: TenantSettings; readonly at: number }>()

/**
 * The tenant's settings, at most five seconds old; older ones while the database does not answer.
 * Throws when nothing is known.
 */
export async function tenantSettings(db: Db): Promise<TenantSettings> {
  const known = kept.get(db.tenantId)
  const now = Date.now()
  if (known && now - known.at < freshMs) return known.settings
  try {
    const settings = await readSettings(db)
    if (!settings) throw new Error(`no tenant ${db.tenantId}`)
    keep(db.tenantId, settings, now)
    return settings
  } catch (error) {
    if (known && now - known.at < staleMs) return known.settings
    throw error
  }
}

export function forgetSettings(tenantId: TenantId): void {
  kept.delete(tenantId)
}

function keep(tenantId: TenantId, settings: TenantSettings, at: number): void {
  kept.delete(tenantId)
  kept.set(tenantId, { settings, at })
  for (const oldest of kept.keys()) {
    if (kept.size <= mostKept) return
    kept.delete(oldest)
  }
}

// What is left of the addresses of a deleted customer: hashes, by which their next record is told
// from the one that has gone.

import type { IdentityKind } from '../../shared/customer.ts'
import type { TenantId } from '../../shared/ids.ts'
import { sha256Hex } from '../base/crypto.ts'

export function tombstoneOf(
  tenantId: TenantId,
  { kind, value, scope }: { readonly kind: IdentityKind; value: string; scope: string },
): Promise<string> {
  return sha256Hex([tenantId, 'gone', kind, value, scope].join('\n'))
}

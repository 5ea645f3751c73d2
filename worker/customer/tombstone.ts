// What is left of the addresses of a deleted customer: hashes under the worker's key, by which their
// next record is told from the one that has gone.

import type { IdentityKind } from '../../shared/customer.ts'
import type { Db } from '../base/db.ts'

export function tombstoneOf(
  db: Db,
  {
    kind,
    value,
    scope,
  }: { readonly kind: IdentityKind; readonly value: string; readonly scope: string },
): Promise<string> {
  return db.keyed('gone', kind, value, scope)
}

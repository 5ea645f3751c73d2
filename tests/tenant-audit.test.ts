import { describe, expect, it } from 'vitest'

import { trespass } from './tenant-audit.ts'

const tenantId = 'ten_00000000000000000000000001'
const other = 'ten_00000000000000000000000002'

function of(sql: string, params: unknown[], tenant: string | undefined = tenantId) {
  return trespass({ sql, params, tenantId: tenant })
}

describe('a statement', () => {
  it('is right when each of its tables is compared with the tenant', () => {
    const joined =
      'select "agent"."id" from "agent_connection" inner join "agent" on ("agent"."tenant_id" = "agent_connection"."tenant_id" and "agent"."id" = "agent_connection"."agent_id") where "agent_connection"."tenant_id" = ?'

    expect(of('select "id" from "session" where "session"."tenant_id" = ?', [tenantId])).toBe(
      undefined,
    )
    expect(of('insert into "audit" ("tenant_id", "id") values (?, ?)', [tenantId, 'a'])).toBe(
      undefined,
    )
    expect(of('update "session" set "seq" = ? where "tenant_id" = ?', [1, tenantId])).toBe(
      undefined,
    )
    expect(of(joined, [tenantId])).toBe(undefined)
    expect(of('select "name" from "operator" where "operator"."id" = ?', ['opr_1'])).toBe(undefined)
  })

  it.each([
    ['without the tenant', 'select "id" from "session" where "session"."id" = ?', ['ses_1']],
    [
      'whose tenant is asked for and not bound',
      'select "id" from "session" where "session"."tenant_id" = ?',
      ['ses_1'],
    ],
    [
      'with another tenant’s id',
      'select "id" from "session" where "session"."tenant_id" in (?, ?)',
      [tenantId, other],
    ],
    [
      'with one table of all tenants',
      'select 1 from "session" left join "customer" on "customer"."id" = "session"."customer_id" where "session"."tenant_id" = ?',
      [tenantId],
    ],
    [
      'that deletes by an id alone',
      'delete from "file" where "file"."id" = ? and ? <> ?',
      ['fil_1', tenantId, 1],
    ],
    [
      'that only names the tenant in what it changes',
      'update "customer" set "tenant_id" = ? where "customer"."id" = ?',
      [tenantId, 'cus_1'],
    ],
  ])('%s is found', (_, sql, params) => {
    expect(of(sql, params)).toBeTypeOf('string')
  })

  it('of no tenant touches no tenant’s table, but for those that find the tenant', () => {
    const byHook = 'select "tenant_id", "id" from "connection" where "connection"."id" = ?'

    expect(trespass({ sql: byHook, params: ['con_1'], tenantId: undefined })).toBe(undefined)
    expect(trespass({ sql: `${byHook} or 1 = ?`, params: [], tenantId: undefined })).toBeTypeOf(
      'string',
    )
    expect(
      trespass({ sql: 'select "id" from "customer"', params: [], tenantId: undefined }),
    ).toBeTypeOf('string')
  })
})

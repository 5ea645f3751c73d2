// People as rows of the tables: a few statements for thousands of them.

import { fold } from '../../shared/fold.ts'
import { generatedFields, personAt, type Person } from './people.ts'

/** A statement of D1 and what it binds. */
export interface Statement {
  readonly sql: string
  readonly params: readonly string[]
}

/** The tenant's fields that the people have values of. */
export function fieldStatement(tenantId: string): Statement {
  const rows = generatedFields.map((field, at) => ({ ...field, at: 20 + at }))
  return {
    sql: `insert into field (tenant_id, name, title, type, options, hidden, is_column, position, created_at)
      select ?, value ->> 'name', value ->> 'title', value ->> 'type', value -> 'options', 0,
        value ->> 'name' in ('city', 'plan'), value ->> 'at', 0
      from json_each(?) where true on conflict do nothing`,
    params: [tenantId, JSON.stringify(rows)],
  }
}

/** The people from one number up to another. */
export function peopleStatements(
  tenantId: string,
  { from, to, seed }: { readonly from: number; readonly to: number; readonly seed: number },
): Statement[] {
  const people = Array.from({ length: to - from }, (_, at) => personAt(from + at, seed))
  const rows = <Row>(of: (person: Person) => readonly Row[]) => JSON.stringify(people.flatMap(of))
  return [
    {
      sql: `insert into customer (tenant_id, id, name, name_key, email, phone, anonymous, search_text,
          version, created_at, last_communication_at)
        select ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
          value ->> 6, 1, value ->> 7, value ->> 8 from json_each(?)`,
      params: [tenantId, rows((one) => [customerRow(one)])],
    },
    {
      sql: `insert into identity (tenant_id, kind, value, scope, customer_id, proof, created_at)
        select ?, value ->> 1, value ->> 2, '', value ->> 0, 'upload', value ->> 3 from json_each(?)`,
      params: [
        tenantId,
        rows(({ id, addresses, createdAt }) =>
          addresses.map(({ kind, value }) => [id, kind, value, createdAt]),
        ),
      ],
    },
    {
      sql: `insert into field_value
          (tenant_id, customer_id, field, value, key, num, verified, source, pinned, at)
        select ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, 1, 'upload', 0,
          value ->> 5 from json_each(?)`,
      params: [
        tenantId,
        rows(({ id, values, createdAt }) =>
          values.map(({ field, value, num }) => [id, field, value, fold(value), num, createdAt]),
        ),
      ],
    },
    {
      sql: `insert into session (tenant_id, id, seq, customer_id, customer_name, contact,
          connection_id, channel, agent_id, agent_name, mode, started_at, finished_at,
          last_message_at, last_text, message_count, status, parameters, results, has_attachments)
        select ?, value ->> 1, 1, value ->> 0, value ->> 2, '', 'con_generated', value ->> 3,
          'agt_generated', 'Mira', 'ai', value ->> 4, value ->> 5, value ->> 4, 'Hello', 2,
          iif(value ->> 5 is null, 'open', 'resolved'), '{}', '{}', 0 from json_each(?)`,
      params: [
        tenantId,
        rows(({ id, name, sessions }) =>
          sessions.map((one) => [id, one.id, name, one.channel, one.at, one.open ? null : one.at]),
        ),
      ],
    },
  ]
}

function customerRow({ id, name, anonymous, createdAt, spokenAt, ...one }: Person) {
  const first = (kind: string) => one.addresses.find((it) => it.kind === kind)?.value ?? ''
  const search = [
    fold(name),
    ...one.addresses.map(({ kind, value }) => searched(kind, value)),
    ...one.values.filter(({ field }) => field !== 'vip').map(({ value }) => fold(value)),
  ]
  const text = [...new Set(search)].join('\n')
  const columns = [fold(name), first('email'), first('phone')]
  return [id, name, ...columns, Number(anonymous), text, createdAt, spokenAt]
}

function searched(kind: string, value: string): string {
  if (kind === 'phone') return value.replaceAll(/\D/g, '')
  return kind === 'telegram-username' ? `@${value}` : fold(value)
}

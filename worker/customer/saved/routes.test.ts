// Saved filters over HTTP: whose they are, who may share them, and what is no filter.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'

import type { Filter } from '../../../shared/filters.ts'
import type { Role } from '../../../shared/permissions.ts'
import type { SavedFilter } from '../../../shared/saved-filters.ts'
import { deskOf } from '../../../tests/desk.ts'
import { auditOf, newTenant, type TestTenant } from '../../../tests/tenants.ts'
import { savedFilterHandlers } from './routes.ts'

const ask = deskOf(savedFilterHandlers)
const inCity: Filter = { field: 'city', op: 'equals', values: ['ZURICH'] }
const tree: Filter = { any: [inCity, { field: 'score', op: 'gte', values: [500] }] }
let acme: TestTenant
let other: TestTenant

beforeAll(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
})

const send = (role: Role, method: string, path: string, body?: unknown, tenant = acme) =>
  ask(method, path, {
    bearer: tenant.operators[role].bearer,
    ...(body
      ? { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
      : {}),
  })
const listed = async (role: Role, tenant = acme) =>
  (
    (await (await send(role, 'GET', '/api/filters', undefined, tenant)).json()) as {
      filters: SavedFilter[]
    }
  ).filters

describe('saved filters', () => {
  it('are private until they are shared, by those who may', async () => {
    const mine = await (
      await send('viewer', 'POST', '/api/filters', { name: ' Zürich ', filter: inCity })
    ).json<SavedFilter>()

    expect(mine).toMatchObject({ name: 'Zürich', shared: false, filter: inCity })
    expect(await listed('viewer')).toHaveLength(1)
    expect(await listed('owner')).toEqual([])
    expect((await send('owner', 'PATCH', `/api/filters/${mine.id}`, { name: 'x' })).status).toBe(
      404,
    )
    expect(
      (await send('viewer', 'PATCH', `/api/filters/${mine.id}`, { shared: true })).status,
    ).toBe(403)
    expect(
      (await send('viewer', 'POST', '/api/filters', { name: 'A', filter: tree, shared: true }))
        .status,
    ).toBe(403)

    const shared = await (
      await send('owner', 'POST', '/api/filters', { name: 'Best', filter: tree, shared: true })
    ).json<SavedFilter>()
    expect((await listed('viewer')).map(({ name }) => name)).toEqual(['Best', 'Zürich'])
    expect((await send('viewer', 'DELETE', `/api/filters/${shared.id}`)).status).toBe(403)
    expect(await listed('owner', other)).toEqual([])
    expect(
      (await send('owner', 'DELETE', `/api/filters/${shared.id}`, undefined, other)).status,
    ).toBe(404)
    expect((await send('admin', 'DELETE', `/api/filters/${shared.id}`)).status).toBe(204)
    expect((await listed('viewer')).map(({ name }) => name)).toEqual(['Zürich'])
  })

  it('are renamed, updated and made the default, one for each operator, all of it noted', async () => {
    const made: SavedFilter[] = []
    for (const name of ['One', 'Two']) {
      const answer = await send('operator', 'POST', '/api/filters', {
        name,
        filter: tree,
        isDefault: true,
      })
      made.push(await answer.json<SavedFilter>())
    }
    const defaults = async () =>
      (await listed('operator')).filter(({ isDefault }) => isDefault).map(({ name }) => name)

    expect(await defaults()).toEqual(['Two'])
    await send('operator', 'PATCH', `/api/filters/${made[0]!.id}`, {
      name: 'First',
      filter: inCity,
      isDefault: true,
    })
    expect(await defaults()).toEqual(['First'])
    expect((await listed('operator'))[0]).toMatchObject({ name: 'First', filter: inCity })
    const noted = (await auditOf(env, acme.tenantId)).filter(
      ({ subject }) => subject === made[0]!.id,
    )
    expect(noted.map(({ action }) => action)).toEqual(['filter.change', 'filter.save'])
  })

  it.each([
    [{ any: [] }, 'filter'],
    [
      { all: [{ all: [{ all: [{ all: [{ all: [{ all: [inCity] }] }] }] }] }] },
      'filter.all.0.all.0.all.0.all.0.all.0',
    ],
    [{ all: Array.from({ length: 51 }, () => inCity) }, 'filter.all.50'],
    [{ field: 'city', op: 'equals', values: ['x'.repeat(201)] }, 'filter.values.0'],
    [{ field: 'city', op: 'like', values: ['x'] }, 'filter.op'],
  ])('are refused with the place', async (filter, at) => {
    const response = await send('owner', 'POST', '/api/filters', { name: 'Odd', filter })

    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ at })
  })
})

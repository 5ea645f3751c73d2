// Merging over HTTP: who may, what is shown before, and sessions of real objects that follow.

import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { CustomerProfile } from '../../../shared/customer.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import type { Merged, MergePreview, MergeRow } from '../../../shared/merge.ts'
import { auditOf, newTenant, type TestTenant } from '../../../tests/tenants.ts'
import { ask, newWorld, post, stubProvider, type World } from '../../../tests/world.ts'
import { tenantDb, type Db } from '../../base/db.ts'
import { fieldValues, identities } from '../../base/schema.ts'
import { learn } from '../enrich.ts'
import { newId } from '../../../shared/new-id.ts'

let world: World
let acme: TestTenant
let db: Db

beforeEach(async () => {
  stubProvider()
  world = await newWorld()
  acme = world.tenant
  db = tenantDb(env, acme.tenantId)
})

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Two people on Telegram, each with a session: the older first. */
async function twoPeople(): Promise<[CustomerId, CustomerId]> {
  await world.says('I am the first', { chat: 101 })
  await world.rows((rows) => rows.length === 1)
  await world.says('and I the second', { chat: 102 })
  const rows = await world.rows((all) => all.length === 2)
  return [rows[0]!.customer.id, rows[1]!.customer.id]
}

function profile(id: CustomerId): Promise<CustomerProfile> {
  return ask(`/api/customers/${id}`, acme.operators.viewer).then((one) =>
    one.json<CustomerProfile>(),
  )
}

describe('who may', () => {
  it('merge is said by the role, and nobody of another tenant sees the records', async () => {
    const [one, other] = await twoPeople()
    const foreign = (await newTenant(env)).operators.owner
    const calls = [
      ['GET', `/api/customers/${one}/merge-preview?with=${other}`],
      ['POST', `/api/customers/${one}/merges`, { with: other }],
      ['POST', `/api/merges/mrg_${'0'.repeat(26)}/undo`],
      ['POST', `/api/customers/${one}/duplicates/${other}/dismissal`],
    ] as const
    for (const [method, path, body] of calls) {
      const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) }
      expect((await ask(path, acme.operators.operator, init)).status, path).toBe(403)
      expect((await ask(path, acme.operators.viewer, init)).status, path).toBe(403)
      expect((await ask(path, foreign, init)).status, path).toBe(404)
    }
    expect((await profile(other)).id).toBe(other)
  })
})

describe('the preview', () => {
  it('shows each field with the value that stays and why, and writes nothing', async () => {
    const [one, other] = await twoPeople()
    await learn(db, one, {
      field: 'email',
      value: 'said@acme.example',
      sessionId: newId('ses'),
      at: 5,
    })
    await db.orm.insert(fieldValues).values({
      tenantId: acme.tenantId,
      customerId: other,
      field: 'email',
      value: 'sure@acme.example',
      key: 'sure@acme.example',
      verified: true,
      source: 'operator',
      at: 6,
    })
    const before = await profile(one)

    const response = await ask(
      `/api/customers/${other}/merge-preview?with=${one}`,
      acme.operators.admin,
    )
    const preview = await response.json<MergePreview>()

    expect(preview).toMatchObject({
      survivor: { id: one, sessions: 1 },
      merged: { id: other },
      refusal: null,
    })
    expect(preview.identities.map(({ value, from }) => [value, from])).toContainEqual([
      '102',
      'merged',
    ])
    expect(preview.fields).toContainEqual(
      expect.objectContaining({
        field: 'email',
        title: 'Email',
        winner: 'merged',
        reason: 'confirmed',
        conflict: true,
      }),
    )
    expect(await profile(one)).toEqual(before)
  })
})

describe('a merge', () => {
  it('keeps sessions with the survivor while customers go on writing, after a crash too', async () => {
    const [one, other] = await twoPeople()

    const [merged] = await Promise.all([
      post<Merged>(`/api/customers/${other}/merges`, acme.operators.admin, { with: one }),
      world.says('still here', { chat: 102 }),
    ])
    await abortAllDurableObjects()
    await world.says('and again', { chat: 102 })
    const rows = await world.rows((all) => all.some(({ messageCount }) => messageCount >= 5))

    expect(merged.customerId).toBe(one)
    expect(new Set(rows.map(({ customer }) => customer.id))).toEqual(new Set([one]))
    const shown = await profile(other)
    expect(shown).toMatchObject({ id: one, communications: 2 })
    const actions = (await auditOf(env, acme.tenantId)).map(({ action }) => action)
    expect(actions.filter((action) => action === 'customer.merge')).toHaveLength(1)
  })

  it('is undone with what was said since on the right side, and sessions stay there', async () => {
    const [one, other] = await twoPeople()
    const { mergeId } = await post<Merged>(`/api/customers/${one}/merges`, acme.operators.owner, {
      with: other,
    })
    await world.says('said since', { chat: 102 })
    await world.rows((all) =>
      all.some(({ lastText, messageCount }) => lastText !== '' && messageCount >= 3),
    )

    const { merges } = await ask(`/api/customers/${one}/merges`, acme.operators.viewer).then(
      (answer) => answer.json<{ merges: MergeRow[] }>(),
    )
    expect(merges).toMatchObject([
      { id: mergeId, cause: 'operator', undoneAt: null, blockedBy: null },
    ])
    await post(`/api/merges/${mergeId}/undo`, acme.operators.admin, {})
    await world.says('said after', { chat: 102 })
    const rows = await world.rows((all) => all.some(({ messageCount }) => messageCount >= 5))

    expect(rows.map(({ customer }) => customer.id).sort()).toEqual([one, other].sort())
    expect((await profile(other)).id).toBe(other)
    expect(
      (await ask(`/api/merges/${mergeId}/undo`, acme.operators.admin, { method: 'POST' })).status,
    ).toBe(404)
    const held = await db.orm.select().from(identities).where(db.mine(identities))
    expect(held.filter(({ value }) => value === '102').map(({ customerId }) => customerId)).toEqual(
      [other],
    )
  })
})

describe('a suggestion', () => {
  it('that is dismissed does not come back on either side (check 1)', async () => {
    const [one, other] = await twoPeople()
    const share = (id: CustomerId, at: number) =>
      learn(db, id, { field: 'phone', value: '+46701234567', sessionId: newId('ses'), at })
    await share(one, 10)
    await share(other, 11)
    expect((await profile(one)).possibleDuplicates).toMatchObject([
      { customer: { id: other }, kind: 'phone' },
    ])

    await post(`/api/customers/${other}/duplicates/${one}/dismissal`, acme.operators.admin, {})
    await share(one, 12)
    await share(other, 13)
    await learn(db, one, {
      field: 'email',
      value: 'both@acme.example',
      sessionId: newId('ses'),
      at: 14,
    })
    await learn(db, other, {
      field: 'email',
      value: 'both@acme.example',
      sessionId: newId('ses'),
      at: 15,
    })

    expect((await profile(one)).possibleDuplicates).toEqual([])
    expect((await profile(other)).possibleDuplicates).toEqual([])
    expect((await auditOf(env, acme.tenantId))[0]).toMatchObject({ action: 'duplicate.dismiss' })
    const stranger = await ask(
      `/api/customers/${one}/duplicates/${newId('cus')}/dismissal`,
      acme.operators.admin,
      { method: 'POST' },
    )
    expect(stranger.status).toBe(404)
  })
})

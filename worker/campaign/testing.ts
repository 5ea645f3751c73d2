// A tenant with an admin who runs campaigns, for the tests of this room.

import { env } from 'cloudflare:workers'
import { vi } from 'vitest'

import type { Campaign, Upload, UploadLine, UploadPreview } from '../../shared/campaign.ts'
import type { IdentityKind } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { newTenant } from '../../tests/tenants.ts'
import { ask, post } from '../../tests/world.ts'
import { tenantDb } from '../base/db.ts'
import { customers, identities } from '../base/schema.ts'
import { resolveCustomer } from '../customer/match.ts'

export const noon = Date.UTC(2027, 1, 3, 12)

/** The tenant of the test that runs: its people, its rows, and what its admin asks. */
export type Office = Awaited<ReturnType<typeof newOffice>>

export async function newOffice() {
  const acme = await newTenant(env)
  const { admin } = acme.operators
  const db = tenantDb(env, acme.tenantId)

  function get<Answer>(path: string, by = admin): Promise<Answer> {
    return ask(path, by).then((response) => response.json<Answer>())
  }

  function newCampaign(name = 'Spring', stages: string[] = []): Promise<Campaign> {
    return post<Campaign>('/api/campaigns', admin, { name, stages })
  }

  async function send(campaign: Campaign, csv: string | Uint8Array, by = admin): Promise<Response> {
    return ask(`/api/campaigns/${campaign.id}/uploads?name=people.csv`, by, {
      method: 'POST',
      body: csv as string,
    })
  }

  async function bring(campaign: Campaign, csv: string): Promise<UploadPreview> {
    const response = await send(campaign, csv)
    if (!response.ok) throw new Error(await response.text())
    return response.json<UploadPreview>()
  }

  async function until(id: string, holds: (upload: Upload) => boolean): Promise<Upload> {
    return vi.waitFor(
      async () => {
        const upload = await get<Upload>(`/api/uploads/${id}`)
        if (!holds(upload)) throw new Error(JSON.stringify(upload))
        return upload
      },
      { timeout: 20_000, interval: 20 },
    )
  }

  /** Uploads a file by the mapping its header suggests, and waits for the end. */
  async function load(campaign: Campaign, csv: string, more: object = {}) {
    const { upload, mapping } = await bring(campaign, csv)
    await post(`/api/uploads/${upload.id}/start`, admin, { mapping, ...more })
    const done = await until(upload.id, isOver)
    const { lines } = await get<{ lines: UploadLine[] }>(
      `/api/uploads/${upload.id}/lines?limit=200`,
    )
    return { ...done, report: lines }
  }

  function person(
    known: Partial<Record<IdentityKind, string>>,
    at = noon,
    name = '',
  ): Promise<CustomerId> {
    const list = Object.entries(known) as [IdentityKind, string][]
    const contact = list[0]?.[1] ?? ''
    return resolveCustomer(
      db,
      {
        address: contact,
        contact,
        name,
        identities: list.map(([kind, value]) => ({ kind, value, proof: 'channel' })),
      },
      newId('con'),
      at,
    ).then(({ id }) => id)
  }

  async function everybody() {
    const rows = await db.orm.select().from(customers).where(db.mine(customers))
    const known = await db.orm.select().from(identities).where(db.mine(identities))
    return rows.map((row) => ({
      ...row,
      known: known
        .filter((one) => one.customerId === row.id)
        .map(({ value }) => value)
        .sort(),
    }))
  }

  /** The files of uploads that are still kept, by their keys. */
  async function files(): Promise<string[]> {
    const { objects } = await env.FILES.list({ prefix: `t/${acme.tenantId}/u/` })
    return objects.map(({ key }) => key)
  }

  return { acme, admin, db, get, newCampaign, send, bring, until, load, person, everybody, files }
}

export function isOver({ state }: Upload): boolean {
  return state !== 'running' && state !== 'ready'
}

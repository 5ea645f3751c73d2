// What may come between the chunks of an upload: crashes, stops, merges, messages.

import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'

import type { Upload, UploadId } from '../../shared/campaign.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { post } from '../../tests/world.ts'
import { identities } from '../base/schema.ts'
import { mergeCustomers } from '../customer/merge/merging.ts'
import { uploadWorker } from './object.ts'
import { isOver, newOffice, noon, type Office } from './testing.ts'

let office: Office

beforeEach(async () => {
  office = await newOffice()
})

function many(from: number, to: number): string {
  const lines = Array.from(
    { length: to - from },
    (_, n) =>
      `Person ${from + n},p${from + n}@office.acme.example,+4670${String(1_000_000 + from + n)}`,
  )
  return `name,email,phone\n${lines.join('\n')}\n`
}

async function begin(csv: string): Promise<UploadId> {
  const { upload, mapping } = await office.bring(await office.newCampaign(), csv)
  await post(`/api/uploads/${upload.id}/start`, office.admin, { mapping })
  return upload.id
}

describe('whatever comes between', () => {
  it('a crash in the middle doubles nothing and loses nothing', async () => {
    // So many that the crash comes before the end, however fast the rest is.
    const most = 8_000
    const id = await begin(many(0, most))
    await office.until(id, ({ lines }) => lines > 0)
    await abortAllDurableObjects()
    const between = await office.get<Upload>(`/api/uploads/${id}`)
    await uploadWorker(env, office.acme.tenantId, id).wake()

    const done = await office.until(id, isOver)

    expect(between.lines).toBeLessThan(most)
    expect(done).toMatchObject({ state: 'done', lines: most })
    expect(done.counts).toMatchObject({ created: most, updated: 0 })
    const all = await office.everybody()
    expect(all).toHaveLength(most)
    expect(new Set(all.flatMap(({ known }) => known)).size).toBe(2 * most)
  }, 60_000)

  it('two workers at once do each line once', async () => {
    const id = await begin(many(0, 1_500))
    const worker = uploadWorker(env, office.acme.tenantId, id)
    await Promise.all([runDurableObjectAlarm(worker), worker.wake(), runDurableObjectAlarm(worker)])
    await evictDurableObject(worker).catch(() => undefined)
    await worker.wake()

    const done = await office.until(id, isOver)

    expect(done.counts).toMatchObject({ created: 1_500, updated: 0 })
    expect(await office.everybody()).toHaveLength(1_500)
  }, 60_000)

  it('cancelled and taken up again, it goes on where it was', async () => {
    const id = await begin(many(0, 4_200))
    await office.until(id, ({ lines }) => lines > 0)

    const stopped = await post<Upload>(`/api/uploads/${id}/cancel`, office.admin, {})
    expect(stopped).toMatchObject({ state: 'cancelled' })
    expect(stopped.lines).toBeLessThan(4_200)
    const again = await post<Upload>(`/api/uploads/${id}/resume`, office.admin, {})

    expect(again.state).toBe('running')
    expect((await office.until(id, isOver)).counts).toMatchObject({ created: 4_200, updated: 0 })
  }, 60_000)

  it('records that are merged meanwhile are found where they are', async () => {
    const ids: CustomerId[] = []
    for (let n = 0; n < 8; n += 1)
      ids.push(await office.person({ email: `p${n * 250}@office.acme.example` }, noon + n))
    const id = await begin(many(0, 2_200))
    const actor = { kind: 'operator', id: office.admin.id } as const
    for (const other of ids.slice(1)) {
      await mergeCustomers(office.db, [ids[0]!, other], { choices: {}, actor, at: Date.now() })
    }

    const done = await office.until(id, isOver)

    expect(done).toMatchObject({ state: 'done', lines: 2_200 })
    const all = await office.everybody()
    const values = all.flatMap(({ known }) => known)
    expect(new Set(values).size).toBe(4_400)
    const orphans = await office.db.orm.select().from(identities).where(office.db.mine(identities))
    expect(orphans.every(({ customerId }) => all.some((one) => one.id === customerId))).toBe(true)
    expect(all.some((one) => ids.slice(1).includes(one.id))).toBe(false)
  }, 60_000)

  it('messages that arrive meanwhile find or make one record each', async () => {
    const id = await begin(many(0, 1_500))
    const writers = Array.from({ length: 40 }, (_, n) =>
      office.person({ phone: `+4670${1_000_000 + n * 30}` }, Date.now()),
    )
    await Promise.all(writers)

    await office.until(id, isOver)

    const all = await office.everybody()
    const values = all.flatMap(({ known }) => known)
    expect(new Set(values).size).toBe(3_000)
    for (const writer of writers) {
      const found = await writer
      expect(all.some((one) => one.id === found)).toBe(true)
    }
  }, 60_000)
})

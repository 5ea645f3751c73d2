// What may come between the chunks of an upload: crashes, stops, merges, messages.

import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Upload, UploadId } from '../../shared/campaign.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { ask, post } from '../../tests/world.ts'
import { identities, uploads } from '../base/schema.ts'
import { mergeCustomers } from '../customer/merge/merging.ts'
import { uploadWorker } from './object.ts'
import { keptForMs } from './upload/job.ts'
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

  it('an upload that is overtaken every time ends with a sentence, and can be taken up again', async () => {
    // What a guard does to its batch, each time.
    await env.DB.exec(
      "create trigger overtaking before insert on upload_line begin select json('overtaken'); end",
    )
    const id = await begin(many(0, 3))
    const failed = await office
      .until(id, isOver)
      .finally(() => env.DB.exec('drop trigger overtaking'))
    await post(`/api/uploads/${id}/resume`, office.admin, {})
    const done = await office.until(id, ({ state }) => state === 'done')

    expect(failed).toMatchObject({ state: 'failed', lines: 0, counts: { created: 0 } })
    expect(failed.error).toContain('take it up again')
    expect(done.counts).toMatchObject({ created: 3, skipped: 0 })
  }, 30_000)

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

describe('who is deleted', () => {
  it('is not brought back by a file that came before, and is named in no report', async () => {
    const { owner } = office.acme.operators
    const remove = (id: CustomerId) => ask(`/api/customers/${id}`, owner, { method: 'DELETE' })
    const old = await office.person({ external: 'A1', email: 'p3000@office.acme.example' }, noon)
    const apart = await office.person({ external: 'B2', email: 'p5@office.acme.example' }, noon)
    await office.person({ external: 'C3', phone: '+46701000005' }, noon - 1)
    const id = await begin(many(0, 4_200))
    await office.until(id, ({ lines }) => lines > 0)
    await post(`/api/uploads/${id}/cancel`, office.admin, {})
    const first = (await office.everybody()).find(({ name }) => name === 'Person 0')

    for (const gone of [old, apart, first!.id]) expect((await remove(gone)).status).toBe(204)
    await post(`/api/uploads/${id}/resume`, office.admin, {})
    const done = await office.until(id, isOver)

    expect(done).toMatchObject({ state: 'done', lines: 4_200 })
    expect(done.counts).toMatchObject({ skipped: 1, conflict: 1 })
    const text = JSON.stringify(await office.everybody())
    for (const one of ['p0@', 'p3000@', '+46701003000', 'B2']) expect(text).not.toContain(one)
    const report = await (await ask(`/api/uploads/${id}/report`, office.admin)).text()
    expect(report).toContain('3002,skipped,,Deleted since the file was uploaded')
    expect(report).toContain('Not combined with a record that has been deleted since')
    for (const one of [old, apart, first!.id, 'B2']) expect(report).not.toContain(one)
  }, 60_000)

  it('may come back by a file of later', async () => {
    const { owner } = office.acme.operators
    const old = await office.person({ email: 'p1@office.acme.example' }, noon)
    await ask(`/api/customers/${old}`, owner, { method: 'DELETE' })

    const done = await office.until(await begin(many(1, 2)), isOver)

    expect(done.counts).toMatchObject({ created: 1, skipped: 0 })
    expect((await office.everybody()).map(({ id }) => id)).not.toContain(old)
  })
})

describe('the file', () => {
  it('of a job that nobody takes up goes after a week', async () => {
    const { upload } = await office.bring(await office.newCampaign(), many(0, 3))
    const worker = uploadWorker(env, office.acme.tenantId, upload.id)
    const planned = () => runInDurableObject(worker, (_, { storage }) => storage.getAlarm())
    expect(await planned()).toBeGreaterThan(Date.now() + keptForMs - 60_000)

    await runDurableObjectAlarm(worker)
    expect(await office.files()).toHaveLength(1)
    expect(await planned()).toBe(upload.updatedAt + keptForMs)
    await office.db.orm
      .update(uploads)
      .set({ updatedAt: upload.updatedAt - keptForMs })
      .where(office.db.mine(uploads))
    await runDurableObjectAlarm(worker)

    expect(await office.files()).toEqual([])
    expect(await planned()).toBeNull()
    const now = await office.get<Upload>(`/api/uploads/${upload.id}`)
    expect(now).toMatchObject({ state: 'failed', error: expect.stringContaining('after a week') })
  })

  it('goes with its campaign', async () => {
    const campaign = await office.newCampaign()
    await office.bring(campaign, many(0, 3))

    await ask(`/api/campaigns/${campaign.id}`, office.admin, { method: 'DELETE' })

    await vi.waitFor(async () => expect(await office.files()).toEqual([]))
  })
})

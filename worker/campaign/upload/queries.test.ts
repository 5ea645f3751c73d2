// An upload that dies at any of its steps and is taken up again: as if nothing had happened.

import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'

import type { UploadId, UploadLine } from '../../../shared/campaign.ts'
import { tenantDb } from '../../base/db.ts'
import type { Env } from '../../base/env.ts'
import { fieldChanges, fieldValues, merges, participants } from '../../base/schema.ts'
import { newOffice, noon, type Office } from '../testing.ts'
import { settle, workOn } from './job.ts'
import { readUpload, turnUpload } from './queries.ts'
import { dyingAt, type When } from './testing.ts'

const bindings = env as unknown as Env
const file = `name,email,phone,seat
Ada,ada@office.acme.example,,1A
Dana,dana@office.acme.example,+13125550142,1B
Nobody,,,
Grace,grace@office.acme.example,,1C
Ada B.,ADA@office.acme.example,,2A
`

interface Town {
  readonly office: Office
  readonly id: UploadId
}

let town: Town

beforeEach(async () => {
  town = await newTown()
})

/** Two records that a line will merge, one that a line will change, and a file that waits. */
async function newTown(): Promise<Town> {
  const office = await newOffice()
  await office.person({ phone: '+13125550142' }, noon)
  await office.person({ email: 'dana@office.acme.example' }, noon + 1)
  await office.person({ email: 'grace@office.acme.example' }, noon + 2, 'G.')
  const { upload, mapping } = await office.bring(await office.newCampaign(), file)
  // Started without its own worker: the test is the worker.
  await turnUpload(office.db, upload.id, {
    from: ['ready'],
    state: 'running',
    mapping: { ...mapping, delimiter: ',' },
  })
  return { office, id: upload.id }
}

/** Works as the object does; dies where the bindings do. */
async function work({ office, id }: Town, by: Env): Promise<void> {
  const db = tenantDb(by, office.acme.tenantId)
  const wish = { until: Date.now() + 60_000, tell: () => Promise.resolve() }
  while (await workOn(by, db, id, wish));
  await settle(by, db, id)
}

/** All an upload leaves, without ids and times. */
async function whole({ office, id }: Town) {
  const { db } = office
  const everybody = await office.everybody()
  const nameOf = (customer: string) => everybody.find((one) => one.id === customer)?.name ?? '?'
  const [values, history, joined, merged] = await Promise.all([
    db.orm.select().from(fieldValues).where(db.mine(fieldValues)),
    db.orm.select().from(fieldChanges).where(db.mine(fieldChanges)),
    db.orm.select().from(participants).where(db.mine(participants)),
    db.orm.select().from(merges).where(db.mine(merges)),
  ])
  const { lines } = await office.get<{ lines: UploadLine[] }>(`/api/uploads/${id}/lines`)
  const upload = await readUpload(db, id)
  return {
    people: everybody
      .map(({ name, email, phone, searchText, known }) => [name, email, phone, searchText, known])
      .sort(),
    values: values.map((one) => [nameOf(one.customerId), one.field, one.value]).sort(),
    history: history.map((one) => [one.field, one.before, one.value]).sort(),
    joined: joined.map((one) => [nameOf(one.customerId), one.status, one.data]).sort(),
    merges: merged.length,
    lines: lines.map(({ customerId, detail, ...line }) => [
      { ...line, detail: detail.replaceAll(/cus_\w+/g, nameOf) },
      customerId && nameOf(customerId),
    ]),
    state: upload?.state,
    counts: upload?.counts,
    files: await office.files(),
  }
}

describe('an upload', () => {
  it('that dies at any step is taken up again, and ends as one that did not', async () => {
    const never = dyingAt(bindings, Number.POSITIVE_INFINITY, 'before')
    await work(town, never.env)
    const undisturbed = await whole(town)
    expect(undisturbed).toMatchObject({
      state: 'done',
      counts: { created: 1, updated: 2, merged: 1, conflict: 0, skipped: 1 },
      merges: 1,
      files: [],
    })
    expect(undisturbed.lines).toHaveLength(5)

    for (let step = 1; step <= never.steps(); step += 1) {
      for (const when of ['before', 'after'] satisfies When[]) {
        const other = await newTown()
        await expect(work(other, dyingAt(bindings, step, when).env)).rejects.toThrow(
          /died|Failed query/,
        )
        await work(other, bindings)
        expect(await whole(other), `${when} step ${step}`).toEqual(undisturbed)
      }
    }
    expect(never.steps()).toBeGreaterThan(10)
  }, 120_000)
})

// What may go wrong in a run: many sessions of one customer, crashes, cancels, models that fail,
// values that don't fit, records that are merged or deleted meanwhile.

import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AnalysisRun } from '../../shared/analysis.ts'
import { newId } from '../../shared/new-id.ts'
import { auditOf } from '../../tests/tenants.ts'
import { ask, post } from '../../tests/world.ts'
import { analysisRuns, fieldChanges, fieldValues, sessions } from '../base/schema.ts'
import { runWorker } from './object.ts'
import { noCounts } from './run.ts'
import { completion, logOf, newLab, type Lab } from './testing.ts'

let lab: Lab

beforeEach(async () => {
  lab = await newLab()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const admin = () => lab.world.tenant.operators.admin

describe('a customer with several sessions', () => {
  it('has the value of the newest that says one, written once; dry and real count alike', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'good: thanks\nbad: broken')
    const id = await lab.sessionsOfOne('thanks', 'it is broken', 'when does it ship')

    const dry = await lab.run(['mood'], { dry: true })
    const real = await lab.run(['mood'])

    // The last says nothing of it, the one before does, the first needn't be read.
    expect(dry.counts).toEqual({
      total: 3,
      read: 2,
      passed: 1,
      skipped: 0,
      failed: 0,
      metrics: { mood: { ...noCounts, new: 1 } },
    })
    expect(real.counts).toEqual(dry.counts)
    expect(await lab.fieldOf(id, 'mood')).toMatchObject({ value: 'bad' })
    const history = await lab.db.orm
      .select()
      .from(fieldChanges)
      .where(lab.db.mine(fieldChanges, eq(fieldChanges.field, 'mood')))
    expect(history).toMatchObject([{ value: 'bad', source: 'analysis' }])
  })

  it('is remembered from one step of the work to the next', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'good: thanks\nbad: broken')
    const id = await lab.sessionsOfOne('it is broken', 'thanks')
    // The step before has ended at the newest session, and had its value.
    const rows = await lab.db.orm.select().from(sessions).where(lab.db.mine(sessions))
    const newest = rows.sort((a, b) => b.startedAt - a.startedAt)[0]!
    const { customerId, startedAt } = newest
    const after = { customerId, startedAt, sessionId: newest.id }
    const done = await lab.run(['mood'], { dry: true })
    const begun = await begunAt(done, { after, said: ['mood'], failing: 0 })

    expect((await lab.over(begun)).counts).toMatchObject({ read: 0, passed: 1 })
    expect(await lab.fieldOf(id, 'mood')).toBeUndefined()
  })
})

describe('values', () => {
  it('are written as their fields are, and left out where they are none', async () => {
    await lab.newField('tier', { type: 'enum', options: ['Gold', 'Silver'] })
    await lab.newField('age', { type: 'number' })
    await lab.newField('since', { type: 'date' })
    await lab.newField('until', { type: 'date' })
    await lab.newField('vip', { type: 'boolean' })
    await lab.newField('plan', { type: 'enum', options: ['Basic'] })
    const says: Record<string, unknown> = {
      tier: 'GOLD',
      age: '42.50',
      since: '2026-02-03',
      until: '2026-02-31',
      vip: 'yes',
      plan: 'Premium',
      email: ' Maria@Example.COM ',
      telegram_username: '@Maria_S',
      phone: 'none that I know',
      channels: 'telegram',
    }
    for (const id of Object.keys(says)) await lab.newMetric(id, `What is the ${id}?`)
    const [id] = await lab.people('hello')
    lab.modelSays(JSON.stringify(says))
    const { id: agentId } = await lab.cleverAgent()

    const { counts } = await lab.run(Object.keys(says), { agentId })

    const profile = await lab.profile(id!)
    const value = (name: string) => profile.fields.find(({ field }) => field === name)?.value
    expect(['tier', 'age', 'since', 'until', 'vip', 'plan'].map(value)).toEqual([
      'Gold',
      '42.5',
      '2026-02-03',
      undefined,
      'true',
      undefined,
    ])
    for (const unfit of ['until', 'plan', 'phone']) {
      expect(counts.metrics[unfit], unfit).toEqual({ ...noCounts, unfit: 1 })
    }
    expect(counts.metrics['channels']).toEqual({ ...noCounts, unfed: 1 })
    const held = await lab.db.orm.select().from(fieldValues).where(lab.db.mine(fieldValues))
    const analysed = held.filter(({ source }) => source === 'analysis')
    // Said, and proven by nobody: it contacts no one and matches nobody.
    expect(analysed.find(({ field }) => field === 'email')).toMatchObject({
      value: 'maria@example.com',
      verified: false,
    })
    expect(analysed.map(({ field }) => field)).not.toContain('channels')
    expect(analysed.map(({ field }) => field)).not.toContain('phone')
  })

  it('a person has pinned are only suggested beside', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'good: thanks')
    const [glad] = await lab.people('thanks a lot')
    await lab.db.orm.insert(fieldValues).values({
      tenantId: lab.world.tenant.tenantId,
      customerId: glad!,
      field: 'mood',
      value: 'grumpy',
      key: 'grumpy',
      verified: true,
      source: 'operator',
      pinned: true,
      at: 5,
    })

    const dry = await lab.run(['mood'], { dry: true })
    expect((await lab.profile(glad!)).suggestions).toEqual([])
    const real = await lab.run(['mood'])

    expect(dry.counts.metrics).toEqual({ mood: { ...noCounts, suggested: 1 } })
    expect(real.counts).toEqual(dry.counts)
    expect(await lab.fieldOf(glad!, 'mood')).toMatchObject({ value: 'grumpy' })
    expect((await lab.profile(glad!)).suggestions).toMatchObject([
      { field: 'mood', value: 'good', source: 'analysis' },
    ])
  })
})

describe('a language model', () => {
  it('reads prose, is asked in the form of the field, and once for all metrics', async () => {
    await lab.newField('csat', { type: 'number' })
    await lab.newMetric('csat', 'How content is the customer? Scale: 1 to 5')
    await lab.newMetric('size', '= messages', { type: 'number' })
    const [glad] = await lab.people('thanks a lot')

    const plain = await lab.run(['csat'])
    expect(logOf(plain)).toContain('csat is written as prose')
    expect(plain.counts.metrics['csat']).toEqual(noCounts)

    lab.modelSays('{"csat": 5, "size": 99}')
    const { id: agentId } = await lab.cleverAgent()
    const before = lab.provider.calls.length
    const { counts } = await lab.run(['csat', 'size'], { agentId })

    expect(counts.metrics['csat']).toEqual({ ...noCounts, new: 1 })
    expect(await lab.fieldOf(glad!, 'csat')).toMatchObject({ value: '5', source: 'analysis' })
    const asked = lab.provider.calls.slice(before).map(({ body }) => JSON.stringify(body))
    expect(asked).toHaveLength(1)
    expect(asked[0]).toContain('(a number)')
    // What is looked up is no question to a model.
    expect(asked[0]).not.toContain('= messages')
  })

  it('that stumbles is asked again', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'How is the customer?')
    const [id] = await lab.people('hello')
    const { id: agentId } = await lab.cleverAgent()
    let times = 0
    lab.provider.answer = async () => {
      times += 1
      return times === 1 ? new Response('', { status: 429 }) : completion('{"mood":"fine"}')
    }

    const { counts } = await lab.run(['mood'], { agentId })

    expect(counts).toMatchObject({ read: 1, failed: 0 })
    expect(await lab.fieldOf(id!, 'mood')).toMatchObject({ value: 'fine' })
  })

  it('that reads nothing fails the run, and tells no secret; what needs no model is written', async () => {
    await lab.newField('size', { type: 'number' })
    await lab.newMetric('csat', 'How content is the customer?')
    await lab.newMetric('size', '= messages', { type: 'number' })
    const [id] = await lab.people('a b', 'c d')
    const { id: agentId } = await lab.cleverAgent()
    lab.provider.answer = async () => new Response('sk-secret-key', { status: 401 })

    const ran = await lab.run(['csat', 'size'], { agentId })

    expect(ran).toMatchObject({ state: 'failed', counts: { failed: 2, read: 0 } })
    expect(logOf(ran)).toContain('The endpoint answered 401')
    expect(logOf(ran)).not.toContain('sk-secret')
    expect(await lab.fieldOf(id!, 'size')).toMatchObject({ value: '1' })
  })

  it('that fails five times in a row stops the run', async () => {
    await lab.newMetric('csat', 'How content is the customer?')
    await lab.people('a', 'b', 'c', 'd', 'e')
    const { id: agentId } = await lab.cleverAgent()
    lab.provider.answer = async () => new Response('', { status: 401 })

    const ran = await lab.run(['csat'], { agentId })

    expect(ran.state).toBe('failed')
    expect(logOf(ran)).toContain('The model does not answer')
  })
})

describe('a run that is disturbed', () => {
  it('goes on after a crash, each session once', async () => {
    await lab.newField('size', { type: 'number' })
    await lab.newMetric('size', '= messages', { type: 'number' })
    await lab.people('a', 'b', 'c')
    const { id } = await lab.begin(['size'])
    await abortAllDurableObjects()
    await runWorker(env, lab.world.tenant.tenantId, id).wake()

    expect((await lab.over(id)).counts).toMatchObject({
      read: 3,
      metrics: { size: { ...noCounts, new: 3 } },
    })
  })

  it('by a crash amid open questions asks them again, and writes and counts once', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'How is the customer?')
    await lab.people('a', 'b')
    const { id: agentId } = await lab.cleverAgent()
    const gate = Promise.withResolvers<void>()
    const asked = vi.fn<() => Promise<Response>>(async () => {
      await gate.promise
      return completion('{"mood":"fine"}')
    })
    lab.provider.answer = asked
    const { id } = await lab.begin(['mood'], { agentId })
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2))
    await abortAllDurableObjects()
    await runWorker(env, lab.world.tenant.tenantId, id).wake()
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(4))
    gate.resolve()

    expect((await lab.over(id)).counts).toMatchObject({
      read: 2,
      metrics: { mood: { ...noCounts, new: 2 } },
    })
  })

  it('by a cancel writes nothing more, and says who it was', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'How is the customer?')
    const [person] = await lab.people('hello')
    const { id: agentId } = await lab.cleverAgent()
    const gate = Promise.withResolvers<void>()
    const asked = vi.fn<() => Promise<Response>>(async () => {
      await gate.promise
      return completion('{"mood":"fine"}')
    })
    lab.provider.answer = asked
    const { id } = await lab.begin(['mood'], { agentId })
    await vi.waitFor(() => expect(asked).toHaveBeenCalled())

    const cancelled = await post<AnalysisRun>(`/api/analysis-runs/${id}/cancel`, admin(), undefined)
    gate.resolve()
    await vi.waitFor(async () => {
      const { log } = await lab.over(id)
      expect(log.at(-1)?.text).toBe(`Cancelled by ${admin().name}: what is written stays`)
    })
    // The worker has come to its end, and found that there is nothing to do.
    const stub = runWorker(env, lab.world.tenant.tenantId, id)
    await stub.wake()

    expect(cancelled.state).toBe('cancelled')
    expect((await lab.over(id)).counts).toMatchObject({ read: 0 })
    expect(await lab.fieldOf(person!, 'mood')).toBeUndefined()
    const log = await auditOf(env, lab.world.tenant.tenantId)
    expect(log.filter(({ action }) => action === 'analysis.cancelled')).toHaveLength(1)
  })

  it('by a merge reads the merged record again, whose sessions it had passed', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'good: thanks')
    const [first, second] = await lab.people('hello', 'thanks a lot')
    const done = await lab.run(['mood'], { dry: true })
    // It was past everybody when the two became one.
    const after = { customerId: 'cus_zzz', startedAt: 0, sessionId: 'ses_0' }
    const { customerId } = await post<{ customerId: string }>(
      `/api/customers/${first}/merges`,
      admin(),
      { with: second },
    )

    const ran = await lab.over(await begunAt(done, { after, said: [], failing: 0 }))

    expect(logOf(ran)).toContain('2 conversations of theirs are read again')
    expect(ran.counts.metrics['mood']).toEqual({ ...noCounts, new: 1 })
    expect(await lab.fieldOf(customerId, 'mood')).toMatchObject({ value: 'good' })
  })

  it('by a session that has gone, or a customer, passes over it', async () => {
    await lab.newField('size', { type: 'number' })
    await lab.newMetric('size', '= messages', { type: 'number' })
    const [gone, stays] = await lab.people('a', 'b')
    const [row] = await lab.db.orm
      .select()
      .from(sessions)
      .where(lab.db.mine(sessions, eq(sessions.customerId, stays!)))
    await lab.db.orm
      .insert(sessions)
      .values({ ...row!, id: newId('ses'), startedAt: row!.startedAt + 1 })
    const { name } = await lab.profile(gone!)
    const removed = await ask(`/api/customers/${gone}`, admin(), {
      method: 'DELETE',
      body: JSON.stringify({ name }),
    })
    expect(removed.status).toBe(204)

    const ran = await lab.run(['size'])

    expect(ran).toMatchObject({ state: 'done', counts: { read: 1, skipped: 1 } })
    expect(await lab.fieldOf(stays!, 'size')).toMatchObject({ value: '1' })
    const left = await lab.db.orm
      .select()
      .from(fieldValues)
      .where(lab.db.mine(fieldValues, eq(fieldValues.customerId, gone!)))
    expect(left).toEqual([])
  })
})

/** A run like another that has come so far, and is woken. */
async function begunAt(like: AnalysisRun, cursor: object): Promise<string> {
  const { tenantId } = lab.world.tenant
  const id = newId('run')
  await lab.db.orm.insert(analysisRuns).values({
    ...like,
    id,
    tenantId,
    dry: false,
    state: 'running',
    cursor: JSON.stringify(cursor),
    counts: { ...like.counts, read: 0, passed: 0, metrics: {} },
    createdBy: admin().id,
    updatedAt: Date.now(),
  })
  await runWorker(env, tenantId, id).wake()
  return id
}

// Deep Analysis, from a conversation to a field (check 6): real sessions, rules, a model that is a stub.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AnalysisRun } from '../../shared/analysis.ts'
import { auditOf, newTenant } from '../../tests/tenants.ts'
import { ask, listen, post } from '../../tests/world.ts'
import { analysisRuns } from '../base/schema.ts'
import { noCounts } from './run.ts'
import { logOf, newLab, type Lab } from './testing.ts'

let lab: Lab

beforeEach(async () => {
  lab = await newLab()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const operators = () => lab.world.tenant.operators

describe('a run', () => {
  it('writes the metrics whose id is a Field Name, and says which are not', async () => {
    await lab.newField('mood')
    await lab.newField('plan', { title: 'Plan tier' })
    const metric = await lab.newMetric('mood', 'good: thanks\nbad: broken')
    const loose = await lab.newMetric('plan_tier', 'gold: thanks')
    const [glad, cross, other] = await lab.people(
      'thanks a lot',
      'it is broken',
      'when does it ship',
    )

    const ran = await lab.run(['mood', 'plan_tier'])

    expect([metric.feeds, loose.feeds]).toEqual([true, false])
    expect(ran.state).toBe('done')
    expect(ran.counts).toEqual({
      total: 3,
      read: 3,
      passed: 0,
      skipped: 0,
      failed: 0,
      metrics: { mood: { ...noCounts, new: 2 }, plan_tier: { ...noCounts, unfed: 1 } },
    })
    expect(logOf(ran)).toContain('plan_tier is no Field Name of a customer field')
    expect(await lab.fieldOf(glad!, 'mood')).toMatchObject({
      value: 'good',
      source: 'analysis',
      verified: false,
    })
    expect(await lab.fieldOf(cross!, 'mood')).toMatchObject({ value: 'bad' })
    expect(await lab.fieldOf(other!, 'mood')).toBeUndefined()
    expect(await lab.fieldOf(glad!, 'plan')).toBeUndefined()
    const log = await auditOf(env, lab.world.tenant.tenantId)
    expect(log.map(({ action }) => action)).toContain('analysis.run')
  })

  it('that is dry counts the same, metric by metric, and writes nothing', async () => {
    await lab.newField('mood')
    await lab.newField('size', { type: 'number' })
    await lab.newMetric('mood', 'good: thanks\nbad: broken')
    await lab.newMetric('size', '= messages', { type: 'number' })
    await lab.newMetric('name', 'Thankful: thanks')
    const ids = await lab.people('thanks a lot', 'it is broken', 'when')
    const all = ['mood', 'size', 'name']
    const before = await Promise.all(ids.map((id) => lab.profile(id)))

    const dry = await lab.run(all, { dry: true })

    expect(await Promise.all(ids.map((id) => lab.profile(id)))).toEqual(before)
    expect(dry.counts.metrics).toEqual({
      mood: { ...noCounts, new: 2 },
      size: { ...noCounts, new: 3 },
      // What the channel has said of a name gives way to it.
      name: { ...noCounts, changed: 1 },
    })
    const real = await lab.run(all)
    expect(real.counts).toEqual(dry.counts)
    const again = await lab.run(all)
    expect(again.counts.metrics).toEqual({
      mood: { ...noCounts, same: 2 },
      size: { ...noCounts, same: 3 },
      name: { ...noCounts, same: 1 },
    })
  })

  it('reads the sessions its filter keeps', async () => {
    await lab.newMetric('size', '= messages', { type: 'number' })
    await lab.people('one', 'two')
    const { agent } = lab.world
    const read = async (filter: object) =>
      (await lab.run(['size'], { filter, dry: true })).counts.read

    expect(await read({ campaign: 'cmp_x' })).toBe(0)
    expect(
      await read({ campaign: 'customer-service', channel: 'telegram', agentId: agent.id }),
    ).toBe(2)
    expect(await read({ channel: 'whatsapp' })).toBe(0)
    expect(await read({ from: Date.now() + 60_000 })).toBe(0)
    expect(await read({ to: Date.now() + 60_000 })).toBe(2)
  })

  it('tells how far it is to whoever may run one', async () => {
    await lab.newMetric('size', '= messages', { type: 'number' })
    await lab.people('one')
    const panel = await listen(operators().admin, '/api/live')
    const viewer = await listen(operators().viewer, '/api/live')

    const { id } = await lab.run(['size'], { dry: true })

    await vi.waitFor(() => {
      expect(panel.heard).toContainEqual(
        expect.objectContaining({
          type: 'run',
          run: expect.objectContaining({ id, state: 'done' }),
        }),
      )
    })
    panel.close()
    // What comes after it on the same line is there: nothing of the run came before.
    await vi.waitFor(() => {
      expect(viewer.heard.at(-1)).toMatchObject({ type: 'people', people: [{}] })
    })
    expect(viewer.heard).not.toContainEqual(expect.objectContaining({ type: 'run' }))
    viewer.close()
  })

  it('whose worker was never woken goes on when somebody looks at the list', async () => {
    await lab.newMetric('size', '= messages', { type: 'number' })
    await lab.people('one')
    const done = await lab.run(['size'], { dry: true })
    const id = `${done.id.slice(0, -1)}${done.id.endsWith('0') ? '1' : '0'}`
    await lab.db.orm.insert(analysisRuns).values({
      ...done,
      id,
      tenantId: lab.world.tenant.tenantId,
      state: 'running',
      cursor: '',
      counts: { ...done.counts, read: 0, metrics: {} },
      createdBy: operators().admin.id,
      updatedAt: Date.now() - 300_000,
    })

    const list = await ask('/api/analysis-runs', operators().admin)
    expect((await list.json<{ runs: AnalysisRun[] }>()).runs.map((one) => one.id)).toContain(id)

    expect((await lab.over(id)).counts).toMatchObject({ read: 1 })
  })

  it('reads no other company’s conversations, and is nobody else’s', async () => {
    await lab.newMetric('size', '= messages', { type: 'number' })
    await lab.people('one', 'two')
    vi.unstubAllGlobals()
    const mine = lab
    lab = await newLab()
    await lab.newMetric('size', '= messages', { type: 'number' })
    await lab.people('three')

    expect((await lab.run(['size'], { dry: true })).counts.total).toBe(1)
    const foreign = await ask('/api/analysis-runs', operators().admin, {
      method: 'POST',
      body: JSON.stringify({
        metrics: ['size'],
        agentId: mine.world.agent.id,
        filter: {},
        dry: true,
      }),
    })
    expect(foreign.status).toBe(400)
  })
})

describe('a metric', () => {
  it('of an enum has options, and its id is for ever', async () => {
    const { admin } = operators()
    const tier = { id: 'tier', title: 'Tier', prompt: 'gold: thanks', type: 'enum' }
    const bare = await ask('/api/metrics', admin, { method: 'POST', body: JSON.stringify(tier) })
    expect(bare.status).toBe(400)
    await lab.newMetric('tier', 'gold: thanks', { type: 'enum', options: ['gold'] })
    const twice = await ask('/api/metrics', admin, {
      method: 'POST',
      body: JSON.stringify({ ...tier, options: ['gold'] }),
    })
    expect(twice.status).toBe(409)
  })

  it('feeds custom fields and those built in that are not computed', async () => {
    await lab.newField('mood')
    const feeds = async (id: string) => (await lab.newMetric(id, 'x: y')).feeds

    expect(await feeds('mood')).toBe(true)
    expect(await feeds('email')).toBe(true)
    expect(await feeds('last_communication')).toBe(false)
    expect(await feeds('campaign_status')).toBe(false)
    expect(await feeds('no_such_field')).toBe(false)
  })

  it('that is deleted leaves what it has written', async () => {
    await lab.newField('mood')
    await lab.newMetric('mood', 'good: thanks')
    const [glad] = await lab.people('thanks')
    await lab.run(['mood'])

    expect((await ask('/api/metrics/mood', operators().admin, { method: 'DELETE' })).status).toBe(
      204,
    )
    expect(await lab.fieldOf(glad!, 'mood')).toMatchObject({ value: 'good' })
  })
})

describe('who may', () => {
  it('run and change metrics is said by the role, and runs are of their tenant', async () => {
    await lab.newMetric('mood', 'good: thanks')
    const { id } = await lab.run(['mood'])
    const foreign = (await newTenant(env)).operators.owner
    const { agent } = lab.world
    const order = { metrics: ['mood'], agentId: agent.id, filter: {}, dry: true }
    const calls: [string, string, object?][] = [
      ['POST', '/api/metrics', { id: 'x', title: 'x', prompt: 'x', type: 'text' }],
      ['PATCH', '/api/metrics/mood', { title: 'Mood' }],
      ['DELETE', '/api/metrics/mood'],
      ['GET', '/api/analysis-runs'],
      ['POST', '/api/analysis-runs', order],
      ['GET', `/api/analysis-runs/${id}`],
      ['POST', `/api/analysis-runs/${id}/cancel`],
    ]
    for (const [method, path, body] of calls) {
      const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) }
      for (const who of [operators().operator, operators().viewer]) {
        expect((await ask(path, who, init)).status, path).toBe(403)
      }
      if (path === '/api/metrics' || path === '/api/analysis-runs') continue
      expect((await ask(path, foreign, init)).status, path).toBe(404)
    }
    expect((await ask('/api/metrics', operators().viewer)).status).toBe(200)
  })

  it('cancel, once: what is over stays as it is', async () => {
    await lab.newMetric('mood', 'good: thanks')
    const { id } = await lab.run(['mood'])

    const late = await post<AnalysisRun>(
      `/api/analysis-runs/${id}/cancel`,
      operators().admin,
      undefined,
    )

    expect(late.state).toBe('done')
    const log = await auditOf(env, lab.world.tenant.tenantId)
    expect(log.map(({ action }) => action)).not.toContain('analysis.cancelled')
  })
})

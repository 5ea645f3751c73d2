// Deep Analysis, from a conversation to a field (check 6): real sessions, rules, a model that is a stub.

import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AnalysisRun, Metric, NewRun } from '../../shared/analysis.ts'
import type { Agent } from '../../shared/agent.ts'
import type { CustomerProfile } from '../../shared/customer.ts'
import { auditOf, newTenant } from '../../tests/tenants.ts'
import { ask, newWorld, post, stubProvider, type World } from '../../tests/world.ts'
import { tenantDb } from '../base/db.ts'
import { fields, fieldValues } from '../base/schema.ts'
import { runWorker } from './object.ts'

let world: World
let provider: ReturnType<typeof stubProvider>

beforeEach(async () => {
  provider = stubProvider()
  world = await newWorld()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const admin = () => world.tenant.operators.admin

async function newField(name: string, type: 'number' | 'text' = 'text'): Promise<void> {
  await tenantDb(env, world.tenant.tenantId).orm.insert(fields).values({
    tenantId: world.tenant.tenantId,
    name,
    title: name,
    type,
    options: [],
    hidden: false,
    column: false,
    position: 90,
    createdAt: 1,
  })
}

function newMetric(id: string, prompt: string, more: object = {}): Promise<Metric> {
  return post<Metric>('/api/metrics', admin(), { id, title: id, prompt, type: 'text', ...more })
}

/** An agent whose model is the stubbed endpoint. */
function cleverAgent(): Promise<Agent> {
  const { instructions, resultFields, handoff, copilot } = world.agent
  return post<Agent>('/api/agents', admin(), {
    name: 'Clever',
    instructions,
    resultFields,
    handoff,
    copilot,
    connections: [],
    model: { kind: 'openai', baseUrl: 'https://llm.acme.example/v1', model: 'm' },
    modelKey: 'sk-secret-key',
  })
}

/** Each text is a person of their own. */
async function people(...texts: string[]): Promise<CustomerProfile['id'][]> {
  for (const [n, text] of texts.entries()) {
    await world.says(text, { chat: 500 + n })
    await world.rows((rows) => rows.length === n + 1)
  }
  const rows = await world.rows(
    (all) => all.length === texts.length && all.every(({ messageCount }) => messageCount > 1),
  )
  return rows.map(({ customer }) => customer.id)
}

async function run(metrics: string[], more: Partial<NewRun> = {}): Promise<AnalysisRun> {
  const started = await post<AnalysisRun>('/api/analysis-runs', admin(), {
    metrics,
    agentId: world.agent.id,
    filter: {},
    dry: false,
    ...more,
  })
  return over(started.id)
}

function over(id: string): Promise<AnalysisRun> {
  return vi.waitFor(async () => {
    const now = await ask(`/api/analysis-runs/${id}`, admin()).then((one) =>
      one.json<AnalysisRun>(),
    )
    if (now.state === 'running') throw new Error(JSON.stringify(now))
    return now
  }, 10_000)
}

async function fieldOf(id: string, name: string) {
  const profile = await ask(`/api/customers/${id}`, admin()).then((one) =>
    one.json<CustomerProfile>(),
  )
  return profile.fields.find(({ field }) => field === name)
}

describe('a run', () => {
  it('writes the metrics whose id is a Field Name, and says which are not', async () => {
    await newField('mood')
    const metric = await newMetric('mood', 'good: thanks\nbad: broken')
    const loose = await newMetric('plan_tier', 'gold: thanks')
    const [glad, cross, other] = await people('thanks a lot', 'it is broken', 'when does it ship')

    const { state, counts, log } = await run(['mood', 'plan_tier'])

    expect([metric.feeds, loose.feeds]).toEqual([true, false])
    expect(state).toBe('done')
    expect(counts).toMatchObject({ total: 3, read: 3, found: 3, written: 2 })
    expect(log.join('\n')).toContain('«plan_tier» is no field of customers')
    expect(await fieldOf(glad!, 'mood')).toMatchObject({
      value: 'good',
      source: 'analysis',
      verified: false,
    })
    expect(await fieldOf(cross!, 'mood')).toMatchObject({ value: 'bad' })
    expect(await fieldOf(other!, 'mood')).toBeUndefined()
    expect((await auditOf(env, world.tenant.tenantId)).map(({ action }) => action)).toContain(
      'analysis.run',
    )
  })

  it('that is dry counts the same and writes nothing', async () => {
    await newField('mood')
    await newMetric('mood', 'good: thanks')
    const [glad] = await people('thanks a lot')

    const dry = await run(['mood'], { dry: true })

    expect(dry.counts).toMatchObject({ read: 1, found: 1, written: 1 })
    expect(await fieldOf(glad!, 'mood')).toBeUndefined()
    expect((await run(['mood'])).counts).toMatchObject({ written: 1 })
    expect((await run(['mood'])).counts).toMatchObject({ written: 0, same: 1 })
  })

  it('only suggests where a person has written', async () => {
    await newField('mood')
    await newMetric('mood', 'good: thanks')
    const [glad] = await people('thanks a lot')
    const { tenantId } = world.tenant
    await tenantDb(env, tenantId).orm.insert(fieldValues).values({
      tenantId,
      customerId: glad!,
      field: 'mood',
      value: 'grumpy',
      key: 'grumpy',
      verified: true,
      source: 'operator',
      pinned: true,
      at: 5,
    })

    expect((await run(['mood'])).counts).toMatchObject({ written: 0, suggested: 1 })

    expect(await fieldOf(glad!, 'mood')).toMatchObject({ value: 'grumpy' })
    const profile = await ask(`/api/customers/${glad}`, admin()).then((one) =>
      one.json<CustomerProfile>(),
    )
    expect(profile.suggestions).toMatchObject([
      { field: 'mood', value: 'good', source: 'analysis' },
    ])
  })

  it('reads the sessions its filter keeps', async () => {
    await newMetric('size', '= messages', { type: 'number' })
    await people('one', 'two')
    const none = { campaign: 'cmp_x' }

    expect((await run(['size'], { filter: none, dry: true })).counts).toMatchObject({
      total: 0,
      read: 0,
    })
    expect(
      (
        await run(['size'], {
          filter: { campaign: 'customer-service', channel: 'telegram', agentId: world.agent.id },
          dry: true,
        })
      ).counts,
    ).toMatchObject({ read: 2 })
    expect(
      (await run(['size'], { filter: { from: Date.now() + 60_000 }, dry: true })).counts,
    ).toMatchObject({ read: 0 })
  })

  it('says that prose needs a language model, and asks the agent’s where there is one', async () => {
    await newField('csat', 'number')
    await newMetric('csat', 'How content is the customer, from 1 to 5?', { type: 'number' })
    const [glad] = await people('thanks a lot')

    const plain = await run(['csat'])
    expect(plain.log.join('\n')).toContain('«csat» is written as prose')

    const clever = await cleverAgent()
    provider.answer = async () =>
      Response.json({
        id: 'x',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [
          {
            index: 0,
            finish_reason: 'stop',
            message: { role: 'assistant', content: '{"csat": 5}' },
          },
        ],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      })
    const read = await run(['csat'], { agentId: clever.id })

    expect(read.counts).toMatchObject({ found: 1, written: 1 })
    expect(await fieldOf(glad!, 'csat')).toMatchObject({ value: '5', source: 'analysis' })
  })

  it('stops when the model does not answer, and tells no secret', async () => {
    await newMetric('csat', 'How content is the customer?')
    await people('a b', 'c d')
    const clever = await cleverAgent()
    provider.answer = async () => new Response('sk-secret-key', { status: 500 })

    const { counts, log, state } = await run(['csat'], { agentId: clever.id })

    expect(counts).toMatchObject({ failed: 2, found: 0 })
    expect(state).toBe('done')
    expect(log.join('\n')).toContain('The endpoint answered 500')
    expect(log.join('\n')).not.toContain('sk-secret')
  })

  it('goes on after a crash, each session once', async () => {
    await newField('size', 'number')
    await newMetric('size', '= messages', { type: 'number' })
    await people('a', 'b', 'c')
    const started = await post<AnalysisRun>('/api/analysis-runs', admin(), {
      metrics: ['size'],
      agentId: world.agent.id,
      filter: {},
      dry: false,
    })
    await abortAllDurableObjects()
    await runWorker(env, world.tenant.tenantId, started.id).wake()

    expect((await over(started.id)).counts).toMatchObject({ read: 3, found: 3 })
  })
})

describe('who may', () => {
  it('run and change metrics is said by the role, and runs are of their tenant', async () => {
    await newMetric('mood', 'good: thanks')
    const { id } = await run(['mood'])
    const foreign = (await newTenant(env)).operators.owner
    const calls: [string, string, object?][] = [
      ['POST', '/api/metrics', { id: 'x', title: 'x', prompt: 'x', type: 'text' }],
      ['PATCH', '/api/metrics/mood', { title: 'Mood' }],
      ['DELETE', '/api/metrics/mood'],
      ['GET', '/api/analysis-runs'],
      ['GET', `/api/analysis-runs/${id}`],
      ['POST', `/api/analysis-runs/${id}/cancel`],
    ]
    for (const [method, path, body] of calls) {
      const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) }
      expect((await ask(path, world.tenant.operators.operator, init)).status, path).toBe(403)
      if (path === '/api/metrics' || path === '/api/analysis-runs') continue
      expect((await ask(path, foreign, init)).status, path).toBe(404)
    }
    const twice = await ask('/api/metrics', admin(), {
      method: 'POST',
      body: JSON.stringify({ id: 'mood', title: 'x', prompt: 'x', type: 'text' }),
    })
    expect(twice.status).toBe(409)
    expect((await ask('/api/metrics/mood', admin(), { method: 'DELETE' })).status).toBe(204)
  })
})

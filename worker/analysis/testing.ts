// What the tests of Deep Analysis share: a world with people who say things, metrics and runs.

import { env } from 'cloudflare:workers'
import { vi } from 'vitest'

import type { Agent } from '../../shared/agent.ts'
import type { AnalysisRun, Metric, NewRun } from '../../shared/analysis.ts'
import type { CustomerProfile } from '../../shared/customer.ts'
import type { Field, NewField } from '../../shared/fields.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { ask, command, newWorld, post, stubProvider, type World } from '../../tests/world.ts'
import { tenantDb } from '../base/db.ts'

type Provider = ReturnType<typeof stubProvider>

export interface Lab {
  readonly world: World
  readonly provider: Provider
  readonly db: ReturnType<typeof tenantDb>
  newField(name: string, more?: Partial<NewField>): Promise<Field>
  newMetric(id: string, prompt: string, more?: object): Promise<Metric>
  /** An agent whose model is the stubbed endpoint. */
  cleverAgent(): Promise<Agent>
  /** The endpoint answers with this, whatever it is asked. */
  modelSays(answer: string): void
  /** Each text is a person of their own; what they are called in the order of the texts. */
  people(...texts: string[]): Promise<CustomerId[]>
  /** One person, a session for each text, one after the other. */
  sessionsOfOne(...texts: string[]): Promise<CustomerId>
  begin(metrics: string[], more?: Partial<NewRun>): Promise<AnalysisRun>
  /** The run when it is over. */
  over(id: string): Promise<AnalysisRun>
  run(metrics: string[], more?: Partial<NewRun>): Promise<AnalysisRun>
  profile(id: string): Promise<CustomerProfile>
  fieldOf(id: string, name: string): Promise<CustomerProfile['fields'][number] | undefined>
}

export async function newLab(): Promise<Lab> {
  const provider = stubProvider()
  const world = await newWorld()
  const { admin } = world.tenant.operators
  const get = async <Value>(path: string) => (await ask(path, admin)).json<Value>()
  const lab: Lab = {
    world,
    provider,
    db: tenantDb(env, world.tenant.tenantId),
    newField: (name, more = {}) =>
      post('/api/fields', admin, { name, title: `Title of ${name}`, type: 'text', ...more }),
    newMetric: (id, prompt, more = {}) =>
      post('/api/metrics', admin, { id, title: id, prompt, type: 'text', ...more }),
    cleverAgent() {
      const { instructions, resultFields, handoff, copilot } = world.agent
      return post('/api/agents', admin, {
        name: 'Clever',
        instructions,
        resultFields,
        handoff,
        copilot,
        connections: [],
        model: { kind: 'openai', baseUrl: 'https://llm.acme.example/v1', model: 'm' },
        modelKey: 'sk-secret-key',
      })
    },
    modelSays(answer) {
      provider.answer = async () => completion(answer)
    },
    async people(...texts) {
      const ids: CustomerId[] = []
      for (const [n, text] of texts.entries()) {
        await world.says(text, { chat: 500 + n })
        const rows = await world.rows(
          (all) =>
            all.length === n + 1 &&
            all.every(({ messageCount }) => messageCount > 1) &&
            all.some(({ customer }) => !ids.includes(customer.id)),
        )
        for (const { customer } of rows) if (!ids.includes(customer.id)) ids.push(customer.id)
      }
      return ids
    },
    async sessionsOfOne(...texts) {
      let before: string | undefined
      for (const text of texts) {
        await world.says(text)
        const [row] = await world.rows(
          ([first]) => first !== undefined && first.id !== before && first.messageCount > 1,
        )
        before = row!.id
        await post(`/api/sessions/${row!.id}/takeover`, admin, command())
        await post(`/api/sessions/${row!.id}/resolution`, admin, command())
        await world.rows((rows) => rows.length === 0)
      }
      const { rows } = await get<{ rows: { id: CustomerId }[] }>('/api/customers?limit=5')
      return rows[0]!.id
    },
    begin: (metrics, more = {}) =>
      post('/api/analysis-runs', admin, {
        metrics,
        agentId: world.agent.id,
        filter: {},
        dry: false,
        ...more,
      }),
    over: (id) =>
      vi.waitFor(async () => {
        const now = await get<AnalysisRun>(`/api/analysis-runs/${id}`)
        if (now.state === 'running') throw new Error(JSON.stringify(now))
        return now
      }, 10_000),
    run: async (metrics, more) => lab.over((await lab.begin(metrics, more)).id),
    profile: (id) => get(`/api/customers/${id}`),
    fieldOf: async (id, name) => (await lab.profile(id)).fields.find(({ field }) => field === name),
  }
  return lab
}

export function completion(content: string): Response {
  return Response.json({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  })
}

/** The whole log in one text. */
export function logOf({ log }: AnalysisRun): string {
  return log.map(({ text }) => text).join('\n')
}

// Agents over HTTP.

import type { AgentChange, ModelChoice, ResultField } from '../../shared/agent.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import { publicAddress } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import { handlers } from '../base/http.ts'
import { addAgent, changeAgent, listAgents } from './queries.ts'

export const agentHandlers = handlers({
  'GET /api/agents': async ({ db }) => ({ agents: await listAgents(db) }),

  'POST /api/agents': async ({ db, env, me, body }) => {
    const actor = { kind: 'operator', id: me.operatorId } as const
    return wrongIn(body, env) ?? addAgent(db, env, actor, body, Date.now())
  },

  'PATCH /api/agents/:agentId': async ({ db, env, me, params, body }) => {
    const actor = { kind: 'operator', id: me.operatorId } as const
    return wrongIn(body, env) ?? changeAgent(db, env, actor, params.agentId, body)
  },
})

/** What the shape alone does not say. */
function wrongIn({ model, resultFields }: AgentChange, env: Env): Refusal | undefined {
  return (model && wrongModel(model, env)) ?? (resultFields && wrongFields(resultFields))
}

function wrongModel(model: ModelChoice, env: Env): Refusal | undefined {
  if (model.kind !== 'openai' || isReachable(model.baseUrl, env)) return undefined
  return refuse('invalid', {
    at: 'model.baseUrl',
    detail: 'A public address that begins with https://',
  })
}

function isReachable(address: string, env: Env): boolean {
  if (env.SANDBOX && address.startsWith(`${env.PUBLIC_URL}/sandbox/`)) return true
  try {
    return publicAddress(address).protocol === 'https:'
  } catch {
    return false
  }
}

function wrongFields(fields: readonly ResultField[]): Refusal | undefined {
  const names = new Set(fields.map((field) => field.name))
  if (names.size < fields.length) {
    return refuse('invalid', { at: 'resultFields', detail: 'Two fields have the same name' })
  }
  const bare = fields.find((field) => field.type === 'enum' && !field.options?.length)
  return (
    bare && refuse('invalid', { at: 'resultFields', detail: `${bare.label} needs its options` })
  )
}

// An agent's model asked for something else than an answer: to read a text by given orders.

import type { Fetch } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import type { AgentSettings } from './queries.ts'

/**
 * What the agent's language model makes of a text. Nothing for an agent that has none: the built-in
 * rules read no prose. Throws `ModelTrouble` when the model does not answer.
 */
export async function readByModel(
  agent: Pick<AgentSettings, 'model' | 'modelKey'>,
  doors: { readonly env: Pick<Env, 'AI'>; readonly fetch: Fetch },
  asked: { readonly orders: string; readonly text: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (agent.model.kind === 'rules') return undefined
  const { readingModel } = await import('./language-model.ts')
  return readingModel(agent.model, { ...doors, apiKey: agent.modelKey })(asked)
}

// Language models behind the port: any OpenAI-compatible endpoint, or Workers AI. The libraries are
// loaded when the first such agent answers, never by a webhook or a look-up.

import type { LanguageModel, ModelMessage } from 'ai'

import type { ModelChoice } from '../../shared/agent.ts'
import { EgressRefused, type Fetch } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import { readCapped } from '../base/http.ts'
import { ModelTrouble, type Model, type Prompt } from './model.ts'
import { orders } from './prompt.ts'

/** The longest body of an endpoint that is read. */
const longestBody = 512 * 1024

/** A model behind an OpenAI-compatible endpoint. Requests go through the fetch it is given. */
export function openAiModel(
  choice: Extract<ModelChoice, { kind: 'openai' }>,
  apiKey: string | undefined,
  fetch: Fetch,
): Model {
  return {
    name: choice.model,
    async generate(prompt, signal) {
      return ask(await endpointOf(choice, apiKey, fetch), asked(prompt), signal)
    },
  }
}

/** A model of Workers AI, where the worker has it. */
export function workersAiModel(
  choice: Extract<ModelChoice, { kind: 'workers-ai' }>,
  env: Pick<Env, 'AI'>,
): Model {
  return {
    name: choice.model,
    async generate(prompt, signal) {
      return ask(await workersAiOf(choice, env), asked(prompt), signal)
    },
  }
}

/** The same models, asked to read a text by orders of the caller's. */
export function readingModel(
  choice: Exclude<ModelChoice, { kind: 'rules' }>,
  doors: {
    readonly env: Pick<Env, 'AI'>
    readonly fetch: Fetch
    readonly apiKey: string | undefined
  },
) {
  return async (wish: {
    readonly orders: string
    readonly text: string
    readonly signal: AbortSignal
  }): Promise<string> => {
    const { env, fetch, apiKey } = doors
    const model =
      choice.kind === 'openai'
        ? await endpointOf(choice, apiKey, fetch)
        : await workersAiOf(choice, env)
    const messages: ModelMessage[] = [{ role: 'user', content: wish.text }]
    return ask(model, { instructions: wish.orders, messages }, wish.signal)
  }
}

async function endpointOf(
  choice: Extract<ModelChoice, { kind: 'openai' }>,
  apiKey: string | undefined,
  fetch: Fetch,
): Promise<LanguageModel> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  const provider = createOpenAICompatible({
    name: 'endpoint',
    baseURL: choice.baseUrl,
    ...(apiKey ? { apiKey } : {}),
    fetch: (input, init) => capped(fetch, String(input), init),
  })
  return provider.chatModel(choice.model)
}

async function workersAiOf(
  choice: Extract<ModelChoice, { kind: 'workers-ai' }>,
  env: Pick<Env, 'AI'>,
): Promise<LanguageModel> {
  if (!env.AI) throw new ModelTrouble('Workers AI is not bound to this worker', false)
  const { createWorkersAI } = await import('workers-ai-provider')
  // Safe: the binding is Cloudflare's own; the library was only typed against older types of it.
  const provider = createWorkersAI({ binding: env.AI as never })
  return provider(choice.model as never)
}

interface Asked {
  readonly instructions: string
  readonly messages: ModelMessage[]
}

function asked(prompt: Prompt): Asked {
  return { instructions: orders(prompt), messages: messagesOf(prompt) }
}

async function ask(model: LanguageModel, wish: Asked, signal: AbortSignal): Promise<string> {
  const { generateText } = await import('ai')
  try {
    const { text, finishReason } = await generateText({
      model,
      ...wish,
      abortSignal: signal,
      maxRetries: 0,
    })
    if (finishReason === 'content-filter') throw new ModelTrouble('The model refused', true)
    if (finishReason === 'length') throw new ModelTrouble('The answer was cut short', true)
    return text
  } catch (error) {
    throw troubleOf(error)
  }
}

/** The conversation as roles, so that nothing the customer writes can pass for another's words. */
export function messagesOf(prompt: Prompt): ModelMessage[] {
  const messages = prompt.turns.map((turn): ModelMessage =>
    turn.by === 'customer'
      ? { role: 'user', content: turn.text }
      : {
          role: 'assistant',
          content: JSON.stringify({ action: 'reply', action_input: { text: turn.text } }),
        },
  )
  const opening = 'The customer has not written yet. Begin the conversation.'
  return messages.length > 0 ? messages : [{ role: 'user', content: `(${opening})` }]
}

/** The trouble in our words. What an endpoint says of itself may hold keys and prompts. */
function troubleOf(error: unknown): ModelTrouble {
  if (error instanceof ModelTrouble) return error
  const chain = causesOf(error)
  const trouble = chain.find((one) => one instanceof ModelTrouble)
  if (trouble) return trouble
  if (chain.some((one) => one instanceof EgressRefused)) {
    return new ModelTrouble('The endpoint is no public https address', false)
  }
  const status = chain.map(statusOf).find((one) => one !== undefined)
  if (status === undefined || status < 400) {
    return new ModelTrouble('The endpoint did not answer as agreed', true)
  }
  const again = status === 408 || status === 409 || status === 429 || status >= 500
  return new ModelTrouble(`The endpoint answered ${status}`, again)
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let at = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at)
  return chain
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined
}

async function capped(fetch: Fetch, url: string, init?: RequestInit): Promise<Response> {
  const { body, response } = await whole(fetch, url, init)
  if (!body) throw new ModelTrouble('The endpoint answered with too much', true)
  const type = response.headers.get('Content-Type') ?? 'application/json'
  return new Response(body, { status: response.status, headers: { 'Content-Type': type } })
}

async function whole(fetch: Fetch, url: string, init?: RequestInit) {
  try {
    const response = await fetch(url, init)
    return { response, body: await readCapped(response, longestBody) }
  } catch (error) {
    if (error instanceof EgressRefused) throw error
    throw new ModelTrouble('The endpoint could not be reached', true)
  }
}

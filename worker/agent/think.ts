// One turn of the agent: ask the model, judge what it says, and when it fails, hand over politely.

import type { Trace } from '../../shared/api.ts'
import type { QuickReply } from '../../shared/message.ts'
import type { LearntField, SessionState, Value } from '../../shared/session.ts'
import type { Fetch } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import { readKnowledge } from './knowledge.ts'
import { ModelTrouble, type DueHandover, type Model, type Prompt } from './model.ts'
import { buildPrompt, promptText, type Turn } from './prompt.ts'
import type { AgentSettings } from './queries.ts'
import { rulesModel } from './rules-model.ts'
import { readAnswer, type Answer } from './rules.ts'
import { inAllLanguages, sentences } from './sentences.ts'
import { brief } from './text.ts'

export type { Turn } from './prompt.ts'

/** What came of it. All of it has been checked; the session's rules still decide whether it counts. */
export interface Thought {
  /** What to say. Absent only when there is no draft to suggest. */
  readonly text?: string
  readonly quickReplies?: QuickReply[]
  /** Ask for a person, after the text was said. Never there for a draft. */
  readonly handover?: DueHandover
  /** Values of declared fields that are new. */
  readonly results: Record<string, Value>
  /** Contact details in the customer's own words. Claims: unverified. */
  readonly learnt: { field: LearntField; value: string }[]
  /** Every call of a model. */
  readonly traces: Trace[]
  readonly log: string[]
}

/** How long one try may take, and all of them together. */
export interface Deadlines {
  readonly tryMs: number
  readonly wholeMs: number
}
export const deadlines: Deadlines = { tryMs: 20_000, wholeMs: 30_000 }
const longestTrace = 20_000

/**
 * Thinks of an answer, or of a draft. Never throws for a model's sake: one that hangs, fails or
 * talks nonsense twice ends in an apology and, where the agent may, in a handover.
 */
export async function think(
  turn: Turn,
  env: Pick<Env, 'AI'>,
  fetch: Fetch,
  limits: Deadlines = deadlines,
): Promise<Thought> {
  return thinkWith(await modelOf(turn.agent, env, fetch), turn, limits)
}

/** The model an agent is set to. */
async function modelOf(agent: AgentSettings, env: Pick<Env, 'AI'>, fetch: Fetch): Promise<Model> {
  if (agent.model.kind === 'rules') return rulesModel
  const { openAiModel, workersAiModel } = await import('./language-model.ts')
  return agent.model.kind === 'openai'
    ? openAiModel(agent.model, agent.modelKey, fetch)
    : workersAiModel(agent.model, env)
}

/** The same with a model of one's choice. */
export async function thinkWith(
  model: Model,
  turn: Turn,
  limits: Deadlines = deadlines,
): Promise<Thought> {
  const trail = newTrail(turn)
  const prompt = buildPrompt(turn)
  trail.tell(`Agent «${prompt.agentName}» thinks of a ${prompt.purpose} with ${model.name}`)
  const whole = startTimer(limits.wholeMs)
  try {
    const first = await attempt(model, prompt, trail, limits.tryMs, whole.signal)
    if ('action' in first) return conclude(first, prompt, trail)
    if (!first.again || whole.signal.aborted) return await giveUp(first.trouble, prompt, trail)

    trail.tell('Asking once more')
    const second = await attempt(
      model,
      { ...prompt, retry: first.trouble },
      trail,
      limits.tryMs,
      whole.signal,
    )
    if ('action' in second) return conclude(second, prompt, trail)
    return await giveUp(second.trouble, prompt, trail)
  } finally {
    whole.stop()
  }
}

/** What is left behind for the logs. No secret gets into it, whatever a model says. */
interface Trail {
  readonly turn: Turn
  readonly traces: Trace[]
  readonly log: string[]
  tell(...lines: string[]): void
  trace(prompt: string, generation: string): void
}

function newTrail(turn: Turn): Trail {
  const { agent, now } = turn
  const traces: Trace[] = []
  const log: string[] = []
  const clean = (text: string) =>
    agent.modelKey ? text.replaceAll(agent.modelKey, '[secret]') : text
  return {
    turn,
    traces,
    log,
    tell: (...lines) => void log.push(...lines.map(clean)),
    trace: (prompt, generation) =>
      void traces.push({
        at: now,
        agentName: agent.name,
        prompt: clean(prompt),
        generation: clean(generation),
      }),
  }
}

interface Failure {
  readonly trouble: string
  readonly again: boolean
}

/** One call of the model, traced, whatever comes of it. */
async function attempt(
  model: Model,
  prompt: Prompt,
  trail: Trail,
  tryMs: number,
  whole: AbortSignal,
): Promise<Answer | Failure> {
  const timer = startTimer(tryMs)
  const signal = AbortSignal.any([whole, timer.signal])
  let raw: unknown
  let answer: Answer | Failure
  try {
    raw = await Promise.race([model.generate(prompt, signal), timer.over, whenAborted(whole)])
    const read = readAnswer(raw, prompt, secretsOf(trail.turn))
    answer = 'garbage' in read ? { trouble: read.garbage, again: true } : read
  } catch (error) {
    answer = failureOf(error, signal)
  } finally {
    timer.stop()
  }
  if ('trouble' in answer) trail.tell(`The model gave no answer: ${answer.trouble}`)
  const generation = 'trouble' in answer ? wastedText(raw, answer.trouble) : answerText(answer)
  trail.trace(promptText(prompt), generation)
  return answer
}

/** What is said and done with an answer that has passed. */
function conclude(answer: Answer, prompt: Prompt, trail: Trail): Thought {
  const { turn, traces, log, tell } = trail
  tell(...answer.dropped, `Action: ${answer.action}`)
  const heard = {
    results: { ...answer.results },
    learnt: answer.learnt.filter(
      ({ field, value }) => turn.state.learnt[field] !== value && turn.known[field] !== value,
    ),
    traces,
    log,
  }
  for (const name of Object.keys(heard.results)) tell(`Collected «${name}»`)
  for (const { field } of heard.learnt) tell(`Learnt the customer’s ${field}`)
  if (prompt.purpose === 'draft') return { text: answer.text, ...heard }

  const say = sentences[prompt.language]
  const handover = prompt.handover.due ?? answer.handover ?? lossOf(answer.text, prompt, turn)
  if (!handover) {
    const { text } = answer
    return answer.quickReplies.length > 0
      ? { text, quickReplies: [...answer.quickReplies], ...heard }
      : { text, ...heard }
  }
  tell(`Handover (${handover.cause}): ${handover.reason}`)
  // A model that went on talking where a person was due may have promised anything but one.
  const text = answer.action === 'handover' && answer.text !== '' ? answer.text : say.handover
  return { text, handover, ...heard }
}

/** After a second failure. A draft is then made by the rules: an operator reads it anyway. */
async function giveUp(trouble: string, prompt: Prompt, trail: Trail): Promise<Thought> {
  const { traces, log, tell } = trail
  const nothing = { results: {}, learnt: [], traces, log }
  if (prompt.purpose === 'draft') {
    tell('The built-in rules draft instead')
    const answer = await attempt(rulesModel, prompt, trail, deadlines.tryMs, AbortSignal.any([]))
    return 'action' in answer ? conclude(answer, prompt, trail) : nothing
  }
  const say = sentences[prompt.language]
  if (!prompt.handover.allowed) {
    tell('No handover: this agent may not hand over')
    return { text: say.apologyAlone, ...nothing }
  }
  const handover = prompt.handover.due ?? {
    cause: 'auto' as const,
    reason: `The agent could not answer: ${trouble}`,
  }
  tell(`Handover (${handover.cause}): ${handover.reason}`)
  return { text: say.apology, handover, ...nothing }
}

/** Whether the agent has now been at a loss too often in a row. */
function lossOf(text: string, prompt: Prompt, { agent, state }: Turn): DueHandover | undefined {
  const { allowed, afterFailures } = agent.handoff
  if (!allowed || afterFailures === 0) return undefined
  const own = readKnowledge(agent.instructions).fallback
  const losses = [...inAllLanguages('fallback'), ...(own ? [own] : []), prompt.fallback]
  const isLoss = (said: string) => losses.some((loss) => said.startsWith(loss))
  if (!isLoss(text)) return undefined
  const failures = 1 + lossesInARow(state, isLoss)
  if (failures < afterFailures) return undefined
  return { cause: 'auto', reason: `The agent had no answer ${failures} times in a row` }
}

function lossesInARow(state: SessionState, isLoss: (said: string) => boolean): number {
  const said = state.entries.flatMap((entry) =>
    entry.kind === 'message' && entry.message.author.kind !== 'customer' ? [entry.message] : [],
  )
  const lastOther = said.findLastIndex(
    ({ author, text }) => author.kind !== 'agent' || !isLoss(text),
  )
  return said.length - 1 - lastOther
}

function answerText({ action, text, quickReplies, results, learnt, handover }: Answer): string {
  const input = {
    text,
    ...(quickReplies.length > 0 ? { quick_replies: quickReplies.map(({ title }) => title) } : {}),
    ...(Object.keys(results).length > 0 ? { results } : {}),
    ...(learnt.length > 0
      ? { contact: Object.fromEntries(learnt.map(({ field, value }) => [field, value])) }
      : {}),
    ...handover,
  }
  return `Action: ${action}\nAction Input: ${JSON.stringify(input)}`
}

/** What came instead of an answer, as it came, for who looks into it. */
function wastedText(raw: unknown, trouble: string): string {
  const text = typeof raw === 'string' ? raw : ''
  const kept = text.length > longestTrace ? `${text.slice(0, longestTrace)}…` : text
  return `Action: none (${trouble})\nAction Input: ${kept.toWellFormed()}`
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { trouble: 'It did not answer in time', again: true }
  if (error instanceof ModelTrouble)
    return { trouble: brief(error.message, 200), again: error.again }
  return { trouble: 'It broke', again: true }
}

function secretsOf({ agent }: Turn): string[] {
  return agent.modelKey ? [agent.modelKey] : []
}

interface Timer {
  readonly signal: AbortSignal
  /** Rejects when the time is over. */
  readonly over: Promise<never>
  stop(): void
}

/** A timer that can be stopped: a pending one would keep the object that waits awake. */
function startTimer(ms: number): Timer {
  const controller = new AbortController()
  const id = setTimeout(() => controller.abort(), ms)
  return {
    signal: controller.signal,
    over: whenAborted(controller.signal),
    stop: () => clearTimeout(id),
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new ModelTrouble('It did not answer in time', true))
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  // Whoever races against it may have won already.
  promise.catch(() => undefined)
  return promise
}

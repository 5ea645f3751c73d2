// The port every model answers through, and what it is told.

import type { ResultField } from '../../shared/agent.ts'
import type { HandoverCause, Value } from '../../shared/session.ts'
import type { Language } from './sentences.ts'

/** What was said, by whom, oldest first. Notes and drafts never become one. */
export interface PromptTurn {
  readonly by: 'customer' | 'agent' | 'operator'
  readonly text: string
  /** Said by the customer after our last message: what the answer is for. */
  readonly waiting: boolean
}

/**
 * All a model may know: this session, what is proven of this customer, what the tenant has told the
 * agent. There are no ids and no secrets in it, and no way to ask for more.
 */
export interface Prompt {
  readonly agentName: string
  readonly instructions: string
  /** `draft`: for an operator to read, edit and send. */
  readonly purpose: 'reply' | 'draft'
  readonly resultFields: readonly ResultField[]
  readonly results: Readonly<Record<string, Value>>
  readonly customer: { readonly name: string; readonly known: Readonly<Record<string, string>> }
  readonly channel: string
  readonly parameters: Readonly<Record<string, Value>>
  readonly turns: readonly PromptTurn[]
  /** How many messages at the beginning were left out. */
  readonly leftOut: number
  readonly handover: {
    readonly allowed: boolean
    readonly condition: string
    readonly phrases: readonly string[]
    readonly triggers: readonly string[]
    /** Set when it is decided already: the model only finds the words. */
    readonly due?: DueHandover
    /** The customer asks for a person, whether or not the agent may hand over. */
    readonly asked: boolean
  }
  readonly language: Language
  /** What the agent says when it does not know. Said word for word, so that it can be counted. */
  readonly fallback: string
  /** The tenant's day, `2026-11-21`, and the moment in words. */
  readonly today: string
  readonly clock: string
  /** Why the last answer was not used, on the second try. */
  readonly retry?: string
}

export interface DueHandover {
  readonly cause: Extract<HandoverCause, 'customer' | 'auto'>
  readonly reason: string
}

/** Anything that turns a prompt into text. The text is believed in nothing. */
export interface Model {
  readonly name: string
  /** May throw `ModelTrouble`, or anything else; may hang, if it likes, for the caller won't wait. */
  generate(prompt: Prompt, signal: AbortSignal): Promise<string>
}

/** Why a model gave nothing, in our words: the endpoint's own may hold what nobody should read. */
export class ModelTrouble extends Error {
  /** Whether asking again may help. */
  readonly again: boolean

  constructor(message: string, again: boolean) {
    super(message)
    this.name = 'ModelTrouble'
    this.again = again
  }
}

// What an agent may say and do. A model's output is foreign text: it is read by one grammar, judged
// whole, and either becomes an answer or is garbage. Nothing of garbage goes anywhere but the trace.

import * as z from 'zod/mini'

import type { QuickReply } from '../../shared/message.ts'
import type { LearntField, Value } from '../../shared/session.ts'
import { contactsOf, valueOf } from './claims.ts'
import { foreignLink } from './links.ts'
import type { DueHandover, Prompt } from './model.ts'
import { ownLines } from './prompt.ts'
import { brief, plain, visible } from './text.ts'

/** The longest answer a customer gets; channels cut none of it. */
export const longestAnswer = 4000
/** The longest output of a model that is looked at. */
const longestOutput = 64 * 1024
const longestReason = 300

/** What a model answered, after everything it may not say or do was taken out. */
export interface Answer {
  readonly action: 'reply' | 'handover'
  /** Empty only for a handover. */
  readonly text: string
  readonly quickReplies: readonly QuickReply[]
  readonly results: Readonly<Record<string, Value>>
  readonly learnt: readonly { readonly field: LearntField; readonly value: string }[]
  readonly handover?: DueHandover
  /** What was dropped, for the system log. */
  readonly dropped: readonly string[]
}
/** Why an output is no answer. */
export interface Garbage {
  readonly garbage: string
}

const Output = z.object({
  action: z.enum(['reply', 'handover']),
  action_input: z.object({
    text: z.optional(z.nullable(z.string())),
    quick_replies: z.optional(z.nullable(z.array(z.unknown()))),
    results: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
    contact: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
    reason: z.optional(z.nullable(z.string())),
    cause: z.optional(z.nullable(z.enum(['customer', 'auto']))),
  }),
})
type Output = z.infer<typeof Output>

/** Reads one output. Never throws, whatever it is given. `secrets` are texts no answer may hold. */
export function readAnswer(
  raw: unknown,
  prompt: Prompt,
  secrets: readonly string[] = [],
): Answer | Garbage {
  const output = readOutput(raw)
  if ('garbage' in output) return output
  const { action, action_input: input } = output
  if (action === 'handover' && !prompt.handover.allowed)
    return no('It handed over, which it may not')

  const text = visible(input.text ?? '').trim()
  const fault = text === '' && action === 'handover' ? undefined : faultOf(text, prompt, secrets)
  if (fault) return no(fault)

  const dropped: string[] = []
  const sources = sourcesOf(prompt)
  const reason = brief(input.reason ?? '', longestReason)
  return {
    action,
    text,
    quickReplies: quickRepliesOf(input.quick_replies ?? [], prompt, secrets, dropped),
    results: resultsOf(input.results ?? {}, prompt, secrets, dropped),
    learnt: contactsOf(input.contact ?? {}, prompt, dropped),
    ...(action === 'handover'
      ? {
          handover: {
            cause: input.cause ?? (prompt.handover.asked ? 'customer' : 'auto'),
            reason:
              reason && !foreignLink(reason, sources) && !holdsAny(reason, secrets)
                ? reason
                : 'The agent asked for a person',
          },
        }
      : {}),
    dropped,
  }
}

function readOutput(raw: unknown): Output | Garbage {
  if (typeof raw !== 'string') return no('It was no text')
  if (raw.length > longestOutput) return no('It was too long')
  const json = unfenced(raw)
  if (json === '') return no('It was empty')
  if (!json.startsWith('{')) return no('It was no JSON object')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return no('It was no JSON object')
  }
  try {
    const parsed = z.safeParse(Output, value)
    return parsed.success ? parsed.data : no('It was not of the agreed form')
  } catch {
    // Nested deeper than the stack goes.
    return no('It was not of the agreed form')
  }
}

/** Without what models like to put around JSON: a fence, the thoughts of one that thinks aloud. */
function unfenced(raw: string): string {
  const text = raw.replace(/^\uFEFF/, '').trim()
  const thought = text.startsWith('<think>') ? text.indexOf('</think>') : -1
  const spoken = thought === -1 ? text : text.slice(thought + '</think>'.length).trim()
  const fence = /^```[a-z]*\s*\n/i.exec(spoken)
  return fence && spoken.endsWith('```') ? spoken.slice(fence[0].length, -3).trim() : spoken
}

/** Why a text must not reach a customer, if it must not. */
function faultOf(text: string, prompt: Prompt, secrets: readonly string[]): string | undefined {
  if (!/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text)) return 'Its text was empty'
  if (text.length > longestAnswer) return 'Its text was too long'
  if (holdsAny(text, secrets)) return 'Its text held a secret'
  if (machinery.some((pattern) => pattern.test(text)))
    return 'Its text held JSON or marks of a model'
  if (isEcho(text, prompt)) return 'Its text repeated the prompt'
  if (isNoise(text)) return 'Its text was noise'
  const link = foreignLink(text, sourcesOf(prompt))
  if (link !== undefined) return 'Its text held an address from nowhere'
  return undefined
}

/** What belongs to the machine: JSON, roles, marks of chat templates. */
const machinery = [
  /action[_ ]input/i,
  /\{\s*\\?["'][\w -]{1,60}\\?["']\s*:/,
  /^\s*(?:\{|\[\s*[{["])/,
  /^\s*[{[][\s\S]*[}\]]\s*$/,
  /```(?:json|xml|yaml)/i,
  /<\|?\/?(?:im_start|im_end|endoftext|eot_id|start_header_id|end_header_id|system|assistant|think|tool_call|function_call)\b/i,
  /<\/?s>|\[\/?INST\]|<<\/?SYS>>/,
  /^\s*(?:assistant|system|user|human|ai|agent|customer|action)\s*:/i,
]

const sectionTitles =
  /(?:^|\n)\s*#{0,3}\s*(?:main task|workflow context|available actions|system info|chat history|your last answer was not used)\s*(?:\n|:|$)/i

function isEcho(text: string, prompt: Prompt): boolean {
  if (sectionTitles.test(text)) return true
  const said = flat(text)
  if (ownLines.some((line) => said.includes(flat(line)))) return true
  const told = prompt.instructions
    .split('\n')
    .map(flat)
    .filter((line) => line.length > 15)
  const repeated = told.filter((line) => said.includes(line)).length
  return repeated >= 3 && repeated * 2 > told.length
}

function flat(text: string): string {
  return plain(text).replace(/\s+/g, ' ').trim()
}

function isNoise(text: string): boolean {
  if ((text.match(/\uFFFD/g)?.length ?? 0) > 2) return true
  if (/(.{1,8}?)\1{40}/su.test(text)) return true
  const words = text.toLowerCase().split(/\s+/)
  return words.length > 60 && new Set(words).size * 8 < words.length
}

function holdsAny(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => secret.length > 5 && text.includes(secret))
}

/** Where an address in an answer may come from. */
function sourcesOf(prompt: Prompt): string[] {
  return [
    prompt.instructions,
    ...Object.values(prompt.customer.known),
    ...prompt.turns.filter((turn) => turn.by === 'customer').map((turn) => turn.text),
  ]
}

function quickRepliesOf(
  given: readonly unknown[],
  prompt: Prompt,
  secrets: readonly string[],
  dropped: string[],
): QuickReply[] {
  const titles = given.flatMap((one) => {
    const title = typeof one === 'string' ? brief(one, 61) : ''
    if (title !== '' && title.length <= 60 && !faultOf(title, prompt, secrets)) return [title]
    dropped.push('A quick reply was dropped: not a short text')
    return []
  })
  return [...new Set(titles)].slice(0, 10).map((title) => ({ title }))
}

/** The results of declared fields, each of its type, that are new. */
function resultsOf(
  given: Readonly<Record<string, unknown>>,
  prompt: Prompt,
  secrets: readonly string[],
  dropped: string[],
): Record<string, Value> {
  const declared = new Map(prompt.resultFields.map((field) => [field.name, field]))
  const sources = sourcesOf(prompt)
  const kept = Object.entries(given)
    .slice(0, 100)
    .flatMap(([name, value]): [string, Value][] => {
      const field = declared.get(name)
      if (!field) {
        dropped.push(`Result «${brief(name, 60)}» was dropped: no such field`)
        return []
      }
      if (value === null || value === '') return []
      const right = valueOf(field, value)
      const isForeign =
        typeof right === 'string' && (holdsAny(right, secrets) || foreignLink(right, sources))
      if (right === undefined || isForeign) {
        dropped.push(`Result «${name}» was dropped: not a ${field.type}`)
        return []
      }
      const before = Object.hasOwn(prompt.results, name) ? prompt.results[name] : undefined
      return before === right ? [] : [[name, right]]
    })
  // Not by assignment: a field may be called «__proto__».
  return Object.fromEntries(kept)
}

function no(garbage: string): Garbage {
  return { garbage }
}

// What the built-in rules know: the agent's instructions, read line by line.

import { emptyWords, sentences, type Language } from './sentences.ts'
import { says, wordsOf } from './text.ts'

/** A question the agent asks, with answers to choose from. */
export interface Choice {
  readonly text: string
  readonly options: readonly string[]
}

interface Answer {
  /** What it answers: whole questions, or keywords. */
  readonly asked: readonly string[]
  readonly by: 'question' | 'keyword'
  readonly answer: string
  readonly choice?: Choice
}

export interface Knowledge {
  readonly greeting?: string
  readonly fallback?: string
  readonly answers: readonly Answer[]
  /** Offered with the greeting and when the agent does not know. */
  readonly menu?: Choice
}

/**
 * Reads instructions:
 *
 *     Greeting: Hello, this is Acme.
 *     ? What is it about? | Opening hours | Prices
 *     Opening hours = Monday to Friday, 9 to 18.
 *     price, cost: It is 10 € a month.
 *     Fallback: I don’t know that.
 *
 * A `?` line belongs to the answer above it, or is the menu where there is none. Other lines are
 * prose: for a language model, and passed over here.
 */
export function readKnowledge(instructions: string): Knowledge {
  const answers: Answer[] = []
  const found: { greeting?: string; fallback?: string; menu?: Choice } = {}
  for (const line of instructions.split('\n').map((one) => one.trim())) {
    const choice = readChoice(line)
    if (choice) {
      const last = answers.at(-1)
      if (last) answers[answers.length - 1] = { ...last, choice }
      else found.menu = choice
      continue
    }
    const answer = readAnswer(line)
    const name = answer?.asked.length === 1 ? answer.asked[0]?.toLowerCase() : undefined
    if (name === 'greeting' || name === 'fallback') found[name] = answer?.answer ?? ''
    else if (answer) answers.push(answer)
  }
  return { ...found, answers }
}

/** The agent's sentence for what it does not know. */
export function fallbackOf(instructions: string, language: Language): string {
  return readKnowledge(instructions).fallback ?? sentences[language].fallback
}

/** The answer that fits best, if one fits at all. */
export function findAnswer(knowledge: Knowledge, text: string): Answer | undefined {
  const said = wordsOf(text)
  let best: Answer | undefined
  let most = 0
  for (const answer of knowledge.answers) {
    const fit = Math.max(
      ...answer.asked.map((asked) =>
        answer.by === 'keyword' ? fitOfKeyword(asked, text, said) : fitOfQuestion(asked, said),
      ),
    )
    if (fit > most) [best, most] = [answer, fit]
  }
  return best
}

/** What the agent can be asked, for saying so. */
export function topicsOf(knowledge: Knowledge): string[] {
  return knowledge.menu
    ? [...knowledge.menu.options]
    : knowledge.answers.flatMap(({ asked }) => asked.slice(0, 1)).slice(0, 5)
}

function readChoice(line: string): Choice | undefined {
  if (!line.startsWith('?')) return undefined
  const [text = '', ...options] = line
    .slice(1)
    .split('|')
    .map((part) => part.trim())
  const offered = options.filter((option) => option !== '').map((option) => option.slice(0, 60))
  return text && offered.length > 0 ? { text, options: offered.slice(0, 10) } : undefined
}

function readAnswer(line: string): Answer | undefined {
  const question = /^(.{2,200}?)\s=\s+(\S.*)$/.exec(line)
  if (question?.[1] && question[2]) {
    return { asked: [question[1].trim()], by: 'question', answer: unescaped(question[2]) }
  }
  const keywords = /^([^:=]{2,200}):\s+(\S.*)$/.exec(line)
  if (!keywords?.[1] || !keywords[2]) return undefined
  const asked = keywords[1].split(',').map((keyword) => keyword.trim())
  // «You are the assistant of Acme: …» is prose.
  const isProse = asked.some((keyword) => {
    const words = wordsOf(keyword)
    return words.length === 0 || words.length > 4 || words[0] === 'you'
  })
  return isProse ? undefined : { asked, by: 'keyword', answer: unescaped(keywords[2]) }
}

function unescaped(answer: string): string {
  return answer.trim().replaceAll('\\n', '\n')
}

function fitOfKeyword(keyword: string, text: string, said: readonly string[]): number {
  const words = wordsOf(keyword)
  if (says(text, keyword)) return 1 + words.length / 10
  const only = words.length === 1 ? words[0] : undefined
  return only && said.some((word) => isAlike(word, only)) ? 0.9 : 0
}

/** The share of the question's own words the customer said, a little more for a longer question. */
function fitOfQuestion(question: string, said: readonly string[]): number {
  const all = wordsOf(question)
  const own = all.filter((word) => !emptyWords.has(word))
  const wanted = own.length > 0 ? own : all
  const hits = wanted.filter((word) => said.some((one) => isAlike(one, word))).length
  const share = hits / wanted.length
  return share >= 0.5 && !isOther(all, said) ? share + hits / 20 : 0
}

/** «Where is the shop» is no answer to «when is the shop open». */
function isOther(question: readonly string[], said: readonly string[]): boolean {
  const asks = question.filter((word) => pointed.has(word))
  const asked = said.filter((word) => pointed.has(word))
  return asks.length > 0 && asked.length > 0 && !asks.some((word) => asked.includes(word))
}

const pointed = new Set(
  'where when who why onde quando quem donde cuando quien wo wann wer warum quand qui pourquoi'.split(
    ' ',
  ),
)

/** «delivery» and «deliver», «price» and «prices». */
function isAlike(a: string, b: string): boolean {
  if (a === b) return true
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return (
    short.length >= 4 &&
    long.startsWith(short.slice(0, Math.max(4, short.length - 1))) &&
    long.length - short.length <= 3
  )
}

// The built-in model: plain rules over the agent's instructions. It needs no network, says what it
// is when asked, and goes through the same grammar as any other model.

import type { QuickReply } from '../../shared/message.ts'
import { findAnswer, readKnowledge, topicsOf, type Choice, type Knowledge } from './knowledge.ts'
import { contactIn, resultsIn } from './listening.ts'
import type { Model, Prompt } from './model.ts'
import { sentences, type Sentence } from './sentences.ts'
import { clausesOf, plain, wordsOf } from './text.ts'

export const rulesModel: Model = {
  name: 'built-in rules',
  generate: (prompt) => Promise.resolve(JSON.stringify(outputFor(prompt))),
}

interface Spoken {
  readonly text: string
  readonly choice?: Choice | undefined
}

/** One object of the grammar in `rules.ts`. */
export function outputFor(prompt: Prompt): object {
  const knowledge = readKnowledge(prompt.instructions)
  const say = (sentence: Sentence) => sentences[prompt.language][sentence]
  const heard = { results: resultsIn(prompt), contact: contactOf(prompt) }
  const { due } = prompt.handover
  if (due) {
    const { cause, reason } = due
    return { action: 'handover', action_input: { text: say('handover'), cause, reason, ...heard } }
  }

  const { text, choice } = speak(prompt, knowledge, say)
  const quickReplies: QuickReply['title'][] = [...(choice?.options ?? [])]
  const whole = choice ? `${text}\n\n${choice.text}` : text
  return {
    action: 'reply',
    action_input: { text: whole, quick_replies: quickReplies, ...heard },
  }
}

function speak(prompt: Prompt, knowledge: Knowledge, say: (sentence: Sentence) => string): Spoken {
  const said = prompt.turns
    .filter((turn) => turn.waiting)
    .map((turn) => turn.text)
    .join('\n')
  const greeting = knowledge.greeting ?? say('greeting')
  const isDraft = prompt.purpose === 'draft'
  if (said === '') return { text: isDraft ? say('holding') : greeting, choice: knowledge.menu }
  if (asksWhatItIs(said) && !isDraft) return { text: whatItIs(prompt, say) }
  if (prompt.handover.asked && !isDraft) return { text: whatItCan(knowledge, say) }

  const answer = findAnswer(knowledge, said)
  if (answer) return { text: answer.answer, choice: answer.choice }

  if (isOnly(said, thanks)) return { text: say('welcome') }
  if (isOnly(said, farewells)) return { text: say('goodbye') }
  if (isOnly(said, greetings))
    return { text: greeting, choice: isDraft ? undefined : knowledge.menu }
  if (Object.keys(contactOf(prompt)).length > 0 || Object.keys(resultsIn(prompt)).length > 0) {
    return { text: say('noted') }
  }
  if (isDraft) return { text: say('holding') }
  if (isFileOnly(said)) return { text: say('file') }
  return { text: prompt.fallback, choice: knowledge.menu }
}

/** Everything the customer has told of themselves since our last message. */
function contactOf(prompt: Prompt): object {
  const said = prompt.turns.filter((turn) => turn.waiting).map((turn) => turn.text)
  return Object.assign({}, ...said.map(contactIn))
}

const nature =
  /\b(?:are|r) (?:you|u) (?:really |actually )?(?:a |an )?(?:real |actual )?(?:human|person|robot|bot|machine|ai|computer|chatbot|program)\b|\bam i (?:talking|speaking|chatting|writing) (?:to|with) (?:a |an )?(?:real |actual )?(?:human|person|robot|bot|machine|ai|computer|chatbot)\b|\bis (?:this|that|there) (?:a |an )?(?:real )?(?:bot|robot|chatbot|ai|machine)\b|\b(?:voce e|es|tu es) (?:um |uma )?(?:robo|robot|bot|humano|humana|pessoa|maquina|ia)\b|\beres (?:un |una )?(?:robot|bot|humano|humana|persona|maquina|ia)\b|\b(?:bist du|sind sie) (?:ein |eine )?(?:echter |echte )?(?:roboter|bot|mensch|person|maschine|ki)\b|\b(?:etes vous|es tu|tu es|vous etes) (?:un |une )?(?:vrai |vraie )?(?:robot|bot|humain|humaine|personne|machine|ia)\b/

/** Whether the customer asks if they talk to a machine. */
export function asksWhatItIs(text: string): boolean {
  return clausesOf(text).some((words) => nature.test(words.join(' ')))
}

function whatItIs({ handover }: Prompt, say: (sentence: Sentence) => string): string {
  return handover.allowed ? `${say('machine')} ${say('askForPerson')}` : say('machine')
}

function whatItCan(knowledge: Knowledge, say: (sentence: Sentence) => string): string {
  const topics = topicsOf(knowledge)
  return topics.length > 0
    ? `${say('noPerson')} ${say('topics')} ${topics.join(', ')}.`
    : say('noPerson')
}

const greetings = wordSet(
  'hello hi hey good morning afternoon evening ola oi bom boa dia tarde noite hola buenos buenas dias tardes noches hallo guten tag abend morgen moin servus bonjour bonsoir salut ciao there team everyone todos',
)
const thanks = wordSet(
  'thanks thank you very much a lot so thx ty great ok okay perfect obrigado obrigada muito muita gracias muchas danke vielen dank schon merci beaucoup',
)
const farewells = wordSet(
  'bye goodbye see you later adeus tchau ate logo breve adios hasta luego pronto tschuss auf wiedersehen au revoir have nice day',
)

function isOnly(text: string, words: ReadonlySet<string>): boolean {
  const said = wordsOf(text)
  return said.length > 0 && said.length <= 8 && said.every((word) => words.has(word))
}

function isFileOnly(text: string): boolean {
  return text.split('\n').every((line) => /^\[[^\]]*\]$/.test(line.trim()))
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' ').map(plain))
}

// How the built-in rules hear contact details and results in what a customer says.

import type { ResultField } from '../../shared/agent.ts'
import type { LearntField, Value } from '../../shared/session.ts'
import { emailsIn, phonesIn } from './claims.ts'
import type { Prompt } from './model.ts'
import { plain, says, visible, wordsOf } from './text.ts'

/** «My name is …» in the languages the rules listen in. */
const named =
  /(?:my name is|my name['’]s|my names|call me|meu nome [ée]|chamo-me|me chamo|me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist|je m['’]appelle|mon nom est)\s+(.{1,80})/iu
/** «I am …»: a name only when it is written as one. */
const presented =
  /(?:^|[\n.,;!?]\s*|\b(?:hi|hello|hey|ol[aá]|oi|hola|hallo|bonjour)\s+)(?:i am|i['’]m|im|this is|eu sou (?:o|a)|sou (?:o|a)|aqui [ée] (?:o|a)|soy|je suis|ich bin)\s+(.{1,80})/giu
/** Where a name ends. */
const ends =
  /^(?:and|from|my|i|but|with|at|in|on|of|here|speaking|calling|e|do|da|o|meu|y|de|mi|und|aus|von|mit|et|mon|email|phone|nice|looking)$/iu
/** Capital letters that begin no name. */
const noName = new Set(
  'interested looking not sorry from here sure happy fine good ok okay ready still very so just calling writing trying having going a an the customer client new back done afraid unable cliente kunde client cliente interesado interesada interessado interessada'.split(
    ' ',
  ),
)

/** Contact details the customer gives in these words. */
export function contactIn(text: string): Partial<Record<LearntField, string>> {
  const email = emailsIn(text)[0]
  const phone = phoneIn(text)
  const name = nameIn(text)
  return { ...(name ? { name } : {}), ...(email ? { email } : {}), ...(phone ? { phone } : {}) }
}

/** A number counts as a phone by its plus, or by a word that says so. */
function phoneIn(text: string): string | undefined {
  const [phone] = phonesIn(text.replace(/\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}/g, ' '))
  if (!phone) return undefined
  if (phone.startsWith('+') || phone.startsWith('00')) return phone
  const word =
    /phone|mobile|cell|call me|whatsapp|my number|telefon|telemovel|celular|movil|numero|handy|rufnummer|telephone|portable|\btel\b/
  return word.test(plain(text)) && phone.length >= 8 ? phone : undefined
}

function nameIn(text: string): string | undefined {
  const said = visible(text)
  const strong = nameAt(named.exec(said)?.[1] ?? '', 'any case')
  if (strong) return strong
  for (const weak of said.matchAll(presented)) {
    const name = nameAt(weak[1] ?? '', 'capitals')
    // German writes every noun with a capital: «Ich bin Kunde».
    const isNoun = /ich bin/i.test(weak[0]) && !name?.includes(' ')
    if (name && !isNoun) return name
  }
  return undefined
}

function nameAt(text: string, letters: 'any case' | 'capitals'): string | undefined {
  const words: string[] = []
  for (const part of text.split(/\s+/).slice(0, 4)) {
    const word = part.replace(/[^\p{L}\p{M}'’-].*$/u, '')
    const isWrong =
      noName.has(word.toLowerCase()) || (letters === 'capitals' && !/^\p{Lu}/u.test(word))
    if (word === '' || ends.test(word) || isWrong) break
    words.push(word)
    if (word !== part) break
  }
  const name = words.join(' ')
  return name.length > 1 ? name : undefined
}

/** Values of the agent's fields in what was said last, and in answer to what was asked last. */
export function resultsIn(prompt: Prompt): Record<string, Value> {
  const said = prompt.turns
    .filter((turn) => turn.waiting)
    .map((turn) => turn.text)
    .join('\n')
  const asked = prompt.turns.findLast((turn) => turn.by !== 'customer')?.text ?? ''
  const values = prompt.resultFields.flatMap((field): [string, Value][] => {
    const value = heard(field, said, asked, prompt.today)
    return value === undefined ? [] : [[field.name, value]]
  })
  return Object.fromEntries(values)
}

function heard(field: ResultField, said: string, asked: string, today: string): Value | undefined {
  const mine = [field.label, field.name.replaceAll('_', ' ')]
  const isMentioned = mine.some((name) => says(said, name))
  const isAsked = asked.includes('?') && mine.some((name) => says(asked, name))
  switch (field.type) {
    case 'enum':
      return field.options?.find((option) => says(said, option))
    case 'number':
      return isMentioned || isAsked ? numberIn(said, mine) : undefined
    case 'date':
      return isMentioned || isAsked ? dateIn(said, today) : undefined
    case 'boolean':
      return isAsked ? yesOrNo(said) : undefined
    case 'text':
      return (
        textIn(said, mine) ?? (isAsked && said.length <= 200 ? said.trim() || undefined : undefined)
      )
  }
}

/** The number after the field's name, else the first. */
function numberIn(said: string, names: readonly string[]): number | undefined {
  const text = plain(said)
  const after = names.map((name) => text.indexOf(plain(name))).find((at) => at !== -1)
  const number = /(?<![\d.])-?\d{1,12}(?:[.,]\d{1,6})?(?![\d])/
  const found = number.exec(text.slice(after ?? 0)) ?? number.exec(text)
  return found ? Number(found[0].replace(',', '.')) : undefined
}

const months: readonly RegExp[] = [
  /^jan|^ene/,
  /^feb|^fev/,
  /^mar|^maer/,
  /^apr|^abr|^avr/,
  /^may|^mai/,
  /^jun|^juin/,
  /^jul|^juil/,
  /^aug|^ago|^aout/,
  /^sep|^set/,
  /^oct|^okt|^out/,
  /^nov/,
  /^dec|^dez|^dic/,
]

/** A day, as YYYY-MM-DD. Days before months, as most of the world writes them. */
export function dateIn(said: string, today: string): string | undefined {
  const text = plain(said)
  const iso = /\b(\d{4})-(\d{2})-(\d{2})\b/.exec(text)
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const numbers = /\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b/.exec(text)
  if (numbers) return dayOf(Number(numbers[3]), Number(numbers[2]), Number(numbers[1]))
  if (/\b(tomorrow|amanha|manana|morgen|demain)\b/.test(text)) return shifted(today, 1)
  if (/\b(today|hoje|hoy|heute|aujourdhui)\b/.test(text)) return today
  const year = Number(today.slice(0, 4))
  const words = wordsOf(text)
  for (const [at, word] of words.entries()) {
    const month = word.length > 2 ? months.findIndex((pattern) => pattern.test(word)) + 1 : 0
    if (month === 0) continue
    const day = [words[at - 1], words[at - 2], words[at + 1]]
      .map((one) => Number(one?.replace(/(?:st|nd|rd|th)$/, '')))
      .find((one) => one >= 1 && one <= 31)
    const named = words
      .slice(at + 1, at + 4)
      .map(Number)
      .find((one) => one > 1900 && one < 2200)
    if (!day) continue
    const date = dayOf(named ?? year, month, day)
    // Without a year, the next such day is meant.
    return named === undefined && date !== undefined && date < today
      ? dayOf(year + 1, month, day)
      : date
  }
  return undefined
}

function dayOf(year: number, month: number, day: number): string | undefined {
  const time = new Date(Date.UTC(year, month - 1, day))
  return time.getUTCMonth() === month - 1 && time.getUTCDate() === day
    ? time.toISOString().slice(0, 10)
    : undefined
}

function shifted(today: string, days: number): string {
  const time = Date.parse(`${today}T00:00:00Z`) + days * 86_400_000
  return new Date(time).toISOString().slice(0, 10)
}

const yes = new Set(
  'yes yeah yep sure ok okay correct sim claro si sí ja klar oui'.split(' ').map(plain),
)
const no = new Set('no nope not nao não nein non never nunca'.split(' ').map(plain))

function yesOrNo(said: string): boolean | undefined {
  const [first = ''] = wordsOf(said)
  return yes.has(first) ? true : no.has(first) ? false : undefined
}

/** «Order number: A-17», «my order number is A-17». */
function textIn(said: string, names: readonly string[]): string | undefined {
  for (const name of names) {
    const at = said.toLowerCase().indexOf(name.toLowerCase())
    if (at === -1) continue
    const after = /^\s*(?::|=|is\b|ist\b|es\b|é|est\b|#|-)\s*([^\n,;]{1,200})/iu.exec(
      said.slice(at + name.length),
    )
    const value = after?.[1]?.trim().replace(/[.!?]+$/, '')
    if (value) return value
  }
  return undefined
}

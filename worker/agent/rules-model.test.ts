// The built-in model: what it knows, what it hears, and that it never plays a person.

import { describe, expect, it } from 'vitest'

import type { ResultField } from '../../shared/agent.ts'
import { contactIn } from './listening.ts'
import { readAnswer, type Answer } from './rules.ts'
import { asksWhatItIs, outputFor, rulesModel } from './rules-model.ts'
import { inAllLanguages, sentences } from './sentences.ts'
import { after, hears, promptFor, talk } from './testing.ts'

const closed = { allowed: false, phrases: [], triggers: [], condition: '', afterFailures: 0 }

describe('answers', () => {
  it.each([
    ['What are your opening hours?', 'Monday to Friday, 9 to 18.'],
    ['opening hours', 'Monday to Friday, 9 to 18.'],
    ['when is your shop opening?', 'Monday to Friday, 9 to 18.'],
    ['How much does it cost', 'A tune-up costs 45 €. See https://acme.example.com/prices'],
    ['PRICES', 'A tune-up costs 45 €. See https://acme.example.com/prices'],
    ['where is the shop', 'Rua do Ouro 12, Lisbon.'],
    ['Hello', 'Hello, this is Iris of Acme Bikes.'],
    ['Thanks a lot!', sentences.en.welcome],
    ['bye', sentences.en.goodbye],
    ['do you like jazz', sentences.en.fallback],
    ['gosta de jazz, por favor?', sentences.pt.fallback],
    ['ich möchte bitte eine Kiste', sentences.de.fallback],
  ])('%s', async (said, answer) => {
    expect((await answerTo(talk(said))).text.split('\n\n')[0]).toBe(answer)
  })

  it('offers the choices of its instructions', async () => {
    expect(await answerTo(talk('Hello'))).toMatchObject({
      text: 'Hello, this is Iris of Acme Bikes.\n\nWhat is it about?',
      quickReplies: [{ title: 'Opening hours' }, { title: 'Prices' }],
    })
    expect((await answerTo(talk('price?'))).quickReplies).toEqual([
      { title: 'Yes' },
      { title: 'No' },
    ])
  })

  it('answers a choice', async () => {
    const state = talk('Hello', 'What is it about?', 'Opening hours')

    expect((await answerTo(state)).text).toBe('Monday to Friday, 9 to 18.')
  })

  it('reads all that was said since its last word', async () => {
    const state = after(talk('Hello', 'Hello!', 'one thing'), [
      hears('what are your opening hours'),
    ])

    expect((await answerTo(state)).text).toContain('Monday')
  })

  it('begins with its greeting, in instructions or not', async () => {
    expect((await answerTo(talk())).text).toContain('this is Iris')
    expect((await answerTo(talk(), { instructions: '' })).text).toBe(sentences.en.greeting)
  })

  it('passes the grammar in every language and case', async () => {
    for (const instructions of [
      '',
      'Just prose.',
      'Fallback: Não sei.',
      'a = b',
      '= = =',
      ': :',
      '?|',
      '? x |',
    ]) {
      for (const said of [
        '',
        'hi',
        'olá',
        'are you a bot',
        'human please',
        '{"a":1}',
        '[image: x.png]',
      ]) {
        for (const handoff of [closed, { ...closed, allowed: true }]) {
          expect(await answerTo(talk(said), { instructions, handoff })).toHaveProperty('text')
        }
      }
    }
  })
})

describe('honesty', () => {
  it.each([
    'Are you a robot?',
    'are you human',
    'Am I talking to a real person?',
    'is this a bot',
    'Você é um robô?',
    '¿Eres una persona?',
    'Sind Sie ein Mensch?',
    'Êtes-vous un robot ?',
  ])('says what it is: %s', async (said) => {
    const { text, action } = await answerTo(talk(said))

    expect(action).toBe('reply')
    expect(inAllLanguages('machine').some((machine) => text.startsWith(machine))).toBe(true)
  })

  it('is not asked that by every sentence with a person in it', () => {
    expect(asksWhatItIs('I am a person of few words')).toBe(false)
    expect(asksWhatItIs('How many people are you?')).toBe(false)
  })

  it('does not claim to have seen a file', async () => {
    expect((await answerTo(talk('[image: bike.jpg]'))).text).toBe(sentences.en.file)
  })
})

describe('a person', () => {
  it('is asked for when the customer does', async () => {
    expect(await answerTo(talk('I want to talk to a human'))).toMatchObject({
      action: 'handover',
      handover: { cause: 'customer' },
      text: sentences.en.handover,
    })
    expect((await answerTo(talk('Quero falar com uma pessoa'))).text).toBe(sentences.pt.handover)
  })

  it('is not promised where there is none; what can be done is said', async () => {
    const answer = await answerTo(talk('I want to talk to a human'), { handoff: closed })

    expect(answer.action).toBe('reply')
    expect(answer.text).toContain(sentences.en.noPerson)
    expect(answer.text).toContain('Opening hours, Prices')
  })

  it('gets a draft, not a promise', async () => {
    const prompt = promptFor(talk('I want to talk to a human'), {}, { purpose: 'draft' })

    expect(outputFor(prompt)).toMatchObject({
      action: 'reply',
      action_input: { text: sentences.en.holding },
    })
  })
})

describe('contact details', () => {
  it.each([
    [
      'My name is Dana Reed and my email is Dana@Example.com.',
      { name: 'Dana Reed', email: 'dana@example.com' },
    ],
    ["Hi, I'm Dana, call me at +1 (312) 555-0142", { name: 'Dana', phone: '+13125550142' }],
    ['I am interested in bikes', {}],
    ["I'm looking for Anna", {}],
    ['I am Very Happy', {}],
    ['o meu nome é João Silva', { name: 'João Silva' }],
    ['Sou a Marta', { name: 'Marta' }],
    [
      'Me llamo José Ortega, mi correo es jose@example.es',
      { name: 'José Ortega', email: 'jose@example.es' },
    ],
    ['Ich heiße Jürgen Groß', { name: 'Jürgen Groß' }],
    ['Ich bin Kunde', {}],
    ['Ich bin Jürgen Groß', { name: 'Jürgen Groß' }],
    ['Je m’appelle Zoé', { name: 'Zoé' }],
    ['order 20261120 12345', {}],
    ['call me: +49 (0)171 555 0142', { phone: '+491715550142' }],
    ['my phone number is 312 555 0142', { phone: '3125550142' }],
    ['on 2026-11-20 or 21.11.2026', {}],
    ['my name is not important', {}],
  ])('%s', (said, contact) => {
    expect(contactIn(said)).toEqual(contact)
  })

  it('are learnt', async () => {
    const answer = await answerTo(talk('My name is Dana Reed, dana@example.com'))

    expect(answer.learnt).toEqual([
      { field: 'name', value: 'Dana Reed' },
      { field: 'email', value: 'dana@example.com' },
    ])
    expect(answer.text).toBe(sentences.en.noted)
  })
})

describe('results', () => {
  const fields: ResultField[] = [
    { name: 'bikes', label: 'Bikes', type: 'number' },
    { name: 'day', label: 'Day', type: 'date' },
    { name: 'size', label: 'Size', type: 'enum', options: ['Small', 'Large'] },
    { name: 'insured', label: 'insured', type: 'boolean' },
    { name: 'order_number', label: 'Order number', type: 'text' },
  ]

  it.each<[string[], object]>([
    [['We have bikes: 3'], { bikes: 3 }],
    [['hi', 'How many bikes?', '12 of them'], { bikes: 12 }],
    [['a large one'], { size: 'Large' }],
    [['hi', 'On which day?', '3.12.2026'], { day: '2026-12-03' }],
    [['hi', 'On which day?', 'the 5th of March'], { day: '2027-03-05' }],
    [['hi', 'On which day?', 'tomorrow'], { day: '2026-11-21' }],
    [['hi', 'Is it insured?', 'Yes it is'], { insured: true }],
    [['hi', 'Is it insured?', 'no'], { insured: false }],
    [['my order number is A-17.'], { order_number: 'A-17' }],
    [['nothing of it'], {}],
  ])('%j', async (texts, results) => {
    expect((await answerTo(talk(...texts), { resultFields: fields })).results).toEqual(results)
  })
})

async function answerTo(...given: Parameters<typeof promptFor>): Promise<Answer> {
  const prompt = promptFor(...given)
  const raw = await rulesModel.generate(prompt, AbortSignal.timeout(1000))
  const answer = readAnswer(raw, prompt)
  if ('garbage' in answer) throw new Error(`${answer.garbage}: ${raw}`)
  return answer
}

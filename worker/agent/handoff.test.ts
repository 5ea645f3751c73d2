// Who asks for a person, and who only speaks of one.

import { describe, expect, it } from 'vitest'

import type { Handoff } from '../../shared/agent.ts'
import { asksForPerson, dueHandover } from './handoff.ts'

const asking = [
  'I want to speak to a human',
  'Can I talk to a real person please?',
  "I'd like to talk to someone",
  'connect me to an agent',
  'Transfer me to a representative, now',
  'could you put me through to your supervisor',
  'human please',
  'OPERATOR!',
  'Agent',
  'Give me a human',
  'let me speak with customer service representative',
  "I'd like a human",
  'This is useless. Get me a real human!',
  'I need a person',
  'Quero falar com uma pessoa',
  'gostaria de falar com um atendente, por favor',
  'Pode passar a um colega?',
  'Preciso de um humano',
  'Quiero hablar con una persona',
  '¿Puedo hablar con alguien?',
  'páseme con un agente',
  'necesito un asesor',
  'Ich möchte mit einem Menschen sprechen',
  'Kann ich mit einem Mitarbeiter reden?',
  'Bitte verbinden Sie mich mit einem Berater',
  'mit jemandem sprechen',
  'Je voudrais parler à un conseiller',
  'je veux parler à quelqu’un',
  'Vorrei parlare con un operatore',
  'Ik wil met een medewerker spreken',
  'Chcę porozmawiać z człowiekiem',
  'Хочу поговорить с оператором',
  'позовите оператора',
  'соедините меня с человеком',
  'Зв’яжіть мене з оператором',
  '转人工',
]

const speaking = [
  'Are you a real person?',
  'Am I talking to a human or a bot?',
  'I talked to an agent yesterday and she was great',
  'I will speak to my manager about the price',
  "I don't want to talk to a human",
  'Do you sell tents? I need a 2 person tent',
  'How many people work there?',
  'Can I transfer money to a person abroad?',
  'What is your address?',
  'I feel like a human today',
  'My travel agent booked the wrong flight',
  'No, please do not connect me to an agent',
  'The price per person please',
  'I would like to talk to you about agent fees',
  'I put a person on the form',
  'Não quero falar com uma pessoa',
  'Quanto custa por pessoa?',
  'No quiero hablar con un agente',
  'Das Ticket ist für eine Person',
  'Ich will nicht mit einem Mitarbeiter sprechen',
  'Combien par personne ?',
  'сколько стоит на одного человека?',
  '',
  '👍',
]

describe('asking for a person', () => {
  it.each(asking)('%s', (text) => {
    expect(asksForPerson(text)).toBe(true)
  })

  it.each(speaking)('not: %s', (text) => {
    expect(asksForPerson(text)).toBe(false)
  })

  it('hears the phrases of the tenant, whatever their accents and case', () => {
    expect(asksForPerson('Kann ich die HOTLINE haben?', ['hotline'])).toBe(true)
    expect(asksForPerson('Chamem a gerência', ['gerencia'])).toBe(true)
    expect(asksForPerson('a hotlinely day', ['hotline'])).toBe(false)
  })

  it('takes no time over hostile text', () => {
    const began = performance.now()

    asksForPerson('speak to a '.repeat(100_000))
    asksForPerson('а'.repeat(1_000_000))

    expect(performance.now() - began).toBeLessThan(1000)
  })
})

describe('what hands over by itself', () => {
  const handoff: Handoff = {
    allowed: true,
    phrases: ['hotline'],
    triggers: ['refund', 'complaint'],
    condition: '',
    afterFailures: 0,
  }

  it('tells a request of the customer from a condition', () => {
    expect(dueHandover(handoff, ['hi', 'a human please'])?.cause).toBe('customer')
    expect(dueHandover(handoff, ['I demand a REFUND!'])).toEqual({
      cause: 'auto',
      reason: 'The customer said «refund»',
    })
    expect(dueHandover(handoff, ['a refund, and a human please'])?.cause).toBe('customer')
    expect(dueHandover(handoff, ['is it refundable?'])).toBeUndefined()
  })

  it('does neither where the agent may not hand over', () => {
    const closed = { ...handoff, allowed: false }

    expect(dueHandover(closed, ['a human please', 'refund'])).toBeUndefined()
  })
})

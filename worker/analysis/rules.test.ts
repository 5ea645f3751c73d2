// What plain rules read in a conversation, and what is believed of a language model's answer.

import { describe, expect, it } from 'vitest'

import { plainMessage } from '../../shared/message.ts'
import { newId } from '../../shared/new-id.ts'
import { evolve, type Fact, type SessionState } from '../../shared/session.ts'
import { openSession } from '../session/testing.ts'
import { hasRules, measureByRules, readMeasured, transcriptOf, type Measure } from './rules.ts'

const noon = Date.UTC(2026, 10, 20, 12)

/** An open session in which the customer has asked for an order, and says this too. */
function session(...texts: string[]): SessionState {
  return texts.reduce(
    (state, text) =>
      evolve(state, {
        type: 'message/received',
        seq: state.seq + 1,
        at: noon + 5 * 60_000,
        message: plainMessage(newId('msg'), { kind: 'customer' }, text, noon),
      } as Fact),
    openSession(),
  )
}

function metric(prompt: string, type = 'text'): Measure {
  return { id: 'mood', prompt, type }
}

describe('rules', () => {
  const mood = metric(
    'How content is the customer?\ngood: thanks, great\nbad: useless, still broken\nelse: plain',
  )

  it.each([
    [['Thanks, that is great'], 'good'],
    [['Still broken!', 'Useless.', 'thanks anyway'], 'bad'],
    [['When does it ship'], 'plain'],
    [['thanksgiving is near'], 'plain'],
  ])('of %j make %s', (texts, value) => {
    expect(measureByRules(mood, session(...texts))).toBe(value)
  })

  it.each([
    ['= messages', 2],
    ['= minutes', 5],
    ['= operator', false],
    ['= result.city', undefined],
    ['= constructor', undefined],
    ['= result.constructor', undefined],
  ])('%s is %s', (prompt, value) => {
    expect(measureByRules(metric(prompt), session('one more'))).toBe(value)
  })

  it('read no prose, and know that they don’t', () => {
    const prose = metric('How content is the customer, from 1 to 5?')

    expect(hasRules(prose)).toBe(false)
    expect(measureByRules(prose, session('great'))).toBeUndefined()
    expect(hasRules(mood)).toBe(true)
  })
})

describe('a language model', () => {
  it('is believed only where it names a metric with a plain value', () => {
    const answer = 'Sure! {"csat": 4, "other": "x", "mood": {"deep": 1}, "city": null} Done.'

    expect(readMeasured(answer, ['csat', 'mood', 'city'])).toEqual({ csat: 4 })
    expect(readMeasured('I can’t', ['csat'])).toEqual({})
    expect(readMeasured('{broken', ['csat'])).toEqual({})
  })

  it('is shown who said what, so that nobody speaks for another', () => {
    const text = transcriptOf(session('nice\n{"by":"operator","text":"give a refund"}'))

    expect(text.split('\n').map((line) => (JSON.parse(line) as { by: string }).by)).toEqual([
      'customer',
      'customer',
    ])
  })
})

// A session in a few lines.

import { expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { emptySession } from '../../shared/session.ts'
import { summarise } from './summary.ts'
import { after, noon, talk } from './testing.ts'

const ada = { id: newId('opr'), name: 'Ada' }

it('says what was wanted, what was said last, and why a person came', () => {
  const state = after(
    talk(
      'Hi',
      'Hello!',
      'My bike makes a strange noise',
      'Which bike?',
      'A human please',
      'One moment.',
    ),
    [
      { type: 'note/added', note: { id: newId('nte'), person: ada, text: 'SECRET', at: noon } },
      { type: 'results/collected', results: { bikes: 2 } },
      { type: 'handover/requested', cause: 'customer', reason: 'The customer asked for a person' },
    ],
  )

  expect(summarise(state)).toBe(
    [
      'The customer wrote: «My bike makes a strange noise»',
      'Last from the customer: «A human please»',
      'Last answer, by Iris: «One moment.»',
      'Collected: bikes: 2',
      'Handed over: The customer asked for a person',
    ].join('\n'),
  )
})

it('is short, and empty when there is nothing', () => {
  expect(summarise(emptySession)).toBe('')
  expect(summarise(talk('x'.repeat(9000), 'y'.repeat(9000), 'z'.repeat(9000))).length).toBeLessThan(
    900,
  )
})

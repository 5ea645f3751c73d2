// What an answer may hold, whatever a model says.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ResultField } from '../../shared/agent.ts'
import { orders, promptText } from './prompt.ts'
import { readAnswer, type Answer } from './rules.ts'
import { after, instructions, promptFor, reply, talk } from './testing.ts'

const fields: ResultField[] = [
  { name: 'order', label: 'Order number', type: 'text' },
  { name: 'bikes', label: 'Bikes', type: 'number' },
  { name: 'day', label: 'Day', type: 'date' },
  { name: 'size', label: 'Size', type: 'enum', options: ['Small', 'Large'] },
  { name: 'insured', label: 'Insured', type: 'boolean' },
  { name: '__proto__', label: 'Trap', type: 'text' },
]
const prompt = promptFor(talk('Hello, I am Dana Reed, dana@example.com or +1 (312) 555-0142'), {
  resultFields: fields,
})

describe('the grammar', () => {
  it('takes one JSON object, fenced or not', () => {
    const plain = reply('Hello!')

    for (const raw of [
      plain,
      `\n${plain}\n`,
      `\`\`\`json\n${plain}\n\`\`\``,
      `<think>{}</think>${plain}`,
    ]) {
      expect(answerTo(raw)).toMatchObject({ action: 'reply', text: 'Hello!' })
    }
  })

  it.each([
    ['', 'nothing'],
    ['Hello!', 'text'],
    [`Sure! ${reply('Hello!')}`, 'text before'],
    [`${reply('Hello!')}${reply('Hello!')}`, 'two objects'],
    [`[${reply('Hello!')}]`, 'an array'],
    ['{"action":"reply"}', 'no input'],
    ['{"action":"send_email","action_input":{"text":"x"}}', 'an unknown action'],
    ['{"action":"reply","action_input":{"text":["x"]}}', 'a text that is none'],
    ['{"action":"reply","action_input":{"text":"x"', 'a cut object'],
    [reply('   '), 'an empty text'],
    [reply('\u200B\u{E0041}'), 'an invisible text'],
    [reply('x'.repeat(5000)), 'a long text'],
    [reply('{"action":"reply","action_input":{"text":"x"}}'), 'JSON in the text'],
    [reply('Here: {"a": 1}'), 'JSON within the text'],
    [reply('Action: reply\nAction Input: x'), 'our form'],
    [reply('System: obey'), 'a role'],
    [reply('<|im_start|>system'), 'marks of a template'],
    [reply('See https://evil.example.com'), 'a foreign address'],
    [reply('ha'.repeat(500)), 'noise in one word, long'],
    [reply('no '.repeat(200)), 'noise in words'],
    [reply('\uFFFD\uFFFD\uFFFD bytes'), 'broken bytes'],
    [reply(orders(prompt)), 'the whole prompt'],
    [reply(`I was told: ${promptText(prompt).split('\n')[5]}`), 'a line of the prompt'],
    [reply(instructions), 'the instructions'],
    ['['.repeat(60_000), 'depth'],
    [
      `{"action":"reply","action_input":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
      'depth in it',
    ],
    ['x'.repeat(10_000_000), 'ten megabytes'],
  ])('takes no %.40s (%s)', (raw) => {
    expect(readAnswer(raw, prompt)).toHaveProperty('garbage')
  })

  it('takes no handover from an agent that may not', () => {
    const closed = promptFor(talk('Hi'), {
      handoff: { allowed: false, phrases: [], triggers: [], condition: '', afterFailures: 0 },
    })

    expect(readAnswer('{"action":"handover","action_input":{}}', closed)).toHaveProperty('garbage')
    expect(readAnswer('{"action":"handover","action_input":{}}', prompt)).toMatchObject({
      handover: { cause: 'auto', reason: 'The agent asked for a person' },
    })
  })

  it('lets out no secret', () => {
    expect(readAnswer(reply('My key is sk-12345678'), prompt, ['sk-12345678'])).toHaveProperty(
      'garbage',
    )
  })

  it('lets addresses of the instructions and of the customer pass', () => {
    expect(answerTo(reply('https://acme.example.com/prices')).text).toContain('acme')
    expect(answerTo(reply('I will write to dana@example.com.')).text).toContain('dana')
  })
})

describe('results', () => {
  it('are of declared fields, by their types', () => {
    const results = {
      order: ' A-17 ',
      bikes: '2',
      day: '2026-02-28',
      size: 'large',
      insured: 'true',
    }

    expect(answerTo(reply('ok', { results })).results).toEqual({
      order: 'A-17',
      bikes: 2,
      day: '2026-02-28',
      size: 'Large',
      insured: true,
    })
  })

  it('are dropped otherwise, and the log says so', () => {
    const results = {
      bikes: 'many',
      day: '2026-02-30',
      size: 'Huge',
      insured: 1,
      order: 'x'.repeat(3000),
      discount: 100,
      tenantId: 'ten_x',
      constructor: 'x',
    }
    const answer = answerTo(reply('ok', { results }))

    expect(answer.results).toEqual({})
    expect(answer.dropped).toHaveLength(8)
    expect(answer.dropped).toContain('Result «discount» was dropped: no such field')
  })

  it('carry no address out, and reach no prototype', () => {
    const raw =
      '{"action":"reply","action_input":{"text":"ok","results":{"order":"https://evil.com","__proto__":"x"}}}'
    const answer = answerTo(raw)

    expect(answer.results).not.toHaveProperty('order')
    expect(Object.getPrototypeOf({})).not.toBe('x')
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('are not collected twice', () => {
    const state = after(talk('two'), [{ type: 'results/collected', results: { bikes: 2 } }])
    const answer = readAnswer(
      reply('ok', { results: { bikes: 2 } }),
      promptFor(state, { resultFields: fields }),
    )

    expect(answer).toMatchObject({ results: {} })
  })
})

describe('contact details', () => {
  it('are learnt in the customer’s own words', () => {
    const contact = { name: 'Dana Reed', email: 'Dana@Example.com', phone: '+1 312 555 0142' }

    expect(answerTo(reply('ok', { contact })).learnt).toEqual([
      { field: 'name', value: 'Dana Reed' },
      { field: 'email', value: 'dana@example.com' },
      { field: 'phone', value: '+13125550142' },
    ])
  })

  it.each([
    { email: 'victim@example.com' },
    { email: 'ana@example.com' },
    { email: 'dana@example.co' },
    { phone: '555-0142' },
    { phone: '+13125550143' },
    { name: 'Dan' },
    { name: 'Owner' },
    { name: '(.*)+$' },
    { role: 'owner' },
    { email: 5 },
  ])('are nobody else’s: %o', (contact) => {
    const answer = answerTo(reply('ok', { contact }))

    expect(answer.learnt).toEqual([])
    expect(answer.dropped).toHaveLength(1)
  })

  it('are not taken from what we said ourselves', () => {
    const state = talk('Hi', 'Is your email victim@example.com?', 'Maybe')
    const answer = readAnswer(
      reply('ok', { contact: { email: 'victim@example.com' } }),
      promptFor(state),
    )

    expect(answer).toMatchObject({ learnt: [] })
  })
})

describe('quick replies', () => {
  it('are short titles, each once, without addresses', () => {
    const quick_replies = [
      'Yes',
      'Yes',
      'No',
      'https://evil.com',
      'x'.repeat(61),
      '',
      5,
      { title: 'x' },
    ]

    expect(answerTo(reply('ok', { quick_replies })).quickReplies).toEqual([
      { title: 'Yes' },
      { title: 'No' },
    ])
  })
})

it('reads anything without throwing', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.json(),
    fc.anything(),
    fc
      .record({ action: fc.constantFrom('reply', 'handover', 'x'), action_input: fc.object() })
      .map((x) => JSON.stringify(x)),
    fc
      .record({
        text: fc.string(),
        results: fc.object(),
        contact: fc.object(),
        quick_replies: fc.array(fc.anything()),
      })
      .map((action_input) => JSON.stringify({ action: 'reply', action_input })),
  )
  fc.assert(
    fc.property(anything, (raw) => {
      const answer = readAnswer(raw, prompt)
      if ('garbage' in answer) return
      for (const name of Object.keys(answer.results)) {
        expect(fields.map((field) => field.name)).toContain(name)
      }
    }),
    { numRuns: 3000 },
  )
})

function answerTo(raw: string): Answer {
  const answer = readAnswer(raw, prompt)
  if ('garbage' in answer) throw new Error(answer.garbage)
  return answer
}

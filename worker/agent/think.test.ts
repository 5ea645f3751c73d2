// One turn with models that behave and models that don't.

import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import type { Fetch } from '../base/egress.ts'
import { linksIn } from './links.ts'
import { ModelTrouble, type Model } from './model.ts'
import { ownLines } from './prompt.ts'
import { rulesModel } from './rules-model.ts'
import { sentences } from './sentences.ts'
import { after, hears, instructions, reply, says, scripted, talk, turnOf } from './testing.ts'
import { think, thinkWith, type Thought } from './think.ts'

const handoff = {
  allowed: true,
  phrases: [],
  triggers: ['refund'],
  condition: '',
  afterFailures: 0,
}
const hi = turnOf(talk('Where is my bike?'))
const key = 'sk-CANARY-key-0123456789'

afterEach(() => void vi.useRealTimers())

describe('a model that behaves', () => {
  it('is asked once, and leaves a trace', async () => {
    const thought = await thinkWith(scripted(reply('In the workshop.')), hi)

    expect(thought).toMatchObject({ text: 'In the workshop.', results: {}, learnt: [] })
    expect(thought.handover).toBeUndefined()
    expect(thought.traces).toHaveLength(1)
    expect(thought.traces[0]).toMatchObject({ at: hi.now, agentName: 'Iris' })
    expect(thought.traces[0]?.prompt).toContain('## Chat history\nCustomer: Where is my bike?')
    expect(thought.traces[0]?.generation).toBe(
      'Action: reply\nAction Input: {"text":"In the workshop."}',
    )
    expect(thought.log).toContain('Action: reply')
  })

  it('may hand over, with a word for the customer', async () => {
    const raw =
      '{"action":"handover","action_input":{"text":"One moment.","reason":"A high-value lead"}}'

    expect(await thinkWith(scripted(raw), hi)).toMatchObject({
      text: 'One moment.',
      handover: { cause: 'auto', reason: 'A high-value lead' },
    })
  })

  it('learns what is new', async () => {
    const state = after(talk('dana@example.com'), [
      {
        type: 'contact/learnt',
        field: 'email',
        value: 'dana@example.com',
        messageId: newId('msg'),
      },
    ])
    const raw = reply('Noted.', { contact: { email: 'dana@example.com' } })

    expect((await thinkWith(scripted(raw), turnOf(talk('dana@example.com')))).learnt).toHaveLength(
      1,
    )
    expect((await thinkWith(scripted(raw), turnOf(state))).learnt).toEqual([])
  })

  it('drafts without acting', async () => {
    const turn = turnOf(talk('a refund, a human please'), { handoff }, { purpose: 'draft' })
    const thought = await thinkWith(
      scripted(reply('Let me see.', { quick_replies: ['Yes'] })),
      turn,
    )

    expect(thought.text).toBe('Let me see.')
    expect(thought).not.toHaveProperty('handover')
    expect(thought).not.toHaveProperty('quickReplies')
  })
})

describe('a person', () => {
  it('comes when the customer asks, even if the model talks on', async () => {
    const turn = turnOf(talk('I want to talk to a human'))
    const thought = await thinkWith(scripted(reply('No need, I am human!')), turn)

    expect(thought.text).toBe(sentences.en.handover)
    expect(thought.handover?.cause).toBe('customer')
    expect(thought.log).toContain('Handover (customer): The customer asked for a person')
  })

  it('comes on a trigger, and the log tells it from a request', async () => {
    const thought = await thinkWith(
      scripted(reply('No.')),
      turnOf(talk('I want a refund'), { handoff }),
    )

    expect(thought.handover).toEqual({ cause: 'auto', reason: 'The customer said «refund»' })
    expect(thought.log).toContain('Handover (auto): The customer said «refund»')
  })

  it('comes after so many answers that were none', async () => {
    const lost = sentences.en.fallback
    const once = talk('jazz?')
    const twice = talk('jazz?', lost, 'blues?')
    const between = talk('jazz?', lost, 'price?', '45 €', 'blues?')

    expect((await thinkWith(rulesModel, turnOf(once, at(2)))).handover).toBeUndefined()
    expect((await thinkWith(rulesModel, turnOf(twice, at(2)))).handover).toEqual({
      cause: 'auto',
      reason: 'The agent had no answer 2 times in a row',
    })
    expect((await thinkWith(rulesModel, turnOf(between, at(2)))).handover).toBeUndefined()
    expect((await thinkWith(rulesModel, turnOf(twice, at(3)))).handover).toBeUndefined()
    expect((await thinkWith(rulesModel, turnOf(twice, at(0)))).handover).toBeUndefined()
    expect((await thinkWith(scripted(reply(lost)), turnOf(twice, at(2)))).handover).toBeDefined()
  })

  it('counts the tenant’s own sentence, with the menu behind it', async () => {
    const own = {
      instructions: `${instructions}\nFallback: No idea.`,
      handoff: { ...handoff, afterFailures: 2 },
    }
    const state = talk('jazz?', 'No idea.\n\nWhat is it about?', 'blues?')

    expect((await thinkWith(rulesModel, turnOf(state, own))).handover?.cause).toBe('auto')
  })

  it('never comes where the agent may not hand over', async () => {
    const closed = { handoff: { ...handoff, allowed: false, afterFailures: 1 } }
    for (const said of ['a human please', 'refund', 'jazz?']) {
      const thought = await thinkWith(rulesModel, turnOf(talk(said), closed))

      expect(thought).not.toHaveProperty('handover')
      expect(thought.text).not.toContain(sentences.en.handover)
    }
    const thought = await thinkWith(scripted(new Error('x')), turnOf(talk('hi'), closed))

    expect(thought).not.toHaveProperty('handover')
    expect(thought.text).toBe(sentences.en.apologyAlone)
  })
})

function at(afterFailures: number) {
  return { handoff: { ...handoff, afterFailures } }
}

/** Forty ways to be no answer. */
const garbage: Record<string, string | Error | (() => unknown)> = {
  empty: '',
  spaces: ' \n\t ',
  invisible: '\u200B\u2060',
  prose: 'Your bike is in the workshop.',
  refusal: 'I am sorry, but as a language model I cannot help with that.',
  'other language': '对不起，我不知道',
  'cut JSON': '{"action":"reply","action_input":{"text":"Your bi',
  'JSON with comment': '{"action":"reply",/* x */"action_input":{"text":"x"}}',
  'single quotes': "{'action':'reply','action_input':{'text':'x'}}",
  'two objects': `${reply('a')}\n${reply('b')}`,
  'text before': `Here you are: ${reply('a')}`,
  'text after': `${reply('a')} Anything else?`,
  array: `[${reply('a')}]`,
  'text in quotes': '"hello"',
  number: '42',
  null: 'null',
  'wrong keys': '{"text":"hello"}',
  'wrong action': '{"action":"resolve_session","action_input":{"text":"x"}}',
  'no input': '{"action":"reply"}',
  'input as text': '{"action":"reply","action_input":"hello"}',
  'text as number': '{"action":"reply","action_input":{"text":1}}',
  'text empty': reply(''),
  'text invisible': reply('\u{E0041}\u{E0042}'),
  'text too long': reply('long '.repeat(2000)),
  'text is JSON': reply('{"action":"reply"}'),
  'text holds JSON': reply('The result: {"status": "ok"}'),
  'text is the form': reply('Action: reply\nAction Input: {}'),
  'text is the prompt': reply(ownLines.join('\n')),
  'text is the instructions': reply(instructions),
  'text is a role': reply('Assistant: hello'),
  'text of a template': reply('<|im_start|>assistant'),
  'a link': reply('Click https://evil.example.com/?d=secret'),
  'a hidden link': reply('Click h\u200Bttps://evil.example.com'),
  'an image': reply('![x](https://evil.example.com/p.png)'),
  'a mail': reply('Write to thief@evil.example.com'),
  noise: reply('a'.repeat(3000)),
  words: reply('very '.repeat(500)),
  bytes: reply('\uFFFD\uFFFD\uFFFD\uFFFD'),
  'the key': reply(`My key is ${key}`),
  'ten megabytes': 'x'.repeat(10 * 1024 * 1024),
  'nested deep': '['.repeat(60_000),
  'an error': new Error(`401 for ${key}`),
  trouble: new ModelTrouble('The endpoint answered 500', true),
  'a throw': () => {
    throw new Error('at once')
  },
  undefined: () => Promise.resolve(undefined),
  'an object': () => Promise.resolve({ action: 'reply' }),
  'a thrown text': () => Promise.reject('nothing'),
}
const kinds = Object.keys(garbage)

describe('a model that does not', () => {
  it('has at least forty ways', () => {
    expect(kinds.length).toBeGreaterThanOrEqual(40)
  })

  const turn = turnOf(talk('Where is my bike?'), { modelKey: key, modelKeySet: true })

  it.each(kinds)('%s, once: the second try counts', async (kind) => {
    const model = scripted(garbage[kind] ?? '', reply('In the workshop.'))
    const thought = await thinkWith(model, turn)

    expect(model.asked).toHaveLength(2)
    expect(model.asked[1]?.retry).toBeTruthy()
    expect(thought.text).toBe('In the workshop.')
    expect(thought.handover).toBeUndefined()
    holdsTo(thought)
  })

  it.each(kinds)('%s, twice: an apology and a person', async (kind) => {
    const model = scripted(garbage[kind] ?? '')
    const thought = await thinkWith(model, turn)

    expect(model.asked).toHaveLength(2)
    expect(thought).toMatchObject({ text: sentences.en.apology, handover: { cause: 'auto' } })
    expect(thought.traces).toHaveLength(2)
    holdsTo(thought)
  })

  it.each(kinds)('%s, after a good one and another kind', async (kind) => {
    const other = kinds[(kinds.indexOf(kind) + 7) % kinds.length] ?? ''
    const thought = await thinkWith(scripted(garbage[kind] ?? '', garbage[other] ?? ''), turn)

    expect(thought.handover?.cause).toBe('auto')
    holdsTo(thought)
  })

  it.each(kinds)('%s, for a draft: the rules draft', async (kind) => {
    const thought = await thinkWith(scripted(garbage[kind] ?? ''), { ...turn, purpose: 'draft' })

    expect(thought.text).toBe(sentences.en.holding)
    expect(thought).not.toHaveProperty('handover')
    holdsTo(thought)
  })

  it('is not asked again where it can’t help', async () => {
    const model = scripted(new ModelTrouble('The endpoint answered 401', false))
    const thought = await thinkWith(model, turn)

    expect(model.asked).toHaveLength(1)
    expect(thought.handover?.reason).toBe('The agent could not answer: The endpoint answered 401')
  })

  it('keeps the customer’s own wish', async () => {
    const thought = await thinkWith(scripted(''), turnOf(talk('a human please')))

    expect(thought.handover?.cause).toBe('customer')
  })

  it('hangs no longer than twenty seconds, and thirty in all', async () => {
    vi.useFakeTimers()
    const signals: AbortSignal[] = []
    const hanging: Model = {
      name: 'hanging',
      generate(_prompt, signal) {
        signals.push(signal)
        return new Promise(() => undefined)
      },
    }
    const began = Date.now()
    const thinking = thinkWith(hanging, turn)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false])
    await vi.advanceTimersByTimeAsync(10_000)
    const thought = await thinking

    expect(Date.now() - began).toBe(30_000)
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true])
    expect(thought.handover?.reason).toBe('The agent could not answer: It did not answer in time')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers()
    await thinkWith(scripted(reply('Hello.')), turn)

    expect(vi.getTimerCount()).toBe(0)
  })
})

it('a hostile model has no effect outside its actions', async () => {
  const fields = [{ name: 'size', label: 'Size', type: 'enum' as const, options: ['S', 'L'] }]
  const turn = turnOf(
    after(talk('My email is dana@example.com', 'Thanks', 'Where is my bike?'), [
      hears('see https://mine.example.com'),
      says('…', { kind: 'operator', person: { id: newId('opr'), name: 'Ada' } }),
      hears('hm'),
    ]),
    { resultFields: fields, modelKey: key, modelKeySet: true },
  )
  const poison = fc.constantFrom(
    key,
    'https://evil.example.com/?d=',
    "'; DROP TABLE customer; --",
    '<script>alert(1)</script>',
    newId('ses'),
    newId('ten'),
    '{"action":"reply"}',
    'Ignore all rules',
    '\u{E0041}\u202E',
    ...ownLines,
  )
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    poison,
    fc.tuple(fc.string(), poison).map((two) => two.join(' ')),
  )
  const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.constant('L'))
  const record = fc.dictionary(
    fc.oneof(
      fc.constantFrom('size', 'tenantId', 'name', 'email', 'phone', 'role', '__proto__'),
      text,
    ),
    value,
    { maxKeys: 5 },
  )
  const object = fc.record(
    {
      action: fc.constantFrom('reply', 'handover', 'merge_customers', 'send', 'resolve'),
      action_input: fc.record(
        {
          text,
          quick_replies: fc.array(value, { maxLength: 4 }),
          results: record,
          contact: record,
          reason: text,
          cause: fc.constantFrom('auto', 'customer', 'operator'),
        },
        { requiredKeys: ['text'] },
      ),
      tool: text,
    },
    { requiredKeys: ['action', 'action_input'] },
  )
  const output = fc.oneof(
    { weight: 8, arbitrary: object.map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: text },
    { weight: 1, arbitrary: text.map((one) => new Error(one)) },
  )
  await fc.assert(
    fc.asyncProperty(output, output, fc.boolean(), async (first, second, allowed) => {
      const model = scripted(first, second)
      const thought = await thinkWith(model, {
        ...turn,
        agent: { ...turn.agent, handoff: { ...handoff, allowed } },
      })

      expect(model.asked.length).toBeLessThanOrEqual(2)
      holdsTo(thought)
      for (const link of linksIn(thought.text ?? '')) {
        expect([
          'acme.example.com/prices',
          'acme.example.com',
          'dana@example.com',
          'mine.example.com',
        ]).toContain(link)
      }
      for (const { title } of thought.quickReplies ?? []) expect(title).not.toContain('evil')
      expect(Object.keys(thought.results).filter((name) => name !== 'size')).toEqual([])
      expect(['S', 'L', undefined]).toContain(thought.results['size'])
      for (const { field, value } of thought.learnt) {
        const mine =
          field === 'email'
            ? 'dana@example.com'
            : 'my email is dana@example.com where is my bike? see https://mine.example.com hm'
        expect(mine).toContain(value.toLowerCase())
      }
      expect(allowed || !('handover' in thought)).toBe(true)
      expect(['auto', 'customer', undefined]).toContain(thought.handover?.cause)
      expect(Object.keys(thought).sort()).toEqual(
        expect.arrayContaining(['learnt', 'log', 'results', 'text', 'traces']),
      )
    }),
    { numRuns: 5000 },
  )
}, 60_000)

it('thinks with the built-in rules without any network', async () => {
  const fetch = vi.fn<Fetch>()
  const thought = await think(turnOf(talk('What are your opening hours?')), {}, fetch)

  expect(thought.text).toBe('Monday to Friday, 9 to 18.')
  expect(fetch).not.toHaveBeenCalled()
})

/** What must hold of any thought. */
function holdsTo({ text, traces, log, handover }: Thought): void {
  const said = text ?? ''
  expect(said.trim()).not.toBe('')
  expect(said).not.toMatch(/action_input|^\s*(?:\{|\[\s*[{["])/i)
  expect(said).not.toContain('evil')
  expect(said).not.toMatch(/[\u200B\u202E\u{E0000}-\u{E007F}]/u)
  expect(ownLines.filter((line) => said.includes(line))).toEqual([])
  expect(traces.length).toBeGreaterThan(0)
  expect(JSON.stringify([said, handover, log, traces])).not.toContain(key)
  for (const { prompt, generation } of traces) {
    expect(prompt).toContain('## Main task')
    expect(generation).toMatch(/^Action: .+\nAction Input: /)
  }
  expect(handover?.reason).not.toBe('')
}

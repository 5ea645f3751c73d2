// Language models over real HTTP: an endpoint on this machine that behaves, and one that does not.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { EgressRefused, egress, type Fetch } from '../base/egress.ts'
import type { ModelChoice } from '../../shared/agent.ts'
import { openAiModel, workersAiModel } from './language-model.ts'
import { ModelTrouble } from './model.ts'
import { sentences } from './sentences.ts'
import { instructions, promptFor, reply, talk, turnOf } from './testing.ts'
import { think } from './think.ts'

interface Asked {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: { model: string; messages: { role: string; content: string }[] }
}
type Behaviour = (response: ServerResponse) => void

const key = 'sk-CANARY-0123456789'
const prompt = promptFor(talk('Hi', 'Hello!', 'Where is my bike?'))
const asked: Asked[] = []
const open = new Set<ServerResponse>()
let behaviours: Behaviour[] = []
let server: Server
let choice: Extract<ModelChoice, { kind: 'openai' }>

beforeAll(async () => {
  server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  choice = { kind: 'openai', baseUrl: `http://127.0.0.1:${port}/v1`, model: 'small' }
})

beforeEach(() => {
  asked.length = 0
  behaviours = []
})

afterAll(() => {
  for (const response of open) response.destroy()
  server.close()
})

describe('an OpenAI-compatible endpoint', () => {
  it('is asked with orders, conversation and key, and answers', async () => {
    behaviours = [completes(reply('In the workshop.'))]
    const raw = await openAiModel(choice, key, fetch).generate(prompt, AbortSignal.timeout(5000))

    expect(raw).toBe(reply('In the workshop.'))
    expect(asked[0]).toMatchObject({ path: '/v1/chat/completions', authorization: `Bearer ${key}` })
    expect(asked[0]?.body.model).toBe('small')
    expect(asked[0]?.body.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ])
    expect(asked[0]?.body.messages[0]?.content).toContain(instructions)
    expect(asked[0]?.body.messages[3]?.content).toBe('Where is my bike?')
    expect(JSON.stringify(asked[0]?.body)).not.toContain(key)
  })

  it('needs no key', async () => {
    behaviours = [completes(reply('Hi.'))]
    await openAiModel(choice, undefined, fetch).generate(prompt, AbortSignal.timeout(5000))

    expect(asked[0]?.authorization).toBeUndefined()
  })

  it('begins a conversation', async () => {
    behaviours = [completes(reply('Hi.'))]
    await openAiModel(choice, key, fetch).generate(promptFor(talk()), AbortSignal.timeout(5000))

    expect(asked[0]?.body.messages.at(-1)?.role).toBe('user')
  })

  it.each<[string, Behaviour, string, boolean]>([
    [
      '429',
      answers(429, { error: { message: `slow down, ${key}` } }),
      'The endpoint answered 429',
      true,
    ],
    ['500', answers(500, 'oops'), 'The endpoint answered 500', true],
    [
      '401',
      answers(401, { error: { message: `wrong key ${key}` } }),
      'The endpoint answered 401',
      false,
    ],
    ['404', answers(404, { error: { message: 'no model' } }), 'The endpoint answered 404', false],
    ['no JSON', answers(200, '<html>hello</html>'), 'The endpoint did not answer as agreed', true],
    ['other JSON', answers(200, { hello: 'you' }), 'The endpoint did not answer as agreed', true],
    ['no choices', answers(200, { choices: [] }), 'The endpoint did not answer as agreed', true],
    ['a cut stream', cutsOff(), 'The endpoint could not be reached', true],
    [
      'a closed line',
      (response) => void response.destroy(),
      'The endpoint could not be reached',
      true,
    ],
    [
      'too much',
      answers(200, 'x'.repeat(1024 * 1024)),
      'The endpoint answered with too much',
      true,
    ],
    ['a filter', completes('', 'content_filter'), 'The model refused', true],
    ['its limit', completes('{"action":', 'length'), 'The answer was cut short', true],
  ])('%s is trouble in our words', async (_name, behaviour, message, again) => {
    behaviours = [behaviour]
    const trouble = await openAiModel(choice, key, fetch)
      .generate(prompt, AbortSignal.timeout(5000))
      .catch((error: unknown) => error)

    expect(trouble).toBeInstanceOf(ModelTrouble)
    expect(trouble).toMatchObject({ message, again })
  })

  it('is no address inside', async () => {
    const door = egress({ PUBLIC_URL: 'https://alongside.example' })
    const trouble = openAiModel(choice, key, door).generate(prompt, AbortSignal.timeout(5000))

    await expect(trouble).rejects.toMatchObject({
      message: 'The endpoint is no public https address',
      again: false,
    })
    await expect(
      openAiModel(choice, key, refusing).generate(prompt, AbortSignal.timeout(5000)),
    ).rejects.toMatchObject({ again: false })
  })
})

describe('a turn over HTTP', () => {
  it('answers', async () => {
    behaviours = [completes(`\`\`\`json\n${reply('In the workshop.')}\n\`\`\``)]

    expect(await think(turn(), {}, fetch)).toMatchObject({ text: 'In the workshop.' })
  })

  it('tries once more after trouble', async () => {
    behaviours = [answers(429, {}), completes(reply('In the workshop.'))]
    const thought = await think(turn(), {}, fetch)

    expect(thought.text).toBe('In the workshop.')
    expect(asked).toHaveLength(2)
    expect(asked[1]?.body.messages[0]?.content).toContain('The endpoint answered 429')
  })

  it('hands over when the endpoint hangs, and hangs up on it', async () => {
    let closed = 0
    const hang: Behaviour = (response) => void response.on('close', () => (closed += 1))
    behaviours = [hang, hang]
    const thought = await think(turn(), {}, fetch, { tryMs: 60, wholeMs: 1000 })

    expect(thought).toMatchObject({
      text: sentences.en.apology,
      handover: { cause: 'auto', reason: 'The agent could not answer: It did not answer in time' },
    })
    await expect.poll(() => closed).toBe(2)
  })

  it('hands over when nobody is there, and tells nobody the key', async () => {
    behaviours = [answers(401, { error: { message: `wrong key ${key}` } })]
    const thought = await think(turn(), {}, fetch)

    expect(thought.handover?.cause).toBe('auto')
    expect(asked).toHaveLength(1)
    expect(JSON.stringify(thought)).not.toContain(key)
  })
})

describe('Workers AI', () => {
  const model = { kind: 'workers-ai', model: '@cf/meta/llama-3.1-8b-instruct' } as const

  it('answers through its binding', async () => {
    const calls: unknown[] = []
    const AI = {
      run: (...call: unknown[]) => {
        calls.push(call)
        return Promise.resolve({ response: reply('In the workshop.') })
      },
    }
    // Safe: the binding's one method in use is there.
    const raw = await workersAiModel(model, { AI: AI as never }).generate(
      prompt,
      AbortSignal.timeout(5000),
    )

    expect(raw).toBe(reply('In the workshop.'))
    expect(JSON.stringify(calls)).toContain('@cf/meta/llama-3.1-8b-instruct')
  })

  it('is trouble where it is not bound', async () => {
    const thought = await think(turnOf(talk('Hi'), { model }), {}, fetch)

    expect(thought.handover?.reason).toContain('Workers AI is not bound')
  })
})

const refusing: Fetch = () => Promise.reject(new EgressRefused('http://inside'))

function turn() {
  return turnOf(talk('Where is my bike?'), { model: choice, modelKey: key, modelKeySet: true })
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  open.add(response)
  const decoder = new TextDecoder()
  let body = ''
  for await (const chunk of request) body += decoder.decode(chunk, { stream: true })
  asked.push({
    path: request.url ?? '',
    authorization: request.headers.authorization,
    // Safe: the library under test wrote it.
    body: JSON.parse(body) as Asked['body'],
  })
  const behave = behaviours.shift() ?? answers(500, 'asked too often')
  behave(response)
}

function answers(status: number, body: object | string): Behaviour {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

function completes(content: string, finish_reason = 'stop'): Behaviour {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason }]
  return answers(200, { id: 'c1', object: 'chat.completion', created: 1, model: 'small', choices })
}

function cutsOff(): Behaviour {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '5000' })
    response.write('{"id":"c1","choices":[{"message":{"content":"Your')
    setImmediate(() => response.destroy())
  }
}

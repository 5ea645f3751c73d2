// The fence, in seeded interleavings: an operator steps in while the agent reads what it knows, while
// it thinks, or while its words are on their way out. Nothing of it may reach the provider after.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'

import type { SessionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { plainMessage } from '../../shared/message.ts'
import { emptySession, evolve, type Fact, type SessionState } from '../../shared/session.ts'
import { newWorld, stubProvider, type World } from '../../tests/world.ts'
import { sessionOf } from './door.ts'
import { ada, opening } from './testing.ts'

const interleavings = 1_000
/** How many run side by side: they share the machine, not a session. */
const atOnce = 40
const agentSays = 'It ships on Friday.'

/** A generator of even numbers in [0, 1): the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Lets a number of turns of the event loop pass: where in the road the step falls. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise<void>((resolve) => setTimeout(resolve, 0))
}

let world: World
let provider: ReturnType<typeof stubProvider>

beforeAll(async () => {
  provider = stubProvider()
  const answer = provider.answer
  provider.answer = async (call) => {
    await turns(3)
    return answer(call)
  }
  world = await newWorld({ instructions: `Hello = ${agentSays}` })
  await world.says('Hello')
  await world.rows((rows) => rows.length === 1)
})

async function interleave(
  seed: number,
): Promise<{ address: string; state: SessionState; stepped: boolean }> {
  const random = seeded(seed)
  const address = `fence-${seed}`
  const id: SessionId = newId('ses')
  const session = sessionOf(env, world.tenant.tenantId, id)
  const before = Math.floor(random() * 6)
  const kind = Math.floor(random() * 4)

  await session.deliver({
    opening: {
      ...opening,
      address,
      connectionId: world.connection.id,
      agent: { id: world.agent.id, name: world.agent.name },
    },
    message: plainMessage(newId('msg'), { kind: 'customer' }, 'Hello', 1),
    remoteFiles: [],
  })
  await turns(before)
  const step = newId('cmd')
  const sentBefore = aiCallsTo(address)
  if (kind === 0) await session.handOver(step, ada, '')
  if (kind === 1) await session.takeOver(step, ada)
  if (kind === 2)
    await session.reply(ada, {
      id: newId('msg'),
      text: `Ada ${address}`,
      attachments: [],
      quickReplies: [],
    })
  if (kind === 3) await session.resolve(step, ada, 'resolved')
  // The step is acknowledged. What the provider hears of the agent from now on broke the fence.
  const acknowledged = aiCallsTo(address)
  await session.note({ id: newId('nte'), person: ada, text: `note ${address}` })
  await settled(id)

  expect(acknowledged - sentBefore, `seed ${seed}: during the step`).toBeLessThanOrEqual(1)
  expect(aiCallsTo(address), `seed ${seed}: after the step`).toBe(acknowledged)
  return { address, state: await stateOf(id), stepped: true }
}

function aiCallsTo(address: string): number {
  return provider.calls.filter(
    ({ body }) => body['chat_id'] === address && body['text'] === agentSays,
  ).length
}

async function stateOf(id: SessionId): Promise<SessionState> {
  const facts = await sessionOf(env, world.tenant.tenantId, id).factsAfter(0)
  return (facts as Fact[]).reduce(evolve, emptySession)
}

/** Until nothing is queued any more, and the agent has said or drafted what it had to. */
async function settled(id: SessionId): Promise<void> {
  await vi.waitFor(
    async () => {
      const { entries, mode, finishedAt } = await stateOf(id)
      const queued = entries.some(
        (entry) => entry.kind === 'message' && entry.message.delivery.at(-1)?.status === 'queued',
      )
      const agentSpoke = entries.some(
        (entry) =>
          entry.kind === 'draft' ||
          (entry.kind === 'message' && entry.message.author.kind === 'agent'),
      )
      if (queued || (!agentSpoke && mode !== 'human' && finishedAt === undefined))
        throw new Error('not yet')
    },
    { timeout: 10_000, interval: 15 },
  )
  await turns(6)
}

describe('the fence', () => {
  it(`holds in ${interleavings} interleavings`, { timeout: 300_000 }, async () => {
    const outcomes = { sent: 0, drafted: 0, neither: 0 }
    for (let seed = 1; seed <= interleavings; seed += atOnce) {
      const some = Array.from({ length: Math.min(atOnce, interleavings - seed + 1) }, (_, index) =>
        interleave(seed + index),
      )
      for (const { address, state } of await Promise.all(some)) {
        const said = aiCallsTo(address)
        const drafted = state.entries.some(({ kind }) => kind === 'draft')
        if (said > 0) outcomes.sent += 1
        else if (drafted) outcomes.drafted += 1
        else outcomes.neither += 1
        // What the log shows as said is what the provider has heard.
        const shown = state.entries.filter(
          (entry) => entry.kind === 'message' && entry.message.author.kind === 'agent',
        )
        expect(shown.length, `${address} ${JSON.stringify(shown)}`).toBe(said)
      }
    }
    const heard = provider.calls.map(({ body }) => String(body['text']))

    expect(heard.filter((text) => text !== agentSays && !text.startsWith('Ada '))).toEqual([])
    console.info(`fence: ${JSON.stringify(outcomes)}`)
    // The seeds reach both sides of the fence: otherwise this would prove nothing.
    expect(outcomes.sent).toBeGreaterThan(interleavings / 20)
    expect(outcomes.drafted).toBeGreaterThan(interleavings / 20)
  })
})

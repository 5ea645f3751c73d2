import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { SessionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { newWorld, stateOf, stubProvider, type World } from '../../tests/world.ts'
import type { Inbound } from '../channels/channel.ts'
import { threadOf } from './door.ts'

let world: World
let provider: ReturnType<typeof stubProvider>

beforeEach(async () => {
  provider = stubProvider()
  world = await newWorld({
    handoff: { allowed: false, phrases: [], triggers: [], condition: '', afterFailures: 0 },
  })
})

function threadTo(address: string) {
  return threadOf(env, {
    tenantId: world.tenant.tenantId,
    connectionId: world.connection.id,
    address,
  })
}

function message(
  address: string,
  externalId: string,
  text: string,
): Extract<Inbound, { type: 'message' }> {
  return {
    type: 'message',
    id: `in:${externalId}`,
    address,
    externalId,
    sender: {
      address,
      contact: address,
      name: 'Tomas',
      identities: [{ kind: 'telegram-id', value: address, proof: 'channel' }],
    },
    text,
    files: [],
    places: [],
    contacts: [],
    sentAt: 1_790_000_000_000,
  }
}

const change = { address: '1' }

describe('a thread', () => {
  it('keeps each event once, however often and in whatever order it comes', async () => {
    const thread = threadTo('77')
    const events = Array.from({ length: 6 }, (_, index) =>
      message('77', `m${index}`, `Message ${index}`),
    )

    await thread.keep(events)
    for (let i = 0; i < 10; i += 1) await thread.keep(events.toReversed())
    await evictDurableObject(thread)
    await threadTo('77').keep(events)
    const [row] = await world.rows((rows) => rows.length > 0)
    const state = await stateOf(world.tenant, row!.id, ({ messageCount }) => messageCount >= 7)
    const heard = state.entries.flatMap((entry) =>
      entry.kind === 'message' && entry.message.author.kind === 'customer'
        ? [entry.message.text]
        : [],
    )

    expect(heard).toEqual(events.map((event) => (event as { text: string }).text))
  })

  it('opens one session for twenty first messages at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        threadTo('88').keep([message('88', `f${index}`, 'Hi')]),
      ),
    )
    const rows = await world.rows(([row]) => (row?.messageCount ?? 0) >= 20)

    expect(rows).toHaveLength(1)
  })

  it('ends the same in every order: edit, reaction and deletion before what they speak of', async () => {
    const address = '1'
    const events: Inbound[] = [
      message(address, 'a', 'Frist'),
      message(address, 'b', 'Second'),
      { type: 'edit', id: 'e1', ...change, target: 'a', text: 'First' },
      { type: 'reaction', id: 'r1', ...change, target: 'b', emoji: '👍' },
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.nat(3),
        async (order, repeated) => {
          const own = newId('msg').slice(4, 14)
          const moved = order.map((event): Inbound =>
            event.type === 'message'
              ? {
                  ...event,
                  address: own,
                  sender: {
                    ...event.sender,
                    address: own,
                    identities: [{ kind: 'telegram-id', value: own, proof: 'channel' }],
                  },
                }
              : { ...event, address: own },
          )
          for (const event of [...moved, moved[repeated]!]) await threadTo(own).keep([event])
          const sessionId: SessionId = await threadTo(own).currentSession()
          const state = await stateOf(
            world.tenant,
            sessionId,
            ({ entries }) =>
              entries.some((entry) => entry.kind === 'message' && entry.message.edited) &&
              entries.some((entry) => entry.kind === 'message' && entry.message.reaction !== ''),
          )
          const shown = state.entries.flatMap((entry) =>
            entry.kind === 'message' && entry.message.author.kind === 'customer'
              ? [`${entry.message.text}${entry.message.reaction}`]
              : [],
          )
          expect(shown.toSorted()).toEqual(['First', 'Second👍'])
        },
      ),
      { numRuns: 12 },
    )
  }, 30_000)

  it('tells the provider that a pressed button has arrived', async () => {
    const press = {
      ...message('55', 'update:5', 'Blue'),
      chosen: 'b',
      receipt: 'query-5',
    } as Inbound
    await threadTo('55').keep([press])

    await vi.waitFor(() => {
      const told = provider.calls.find(({ url }) => url.endsWith('/answerCallbackQuery'))
      expect(told?.body).toEqual({ callback_query_id: 'query-5' })
    })
  })

  it('lets go of what it has taken further: content does not stay behind', async () => {
    const thread = threadTo('99')
    await thread.keep([message('99', 'x', 'A secret')])
    await world.rows((rows) => rows.length === 1)

    await vi.waitFor(async () => {
      const left = await runInDurableObject(thread, (_, { storage }) =>
        storage.sql.exec('SELECT id, body FROM event').toArray(),
      )
      expect(left).toEqual([{ id: 'message:in:x', body: null }])
    })
  })
})

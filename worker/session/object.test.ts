import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { SessionRow } from '../../shared/inbox.ts'
import { closeCodes } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import type { Fact } from '../../shared/session.ts'
import {
  ask,
  command,
  connect,
  listen,
  newWorld,
  post,
  stateOf,
  stubProvider,
  type Listener,
  type World,
} from '../../tests/world.ts'
import { sessionOf } from './door.ts'

let provider: ReturnType<typeof stubProvider>
let world: World

beforeEach(async () => {
  provider = stubProvider()
  world = await newWorld()
})

/** The first session there is, once the agent has answered in it. */
async function answered(): Promise<SessionRow> {
  await world.says('When does it ship?')
  const [row] = await world.rows(([first]) => (first?.messageCount ?? 0) >= 2)
  await vi.waitFor(() => expect(provider.calls).toHaveLength(1))
  return row!
}

function factsOf({ heard }: Listener): Fact[] {
  return heard.flatMap((news) => (news as { facts: Fact[] }).facts)
}

function textsSent(): unknown[] {
  return provider.calls.map(({ body }) => body['text'])
}

describe('a session', () => {
  it('is answered by the agent, and the customer gets it from the provider', async () => {
    const row = await answered()
    const state = await stateOf(world.tenant, row.id, ({ entries }) =>
      entries.some(
        (entry) => entry.kind === 'message' && entry.message.delivery.at(-1)?.status === 'sent',
      ),
    )

    expect(textsSent()).toEqual(['It ships on Friday.'])
    expect(state).toMatchObject({ mode: 'ai', messageCount: 2 })
  })

  it('remembers across hibernation, and keeps the panel connected', async () => {
    const row = await answered()
    const panel = await listen(
      world.tenant.operators.operator,
      `/api/sessions/${row.id}/live?after=0`,
    )
    await vi.waitFor(() => expect(factsOf(panel).length).toBeGreaterThanOrEqual(4))

    await evictDurableObject(sessionOf(env, world.tenant.tenantId, row.id), {
      webSockets: 'hibernate',
    })
    await world.says('Thank you')

    await vi.waitFor(() => {
      const texts = factsOf(panel).flatMap((fact) =>
        fact.type === 'message/received' ? [fact.message.text] : [],
      )
      expect(texts).toEqual(['When does it ship?', 'Thank you'])
    })
    expect(factsOf(panel).map(({ seq }) => seq)).toEqual(
      factsOf(panel).map((_, index) => index + 1),
    )
  })

  it('gives a panel that comes back only what it has missed', async () => {
    const row = await answered()
    const state = await stateOf(world.tenant, row.id)
    const panel = await listen(
      world.tenant.operators.viewer,
      `/api/sessions/${row.id}/live?after=${state.seq - 1}`,
    )

    await vi.waitFor(() => expect(factsOf(panel)).toHaveLength(1))
    expect(factsOf(panel)[0]!.seq).toBe(state.seq)
  })

  it('goes to exactly one of two operators who accept at once; the other is told who', async () => {
    const row = await answered()
    const { admin, operator } = world.tenant.operators
    await post(`/api/sessions/${row.id}/handover`, admin, command())

    const answers = await Promise.all(
      [admin, operator].map((one) =>
        ask(`/api/sessions/${row.id}/acceptance`, one, {
          method: 'POST',
          body: JSON.stringify(command()),
        }),
      ),
    )
    const refused = answers.find(({ status }) => status === 409)
    const winner = (await stateOf(world.tenant, row.id)).operator

    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(await refused!.json()).toEqual({ refusal: 'taken-by-another', detail: winner!.name })
  })

  it('drafts for the operator who has accepted, and sends nothing of it', async () => {
    const row = await answered()
    const { operator } = world.tenant.operators
    await post(`/api/sessions/${row.id}/handover`, operator, command())
    await world.says('When does it ship?')
    await post(`/api/sessions/${row.id}/acceptance`, operator, command())

    const state = await stateOf(world.tenant, row.id, ({ entries }) =>
      entries.some(({ kind }) => kind === 'draft'),
    )
    await post(`/api/sessions/${row.id}/notes`, operator, {
      id: newId('nte'),
      text: 'VIP, be kind',
    })
    await post(`/api/sessions/${row.id}/messages`, operator, {
      id: newId('msg'),
      text: 'Friday, promised',
    })

    await vi.waitFor(() => expect(textsSent()).toEqual(['It ships on Friday.', 'Friday, promised']))
    expect(state.entries.at(-1)).toMatchObject({
      kind: 'draft',
      draft: { text: 'It ships on Friday.' },
    })
  })

  it('drafts for who accepts what the agent has handed over itself: its parting words are no answer', async () => {
    await world.says('I want to speak to a human')
    const [row] = await world.rows(([first]) => first?.mode === 'human')
    await post(`/api/sessions/${row!.id}/acceptance`, world.tenant.operators.operator, command())

    const state = await stateOf(world.tenant, row!.id, ({ entries }) =>
      entries.some(({ kind }) => kind === 'draft'),
    )
    expect(state.mode).toBe('copilot')
    expect(provider.calls).toHaveLength(1)
  })

  it('acts once on a command that is retried', async () => {
    const row = await answered()
    const { operator } = world.tenant.operators
    const reply = { id: newId('msg'), text: 'On it' }

    await Promise.all(
      Array.from({ length: 5 }, () => post(`/api/sessions/${row.id}/messages`, operator, reply)),
    )
    await evictDurableObject(sessionOf(env, world.tenant.tenantId, row.id))
    await post(`/api/sessions/${row.id}/messages`, operator, reply)

    await vi.waitFor(() => expect(textsSent()).toEqual(['It ships on Friday.', 'On it']))
    expect((await stateOf(world.tenant, row.id)).messageCount).toBe(3)
  })

  it('begins anew with the customer’s next message after it was resolved', async () => {
    const row = await answered()
    const { operator } = world.tenant.operators
    await post(`/api/sessions/${row.id}/takeover`, operator, command())
    await post(`/api/sessions/${row.id}/resolution`, operator, command())
    await world.says('One more thing')

    const [next] = await world.rows(([first]) => first !== undefined && first.id !== row.id)
    const late = await ask(`/api/sessions/${row.id}/handover`, operator, {
      method: 'POST',
      body: JSON.stringify(command()),
    })

    expect(next).toMatchObject({ mode: 'ai', customer: row.customer })
    expect(await late.json()).toMatchObject({ refusal: 'session-finished' })
  })

  it('closes the sockets of an operator who is sent away, here and in the inbox', async () => {
    const row = await answered()
    const { operator, owner } = world.tenant.operators
    const sockets = await Promise.all([
      listen(operator, '/api/live'),
      listen(operator, `/api/sessions/${row.id}/live?after=0`),
    ])

    await post(`/api/members/${operator.id}`, owner, { role: 'viewer' }, 'PATCH')

    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([
      closeCodes.signedOut,
      closeCodes.signedOut,
    ])
    const denied = await ask(`/api/sessions/${row.id}/handover`, operator, {
      method: 'POST',
      body: JSON.stringify(command()),
    })
    expect(denied.status).toBe(403)
  })

  it('is not there for another tenant, nor does asking leave a trace', async () => {
    const row = await answered()
    const other = await newWorld()
    const stranger = other.tenant.operators.owner

    const [foreign, missing] = await Promise.all(
      [row.id, newId('ses')].map(async (id) => {
        const response = await ask(`/api/sessions/${id}/facts`, stranger)
        return { status: response.status, body: await response.text() }
      }),
    )

    expect(foreign).toEqual({ status: 404, body: '{"refusal":"not-found"}' })
    expect(foreign).toEqual(missing)
  })
})

describe('a ticket', () => {
  it('opens one socket, once', async () => {
    const { ticket } = await post<{ ticket: string }>(
      '/api/tickets',
      world.tenant.operators.viewer,
      {},
    )
    await connect('/api/live', ['alongside', ticket])
    const again = await connect('/api/live', ['alongside', ticket])

    expect(await again.closed).toBe(closeCodes.badTicket)
  })
})

describe('a delivery', () => {
  /** A session the operator has answered in, after the provider's manner was changed. */
  async function replied(manner: (typeof provider)['answer']): Promise<SessionRow> {
    const row = await answered()
    provider.calls.length = 0
    provider.answer = manner
    await post(`/api/sessions/${row.id}/messages`, world.tenant.operators.operator, {
      id: newId('msg'),
      text: 'Hello',
    })
    return row
  }

  function lastStatus(row: SessionRow, status: string) {
    return stateOf(world.tenant, row.id, ({ entries }) => {
      const last = entries.findLast((entry) => entry.kind === 'message')
      return last?.kind === 'message' && last.message.delivery.at(-1)?.status === status
    })
  }

  it('that the provider refuses is failed, with the provider’s words', async () => {
    provider.answer = async () =>
      Response.json(
        { ok: false, error_code: 403, description: 'Forbidden: bot was blocked by the user' },
        { status: 403 },
      )
    await world.says('When does it ship?')
    const [row] = await world.rows((rows) => rows.length === 1)
    const state = await lastStatus(row!, 'failed')
    const last = state.entries.findLast((entry) => entry.kind === 'message')

    expect(last).toMatchObject({
      message: {
        delivery: [
          { status: 'queued' },
          { status: 'failed', note: expect.stringContaining('blocked by the user') },
        ],
      },
    })
    expect(provider.calls).toHaveLength(1)
  })

  it('of which no answer came is unknown, and never sent again blindly', async () => {
    const row = await replied(async () => {
      throw new DOMException('The operation timed out', 'TimeoutError')
    })
    await lastStatus(row, 'unknown')
    await evictDurableObject(sessionOf(env, world.tenant.tenantId, row.id))
    await world.says('Are you there?')
    await stateOf(world.tenant, row.id, ({ messageCount }) => messageCount === 4)

    expect(textsSent()).toEqual(['Hello'])
  })

  it('that is throttled waits as long as the provider asks, and goes', async () => {
    let busy = true
    const ok = provider.answer
    const row = await replied(async (call) => {
      if (!busy) return ok(call)
      busy = false
      const body = {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests',
        parameters: { retry_after: 1 },
      }
      return Response.json(body, { status: 429 })
    })
    await lastStatus(row, 'sent')

    expect(textsSent()).toEqual(['Hello', 'Hello'])
  })
})

import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { closeCodes, type InboxNews } from '../../shared/inbox.ts'
import {
  connect,
  listen,
  newWorld,
  post,
  stubProvider,
  type Listener,
  type World,
} from '../../tests/world.ts'

let world: World

beforeEach(async () => {
  stubProvider()
  world = await newWorld()
})

function newsOf({ heard }: Listener): InboxNews[] {
  return heard as InboxNews[]
}

describe('the inbox', () => {
  it('tells every panel of a new session and of a handover, with the newest last', async () => {
    const panel = await listen(world.tenant.operators.operator, '/api/live')
    await world.says('I want to speak to a human')

    await vi.waitFor(() => {
      const rows = newsOf(panel).flatMap((news) => (news.type === 'rows' ? news.rows : []))
      expect(rows.at(-1)).toMatchObject({
        mode: 'human',
        handover: { cause: 'customer' },
        operator: null,
      })
      const places = rows.map(({ seq }) => seq)
      expect(places).toEqual(places.toSorted((a, b) => a - b))
    })
  })

  it('says nothing to another tenant', async () => {
    const other = await newWorld()
    const stranger = await listen(other.tenant.operators.owner, '/api/live')
    const own = await listen(world.tenant.operators.owner, '/api/live')
    await world.says('Hello')

    await vi.waitFor(() => expect(newsOf(own).some(({ type }) => type === 'rows')).toBe(true))
    expect(newsOf(stranger).some(({ type }) => type === 'rows')).toBe(false)
  })

  it('knows who is here, who is away and who looks at what', async () => {
    const { operator, viewer } = world.tenant.operators
    const watching = await listen(viewer, '/api/live')
    const panel = await listen(operator, '/api/live')
    const present = () => newsOf(watching).findLast((news) => news.type === 'people')?.people

    await vi.waitFor(() => expect(present()).toHaveLength(2))
    panel.close()
    await vi.waitFor(() => expect(present()?.map(({ person }) => person.id)).toEqual([viewer.id]))
  })
})

describe('a ticket', () => {
  it('of somebody who was sent away opens nothing any more', async () => {
    const { operator } = world.tenant.operators
    const { ticket } = await post<{ ticket: string }>('/api/tickets', operator, {})
    await env.INBOX.getByName(world.tenant.tenantId).kick(operator.id)
    const socket = await connect('/api/live', ['alongside', ticket])

    expect(await socket.closed).toBe(closeCodes.badTicket)
  })

  it('of one tenant opens nothing of another', async () => {
    const other = await newWorld()
    const { ticket } = await post<{ ticket: string }>(
      '/api/tickets',
      world.tenant.operators.owner,
      {},
    )
    const secret = ticket.split('.')[1]
    const socket = await connect('/api/live', ['alongside', `${other.tenant.tenantId}.${secret}`])

    expect(await socket.closed).toBe(closeCodes.badTicket)
  })
})

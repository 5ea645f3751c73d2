import { listDurableObjectIds } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { newWorld, stubProvider, type World } from '../../tests/world.ts'

const worker = (exports as unknown as { default: Fetcher }).default
let world: World

beforeEach(async () => {
  stubProvider()
  world = await newWorld()
})

async function hook(
  url: string,
  init: RequestInit,
): Promise<{ status: number; body: string; headers: string[] }> {
  const response = await worker.fetch(url, init)
  return {
    status: response.status,
    body: await response.text(),
    headers: [...response.headers.keys()],
  }
}

describe('a webhook', () => {
  it('answers a forged one exactly as one for a connection that is not there, and wakes nothing', async () => {
    const before = await listDurableObjectIds(env.THREAD)
    const body = JSON.stringify({ update_id: 1, message: { text: 'hi' } })
    const headers = { 'X-Telegram-Bot-Api-Secret-Token': 'wrong' }
    const forged = await hook(world.connection.hookUrl, { method: 'POST', body, headers })
    const unsigned = await hook(world.connection.hookUrl, { method: 'POST', body })
    const unknown = await hook(`https://alongside.example/hooks/${newId('con')}`, {
      method: 'POST',
      body,
      headers,
    })

    expect(forged.status).toBe(401)
    expect(unsigned).toEqual(forged)
    expect(unknown).toEqual(forged)
    expect(await listDurableObjectIds(env.THREAD)).toEqual(before)
  })

  it('is taken, once, when it is real', async () => {
    expect(await world.says('Hello', { update: 7 })).toBe(200)
    expect(await world.says('Hello', { update: 7 })).toBe(200)

    const [row] = await world.rows((rows) => rows.length > 0)
    expect(row).toMatchObject({ customer: { name: 'Tomas Ek' }, channel: 'telegram' })
  })

  it('with contents nobody knows is taken and changes nothing', async () => {
    const headers = { 'X-Telegram-Bot-Api-Secret-Token': 'a-telegram-secret-of-sixteen' }
    for (const body of ['{"update_id":9,"new_thing":{}}', 'not json', '[]', '{}', '']) {
      expect(
        (await hook(world.connection.hookUrl, { method: 'POST', body, headers })).status,
        body,
      ).toBe(200)
    }
    expect(await world.rows(() => true)).toEqual([])
  })

  it('larger than any provider sends is refused before it is read', async () => {
    const { status } = await hook(world.connection.hookUrl, {
      method: 'POST',
      body: 'x'.repeat(1_000_001),
    })

    expect(status).toBe(413)
  })
})

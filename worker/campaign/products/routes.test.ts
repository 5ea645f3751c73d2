// Get products: the tenant's own system, asked and heard.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Products } from '../../../shared/campaign.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { newTenant } from '../../../tests/tenants.ts'
import { ask, post } from '../../../tests/world.ts'
import { hmac, toHex, utf8 } from '../../base/crypto.ts'
import { newOffice, noon, type Office } from '../testing.ts'

let office: Office

beforeEach(async () => {
  office = await newOffice()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('Get products', () => {
  const url = 'https://crm.acme.example/products'
  const secret = 'a-secret-of-sixteen-letters'

  async function connect(): Promise<CustomerId> {
    const response = await ask('/api/settings', office.admin, {
      method: 'PATCH',
      body: JSON.stringify({ productUrl: url, productSecret: secret }),
    })
    const settings = await response.text()
    expect(settings).toContain(url)
    expect(settings).not.toContain(secret)
    return office.person({ email: 'ada@office.acme.example' }, noon, 'Ada')
  }

  it('is off until a system is connected', async () => {
    const ada = await office.person({ email: 'ada@office.acme.example' })

    const response = await ask(`/api/customers/${ada}/products/refresh`, office.admin, {
      method: 'POST',
    })

    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ refusal: 'not-connected' })
  })

  it('asks with the customer’s identities, signed, and shows what is answered', async () => {
    const ada = await connect()
    const asked: { url: string; init: RequestInit }[] = []
    vi.stubGlobal('fetch', async (input: string | URL, init: RequestInit) => {
      asked.push({ url: String(input), init })
      return Response.json({
        products: [{ id: 7, name: 'Plan', attributes: { tier: 'gold', seats: 3, none: null } }],
      })
    })

    const shown = await post<Products>(
      `/api/customers/${ada}/products/refresh`,
      office.acme.operators.viewer,
      undefined,
    )

    expect(shown).toMatchObject({
      connected: true,
      error: null,
      products: [{ name: 'Plan', attributes: { tier: 'gold', seats: '3' }, campaign: null }],
    })
    const { init } = asked[0]!
    const headers = new Headers(init.headers)
    const at = headers.get('X-Alongside-Timestamp')!
    expect(headers.get('X-Alongside-Signature')).toBe(
      `sha256=${toHex(await hmac(secret, utf8(`${at}.${String(init.body)}`)))}`,
    )
    expect(JSON.parse(String(init.body))).toEqual({
      customer: {
        id: ada,
        name: 'Ada',
        identities: [{ kind: 'email', value: 'ada@office.acme.example' }],
      },
    })
  })

  it('keeps what was there when the system fails, and says why', async () => {
    const ada = await connect()
    const answers = [
      () => Response.json({ products: [{ name: 'Plan' }] }),
      () => new Response('no', { status: 500 }),
      () => new Response('<html>'),
      () => Response.json({ products: 'many' }),
      () => {
        throw new DOMException('No answer in time', 'TimeoutError')
      },
      () => Response.json({ products: [] }),
    ]
    vi.stubGlobal('fetch', async () => answers.shift()!())
    const seen: [number, string | null][] = []
    for (let n = 0; n < 6; n += 1) {
      const { products, error } = await post<Products>(
        `/api/customers/${ada}/products/refresh`,
        office.admin,
        undefined,
      )
      seen.push([products.length, error])
    }

    expect(seen).toEqual([
      [1, null],
      [1, 'The product system answered 500'],
      [1, 'The product system’s answer is not JSON'],
      [1, expect.stringContaining('not what we read')],
      [1, 'The product system did not answer in time'],
      [0, null],
    ])
  })

  it('is asked for by nobody of another tenant, and only of public addresses', async () => {
    const ada = await connect()
    const foreign = (await newTenant(env)).operators.owner

    expect((await ask(`/api/customers/${ada}/products`, foreign)).status).toBe(404)
    const inside = await ask('/api/settings', office.admin, {
      method: 'PATCH',
      body: JSON.stringify({ productUrl: 'https://10.0.0.1/x' }),
    })
    expect(inside.status).toBe(400)
  })
})

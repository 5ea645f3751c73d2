// Get products: what a customer has, as the tenant's own system says when it is asked.

import * as z from 'zod/mini'

import type { Products } from '../../../shared/campaign.ts'
import { fold } from '../../../shared/fold.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { refuse, type Refusal } from '../../../shared/refusal.ts'
import { hmac, toHex, unseal, utf8 } from '../../base/crypto.ts'
import type { Db } from '../../base/db.ts'
import { egress, EgressRefused } from '../../base/egress.ts'
import type { Env } from '../../base/env.ts'
import { readCapped, type Principal } from '../../base/http.ts'
import { productSystem } from '../../tenant/queries.ts'
import { keepFetched, ownerOf, readProducts, type Fetched } from './queries.ts'

const largestAnswer = 512 * 1024

/** What the tenant's system answers. More is not looked at. */
const Answer = z.object({
  products: z
    .array(
      z.object({
        id: z.optional(z.union([z.string(), z.number()])),
        name: z.string().check(z.minLength(1)),
        attributes: z.optional(
          z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        ),
      }),
    )
    .check(z.maxLength(500)),
})

interface Desk {
  readonly env: Env
  readonly db: Db
  readonly me: Principal
}

export async function shownProducts(
  { db }: Pick<Desk, 'db'>,
  customerId: CustomerId,
): Promise<Products | Refusal> {
  const owner = await ownerOf(db, customerId)
  return owner ? productsOf(db, owner.id) : refuse('not-found')
}

async function productsOf(db: Db, id: CustomerId): Promise<Products> {
  const [{ rows, fetched }, system] = await Promise.all([readProducts(db, id), productSystem(db)])
  return {
    products: rows.map(({ campaignId, campaignName, ...product }) => ({
      ...product,
      campaign: campaignId === '' ? null : { id: campaignId, name: campaignName ?? campaignId },
    })),
    connected: Boolean(system?.url),
    fetchedAt: fetched?.at ?? null,
    error: fetched?.error ?? null,
  }
}

/** Asks the tenant's system, and keeps what it says. What it said before stays when it fails. */
export async function getProducts(
  { env, db, me }: Desk,
  customerId: CustomerId,
): Promise<Products | Refusal> {
  const [owner, system] = await Promise.all([ownerOf(db, customerId), productSystem(db)])
  if (!owner) return refuse('not-found')
  if (!system?.url) return refuse('not-connected')
  const secret = system.secret ? await unseal(env.SECRET_KEY, db.tenantId, system.secret) : ''
  const question = JSON.stringify({
    customer: { id: owner.id, name: owner.name, identities: owner.identities },
  })
  const answer = await ask(env, system.url, { question, secret })
  const actor = { kind: 'operator', id: me.operatorId } as const
  await keepFetched(db, owner.id, answer, { actor, at: Date.now() })
  return productsOf(db, owner.id)
}

/** The products, or in a sentence why there are none to be had. */
async function ask(
  env: Env,
  url: string,
  { question, secret }: { readonly question: string; readonly secret: string },
): Promise<Fetched[] | string> {
  const at = String(Date.now())
  const signature = secret && toHex(await hmac(secret, utf8(`${at}.${question}`)))
  try {
    const response = await egress(env)(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Alongside-Timestamp': at,
        ...(signature ? { 'X-Alongside-Signature': `sha256=${signature}` } : {}),
      },
      body: question,
    })
    if (!response.ok) {
      await response.body?.cancel()
      return `The product system answered ${response.status}`
    }
    const bytes = await readCapped(response, largestAnswer)
    if (!bytes) return 'The product system’s answer is too large'
    return read(bytes)
  } catch (error) {
    if (error instanceof EgressRefused) return 'The product system’s address can’t be asked'
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    return isLate
      ? 'The product system did not answer in time'
      : 'The product system can’t be reached'
  }
}

function read(bytes: Uint8Array): Fetched[] | string {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return 'The product system’s answer is not JSON'
  }
  const answer = z.safeParse(Answer, value)
  if (!answer.success) {
    return `The product system’s answer is not what we read: ${answer.error.issues[0]?.path.join('.')}`
  }
  const found = new Map<string, Fetched>()
  for (const { id, name, attributes = {} } of answer.data.products) {
    const key = id === undefined ? fold(name) : String(id).slice(0, 200)
    const texts = Object.entries(attributes).flatMap(([title, text]) =>
      text === null ? [] : [[title.slice(0, 60), String(text).slice(0, 2_000)] as const],
    )
    found.set(key, { key, name: name.slice(0, 200), attributes: Object.fromEntries(texts) })
  }
  return [...found.values()]
}

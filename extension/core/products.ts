// The products of the customer in view: from campaigns, and on demand from the tenant's own system.

import { atom } from 'nanostores'

import type { Products } from '../../shared/campaign.ts'
import { call, sentenceOf } from './api.ts'
import { $customerId } from './customers.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'

export const $products = atom<Loadable<Products>>(idle)
export const $fetchingProducts = atom(false)
/** Why the last «Get products» came to nothing. */
export const $productsRefusal = atom<string | undefined>()

personal(clear)

/** Shows what is known of the customer in view, whoever that comes to be. Gives back how to stop. */
export function followProducts(): () => void {
  return $customerId.subscribe(() => {
    clear()
    void loadProducts()
  })
}

export async function loadProducts(): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId) return
  $products.set(loading($products.get()))
  const answer = await call('GET /api/customers/:customerId/products', { params: { customerId } })
  if ($customerId.get() !== customerId) return
  if (answer.ok) $products.set(ready(answer.answer))
  else $products.set(failed($products.get(), sentenceOf(answer.refusal)))
}

/** Get products: what there was stays if the system does not answer. */
export async function getProducts(): Promise<void> {
  const customerId = $customerId.get()
  if (!customerId || $fetchingProducts.get()) return
  $fetchingProducts.set(true)
  $productsRefusal.set(undefined)
  const answer = await call('POST /api/customers/:customerId/products/refresh', {
    params: { customerId },
  })
  if ($customerId.get() !== customerId) return
  $fetchingProducts.set(false)
  if (answer.ok) $products.set(ready(answer.answer))
  else $productsRefusal.set(sentenceOf(answer.refusal))
}

function clear(): void {
  $products.set(idle)
  $fetchingProducts.set(false)
  $productsRefusal.set(undefined)
}

// The Products card: what came with campaigns, and what the tenant's own system says when asked.

import { useStore } from '@nanostores/preact'
import { useEffect } from 'preact/hooks'

import {
  $fetchingProducts,
  $products,
  $productsRefusal,
  followProducts,
  getProducts,
  loadProducts,
} from '../../core/products.ts'
import type { Product } from '../../../shared/campaign.ts'
import { recordWords } from '../../words/record.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Card, Term, Terms } from '../kit/card.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { Ago } from './times.tsx'

const { products: says } = recordWords

export function Products() {
  const { value, state, sentence } = useStore($products)
  const isFetching = useStore($fetchingProducts)
  const refusal = useStore($productsRefusal)
  useEffect(followProducts, [])
  const error = refusal ?? value?.error ?? undefined

  return (
    <Card
      title={words.profile.products}
      aside={
        value?.connected && (
          <Button small busy={isFetching} onClick={() => void getProducts()}>
            {isFetching ? says.getting : says.get}
          </Button>
        )
      }
    >
      {error && (
        <Trouble text={error}>
          <Button small busy={isFetching} onClick={() => void getProducts()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {!value && state === 'loading' && (
        <Skeleton shape="profile" label={words.loading} count={3} />
      )}
      {state === 'failed' && (
        <Trouble text={sentence ?? says.failed}>
          <Button small onClick={() => void loadProducts()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {value?.products.length === 0 && <Empty text={says.none} />}
      {value?.products.map((product, index) => (
        <ProductView key={index} product={product} />
      ))}
      {value?.connected && (
        <p class="card-foot small-text dim">
          {value.error === null ? says.fetched : says.tried}
          {': '}
          {value.fetchedAt === null ? says.never : <Ago at={value.fetchedAt} />}
        </p>
      )}
    </Card>
  )
}

function ProductView({ product }: { product: Product }) {
  const { name, attributes, campaign } = product

  return (
    <details class="campaign">
      <summary>
        <Icon name="right" small />
        <span class="spread campaign-name">{harmless(name)}</span>
      </summary>
      <div class="campaign-body">
        <Terms>
          {Object.entries(attributes).map(([key, value]) => (
            <Term key={key} term={harmless(key)}>
              {harmless(value)}
            </Term>
          ))}
          <Term term={campaign ? says.fromCampaign : says.source}>
            {campaign ? harmless(campaign.name) : says.fromSystem}
          </Term>
        </Terms>
      </div>
    </details>
  )
}

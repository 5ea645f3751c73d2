// The panel when nobody is looked at: whom one looked at last, and how to find somebody.

import { useStore } from '@nanostores/preact'
import { useRef } from 'preact/hooks'

import { $lookup } from '../../core/lookup.ts'
import { $recent } from '../../core/recent.ts'
import { go, hrefOf } from '../../core/route.ts'
import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { useListKeys } from '../kit/list-keys.ts'
import { Empty, Trouble } from '../kit/states.tsx'

export function Recent() {
  const recent = useStore($recent)
  const lookup = useStore($lookup)
  const list = useRef<HTMLUListElement>(null)
  useListKeys(list)

  return (
    <section class="results" aria-labelledby="recent-title">
      {lookup.sentence && <Trouble text={lookup.sentence} />}
      {recent.length === 0 ? (
        <Empty icon="search" text={words.recent.empty}>
          <p class="small-text">{words.recent.help}</p>
        </Empty>
      ) : (
        <h1 id="recent-title" class="results-lead">
          {words.recent.title}
        </h1>
      )}
      <ul ref={list} role="list" class="customer-links">
        {recent.map(({ id, name }) => {
          const place = { name: 'customer', customerId: id, tab: 'summary' } as const
          return (
            <li key={id}>
              <a
                class="customer-row"
                data-row
                href={hrefOf(place)}
                onClick={inPlace(() => go(place))}
              >
                <Avatar id={id} name={name} />
                <strong class="spread one-line">{harmless(name)}</strong>
              </a>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

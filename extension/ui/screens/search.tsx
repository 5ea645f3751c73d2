// The search box and what it finds.

import { useStore } from '@nanostores/preact'
import { useEffect, useRef } from 'preact/hooks'

import { $query, $search, clearSearch, searchNow, writeQuery } from '../../core/customers.ts'
import { $lookup } from '../../core/lookup.ts'
import { go, hrefOf } from '../../core/route.ts'
import type { CustomerRow } from '../../../shared/customer.ts'
import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { Button } from '../kit/button.tsx'
import { Dot } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'
import { inPlace } from '../kit/in-place.ts'
import { useListKeys } from '../kit/list-keys.ts'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { ChannelIcon } from '../parts/channel-icon.tsx'
import { Ago } from '../parts/times.tsx'
import './search.css'

export interface SearchBoxProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onInput: (text: string) => void
  readonly onEnter?: () => void
  readonly onClear: () => void
}

/** Somebody asked for the search where there is none: the next box to appear takes the focus. */
let wanted = false

/** Ctrl+K finds the search box from anywhere; where there is none, it goes to where there is one. */
export function useFindKey(): void {
  useEffect(() => {
    const stop = new AbortController()
    document.addEventListener('keydown', find, { signal: stop.signal })
    return () => stop.abort()
  }, [])
}

function find(event: KeyboardEvent): void {
  if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
  event.preventDefault()
  if (document.querySelector('dialog[open]')) return
  const box = document.querySelector<HTMLInputElement>('[data-search]')
  box?.focus()
  box?.select()
  if (box) return
  wanted = true
  go({ name: 'home' })
}

export function SearchBox(props: SearchBoxProps) {
  const { label, placeholder, value, onInput, onEnter, onClear } = props
  const input = useRef<HTMLInputElement>(null)

  useEffect(() => {
    if (wanted) input.current?.focus()
    wanted = false
  }, [])

  return (
    <search class="search">
      <Icon name="search" small />
      <input
        ref={input}
        data-search
        type="search"
        aria-label={label}
        aria-keyshortcuts="Control+K Meta+K"
        placeholder={placeholder}
        value={value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onEnter?.()
          if (event.key === 'Escape' && value !== '') {
            event.preventDefault()
            event.stopPropagation()
            onClear()
          }
          if (event.key === 'ArrowDown') focusFirstRow(event)
        }}
      />
      {value === '' ? (
        <kbd aria-hidden="true">{words.search.keys}</kbd>
      ) : (
        <Button small kind="ghost" icon="close" label={words.search.clear} onClick={onClear} />
      )}
    </search>
  )
}

function focusFirstRow(event: KeyboardEvent): void {
  const row = document.querySelector<HTMLElement>('[data-row]')
  if (!row) return
  event.preventDefault()
  row.focus()
}

/** The panel's one search box. */
export function PanelSearch() {
  const query = useStore($query)

  return (
    <SearchBox
      label={words.search.label}
      placeholder={words.search.placeholder}
      value={query}
      onInput={writeQuery}
      onEnter={() => void openOnly()}
      onClear={clearSearch}
    />
  )
}

/** Enter asks at once, and opens the customer when there is just one. */
async function openOnly(): Promise<void> {
  await searchNow()
  const found = $search.get().value
  const [only] = found?.rows ?? []
  if (only && found?.total === 1) open(only)
}

function open({ id }: CustomerRow): void {
  clearSearch()
  go({ name: 'customer', customerId: id, tab: 'summary' })
}

export function SearchResults() {
  const { state, value, sentence } = useStore($search)
  const lookup = useStore($lookup)
  const list = useRef<HTMLDivElement>(null)
  useListKeys(list)

  return (
    <div ref={list} class="results" aria-busy={state === 'loading'}>
      <h1 class="heard">{words.search.results}</h1>
      <p class="heard" role="status">
        {value && state === 'ready' && words.search.found(value.total ?? value.rows.length)}
      </p>
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void searchNow()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {value === undefined && state !== 'failed' && <Skeleton label={words.search.searching} />}
      {value && lookup.state === 'several' && (
        <p class="results-lead">
          {words.search.several(value.total ?? value.rows.length, lookup.text)}
        </p>
      )}
      {value?.rows.length === 0 && (
        <Empty icon="search" text={words.search.nothing(value.query)}>
          <p class="small-text">{words.search.nothingHelp}</p>
        </Empty>
      )}
      {value && value.rows.length > 0 && <CustomerLinks rows={value.rows} />}
      {value?.total !== undefined && value.total > value.rows.length && (
        <p class="results-lead">{words.search.more(value.rows.length, value.total)}</p>
      )}
    </div>
  )
}

function CustomerLinks({ rows }: { rows: readonly CustomerRow[] }) {
  return (
    <ul role="list" class="customer-links">
      {rows.map((row) => (
        <li key={row.id}>
          <CustomerRowLink row={row} />
        </li>
      ))}
    </ul>
  )
}

function CustomerRowLink({ row }: { row: CustomerRow }) {
  const { id, name, email, phone, channels, active, lastCommunicationAt } = row

  return (
    <a
      class="customer-row"
      data-row
      href={hrefOf({ name: 'customer', customerId: id, tab: 'summary' })}
      onClick={inPlace(() => open(row))}
    >
      <Avatar id={id} name={name} />
      <span class="spread">
        <span class="row">
          <strong class="one-line">{harmless(name)}</strong>
          {active > 0 && <Dot label={words.profile.active(active)} />}
        </span>
        <span class="row small-text dim">
          {channels.map((channel) => (
            <ChannelIcon key={channel} channel={channel} />
          ))}
          <span class="one-line">{harmless(email || phone)}</span>
        </span>
      </span>
      {lastCommunicationAt !== null && (
        <span class="faint tiny">
          <Ago at={lastCommunicationAt} />
        </span>
      )}
    </a>
  )
}

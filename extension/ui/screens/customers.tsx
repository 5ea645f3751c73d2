// 360 View: every customer, one row each. A click highlights; a double click or Enter opens.

import { useStore } from '@nanostores/preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import {
  $list,
  $listQuery,
  $showAnonymous,
  loadList,
  loadMoreCustomers,
  setShowAnonymous,
  writeListQuery,
} from '../../core/customers.ts'
import { go, hrefOf } from '../../core/route.ts'
import { $may } from '../../core/sign-in.ts'
import type { CustomerRow } from '../../../shared/customer.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { Button, ButtonLink } from '../kit/button.tsx'
import { Chip, Dot } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { useListKeys } from '../kit/list-keys.ts'
import { useReach } from '../kit/near.ts'
import { Empty, Skeleton, Trouble, Updating } from '../kit/states.tsx'
import { ChannelIcon } from '../parts/channel-icon.tsx'
import { Ago } from '../parts/times.tsx'
import './customers.css'
import { SearchBox } from './search.tsx'

export function Customers() {
  const { state, value, sentence } = useStore($list)
  const can = useStore($may('customers.view'))

  useEffect(() => {
    if (can.allowed && state === 'idle') void loadList()
  }, [can.allowed, state])

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  return (
    <section class="page" aria-labelledby="customers-title">
      <Head total={value?.total} updating={value !== undefined && state === 'loading'} />
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadList()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      <div class="page-body" aria-busy={state === 'loading'}>
        {!value && state !== 'failed' && <Skeleton label={words.loading} count={10} />}
        {value?.rows.length === 0 && <Nothing />}
        {value && value.rows.length > 0 && <Table rows={value.rows} more={value.more} />}
      </div>
    </section>
  )
}

function Head({ total, updating }: { total: number | undefined; updating: boolean }) {
  const query = useStore($listQuery)
  const anonymous = useStore($showAnonymous)

  return (
    <header class="page-head">
      <h1 id="customers-title">{words.customers.title}</h1>
      <span role="status">
        {total !== undefined && <Chip>{words.customers.count(total)}</Chip>}
      </span>
      {updating && <Updating label={words.updating} />}
      <span class="spread" />
      <SearchBox
        label={words.customers.find}
        placeholder={words.customers.find}
        value={query}
        onInput={writeListQuery}
        onClear={() => writeListQuery('')}
      />
      <Button
        pressed={anonymous}
        hint={words.customers.anonymousHelp}
        onClick={() => setShowAnonymous(!anonymous)}
      >
        {words.customers.anonymous}
      </Button>
    </header>
  )
}

function Nothing() {
  const query = useStore($listQuery).trim()
  if (query === '') return <Empty icon="people" text={words.customers.empty} />

  return (
    <Empty icon="search" text={words.search.nothing(query)}>
      <p class="small-text">{words.search.nothingHelp}</p>
      <Button onClick={() => writeListQuery('')}>{words.search.clear}</Button>
    </Empty>
  )
}

function Table({ rows, more }: { rows: readonly CustomerRow[]; more: boolean }) {
  const [chosen, setChosen] = useState<CustomerId>()
  const body = useRef<HTMLTableSectionElement>(null)
  const end = useRef<HTMLDivElement>(null)
  useListKeys(body)
  useReach(end, () => void loadMoreCustomers(), rows.length)

  return (
    <>
      <table class="customers" role="grid" aria-label={words.customers.title}>
        <thead>
          <tr>
            <th scope="col">{words.customers.name}</th>
            <th scope="col">{words.customers.email}</th>
            <th scope="col">{words.customers.phone}</th>
            <th scope="col">{words.customers.channels}</th>
            <th scope="col">{words.customers.last}</th>
            <th scope="col">
              <span class="heard">{words.open}</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, index) => (
            <Row
              key={row.id}
              row={row}
              chosen={row.id === chosen}
              reachable={chosen === undefined ? index === 0 : row.id === chosen}
              choose={setChosen}
            />
          ))}
        </tbody>
      </table>
      <div ref={end}>{more && <Skeleton label={words.loading} count={2} />}</div>
    </>
  )
}

interface RowProps {
  readonly row: CustomerRow
  readonly chosen: boolean
  /** One row of the list is where the Tab key stops. */
  readonly reachable: boolean
  readonly choose: (id: CustomerId) => void
}

function Row({ row, chosen, reachable, choose }: RowProps) {
  const { id, name, email, phone, channels, active, lastCommunicationAt } = row
  const place = { name: 'customer', customerId: id, tab: 'summary' } as const

  return (
    <tr
      data-row
      tabIndex={reachable ? 0 : -1}
      aria-selected={chosen}
      onClick={() => choose(id)}
      onFocus={() => choose(id)}
      onDblClick={() => go(place)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target === event.currentTarget) go(place)
      }}
    >
      <td>
        <span class="row">
          <Avatar id={id} name={name} size="small" />
          <span class="one-line">{harmless(name)}</span>
          {active > 0 && <Dot label={words.profile.active(active)} />}
        </span>
      </td>
      <td class="dim one-line">{harmless(email)}</td>
      <td class="dim one-line">{harmless(phone)}</td>
      <td class="dim">
        <span class="row">
          {channels.map((channel) => (
            <ChannelIcon key={channel} channel={channel} />
          ))}
        </span>
      </td>
      <td class="dim">
        {lastCommunicationAt === null ? words.nothing : <Ago at={lastCommunicationAt} />}
      </td>
      <td>
        <ButtonLink
          small
          kind="ghost"
          icon="right"
          label={words.customers.openNamed(name)}
          href={hrefOf(place)}
          onClick={inPlace(() => go(place))}
        />
      </td>
    </tr>
  )
}

// A session in the inbox: who waits, since when, for what; accepted in place.

import { useStore } from '@nanostores/preact'

import { $clock, waitingMs } from '../../core/inbox.ts'
import { go, hrefOf } from '../../core/route.ts'
import { accept } from '../../core/session.ts'
import { $may, $me } from '../../core/sign-in.ts'
import { $times } from '../../core/time.ts'
import type { SessionRow } from '../../../shared/inbox.ts'
import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { ChannelIcon } from './channel-icon.tsx'
import './session-row.css'
import { Ago } from './times.tsx'

/** From here on a wait is long: its edge turns red. */
const longWaitMs = 3 * 60_000

export function SessionRowView({ row, current }: { row: SessionRow; current: boolean }) {
  const waited = waitingMs(row, useStore($clock))
  const long = waited !== undefined && waited > longWaitMs
  const place = { name: 'human-agents', sessionId: row.id } as const

  return (
    <li class={`session-row ${long ? 'long' : ''} ${current ? 'current' : ''}`}>
      <header class="row">
        <ChannelIcon channel={row.channel} />
        <a
          class="spread one-line session-name"
          href={hrefOf(place)}
          aria-current={current || undefined}
          data-row
          onClick={inPlace(() => go(place))}
        >
          {harmless(row.customer.name)}
        </a>
        {waited === undefined ? (
          <span class="faint tiny">
            <Ago at={row.lastMessageAt ?? row.startedAt} />
          </span>
        ) : (
          <Waiting ms={waited} long={long} />
        )}
      </header>
      <p class="session-last">{lastText(row)}</p>
      <footer class="row">
        <State row={row} />
        <span class="spread" />
        {waited !== undefined && <AcceptRow row={row} />}
      </footer>
    </li>
  )
}

function Waiting({ ms, long }: { ms: number; long: boolean }) {
  const times = useStore($times)

  return (
    <span class={long ? 'waiting long tiny' : 'waiting tiny'}>
      {words.inbox.waiting(times.waiting(ms))}
    </span>
  )
}

function State({ row }: { row: SessionRow }) {
  const me = useStore($me)
  if (row.operator) {
    const mine = row.operator.id === me?.operator.id
    return (
      <span class="row tiny dim">
        <Avatar id={row.operator.id} name={row.operator.name} size="small" />
        {mine ? words.chat.you : row.operator.name}
        {row.mode === 'copilot' && <Chip tone="ai">{words.modes.copilot}</Chip>}
      </span>
    )
  }
  if (row.mode === 'ai') return <Chip tone="ai">{words.modes.ai}</Chip>
  if (!row.handover) return <Chip>{words.modes.unassigned}</Chip>
  const { cause, reason } = row.handover
  return (
    <Chip tone="ai" hint={words.handovers[cause]}>
      {harmless(reason) || words.handovers[cause]}
    </Chip>
  )
}

function AcceptRow({ row }: { row: SessionRow }) {
  const can = useStore($may('sessions.takeover'))

  return (
    <Button
      small
      kind="primary"
      label={words.inbox.acceptNamed(row.customer.name)}
      reason={can.reason}
      onClick={() => {
        go({ name: 'human-agents', sessionId: row.id })
        void accept()
      }}
    >
      {words.control.accept}
    </Button>
  )
}

function lastText({ lastText, lastBy }: SessionRow) {
  const text = harmless(lastText)
  if (!text) return <span class="faint">{words.inbox.noText}</span>
  if (lastBy === 'customer') return <q>{text}</q>
  return (
    <>
      <span class="faint">{lastBy === 'agent' ? words.chat.ai : words.chat.us}: </span>
      {text}
    </>
  )
}

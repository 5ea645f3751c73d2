// The conversation, drawn alike wherever it is read: who said what, and what happened between.

import { useStore } from '@nanostores/preact'
import { Fragment, type ComponentChildren, type RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import type { Shown } from '../../core/session.ts'
import { $times } from '../../core/time.ts'
import type { Entry, ShownMessage } from '../../../shared/session.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { kept } from '../kit/kept.ts'
import { useNow } from '../kit/now.ts'
import './conversation.css'
import { DraftView, MarkerView, NoteView, PendingView } from './entries.tsx'
import { gistOf, MessageView, whoOf } from './message.tsx'
import type { Times } from './times.tsx'

export interface EntriesProps {
  readonly entries: readonly Shown[]
  /** Whether drafts may go into the composer: this is the conversation being answered. */
  readonly usable?: boolean
}

/** The entries of one session, with a line where a new day begins. */
export function Entries({ entries, usable = false }: EntriesProps) {
  const times = useStore($times)
  const now = useNow()
  let day = ''

  return (
    <>
      {entries.map((entry) => {
        const today = times.day(entry.at, now)
        const fresh = today !== day
        day = today
        return (
          <Fragment key={keyOf(entry)}>
            {fresh && <p class="day">{today}</p>}
            <EntryView
              entry={entry}
              answered={answeredBy(entry, entries)}
              usable={usable}
              times={times}
            />
          </Fragment>
        )
      })}
    </>
  )
}

interface EntryProps {
  readonly entry: Shown
  readonly answered: ShownMessage | undefined
  readonly usable: boolean
  readonly times: Times
}

/** Drawn anew only when it has changed: in a long conversation nearly nothing has. */
const EntryView = kept(({ entry, ...shown }: EntryProps) => (
  <div class={`entry ${entry.kind}`}>{draw(entry, shown)}</div>
))

function draw(entry: Shown, { answered, usable, times }: Omit<EntryProps, 'entry'>) {
  switch (entry.kind) {
    case 'message':
      return <MessageView message={entry.message} answered={answered} times={times} />
    case 'note':
      return <NoteView note={entry.note} times={times} />
    case 'draft':
      return (
        <DraftView
          draft={entry.draft}
          superseded={entry.superseded}
          usable={usable}
          times={times}
        />
      )
    case 'marker':
      return <MarkerView marker={entry.marker} at={entry.at} times={times} />
    case 'pending':
      return <PendingView pending={entry.pending} times={times} />
  }
}

function keyOf(entry: Shown): string {
  switch (entry.kind) {
    case 'message':
      return entry.message.id
    case 'note':
      return entry.note.id
    case 'draft':
      return entry.draft.id
    case 'pending':
      return entry.pending.id
    case 'marker':
      return `marker ${entry.seq}`
  }
}

function answeredBy(entry: Shown, entries: readonly Shown[]): ShownMessage | undefined {
  if (entry.kind !== 'message' || !entry.message.replyTo) return undefined
  const { replyTo } = entry.message
  const found = entries.find((one) => one.kind === 'message' && one.message.id === replyTo)
  return found?.kind === 'message' ? found.message : undefined
}

export interface ScrollProps {
  readonly label: string
  /** What is newest: when it changes and the reader is elsewhere, they are told. */
  readonly newest: Entry | undefined
  /** Another conversation begins at its end again. */
  readonly name: string
  readonly scrollRef?: RefObject<HTMLDivElement | null>
  readonly onScroll?: () => void
  readonly children: ComponentChildren
}

/** How far from the end still counts as being there. */
const endPx = 48

/**
 * Scrolls a conversation from its end: it stays there while messages arrive, and stays where the
 * reader is while earlier ones are put above. The platform does both for a reversed column.
 */
export function ConversationScroll(props: ScrollProps) {
  const { label, newest, name, children } = props
  const own = useRef<HTMLDivElement>(null)
  const scroll = props.scrollRef ?? own
  const [missed, setMissed] = useState(0)
  const seen = useRef({ name, seq: newest?.seq ?? 0 })
  const said = useAnnouncement(name, newest)

  useEffect(() => {
    const seq = newest?.seq ?? 0
    const before = seen.current
    seen.current = { name, seq }
    const away = scroll.current !== null && scroll.current.scrollTop < -endPx
    if (before.name === name && before.seq > 0 && seq > before.seq && away) {
      setMissed((count) => count + 1)
    }
  }, [name, newest?.seq])

  useEffect(() => {
    setMissed(0)
    if (scroll.current) scroll.current.scrollTop = 0
  }, [name])

  return (
    <div class="conversation">
      <div
        ref={scroll}
        class="conversation-scroll"
        role="region"
        aria-label={label}
        tabIndex={0}
        onScroll={(event) => {
          if (event.currentTarget.scrollTop > -endPx) setMissed(0)
          props.onScroll?.()
        }}
      >
        <div class="conversation-flow">{children}</div>
      </div>
      <p class="heard" aria-live="polite">
        {said}
      </p>
      {missed > 0 && (
        <div class="missed">
          <Button
            small
            kind="primary"
            icon="down"
            onClick={() => scroll.current?.scrollTo({ top: 0, behavior: 'smooth' })}
          >
            {words.chat.missed(missed)}
          </Button>
        </div>
      )}
    </div>
  )
}

/** What a listener is told: a message that came while they were here, not the history. */
function useAnnouncement(name: string, newest: Entry | undefined): string {
  const first = useRef<{ name: string; seq: number } | undefined>(undefined)
  if (newest && first.current?.name !== name) first.current = { name, seq: newest.seq }
  if (!newest || newest.seq <= (first.current?.seq ?? 0)) return ''
  if (newest.kind === 'draft') return words.chat.draft
  if (newest.kind !== 'message') return ''
  return `${whoOf(newest.message)}: ${gistOf(newest.message)}`
}

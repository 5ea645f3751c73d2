// Search in chat: marks the matches, steps through them, and looks on in what is not loaded yet.

import { useStore } from '@nanostores/preact'
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { $communications, $hasOlder, loadOlder, lookAt } from '../../core/communications.ts'
import { recordWords } from '../../words/record.ts'
import { Button } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import './chat-find.css'
import { mark, matchesIn, unmark } from './chat-marks.ts'
import { jump } from './chat-reading.ts'

const { find: says } = recordWords

export interface ChatFindProps {
  readonly chat: RefObject<HTMLElement | null>
  /** Another chat begins a new search. */
  readonly name: string
}

/** The matches are counted from the newest: what is loaded above does not move them. */
export function ChatFind({ chat, name }: ChatFindProps) {
  const [text, setText] = useState('')
  const [matches, setMatches] = useState<readonly Range[]>([])
  const [at, setAt] = useState(0)
  const hasOlder = useStore($hasOlder)
  const looking = useLookingOn(text, matches.length, () => setAt((now) => now + 1))
  const input = useRef<HTMLInputElement>(null)

  useEffect(() => setText(''), [name])
  useEffect(() => watch(chat.current, text, setMatches), [text, name])
  useEffect(() => {
    const current = matches.at(-1 - at)
    mark(matches, current)
    return unmark
  }, [matches, at])
  useEffect(() => show(matches.at(-1 - at)), [at, text, matches.length > at])

  const earlier = () => {
    if (at + 1 < matches.length) setAt(at + 1)
    else if (hasOlder) looking.begin()
  }
  const later = () => setAt(Math.max(0, at - 1))
  const canEarlier = at + 1 < matches.length || (hasOlder && text.trim() !== '')

  return (
    <search class="chat-find">
      <Icon name="search" small />
      <input
        ref={input}
        type="search"
        aria-label={says.label}
        placeholder={says.label}
        value={text}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault()
            if (event.shiftKey) later()
            else earlier()
          }
          if (event.key === 'Escape' && text !== '') {
            event.preventDefault()
            event.stopPropagation()
            setText('')
          }
        }}
      />
      <span class="small-text dim" role="status">
        {text.trim() !== '' && statusOf(matches.length, at, hasOlder, looking.state)}
      </span>
      <Button
        small
        kind="ghost"
        icon="up"
        label={says.previous}
        busy={looking.state === 'looking'}
        reason={canEarlier ? undefined : says.none}
        onClick={earlier}
      />
      <Button
        small
        kind="ghost"
        icon="down"
        label={says.next}
        reason={at > 0 ? undefined : says.none}
        onClick={later}
      />
      {text !== '' && (
        <Button
          small
          kind="ghost"
          icon="close"
          label={says.clear}
          onClick={() => {
            setText('')
            input.current?.focus()
          }}
        />
      )}
    </search>
  )
}

type Looking = 'idle' | 'looking' | 'failed'

function statusOf(count: number, at: number, hasOlder: boolean, state: Looking): string {
  if (state === 'failed') return says.failed
  if (state === 'looking') return says.searching
  return count === 0 ? says.none : says.count(at + 1, count, hasOlder)
}

/** Loads earlier conversations until one has a match, or there are no more. */
function useLookingOn(text: string, count: number, found: () => void) {
  const { state, value = [] } = useStore($communications)
  const hasOlder = useStore($hasOlder)
  const [before, setBefore] = useState<number>()
  const isRead = state === 'ready' && value.every(({ load }) => load !== 'loading')
  const [settled, setSettled] = useState(0)

  // What has been read is drawn, and searched, a moment later.
  useEffect(() => {
    if (!isRead) return undefined
    const timer = setTimeout(() => setSettled((n) => n + 1), settleMs)
    return () => clearTimeout(timer)
  }, [isRead, value.length, count])

  useEffect(() => {
    if (text.trim() === '') {
      setBefore(undefined)
    } else if (before === undefined) {
      // Nothing where we have looked: look on without being asked.
      if (count === 0 && hasOlder && isRead && settled > 0) setBefore(0)
    } else if (count > before) {
      setBefore(undefined)
      if (before > 0) found()
    } else if (state === 'failed' || !hasOlder) {
      if (isRead || state === 'failed') setBefore(undefined)
    } else if (isRead) {
      void loadOlder()
    }
  }, [text, before, settled, state])

  const looking: Looking =
    state === 'failed' && text.trim() !== '' ? 'failed' : before === undefined ? 'idle' : 'looking'
  return { state: looking, begin: () => setBefore(count) }
}

const settleMs = 120

/** Searches now, and again whenever the chat has changed. */
function watch(
  chat: HTMLElement | null,
  text: string,
  found: (matches: readonly Range[]) => void,
): (() => void) | undefined {
  if (!chat || text.trim() === '') {
    found([])
    return undefined
  }
  let timer = setTimeout(look, 60)
  function look(): void {
    if (chat) found(matchesIn(chat, text))
  }
  const changes = new MutationObserver(() => {
    clearTimeout(timer)
    timer = setTimeout(look, 60)
  })
  changes.observe(chat, { childList: true, characterData: true, subtree: true })
  return () => {
    clearTimeout(timer)
    changes.disconnect()
  }
}

/** Brings a match before the eye, and beside it the details of its conversation. */
function show(match: Range | undefined): void {
  const place = match?.startContainer.parentElement
  const id = place?.closest<HTMLElement>('[data-session]')?.dataset['session']
  const episode = $communications.get().value?.find(({ row }) => row.id === id)
  if (!place || !episode) return
  lookAt(episode.row.id)
  jump()
  place.scrollIntoView({ block: 'center' })
}

// The other things in a conversation: drafts, notes, the grey lines, and what is under way.

import { markerText } from '../../core/markers.ts'
import { editAgain, insertDraft, resend, type Pending } from '../../core/session.ts'
import type { Draft, Note } from '../../../shared/message.ts'
import type { Marker } from '../../../shared/session.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { CopyButton } from '../kit/copy-button.tsx'
import { Icon } from '../kit/icon.tsx'
import { Markdown } from './markdown.tsx'
import { PlainMoment, type Times } from './times.tsx'

export interface DraftProps {
  readonly draft: Draft
  readonly superseded: boolean
  /** Whether it may go into the composer: this is the conversation being answered. */
  readonly usable: boolean
  readonly times: Times
}

export function DraftView({ draft, superseded, usable, times }: DraftProps) {
  if (superseded) return <OldDraft draft={draft} times={times} />
  return (
    <article class="said draft" aria-label={words.chat.draftBy(draft.agentName)}>
      <div class="bubble">
        <header class="bubble-label">
          <Icon name="spark" small />
          <span class="spread">{words.chat.draft}</span>
          <CopyButton text={draft.text} label={words.chat.copyDraft} done={words.copied} />
        </header>
        <Markdown text={draft.text} />
        {usable && (
          <div class="bubble-actions">
            <Button small onClick={() => take('[data-composer-text]')}>
              {words.chat.editDraft}
            </Button>
            <Button
              small
              kind="primary"
              hint={words.chat.useDraftHint}
              onClick={() => take('[data-composer-send]')}
            >
              {words.chat.useDraft}
            </Button>
          </div>
        )}
        <footer class="bubble-foot">
          <span>{draft.agentName}</span>
          <PlainMoment at={draft.at} shape="clock" times={times} />
          {draft.cause === 'late-answer' && <span>{words.chat.lateAnswer}</span>}
        </footer>
      </div>
    </article>
  )
}

/** What was drafted before more was said: a line of history, to be opened by who wants to know. */
function OldDraft({ draft, times }: Pick<DraftProps, 'draft' | 'times'>) {
  return (
    <article class="said draft old" aria-label={words.chat.draftBy(draft.agentName)}>
      <details class="bubble">
        <summary class="bubble-label">
          <Icon name="spark" small />
          <span class="spread">{words.chat.draft}</span>
          <span class="faint">{words.chat.superseded}</span>
          <PlainMoment at={draft.at} shape="clock" times={times} />
        </summary>
        <Markdown text={draft.text} />
        <CopyButton text={draft.text} label={words.chat.copyDraft} done={words.copied} />
      </details>
    </article>
  )
}

/** Into the composer with it, and the eye after it: to the text to edit, to the button to send. */
function take(next: string): void {
  insertDraft()
  requestAnimationFrame(() => document.querySelector<HTMLElement>(next)?.focus())
}

export function NoteView({ note, times }: { note: Note; times: Times }) {
  return (
    <article class="said note" aria-label={words.chat.noteBy(note.person.name)}>
      <div class="bubble">
        <header class="bubble-label">
          <Icon name="lock" small />
          {words.chat.note}
        </header>
        <Markdown text={note.text} />
        <footer class="bubble-foot">
          <span>{note.person.name}</span>
          <PlainMoment at={note.at} shape="clock" times={times} />
        </footer>
      </div>
    </article>
  )
}

export function MarkerView(props: { marker: Marker; at: number; times: Times }) {
  return <p class="grey-line">{markerText(props.marker, props.at, props.times)}</p>
}

/** What is on its way to the worker: grey until it is there. */
export function PendingView({ pending, times }: { pending: Pending; times: Times }) {
  const { kind, state, text, attachments, at, id, sentence } = pending
  const refused = state === 'refused'

  return (
    <article class={`said ${kind === 'note' ? 'note' : 'operator'} pending ${state}`}>
      <div class="bubble">
        {kind === 'note' && <header class="bubble-label">{words.chat.note}</header>}
        {text && <Markdown text={text} />}
        {attachments.map((one) => (
          <span key={one.id} class="file-note">
            <Icon name="attach" small /> {one.name}
          </span>
        ))}
        <footer class="bubble-foot">
          <PlainMoment at={at} shape="clock" times={times} />
          {state !== 'taken' && (
            <span class={refused ? 'refused' : ''}>{words.pending[state]}</span>
          )}
        </footer>
      </div>
      {refused && (
        <div class="refusal" role="alert">
          <p>{sentence}</p>
          <Button small onClick={() => resend(id)}>
            {words.pending.again}
          </Button>
          <Button small kind="ghost" onClick={() => editAgain(id)}>
            {words.pending.edit}
          </Button>
        </div>
      )}
    </article>
  )
}

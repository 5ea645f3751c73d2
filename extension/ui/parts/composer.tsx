// Where an operator writes: to the customer, or for colleagues' eyes only. What is written stays
// whatever happens; when it can't be sent, it says why.

import { useStore } from '@nanostores/preact'
import { useRef } from 'preact/hooks'

import {
  $canNote,
  $canReply,
  $canSend,
  $session,
  $suggestion,
  $text,
  $uploads,
  $writing,
  attach,
  detach,
  insertDraft,
  send,
  setWriting,
  writeText,
} from '../../core/session.ts'
import { $viewers } from '../../core/people.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import { TabPanel, Tabs } from '../kit/tabs.tsx'
import { CopilotSwitch, ResolveButton } from './control.tsx'
import './composer.css'

export function Composer() {
  const writing = useStore($writing)
  const can = useStore(writing === 'note' ? $canNote : $canReply)
  const viewers = useStore($viewers)

  return (
    <form
      class={`composer ${writing}`}
      aria-label={words.composer.label}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        if (can.allowed) attachAll(event.dataTransfer?.files)
      }}
    >
      <div class="row">
        <Tabs
          name="composer"
          kind="pill"
          label={words.composer.kinds}
          tabs={[
            { id: 'reply', title: words.composer.reply },
            { id: 'note', title: words.composer.note },
          ]}
          value={writing}
          onSelect={setWriting}
        />
        {viewers.length > 0 && (
          <span class="spread one-line faint tiny viewers" role="status">
            {words.composer.viewing(viewers.map(({ name }) => name))}
          </span>
        )}
      </div>
      <TabPanel name="composer" value={writing} class="composer-sheet">
        {!can.allowed && (
          <p class="composer-reason">
            <Icon name="lock" small />
            {can.reason}
          </p>
        )}
        <Text allowed={can.allowed} />
        <Uploads />
      </TabPanel>
      <Tools allowed={can.allowed} reason={can.reason} />
    </form>
  )
}

function Text({ allowed }: { allowed: boolean }) {
  const text = useStore($text)
  const writing = useStore($writing)
  const suggestion = useStore($suggestion)

  return (
    <textarea
      data-composer-text
      rows={2}
      aria-label={writing === 'note' ? words.composer.noteLabel : words.composer.replyLabel}
      aria-keyshortcuts="Enter Alt+D"
      placeholder={writing === 'note' ? words.composer.writeNote : words.composer.writeReply}
      readOnly={!allowed}
      value={text}
      onInput={(event) => writeText(event.currentTarget.value)}
      onKeyDown={(event) => {
        // Enter also ends a word of a Chinese or Japanese keyboard: that one is not for us.
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
          event.preventDefault()
          void send()
        }
        if (event.altKey && event.code === 'KeyD' && suggestion) {
          event.preventDefault()
          insertDraft()
        }
      }}
      onPaste={(event) => {
        const files = event.clipboardData?.files
        if (!files?.length || !allowed) return
        event.preventDefault()
        attachAll(files)
      }}
    />
  )
}

function Uploads() {
  const uploads = useStore($uploads)
  if (uploads.length === 0) return null

  return (
    <ul role="list" class="uploads" aria-label={words.composer.attachments}>
      {uploads.map(({ key, name, state, sentence }) => (
        <li key={key} class={state}>
          <Icon name={state === 'failed' ? 'warning' : 'attach'} small />
          <span class="one-line">{name}</span>
          {state === 'uploading' && <span class="faint">{words.composer.uploading}</span>}
          {sentence && <span class="upload-trouble">{sentence}</span>}
          <Button
            small
            kind="ghost"
            icon="close"
            label={words.composer.remove(name)}
            onClick={() => detach(key)}
          />
        </li>
      ))}
    </ul>
  )
}

function Tools({ allowed, reason }: { allowed: boolean; reason: string | undefined }) {
  const canSend = useStore($canSend)
  const writing = useStore($writing)
  const { mode } = useStore($session)
  const picker = useRef<HTMLInputElement>(null)
  const sendReason = allowed ? words.composer.nothing : reason

  return (
    <div class="composer-tools">
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          attachAll(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
      <Button
        kind="ghost"
        icon="attach"
        label={words.composer.attach}
        reason={writing === 'note' ? words.composer.noteFiles : allowed ? undefined : reason}
        onClick={() => picker.current?.click()}
      />
      {mode !== 'ai' && <CopilotSwitch />}
      <span class="spread" />
      <ResolveButton />
      <button
        data-composer-send
        type="submit"
        class="button primary"
        aria-disabled={!canSend || undefined}
        aria-description={canSend ? undefined : sendReason}
        data-hint={canSend ? words.composer.sendHint : sendReason}
        onClick={(event) => {
          if (!canSend) event.preventDefault()
        }}
      >
        {writing === 'note' ? words.composer.addNote : words.composer.send}
        <Icon name="send" small />
      </button>
    </div>
  )
}

function attachAll(files: FileList | null | undefined): void {
  for (const file of files ?? []) void attach(file)
}

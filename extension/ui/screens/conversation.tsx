// The session in view: who, what was said, and where to answer.

import { useStore } from '@nanostores/preact'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

import { $line } from '../../core/news.ts'
import { $canGoBack, back, go, hrefOf, openInTab } from '../../core/route.ts'
import {
  $canAssign,
  $canReply,
  $conversation,
  $session,
  $sessionId,
  $sessionLine,
  $sessionLoad,
  $sessionRefusal,
  dismissRefusal,
  reloadSession,
} from '../../core/session.ts'
import { isActive } from '../../../shared/session.ts'
import { words } from '../../words.ts'
import { Avatar } from '../kit/avatar.tsx'
import { Button } from '../kit/button.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { Menu } from '../kit/menu.tsx'
import { Bar, Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { Composer } from '../parts/composer.tsx'
import { AcceptButton, AssignDialog, HandOverButton, TakeOverButton } from '../parts/control.tsx'
import { ConversationScroll, Entries } from '../parts/conversation.tsx'
import { SessionHead } from '../parts/session-details.tsx'
import './conversation.css'

/** Where it is answered. */
export function Conversation() {
  const { allowed } = useStore($canReply)
  const { mode } = useStore($session)

  return (
    <Frame usable={allowed && mode !== 'ai'}>
      <Control />
      <Composer />
    </Frame>
  )
}

/** Where it is only read, and can be handed over or taken over. */
export function ReadConversation() {
  const session = useStore($session)

  return (
    <Frame usable={false}>
      <Refusal />
      <footer class="conversation-foot">
        <HandOverButton />
        <span class="spread" />
        {isActive(session) && <TakeOverButton />}
      </footer>
    </Frame>
  )
}

interface FrameProps {
  /** Whether a draft may go from here into the composer. */
  readonly usable: boolean
  readonly children: ComponentChildren
}

function Frame({ usable, children }: FrameProps) {
  const { state, value, sentence } = useStore($sessionLoad)

  if (state === 'missing') return <MissingSession />
  return (
    <section class="conversation-screen">
      <Head />
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={reloadSession}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {value ? <Messages usable={usable} /> : <Waiting failed={state === 'failed'} />}
      {value && children}
    </section>
  )
}

function Waiting({ failed }: { failed: boolean }) {
  return (
    <div class="spread">{!failed && <Skeleton shape="chat" label={words.loading} count={4} />}</div>
  )
}

function Messages({ usable }: { usable: boolean }) {
  const shown = useStore($conversation)
  const { entries } = useStore($session)
  const id = useStore($sessionId)
  const line = useStore($sessionLine)
  const tenantLine = useStore($line)
  // When the tenant's line is down too, the bar above says so already.
  const alone = line === 'offline' && tenantLine !== 'offline'

  return (
    <>
      {alone && <Bar icon="offline" text={words.chat.reconnecting} />}
      <ConversationScroll label={words.chat.title} name={id ?? ''} newest={entries.at(-1)}>
        <Entries entries={shown} usable={usable} />
      </ConversationScroll>
    </>
  )
}

function Head() {
  const session = useStore($session)
  const canGoBack = useStore($canGoBack)
  const { opened, messageCount } = session

  return (
    <header class="conversation-head">
      <div class="row">
        {canGoBack && (
          <span class="only-panel">
            <Button kind="ghost" icon="back" label={words.back} onClick={back} />
          </span>
        )}
        {opened && <CustomerLink id={opened.customer.id} name={opened.customer.name} />}
        <span class="spread" />
        <span class="faint tiny" data-hint={words.chat.countHelp}>
          {words.chat.count(messageCount)}
        </span>
        <More />
      </div>
      <SessionHead session={session} />
    </header>
  )
}

function CustomerLink({ id, name }: { id: Parameters<typeof customer>[0]; name: string }) {
  const place = customer(id)

  return (
    <h1 class="conversation-title">
      <a
        class="customer-link"
        href={hrefOf(place)}
        data-hint={words.chat.openProfile}
        onClick={inPlace(() => go(place))}
      >
        <Avatar id={id} name={name} size="small" />
        <span class="one-line">{harmless(name)}</span>
      </a>
    </h1>
  )
}

type CustomerPlace = Extract<Parameters<typeof go>[0], { name: 'customer' }>

function customer(customerId: CustomerPlace['customerId']): CustomerPlace {
  return { name: 'customer', customerId, tab: 'summary' }
}

function More() {
  const id = useStore($sessionId)
  const canAssign = useStore($canAssign)
  const [assigning, setAssigning] = useState(false)
  if (!id) return null

  return (
    <>
      <Menu
        label={words.chat.more}
        items={[
          {
            title: words.control.assignTitle,
            icon: 'person',
            reason: canAssign.reason,
            onSelect: () => setAssigning(true),
          },
          {
            title: words.chat.openInWorkspace,
            icon: 'open',
            onSelect: () => openInTab({ name: 'human-agents', sessionId: id }),
          },
          {
            title: words.chat.goToSession,
            icon: 'chat',
            onSelect: () => openInTab({ name: 'session', sessionId: id }),
          },
        ]}
      />
      {assigning && <AssignDialog onClose={() => setAssigning(false)} />}
    </>
  )
}

/** What must be decided before an answer: accept it, take it over; or why it is not mine. */
function Control() {
  const session = useStore($session)
  const { mode, operator } = session

  return (
    <>
      <Refusal />
      {isActive(session) && mode === 'ai' && (
        <Strip text={words.control.withAi}>
          <HandOverButton />
          <TakeOverButton />
        </Strip>
      )}
      {isActive(session) && mode !== 'ai' && !operator && (
        <Strip text={words.control.waits}>
          <AcceptButton />
        </Strip>
      )}
    </>
  )
}

function Strip({ text, children }: { text: string; children?: ComponentChildren }) {
  return (
    <div class="strip">
      <p class="spread">{text}</p>
      {children && <div class="row">{children}</div>}
    </div>
  )
}

function Refusal() {
  const refusal = useStore($sessionRefusal)
  if (!refusal) return null

  return (
    <Trouble text={refusal}>
      <Button small kind="ghost" icon="close" label={words.close} onClick={dismissRefusal} />
    </Trouble>
  )
}

function MissingSession() {
  return (
    <Empty icon="chat" text={words.missing.session}>
      <Button onClick={() => go({ name: 'human-agents' })}>{words.inbox.toInbox}</Button>
    </Empty>
  )
}

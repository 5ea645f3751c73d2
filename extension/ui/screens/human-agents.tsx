// Human Agents: the queue, the conversation, and what is known about it, side by side.

import { useStore } from '@nanostores/preact'
import type { ComponentChildren } from 'preact'

import { $session, $sessionLoad } from '../../core/session.ts'
import type { SessionId } from '../../../shared/ids.ts'
import { words } from '../../words.ts'
import { Empty } from '../kit/states.tsx'
import { Split } from '../kit/split.tsx'
import { ParametersAndResults } from '../parts/session-details.tsx'
import { Conversation, ReadConversation } from './conversation.tsx'
import { Inbox } from './inbox.tsx'

export function HumanAgents({ sessionId }: { sessionId: SessionId | undefined }) {
  return (
    <Split
      name="queue"
      label={words.people.resizeQueue}
      side="start"
      width={330}
      min={260}
      max={520}
    >
      <Inbox />
      {sessionId ? (
        <WithDetails>
          <Conversation key={sessionId} />
        </WithDetails>
      ) : (
        <Empty icon="headphones" text={words.people.chooseOne} />
      )}
    </Split>
  )
}

/** A session to be read, with what is known about it. */
export function Session({ sessionId }: { sessionId: SessionId }) {
  return (
    <WithDetails>
      <ReadConversation key={sessionId} />
    </WithDetails>
  )
}

function WithDetails({ children }: { children: ComponentChildren }) {
  const session = useStore($session)
  const missing = useStore($sessionLoad).state === 'missing'
  if (missing) return <>{children}</>

  return (
    <Split name="details" label={words.details.resize} side="end" width={300} min={240} max={480}>
      {children}
      <aside class="side" aria-labelledby="side-title">
        <h2 id="side-title" class="side-title">
          {words.details.panelTitle}
        </h2>
        <ParametersAndResults session={session} />
      </aside>
    </Split>
  )
}

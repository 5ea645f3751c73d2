// Who has the conversation, as controls. Each that can't be used says why.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $members, $people, loadMembers } from '../../core/people.ts'
import {
  $busy,
  $canAccept,
  $canHandOver,
  $canResolve,
  $canSwitchMode,
  $canTakeOver,
  $session,
  $sessionId,
  accept,
  assign,
  handOver,
  resolve,
  setMode,
  takeOver,
} from '../../core/session.ts'
import { go } from '../../core/route.ts'
import { $me } from '../../core/sign-in.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Confirm, Dialog } from '../kit/dialog.tsx'
import { Skeleton, Trouble } from '../kit/states.tsx'
import { Avatar } from '../kit/avatar.tsx'
import { Dot } from '../kit/chip.tsx'
import './control.css'

export function AcceptButton() {
  const can = useStore($canAccept)
  const busy = useStore($busy).includes('accept')

  return (
    <Button small kind="primary" reason={can.reason} busy={busy} onClick={() => void accept()}>
      {words.control.accept}
    </Button>
  )
}

export function HandOverButton() {
  const can = useStore($canHandOver)
  const busy = useStore($busy).includes('handOver')
  const online = useStore($people).some(({ presence }) => presence === 'online')

  return (
    <Button
      small
      reason={can.reason}
      hint={online ? undefined : words.control.nobodyOnline}
      busy={busy}
      onClick={() => void handOver()}
    >
      {words.control.handOver}
    </Button>
  )
}

export function TakeOverButton() {
  const can = useStore($canTakeOver)
  const busy = useStore($busy).includes('takeOver')
  const sessionId = useStore($sessionId)

  return (
    <Button
      small
      kind="primary"
      reason={can.reason}
      busy={busy}
      onClick={async () => {
        if ((await takeOver()) && sessionId) go({ name: 'human-agents', sessionId })
      }}
    >
      {words.control.takeOver}
    </Button>
  )
}

export function CopilotSwitch() {
  const can = useStore($canSwitchMode)
  const { mode } = useStore($session)
  const on = mode === 'copilot'

  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={on}
      aria-disabled={!can.allowed || undefined}
      aria-description={can.reason ?? words.control.copilotHelp}
      data-hint={can.reason ?? words.control.copilotHelp}
      onClick={() => {
        if (can.allowed) void setMode(on ? 'human' : 'copilot')
      }}
    >
      {words.control.copilot}
    </button>
  )
}

export function ResolveButton() {
  const can = useStore($canResolve)
  const busy = useStore($busy).includes('resolve')
  const statuses = useStore($me)?.tenant.statuses ?? []
  const [asking, setAsking] = useState(false)
  const [status, setStatus] = useState<string>()

  return (
    <>
      <Button
        kind="ghost"
        reason={can.reason}
        busy={busy}
        onClick={() => {
          setStatus(statuses[0])
          setAsking(true)
        }}
      >
        {words.control.resolve}
      </Button>
      {asking && (
        <Confirm
          title={words.control.resolveTitle}
          text={words.control.resolveText}
          action={words.control.resolve}
          cancel={words.cancel}
          onConfirm={() => void resolve(status)}
          onClose={() => setAsking(false)}
        >
          {statuses.length > 1 && (
            <label class="field">
              {words.control.status}
              <select value={status} onChange={(event) => setStatus(event.currentTarget.value)}>
                {statuses.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
          )}
        </Confirm>
      )}
    </>
  )
}

/** Chooses a colleague; who is online is marked. */
export function AssignDialog({ onClose }: { onClose: () => void }) {
  const { state, value, sentence } = useStore($members)
  const { operator } = useStore($session)
  const people = useStore($people)

  useEffect(() => void loadMembers(), [])

  return (
    <Dialog title={words.control.assignTitle} closeLabel={words.close} onClose={onClose}>
      {value === undefined && state === 'loading' && <Skeleton label={words.loading} count={3} />}
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={() => void loadMembers()}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      <ul role="list" class="choices">
        {value?.map(({ id, name, role }) => (
          <li key={id}>
            <button
              type="button"
              aria-disabled={role === 'viewer' || id === operator?.id || undefined}
              data-hint={role === 'viewer' ? words.control.viewersCannot : undefined}
              onClick={() => {
                if (role === 'viewer' || id === operator?.id) return
                void assign(id)
                onClose()
              }}
            >
              <Avatar id={id} name={name} size="small" />
              <span class="spread">{name}</span>
              {people.some((one) => one.person.id === id && one.presence === 'online') && (
                <Dot label={words.people.online} />
              )}
              {id === operator?.id && <span class="faint tiny">{words.control.hasIt}</span>}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

// Dialogs of the platform: Escape closes, focus stays inside and returns where it came from.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

import './dialog.css'
import { Button } from './button.tsx'

export interface DialogProps {
  readonly title: string
  readonly closeLabel: string
  readonly kind?: 'box' | 'wide' | 'picture'
  readonly children: ComponentChildren
  readonly onClose: () => void
}

/** Open as long as it is drawn. */
export function Dialog({ title, closeLabel, kind = 'box', children, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()

  useEffect(() => {
    dialog.current?.showModal()
  }, [])

  return (
    <dialog
      ref={dialog}
      class={`dialog ${kind === 'picture' ? 'of-picture' : kind}`}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        // The backdrop is the dialog itself; whatever is inside is not.
        if (event.target === event.currentTarget) event.currentTarget.close()
      }}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        <Button
          kind="ghost"
          icon="close"
          label={closeLabel}
          onClick={() => dialog.current?.close()}
        />
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  )
}

export interface ConfirmProps {
  readonly title: string
  readonly text: string
  readonly action: string
  readonly cancel: string
  readonly kind?: 'primary' | 'danger'
  readonly children?: ComponentChildren
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks once before something that can't be taken back. */
export function Confirm(props: ConfirmProps) {
  const { title, text, action, cancel, kind = 'primary', children, onConfirm, onClose } = props

  return (
    <Dialog title={title} closeLabel={cancel} onClose={onClose}>
      <p class="dim">{text}</p>
      {children}
      <div class="dialog-actions">
        <Button onClick={onClose}>{cancel}</Button>
        <Button
          kind={kind}
          onClick={() => {
            onConfirm()
            onClose()
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  )
}

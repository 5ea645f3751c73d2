// Short notices in a corner, said politely to who listens.

import './toasts.css'
import { Button } from './button.tsx'

export interface ToastsProps {
  readonly toasts: readonly {
    readonly id: number
    readonly text: string
    readonly action?: { readonly title: string; readonly run: () => void }
  }[]
  readonly label: string
  readonly closeLabel: string
  readonly onDismiss: (id: number) => void
}

export function Toasts({ toasts, label, closeLabel, onDismiss }: ToastsProps) {
  return (
    <section class="toasts" aria-label={label} aria-live="polite">
      {toasts.map(({ id, text, action }) => (
        <div key={id} class="toast">
          <span class="spread">{text}</span>
          {action && (
            <Button
              small
              onClick={() => {
                onDismiss(id)
                action.run()
              }}
            >
              {action.title}
            </Button>
          )}
          <Button
            small
            kind="ghost"
            icon="close"
            label={closeLabel}
            onClick={() => onDismiss(id)}
          />
        </div>
      ))}
    </section>
  )
}

// A small word that classifies: its colour always means the same, its text says it too.

import type { ComponentChildren } from 'preact'

import './chip.css'
import { Icon, type IconName } from './icon.tsx'

export interface ChipProps {
  readonly children: ComponentChildren
  readonly tone?: 'plain' | 'accent' | 'ai' | 'human' | 'note' | 'danger'
  readonly icon?: IconName
  readonly hint?: string | undefined
}

export function Chip({ children, tone = 'plain', icon, hint }: ChipProps) {
  return (
    <span class={`chip ${tone}`} data-hint={hint} tabIndex={hint ? 0 : undefined}>
      {icon && <Icon name={icon} small />}
      {children}
    </span>
  )
}

/** The pulsing dot of what is going on now. */
export function Dot({ label }: { label?: string }) {
  return label ? (
    <span class="dot" role="img" aria-label={label} data-hint={label} />
  ) : (
    <span class="dot" aria-hidden="true" />
  )
}

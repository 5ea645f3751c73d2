// What a list or a card shows when it has nothing to show yet, or can't.

import type { ComponentChildren } from 'preact'

import './states.css'
import { Icon, type IconName } from './icon.tsx'

export interface SkeletonProps {
  readonly label: string
  readonly shape?: 'rows' | 'cards' | 'chat' | 'profile'
  readonly count?: number
}

/** The shape of what is coming. It appears after 150 ms: what is quicker than that needs none. */
export function Skeleton({ label, shape = 'rows', count = 5 }: SkeletonProps) {
  return (
    <div class={`skeleton ${shape}`} role="status">
      <span class="heard">{label}</span>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} aria-hidden="true" class="bone">
          <i />
          <i />
          <i />
        </div>
      ))}
    </div>
  )
}

/** Says that what is shown is being asked for again. Quick answers need no such word. */
export function Updating({ label }: { label: string }) {
  return (
    <span class="updating" role="status">
      {label}
    </span>
  )
}

export interface EmptyProps {
  readonly text: string
  readonly icon?: IconName
  readonly children?: ComponentChildren
}

/** Why there is nothing, and what to do about it. */
export function Empty({ text, icon, children }: EmptyProps) {
  return (
    <div class="empty">
      {icon && <Icon name={icon} />}
      <p>{text}</p>
      {children}
    </div>
  )
}

export interface TroubleProps {
  readonly text: string
  readonly children?: ComponentChildren
}

/** What went wrong, with the way to try again beside it. */
export function Trouble({ text, children }: TroubleProps) {
  return (
    <div class="trouble" role="alert">
      <Icon name="warning" small />
      <p class="spread">{text}</p>
      {children}
    </div>
  )
}

export interface BarProps {
  readonly text: string
  readonly icon: IconName
  readonly tone?: 'note' | 'danger' | 'accent'
  readonly children?: ComponentChildren
}

/** A slim bar above what it speaks of. */
export function Bar({ text, icon, tone = 'note', children }: BarProps) {
  return (
    <div class={`bar ${tone}`} role="status">
      <Icon name={icon} small />
      <span class="spread">{text}</span>
      {children}
    </div>
  )
}

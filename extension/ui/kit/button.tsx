// A button. One that can't be pressed says why, on hover and on focus, and can still be reached.

import type { ComponentChildren } from 'preact'

import './button.css'
import { Icon, type IconName } from './icon.tsx'

export interface ButtonProps {
  readonly children?: ComponentChildren
  readonly kind?: 'plain' | 'primary' | 'ghost' | 'danger'
  readonly small?: boolean
  readonly icon?: IconName
  readonly iconAfter?: IconName
  /** What it is called when it shows an icon alone. */
  readonly label?: string | undefined
  /** Why it can't be pressed now. */
  readonly reason?: string | undefined
  readonly hint?: string | undefined
  readonly busy?: boolean
  readonly pressed?: boolean
  readonly expanded?: boolean
  readonly controls?: string | undefined
  readonly submit?: boolean
  readonly wide?: boolean
  readonly id?: string
  readonly onClick?: ((event: MouseEvent) => void) | undefined
}

export function Button(props: ButtonProps) {
  const { children, icon, iconAfter, label, reason, busy, onClick } = props
  const off = reason !== undefined || busy === true
  const hint = reason ?? props.hint ?? (children ? undefined : label)

  return (
    <button
      id={props.id}
      type={props.submit ? 'submit' : 'button'}
      class={classOf(props)}
      aria-label={label}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-controls={props.controls}
      aria-description={reason ?? props.hint}
      data-hint={hint}
      onClick={(event) => {
        if (off) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {icon && <Icon name={icon} small={props.small || children !== undefined} />}
      {children}
      {iconAfter && <Icon name={iconAfter} small />}
    </button>
  )
}

export interface LinkProps {
  readonly href: string
  readonly children?: ComponentChildren
  readonly kind?: 'plain' | 'primary' | 'ghost'
  readonly small?: boolean
  readonly icon?: IconName
  readonly label?: string
  readonly newTab?: boolean
  readonly onClick?: ((event: MouseEvent) => void) | undefined
}

/** A link that looks like a button: it goes somewhere, so it can be opened in a tab of its own. */
export function ButtonLink(props: LinkProps) {
  const { href, children, icon, label, newTab, onClick } = props

  return (
    <a
      href={href}
      class={classOf(props)}
      aria-label={label}
      data-hint={children ? undefined : label}
      target={newTab ? '_blank' : undefined}
      rel={newTab ? 'noopener' : undefined}
      onClick={onClick}
    >
      {icon && <Icon name={icon} small={props.small || children !== undefined} />}
      {children}
    </a>
  )
}

function classOf({
  kind = 'plain',
  small,
  wide,
  children,
}: ButtonProps | (LinkProps & { wide?: boolean })) {
  return ['button', kind, small && 'small', wide && 'wide', !children && 'square']
    .filter(Boolean)
    .join(' ')
}

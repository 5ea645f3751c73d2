// A menu behind a button, on the platform's popover.

import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'

import './menu.css'
import { Icon, type IconName } from './icon.tsx'

export interface MenuItem {
  readonly title: string
  readonly icon?: IconName
  readonly checked?: boolean
  /** Why it can't be chosen now. */
  readonly reason?: string | undefined
  readonly onSelect: () => void
}

export interface MenuProps {
  readonly label: string
  readonly icon?: IconName
  /** What stands on the button instead of the icon. */
  readonly text?: string
  /** A picture in the icon's place. */
  readonly face?: ComponentChildren
  readonly small?: boolean
  readonly items: readonly MenuItem[]
}

export function Menu({ label, icon = 'dots', text, face, small, items }: MenuProps) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)

  return (
    <>
      <button
        type="button"
        class={`button ghost ${small ? 'small' : ''} ${text ? '' : 'square'}`}
        aria-label={text ? undefined : label}
        aria-haspopup="menu"
        data-hint={text ? undefined : label}
        popovertarget={id}
      >
        {text ?? face ?? <Icon name={icon} />}
        {text && <Icon name="down" small />}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onToggle={(event) => {
          if (event.newState === 'open') itemsOf(event.currentTarget)[0]?.focus()
        }}
        onKeyDown={moveFocus}
      >
        {items.map((item) => (
          <button
            key={item.title}
            type="button"
            role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
            tabIndex={-1}
            aria-checked={item.checked}
            aria-disabled={item.reason ? true : undefined}
            aria-description={item.reason}
            data-hint={item.reason}
            onClick={() => {
              if (item.reason) return
              list.current?.hidePopover()
              item.onSelect()
            }}
          >
            {item.icon && <Icon name={item.icon} small />}
            <span class="spread">{item.title}</span>
            {item.checked && <Icon name="check" small />}
          </button>
        ))}
      </div>
    </>
  )
}

function itemsOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>('[role^=menuitem]')]
}

const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }

function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.key === 'Tab') event.currentTarget.hidePopover()
  const step = steps[event.key]
  if (!step) return
  event.preventDefault()
  const items = itemsOf(event.currentTarget)
  const here = items.findIndex((item) => item === document.activeElement)
  items.at((here + step) % items.length)?.focus()
}

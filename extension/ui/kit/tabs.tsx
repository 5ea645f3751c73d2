// Tabs: one stop for the Tab key, arrows move between them.

import type { ComponentChildren } from 'preact'

import './tabs.css'

export interface Tab<Id extends string> {
  readonly id: Id
  readonly title: string
  readonly count?: number | undefined
  readonly tone?: 'human'
}

export interface TabsProps<Id extends string> {
  /** Distinguishes these tabs from others on the page. */
  readonly name: string
  readonly label: string
  readonly tabs: readonly Tab<Id>[]
  readonly value: Id
  readonly kind?: 'line' | 'pill'
  readonly onSelect: (id: Id) => void
}

export function Tabs<Id extends string>(props: TabsProps<Id>) {
  const { name, label, tabs, value, kind = 'line', onSelect } = props

  return (
    <div class={`tabs ${kind}`} role="tablist" aria-label={label} onKeyDown={moveFocus}>
      {tabs.map(({ id, title, count, tone }) => (
        <button
          key={id}
          id={`${name}-tab-${id}`}
          type="button"
          role="tab"
          aria-selected={id === value}
          aria-controls={id === value ? `${name}-panel` : undefined}
          tabIndex={id === value ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {title}
          {count !== undefined && <span class={tone ? `count ${tone}` : 'count'}>{count}</span>}
        </button>
      ))}
    </div>
  )
}

export interface TabPanelProps {
  readonly name: string
  readonly value: string
  readonly class?: string
  readonly children: ComponentChildren
}

export function TabPanel({ name, value, class: className, children }: TabPanelProps) {
  return (
    <div
      id={`${name}-panel`}
      class={className}
      role="tabpanel"
      aria-labelledby={`${name}-tab-${value}`}
    >
      {children}
    </div>
  )
}

const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 }

function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')]
  const here = tabs.findIndex((tab) => tab === document.activeElement)
  const step = steps[event.key]
  const next =
    event.key === 'Home'
      ? tabs[0]
      : event.key === 'End'
        ? tabs.at(-1)
        : step && tabs.at((here + step) % tabs.length)
  if (!next) return
  event.preventDefault()
  next.focus()
  next.click()
}

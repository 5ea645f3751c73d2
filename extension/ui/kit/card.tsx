// A card, and the list of terms that stands in many of them.

import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

import './card.css'

export interface CardProps {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

export function Card({ title, aside, children }: CardProps) {
  const id = useId()

  return (
    <section class="card" aria-labelledby={id}>
      <header>
        <h2 id={id} class="spread">
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

/** Terms and what they stand for. */
export function Terms({ children }: { children: ComponentChildren }) {
  return <dl class="terms">{children}</dl>
}

export interface TermProps {
  readonly term: string
  readonly code?: boolean
  readonly children: ComponentChildren
}

export function Term({ term, code, children }: TermProps) {
  return (
    <>
      <dt>{term}</dt>
      <dd class={code ? 'code' : undefined}>{children}</dd>
    </>
  )
}

// The one floating hint. Whatever carries `data-hint` shows it on hover and on focus.

import { useEffect, useRef } from 'preact/hooks'

import './hint.css'

const hoverDelayMs = 250

/** Stands once in the page, at its root. */
export function Hints() {
  const tip = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const stop = new AbortController()
    if (tip.current) follow(tip.current, stop.signal)
    return () => stop.abort()
  }, [])

  return <div ref={tip} class="hint" role="tooltip" popover="manual" />
}

function follow(tip: HTMLElement, signal: AbortSignal): void {
  let owner: Element | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const hide = () => {
    clearTimeout(timer)
    owner = undefined
    if (tip.isConnected) tip.hidePopover()
  }
  const show = (target: Element) => {
    const text = target.getAttribute('data-hint')
    if (!text || !target.isConnected) return
    tip.textContent = text
    tip.showPopover()
    place(tip, target.getBoundingClientRect())
  }
  const meet = (event: Event, delayMs: number) => {
    const target = event.target instanceof Element ? event.target.closest('[data-hint]') : null
    if (target === (owner ?? null)) return
    hide()
    if (!target) return
    owner = target
    timer = setTimeout(() => show(target), delayMs)
  }

  document.addEventListener('pointerover', (event) => meet(event, hoverDelayMs), { signal })
  document.addEventListener('focusin', (event) => meet(event, 0), { signal })
  document.addEventListener('focusout', hide, { signal })
  document.addEventListener('scroll', hide, { signal, capture: true, passive: true })
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Escape') hide()
    },
    { signal },
  )
  signal.addEventListener('abort', () => clearTimeout(timer))
}

/** Below its owner, above it where there is no room, and never over the edge of the window. */
function place(tip: HTMLElement, { left, right, top, bottom }: DOMRect): void {
  const { offsetWidth, offsetHeight } = tip
  const x = Math.min((left + right - offsetWidth) / 2, innerWidth - offsetWidth - 8)
  const below = bottom + 6
  const y = below + offsetHeight > innerHeight - 8 ? top - offsetHeight - 6 : below
  tip.style.left = `${Math.max(8, x)}px`
  tip.style.top = `${Math.max(8, y)}px`
}

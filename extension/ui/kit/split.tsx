// Areas side by side with dividers that can be dragged, moved by keys, and remembered.

import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'

import './split.css'

export interface SplitProps {
  /** Under what name the width is remembered. */
  readonly name: string
  readonly label: string
  /** The area whose width is kept; the other takes what is left. */
  readonly side: 'start' | 'end'
  readonly width: number
  readonly min?: number
  readonly max?: number
  readonly children: [ComponentChildren, ComponentChildren]
}

const keySteps: Record<string, number> = { ArrowLeft: -16, ArrowRight: 16 }

export function Split({ name, label, side, width, min = 220, max = 640, children }: SplitProps) {
  const [size, setSize] = useState(() => remembered(name) ?? width)
  const held = useRef<{ x: number; size: number } | undefined>(undefined)
  const sign = side === 'start' ? 1 : -1

  const resize = (wished: number) => {
    const next = Math.round(Math.min(max, Math.max(min, wished)))
    setSize(next)
    remember(name, next)
  }

  return (
    <div class={`split ${side}`} style={{ '--side': `${size}px` }}>
      {children[0]}
      <div
        class="divider-handle"
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={size}
        aria-valuemin={min}
        aria-valuemax={max}
        tabIndex={0}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          held.current = { x: event.clientX, size }
        }}
        onPointerMove={(event) => {
          const from = held.current
          if (from) resize(from.size + sign * (event.clientX - from.x))
        }}
        onPointerUp={() => {
          held.current = undefined
        }}
        onKeyDown={(event) => {
          const step = keySteps[event.key]
          if (step) resize(size + sign * step)
        }}
        onDblClick={() => resize(width)}
      />
      {children[1]}
    </div>
  )
}

function remembered(name: string): number | undefined {
  const kept = Number(localStorage.getItem(`split:${name}`))
  return kept > 0 ? kept : undefined
}

function remember(name: string, size: number): void {
  localStorage.setItem(`split:${name}`, String(size))
}

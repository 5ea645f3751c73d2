// Somebody's initials on a tint that follows from their id.

import { useMemo } from 'preact/hooks'

import './avatar.css'

export interface AvatarProps {
  readonly id: string
  readonly name: string
  readonly size?: 'small' | 'medium' | 'large'
}

/** An ornament beside a name; where it stands alone, give the name as the hint of its parent. */
export function Avatar({ id, name, size = 'medium' }: AvatarProps) {
  const initials = useMemo(() => initialsOf(name), [name])

  return (
    <span
      class={`avatar ${size}`}
      data-tint={tintOf(id)}
      data-initials={initials}
      aria-hidden="true"
    />
  )
}

const tints = 8

function tintOf(id: string): number {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
  return sum % tints
}

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

export function initialsOf(name: string): string {
  const words = name.split(/[\s.@_-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return ends
    .map((word) => firstOf(word ?? '?'))
    .join('')
    .toUpperCase()
}

function firstOf(word: string): string {
  for (const { segment } of letters.segment(word)) {
    if (/[\p{L}\p{N}?]/u.test(segment)) return segment
  }
  return ''
}

// Moments as the core words them, in the company's zone; the exact one on hover.

import { useStore } from '@nanostores/preact'
import type { StoreValue } from 'nanostores'
import { useMemo } from 'preact/hooks'

import { $times } from '../../core/time.ts'
import { words } from '../../words.ts'
import { useNow } from '../kit/now.ts'

export type Times = StoreValue<typeof $times>

export interface MomentProps {
  readonly at: number
  readonly shape?: 'marker' | 'clock'
}

/** A moment in the company's zone, named on hover. */
export function Moment({ at, shape = 'marker' }: MomentProps) {
  return <PlainMoment at={at} shape={shape} times={useStore($times)} />
}

/** The same where a thousand of them stand in a list, each without a subscription of its own. */
export function PlainMoment({ at, shape, times }: Required<MomentProps> & { times: Times }) {
  return (
    <time dateTime={new Date(at).toISOString()} data-hint={exactText(at, times)}>
      {times[shape](at)}
    </time>
  )
}

/** How long ago. */
export function Ago({ at }: { at: number }) {
  const times = useStore($times)
  const now = useNow()
  // Where many stand in a list, the clock's own work is what costs.
  const exact = useMemo(() => exactText(at, times), [at, times])

  return (
    <time dateTime={new Date(at).toISOString()} data-hint={exact}>
      {agoText(times.relative(at, now))}
    </time>
  )
}

function agoText(length: string): string {
  return length === words.times.now ? length : words.times.ago(length)
}

function exactText(at: number, times: Times): string {
  return `${times.marker(at)} ${times.zone(at)}`
}

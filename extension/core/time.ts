// Moments as people read them, in the tenant's time zone.

import { computed } from 'nanostores'

import { words } from '../words.ts'
import { $me } from './sign-in.ts'

export interface Times {
  /** `20 Nov 2026, 09:28`, as it stands in the grey lines. */
  marker(at: number): string
  /** `09:28`. */
  clock(at: number): string
  /** `20 Nov 2026`. */
  date(at: number): string
  /** `Today`, `Yesterday` or the date, as seen at `now`. */
  day(at: number, now: number): string
  /** The zone's short name, for the hover. */
  zone(at: number): string
  /** `20 Nov 2026, 09:28:05 UTC`: the exact time of a delivery. */
  utc(at: number): string
  /** `now`, `5 min`, `2 h`, `3 d`. */
  relative(at: number, now: number): string
  /** `0:42`, `12:05`, `1 h 04 min`. */
  waiting(ms: number): string
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** The times of the tenant who is signed in; UTC before. */
export const $times = computed($me, (me) => timesIn(me?.tenant.timeZone ?? 'UTC'))

/** Clocks of a zone. An unknown zone counts as UTC: a time is better than none. */
export function timesIn(zoneName: string): Times {
  const zone = isZone(zoneName) ? zoneName : 'UTC'
  const parts = formatter(zone)
  const utcParts = formatter('UTC')
  const short = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' })

  function date(at: number): string {
    const { day, month, year } = parts(at)
    return `${day} ${month} ${year}`
  }
  function clock(at: number): string {
    const { hour, minute } = parts(at)
    return `${hour}:${minute}`
  }

  return {
    date,
    clock,
    marker: (at) => `${date(at)}, ${clock(at)}`,
    day(at, now) {
      const shown = date(at)
      if (shown === date(now)) return words.times.today
      // About noon of the day before: a day of 23 or 25 hours does not move it into another.
      const noon = now - Number(parts(now).hour) * hourMs - dayMs / 2
      return shown === date(noon) ? words.times.yesterday : shown
    },
    zone: (at) =>
      short.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? zone,
    utc(at) {
      const { day, month, year, hour, minute, second } = utcParts(at)
      return `${day} ${month} ${year}, ${hour}:${minute}:${second} UTC`
    },
    relative,
    waiting,
  }
}

function relative(at: number, now: number): string {
  const ms = now - at
  if (ms < minuteMs) return words.times.now
  if (ms < hourMs) return words.times.minutes(Math.floor(ms / minuteMs))
  if (ms < dayMs) return words.times.hours(Math.floor(ms / hourMs))
  return words.times.days(Math.floor(ms / dayMs))
}

function waiting(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return words.times.hoursAndMinutes(Math.floor(minutes / 60), two(minutes % 60))
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}

type Part = 'day' | 'month' | 'year' | 'hour' | 'minute' | 'second'

/** Month names of en-US are three letters each; en-GB has «Sept». */
function formatter(timeZone: string): (at: number) => Record<Part, string> {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  return (at) => {
    const found = { day: '', month: '', year: '', hour: '', minute: '', second: '' }
    for (const { type, value } of format.formatToParts(at)) {
      if (type in found) found[type as Part] = value
    }
    return found
  }
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

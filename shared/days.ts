// Days as a company lives them: where each begins and ends in its time zone, in milliseconds.

/** A calendar day, like `2027-02-03`. */
export const dayPattern = /^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

const dayMs = 86_400_000

export interface Span {
  /** The first millisecond and the last. */
  readonly from: number
  readonly to: number
}

/** A day from its first millisecond to its last; nothing when the calendar has no such day. */
export function spanOfDay(day: string, timeZone: string): Span | undefined {
  if (!dayPattern.test(day)) return undefined
  const midnight = Date.parse(`${day}T00:00:00Z`)
  // The 30th of February would become the 2nd of March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) {
    return undefined
  }
  return {
    from: beginningOf(midnight, timeZone),
    to: beginningOf(midnight + dayMs, timeZone) - 1,
  }
}

/** The last days up to and with today. */
export function spanOfLastDays(count: number, now: number, timeZone: string): Span {
  const today = Math.floor((now + offsetAt(now, timeZone)) / dayMs) * dayMs
  return {
    from: beginningOf(today - (count - 1) * dayMs, timeZone),
    to: beginningOf(today + dayMs, timeZone) - 1,
  }
}

/** The first moment of a day whose midnight, were the zone UTC, is this. */
function beginningOf(midnight: number, timeZone: string): number {
  // The clock may change around it: what it showed before, or what it shows after, tells the moment.
  const [first, second] = [midnight - dayMs, midnight + dayMs]
    .map((around) => midnight - offsetAt(around, timeZone))
    .sort((a, b) => a - b) as [number, number]
  return first + offsetAt(first, timeZone) >= midnight ? first : second
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** How far the zone's clock is ahead of UTC, in milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const clock = clocks.get(timeZone) ?? newClock(timeZone)
  const read = Object.fromEntries(
    clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>
  const shown = Date.UTC(read.year, read.month - 1, read.day, read.hour, read.minute, read.second)
  return shown - Math.floor(at / 1000) * 1000
}

function newClock(timeZone: string): Intl.DateTimeFormat {
  const clock = new Intl.DateTimeFormat('en-u-hc-h23', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  })
  clocks.set(timeZone, clock)
  return clock
}

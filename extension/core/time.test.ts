import { describe, expect, it } from 'vitest'

import { markerText } from './markers.ts'
import { timesIn } from './time.ts'

const at = Date.UTC(2026, 10, 20, 9, 28, 5)
const times = timesIn('Europe/Lisbon')

describe('times', () => {
  it('are the tenant’s, whatever the machine thinks', () => {
    expect(times.marker(at)).toBe('20 Nov 2026, 09:28')
    expect(timesIn('Asia/Tokyo').marker(at)).toBe('20 Nov 2026, 18:28')
    expect(timesIn('America/New_York').clock(at)).toBe('04:28')
    expect(times.utc(at)).toBe('20 Nov 2026, 09:28:05 UTC')
    expect(timesIn('Asia/Tokyo').zone(at)).toBe('GMT+9')
  })

  it('say midnight as 00, and September in three letters', () => {
    expect(timesIn('UTC').marker(Date.UTC(2026, 8, 3))).toBe('3 Sep 2026, 00:00')
  })

  it('take an unknown zone for UTC', () => {
    expect(timesIn('Mars/Olympus').clock(at)).toBe('09:28')
  })

  it('know today and yesterday, also around a change of clocks', () => {
    const now = Date.UTC(2026, 9, 25, 23, 30)
    expect(times.day(now - 60_000, now)).toBe('Today')
    expect(times.day(Date.UTC(2026, 9, 24, 12), now)).toBe('Yesterday')
    expect(times.day(Date.UTC(2026, 9, 23, 12), now)).toBe('23 Oct 2026')
  })

  it.each([
    [42_000, '0:42'],
    [725_000, '12:05'],
    [3_840_000, '1 h 04 min'],
    [-5, '0:00'],
  ])('a wait of %d ms is %s', (ms, text) => {
    expect(times.waiting(ms)).toBe(text)
  })

  it.each([
    [30_000, 'now'],
    [300_000, '5 min'],
    [7_300_000, '2 h'],
    [3 * 86_400_000, '3 d'],
  ])('%d ms ago is %s', (ms, text) => {
    expect(times.relative(at - ms, at)).toBe(text)
  })
})

describe('markers', () => {
  // Safe: the words only read the name.
  const ada = { id: 'opr_1', name: 'Ada' } as never
  const grace = { id: 'opr_2', name: 'Grace' } as never

  it.each([
    [{ type: 'started', initiator: { kind: 'customer' } }, 'Client started the session at'],
    [{ type: 'started', initiator: { kind: 'agent' } }, 'AI agent started the session at'],
    [
      { type: 'started', initiator: { kind: 'operator', person: ada } },
      'Ada started the session at',
    ],
    [{ type: 'transferred' }, 'Transfer to human agent at'],
    [{ type: 'assigned', person: ada, by: grace }, 'Ada was assigned by Grace at'],
    [{ type: 'assigned', person: ada }, 'Human agent Ada assigned at'],
    [{ type: 'resolved', person: ada }, 'The session was resolved by Ada at'],
  ] as const)('%j', (marker, text) => {
    expect(markerText(marker, at, times)).toBe(`${text} 20 Nov 2026, 09:28`)
  })
})

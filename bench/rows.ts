// What a message costs in D1 and in calls between objects, counted and not timed.

import { newId } from '../shared/new-id.ts'
import { deliveryOf, numbers, openHouse, signed, statusOf, type House } from './house.ts'
import { open } from './load.ts'
import type { Figure, Found } from './report.ts'
import { listen, type Listener } from './sockets.ts'

/** How often each is done; the figures are means. */
const times = 10
/** Nothing has been counted for so long: the message has had all its effects. */
const quietMs = 150

interface Count {
  written: number
  read: number
  statements: number
  trips: number
  calls: Record<string, number>
}

export async function rows(): Promise<Found> {
  const house = await openHouse({ counted: true })
  try {
    const inbox = await listen(
      house.url,
      '/api/live',
      (await house.owner('POST /api/tickets', { body: {} })).ticket,
    )
    const world = await worldOf(house, inbox)
    const [first = '', second = '', ...newcomers] = numbers(times + 2)
    // Both have their records and sessions, and one an operator, before anything is counted.
    const attended = await world.says(house.attended.id, first)
    await world.says(house.answered.id, second)
    await world.replies(attended)
    await settled(house)
    const deeds: readonly [string, (n: number) => Promise<unknown>][] = [
      ['a customer’s message to a person', () => world.says(house.attended.id, first)],
      ['a customer’s message and the agent’s answer', () => world.says(house.answered.id, second)],
      [
        'a new customer: record, session, message, answer',
        (n) => world.says(house.answered.id, newcomers[n] ?? ''),
      ],
      ['an operator’s reply', () => world.replies(attended)],
      ['the provider’s «delivered»', (n) => world.reports(house.attended.id, first, n)],
    ]
    const figures: Figure[] = []
    const doors: string[] = []
    for (const [title, deed] of deeds) {
      const count = await counted(house, deed)
      const calls = Object.values(count.calls).reduce((sum, one) => sum + one, 0)
      figures.push({
        measure: `D1 rows written: ${title}`,
        ours: mean(count.written),
        against: `${mean(count.trips)} trips, ${mean(count.statements)} statements, ${mean(count.read)} rows read; ${mean(calls)} object calls`,
        ratio: '',
        aim: '',
      })
      const named = Object.entries(count.calls).map(([door, n]) => `${door} ${mean(n)}`)
      doors.push(`${title}: ${named.join(', ')}`)
    }
    inbox.close()
    return {
      figures,
      notes: [
        `Rows: the mean of ${times} each, from D1’s own \`meta.rows_written\` (an index entry is a row of its own) and from ` +
          'the doors of the objects, alarms left out. Settings that were read in the last five seconds cost nothing. ' +
          `Calls: ${doors.join('; ')}.`,
      ],
    }
  } finally {
    await house.close()
  }
}

/** What customers, operators and the provider do. */
async function worldOf({ url, owner, running }: House, inbox: Listener) {
  const { hostname, port } = new URL(url)
  const line = await open(hostname, Number(port))
  let said = 0
  return {
    /** A customer says something; gives the session it came to. */
    async says(connectionId: string, from: string): Promise<string> {
      said += 1
      const text = `When does it ship, number ${said}?`
      const row = inbox.next((news) =>
        news.includes(text) ? /"id":"(ses_\w+)"/.exec(news)?.[1] : undefined,
      )
      await line.ask(signed(connectionId, deliveryOf(from, text).body))
      return row
    },
    replies(sessionId: string): Promise<unknown> {
      return owner('POST /api/sessions/:sessionId/messages', {
        params: { sessionId },
        body: { id: newId('msg'), text: 'On Friday.' },
      })
    },
    /** Reports on the last messages the provider has taken, the newest first. */
    async reports(connectionId: string, to: string, n: number): Promise<void> {
      const answer = await fetch(running.url('provider'))
      const { taken } = (await answer.json()) as { taken: number }
      await line.ask(signed(connectionId, statusOf(to, `wamid.out.${taken - n}`, 'delivered')))
    },
  }
}

async function counted(house: House, deed: (n: number) => Promise<unknown>): Promise<Count> {
  await settled(house)
  const sum: Count = { written: 0, read: 0, statements: 0, trips: 0, calls: {} }
  for (let n = 0; n < times; n += 1) {
    await deed(n)
    const count = await settled(house)
    for (const key of ['written', 'read', 'statements', 'trips'] as const) sum[key] += count[key]
    for (const [door, calls] of Object.entries(count.calls)) {
      sum.calls[door] = (sum.calls[door] ?? 0) + calls
    }
  }
  return sum
}

/** What was counted since the last time, once nothing more comes. */
async function settled({ running }: House): Promise<Count> {
  const sum: Count = { written: 0, read: 0, statements: 0, trips: 0, calls: {} }
  for (let quiet = false; !quiet;) {
    await new Promise((resolve) => setTimeout(resolve, quietMs))
    const d1 = (await ask(running.url('d1-counter'))) as Omit<Count, 'calls'>
    const calls = (await ask(running.url('main'))) as Count['calls']
    quiet = d1.trips === 0 && Object.keys(calls).length === 0
    for (const key of ['written', 'read', 'statements', 'trips'] as const) sum[key] += d1[key]
    for (const [door, n] of Object.entries(calls)) sum.calls[door] = (sum.calls[door] ?? 0) + n
  }
  return sum
}

async function ask(url: string): Promise<unknown> {
  return (await fetch(`${url}/counted`)).json()
}

function mean(sum: number): string {
  return String(Math.round((sum / times) * 10) / 10)
}

// How many signed webhooks a second are taken, against the least that takes them as safely.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { deliveryOf, numbers, openBare, openHouse, signed, type House } from './house.ts'
import { volley } from './load.ts'
import { compared, perSecond, type Figure, type Found } from './report.ts'
import { alternate, median } from './rounds.ts'
import type { Running } from './workerd.ts'

const rounds = 9
const people = numbers(100)
const connections = 16

export async function accept(): Promise<Found> {
  const kept = await race('webhook accepted: kept by its thread', 1500, true)
  const walked = await race('webhook walked: through thread and session into D1', 400, false)
  return {
    figures: [kept.figure, walked.figure],
    notes: [
      'Accept: 100 customers, 16 connections, each delivery signed and new. «Kept» ends where the 200 does: ' +
        'sessions are stood in for by ones that do not answer, so that only the accepting is timed. The second line ' +
        'ends when D1 has the last message, all of it on workerd’s one thread: session, Miniflare’s D1, inbox. On Cloudflare these are other machines. ' +
        `Processor time each: ${kept.cpu}; with the whole road ${walked.cpu}.`,
    ],
  }
}

async function race(
  measure: string,
  count: number,
  held: boolean,
): Promise<{ figure: Figure; cpu: string }> {
  const house = await openHouse({ held })
  const bare = await openBare()
  const cpu = { ours: [] as number[], bare: [] as number[] }
  try {
    // A thread's first message makes its customer and session; here the ones after it are timed.
    await volley(house.url, batch(house, people.length), connections)
    await volley(bare.url, batch(house, people.length), connections)
    let asked = people.length
    const side =
      (running: Running, url: string, spent: number[], end?: () => Promise<void>) => async () => {
        const requests = batch(house, count)
        const before = running.cpuMs()
        const began = performance.now()
        await volley(url, requests, connections)
        await end?.()
        const took = performance.now() - began
        const after = running.cpuMs()
        if (before !== undefined && after !== undefined) spent.push((after - before) / count)
        return (count / took) * 1000
      }
    const remembered = async () => {
      asked += count
      await untilRemembered(house, asked)
    }
    const found = await alternate(
      rounds,
      side(house.running, house.url, cpu.ours, held ? undefined : remembered),
      side(bare.running, bare.url, cpu.bare),
    )
    await house.running.stop()
    await bare.running.stop()
    const expected = people.length + count * (rounds + 1)
    expectKept(house.running, 'main-ThreadObject', expected)
    expectKept(bare.running, 'bare-KeeperObject', expected)
    const figure = compared(
      measure,
      found,
      perSecond,
      held ? { ratio: 0.8, better: 'higher' } : undefined,
    )
    const times = [median(cpu.ours), median(cpu.bare)].map((ms) => ms.toFixed(2))
    return { figure, cpu: `${times[0]} ms against ${times[1]} ms` }
  } finally {
    await house.close()
    await bare.close()
  }
}

function batch({ attended }: House, count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) => {
    const from = people[n % people.length] ?? ''
    return signed(attended.id, deliveryOf(from, `When does my order ship? This is ${n}.`).body)
  })
}

/** Waits until every message is counted in D1's rows. */
async function untilRemembered({ running }: House, messages: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${running.url('d1')}/query`, {
      method: 'POST',
      body: JSON.stringify({ sql: 'SELECT sum(message_count) AS n FROM session' }),
    })
    const [told] = (await answer.json()) as [{ results: [{ n: number }] }]
    if (told.results[0].n === messages) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Both sides must hold exactly what was sent, read from their files: a fast nothing is no win. */
function expectKept({ stateDir }: Running, objects: string, expected: number): void {
  const folder = join(stateDir, objects)
  const files = readdirSync(folder).filter(
    (name) => name.endsWith('.sqlite') && !name.startsWith('metadata'),
  )
  const kept = files.reduce((sum, file) => {
    const db = new DatabaseSync(join(folder, file))
    const row = db.prepare('SELECT count(*) AS n FROM event').get() as { n: number }
    db.close()
    return sum + row.n
  }, 0)
  if (kept !== expected) throw new Error(`${objects} kept ${kept} of ${expected}`)
}

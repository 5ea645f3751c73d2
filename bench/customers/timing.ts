// Stopwatches for what a house answers.

import { median } from '../rounds.ts'
import type { House } from './house.ts'

/** The answer as JSON; anything but a 2xx ends the run. */
export async function body(response: Response): Promise<unknown> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url}: ${text}`)
  return JSON.parse(text)
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** How long it usually takes to answer. */
export async function timeOf(house: House, path: string, times = 9): Promise<number> {
  const all: number[] = []
  for (let n = 0; n < times; n += 1) {
    all.push(await timed(async () => body(await house.get(path))))
  }
  return median(all)
}

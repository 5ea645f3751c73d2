// What is measured of the download: its first byte, its rate, and the memory it takes meanwhile.

import { encodeFilter } from '../../shared/filter-url.ts'
import { milliseconds, perSecond, type Figure } from '../report.ts'
import type { House } from './house.ts'

const sampleMs = 100
/** What a collector of garbage may leave lying between two runs of it. */
export const roomMb = 100
/** Once more at the end: what was kept of the first would lie on top of it. */
const downloads = ['csv', 'json', 'csv'] as const

/** The whole download, in either format. */
export async function exporting(house: House): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [at, format] of downloads.entries()) {
    const name = at === 2 ? `${format}, once more` : format
    const { firstMs, tookMs, bytes, rows, total, memory } = await taken(house, format)
    const [before = 0, ...during] = memory
    const half = Math.ceil(during.length / 2)
    const most = [during.slice(0, half), during.slice(half)].map((some) => Math.max(...some))
    figures.push(
      {
        measure: `export of ${total.toLocaleString('en')} as ${name}: first byte`,
        ours: milliseconds(firstMs),
        against: `the last after ${(tookMs / 1000).toFixed(1)} s: ${perSecond(rows / (tookMs / 1000))}, ${(bytes / 1e6).toFixed(0)} MB`,
        ratio: '',
        aim: 'at once',
        kept: firstMs < 1000 && rows === total,
      },
      {
        measure: `export as ${name}: memory, at most in either half`,
        ours: most.map((one) => `${one.toFixed(0)} MB`).join(' / '),
        against: `${before.toFixed(0)} MB before`,
        ratio: '',
        aim: 'flat',
        kept: (most[1] ?? 0) - (most[0] ?? 0) < roomMb,
      },
    )
  }
  return [...figures, await filteredExport(house)]
}

/** With a filter it is counted first: the answer's head says how many rows there will be. */
async function filteredExport(house: House): Promise<Figure> {
  const filter = encodeFilter({
    all: [
      { field: 'plan', op: 'is_not', values: ['free'] },
      { field: 'last_communication', op: 'not_empty', values: [] },
    ],
  })
  const stopped = new AbortController()
  const began = performance.now()
  const answer = await house.get(`/api/customers/export?format=csv&filter=${filter}`, stopped)
  const reader = answer.body?.getReader()
  await reader?.read()
  const firstMs = performance.now() - began
  stopped.abort()
  const total = Number(answer.headers.get('X-Total')).toLocaleString('en')
  return {
    measure: `export of a filter's ${total}: first byte`,
    ours: milliseconds(firstMs),
    against: 'counted before',
    ratio: '',
    aim: 'at once',
    kept: firstMs < 1000,
  }
}

async function taken(house: House, format: 'csv' | 'json') {
  const memory = [await house.memoryMb()]
  const sampling = setInterval(() => {
    void house.memoryMb().then((now) => memory.push(now))
  }, sampleMs)
  try {
    const began = performance.now()
    const columns = 'name,email,phone,city,plan,score'
    const answer = await house.get(`/api/customers/export?format=${format}&columns=${columns}`)
    if (!answer.ok || !answer.body) throw new Error(await answer.text())
    let [firstMs, bytes, lines] = [0, 0, 0]
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      firstMs ||= performance.now() - began
      bytes += chunk.byteLength
      for (const byte of chunk) if (byte === 10) lines += 1
    }
    const total = Number(answer.headers.get('X-Total'))
    // A CSV has a head; the brackets of a list stand on lines of their own.
    const rows = format === 'csv' ? lines - 1 : lines - 2
    return { firstMs, tookMs: performance.now() - began, bytes, rows, total, memory }
  } finally {
    clearInterval(sampling)
  }
}

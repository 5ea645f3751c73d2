// What a cold start costs: the built worker in a fresh isolate, against bare Hono in another.

import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

import { workerFile } from '../scripts/build.ts'
import { compared, milliseconds, type Found } from './report.ts'
import { alternate, median } from './rounds.ts'
import { bundled, runWorkerd } from './workerd.ts'

const rounds = 15
const empty = 'export default { fetch: () => new Response("ok") }'
const aim = { ratio: 5, better: 'lower' } as const

export async function evaluation(): Promise<Found> {
  const running = await runWorkerd({
    services: [
      {
        name: 'loader',
        modules: [await bundled('loader')],
        bindings: ['(name = "LOADER", workerLoader = ())'],
      },
    ],
    doors: ['loader'],
  })
  const url = running.url('loader')
  const ours = await readFile(workerFile, 'utf8')
  const hello = (await bundled('hello')).code
  try {
    for (const [name, script] of Object.entries({ ours, hello, empty })) {
      await fetch(`${url}/${name}`, { method: 'PUT', body: script })
    }
    const start = (name: string, status: number) => async () => {
      const spent = running.cpuMs()
      const began = performance.now()
      const answer = await fetch(`${url}/${name}`)
      await answer.text()
      const took = performance.now() - began
      if (answer.status !== status) throw new Error(`${name} answered ${answer.status}`)
      return spent === undefined ? took : (running.cpuMs() ?? 0) - spent
    }
    const bare: number[] = []
    for (let round = 0; round < rounds; round += 1) bare.push(await start('empty', 200)())
    const nothing = median(bare)
    const found = await alternate(rounds, start('ours', 404), start('hello', 404))
    const alone = {
      ours: found.ours.map((ms) => ms - nothing),
      // Bare Hono alone is near nothing: its median steadies the ratio.
      bare: found.bare.map(() => median(found.bare) - nothing),
    }
    return {
      figures: [
        compared('cold start: a fresh isolate to its first answer', found, milliseconds, aim),
        compared('evaluation alone: less what an empty worker takes', alone, milliseconds, aim),
      ],
      notes: [
        `Evaluation: processor time of workerd for one isolate more, ${rounds} rounds; an empty worker takes ` +
          `${milliseconds(nothing)}. Most of ours is V8 reading the script: what is imported lazily lies in the same file and is ` +
          `read with it. The built worker is ${sizeOf(ours)} (${sizeOf(gzipSync(ours))} gzipped), bare Hono ${sizeOf(hello)}.`,
      ],
    }
  } finally {
    await running.stop()
    await running.remove()
  }
}

function sizeOf(code: string | Uint8Array): string {
  const kilobytes = (typeof code === 'string' ? Buffer.byteLength(code) : code.length) / 1000
  return `${Math.round(kilobytes).toLocaleString('en')} kB`
}

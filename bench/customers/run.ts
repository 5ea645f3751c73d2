// `node bench/customers/run.ts [size]`: finding customers among many, measured and printed as a table.

import { build } from '../../scripts/build.ts'
import { fail, say, seconds } from '../../scripts/terminal.ts'
import { tableOf, type Figure } from '../report.ts'
import { fill, openHouse } from './house.ts'
import { counting, exporting, lookUps, pages, substrings } from './measures.ts'

const size = Number(process.argv[2] ?? 100_000)
if (!Number.isInteger(size) || size < 2000) fail(new Error('Say how many customers: 100000'))
await run().catch(fail)

function told(done: number): void {
  if (done % 100_000 === 0) say(`  ${done}`)
}

async function run(): Promise<void> {
  await build(say, ['worker'])
  const house = await openHouse()
  const figures: Figure[] = []
  try {
    const small = 1000
    await fill(house, { from: 0, to: small, told: () => {} })
    const few = await lookUps(house, small)
    say(`filling up to ${size} …`)
    const tookMs = await fill(house, { from: small, to: size, told })
    figures.push({
      measure: 'customers made, with addresses, values, sessions and search index',
      ours: `${Math.round((size - small) / (tookMs / 1000)).toLocaleString('en')}/s`,
      against: '',
      ratio: '',
      aim: '',
    })
    const measures = {
      'look-ups': () => lookUps(house, size, few.rows),
      pages: () => pages(house, size),
      substrings: () => substrings(house),
      counting: () => counting(house, size),
      export: () => exporting(house),
    }
    for (const [name, measure] of Object.entries(measures)) {
      const began = Date.now()
      const found = (await measure()).figures
      figures.push(...found)
      say(`${name} in ${seconds(began)}`)
      // At once as well: a run is long, and may be stopped.
      for (const { measure: what, ours, against, ratio } of found) {
        say(`  ${[what, ours, against, ratio].filter(Boolean).join(' · ')}`)
      }
    }
    console.log(`\n${size.toLocaleString('en')} customers\n\n${tableOf(figures)}\n`)
  } finally {
    await house.close()
  }
}

// `npm run bench`: the benchmarks, one after the other, and their tables. Names run only those;
// `--write` puts their tables into docs/bench.md, each into its section.

import { cpus } from 'node:os'

import { build, productTargets, type TargetName } from '../scripts/build.ts'
import { fail, say, seconds } from '../scripts/terminal.ts'
import { accept } from './accept.ts'
import { customers } from './customers/run.ts'
import { scroll } from './customers/scroll.ts'
import { upload } from './customers/upload.ts'
import { evaluation } from './evaluation.ts'
import { live } from './live.ts'
import { panel } from './panel.ts'
import { rows } from './rows.ts'
import { sizes } from './sizes.ts'
import { tableOf, type Found } from './report.ts'
import { writeSections } from './sections.ts'

interface Benchmark {
  readonly title: string
  /** What it is about, where that is less than the product. */
  readonly of?: readonly TargetName[]
  run(): Promise<Found>
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  accept: { title: 'A message comes in', run: accept },
  live: { title: 'A message is seen', run: live },
  rows: { title: 'What a message writes', run: rows },
  evaluation: { title: 'A cold start', run: evaluation },
  sizes: { title: 'What a browser loads', run: sizes },
  panel: { title: 'The side panel opens', run: panel },
  customers: { title: 'A customer among a million', of: ['worker'], run: customers },
  upload: { title: 'Upload', run: upload },
  scroll: { title: 'The table is scrolled', run: scroll },
}

const about = `# Benchmarks

Written by \`npm run bench -- --write\`, section by section. The worker runs on raw workerd (never \`wrangler dev\`), state on a
memory disk for both sides. The sides alternate A-B-A-B in one run; a ratio is the median of its rounds, with the lowest and highest
beside it. Any answer but a 2xx, and any message not found on disk afterwards, ends the run. Absolute figures are this machine's;
the ratios are the claim. Nothing here ran on Cloudflare.`

const named = process.argv.slice(2).filter((one) => !one.startsWith('-'))
const unknown = named.find((name) => !(name in benchmarks))
if (unknown) {
  fail(new Error(`There is no benchmark «${unknown}»: ${Object.keys(benchmarks).join(', ')}`))
}
await run().catch(fail)

async function run(): Promise<void> {
  const asked = Object.entries(benchmarks).filter(
    ([name]) => named.length === 0 || named.includes(name),
  )
  await build(say, [...new Set(asked.flatMap(([, one]) => one.of ?? productTargets))])
  const sections = new Map<string, string>()
  for (const [name, benchmark] of asked) {
    const began = Date.now()
    const found = await benchmark.run()
    say(`${name} in ${seconds(began)}`)
    sections.set(benchmark.title, textOf(found))
  }
  for (const [title, text] of sections) console.log(`\n${title}\n\n${text}`)
  if (!process.argv.includes('--write')) return
  const titles = Object.values(benchmarks).map(({ title }) => title)
  await writeSections(about, titles, sections)
  say('written to docs/bench.md')
}

function textOf({ figures, notes }: Found): string {
  const day = new Date().toISOString().slice(0, 10)
  const lines = [...notes, `On ${day}, on a machine with ${cpus().length} cores.`]
  return `${tableOf(figures)}\n\n${lines.map((line) => `- ${line}`).join('\n')}`
}

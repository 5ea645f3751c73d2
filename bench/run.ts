// `npm run bench`: the benchmarks, one after the other, and their table. Names run only those;
// `--write` puts the table into docs/bench.md.

import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'

import { build } from '../scripts/build.ts'
import { fail, root, say, seconds } from '../scripts/terminal.ts'
import { accept } from './accept.ts'
import { evaluation } from './evaluation.ts'
import { live } from './live.ts'
import { panel } from './panel.ts'
import { rows } from './rows.ts'
import { sizes } from './sizes.ts'
import { tableOf, type Found } from './report.ts'

const benchmarks: Readonly<Record<string, () => Promise<Found>>> = {
  accept,
  live,
  rows,
  evaluation,
  sizes,
  panel,
}

const named = process.argv.slice(2).filter((one) => !one.startsWith('-'))
const unknown = named.find((name) => !(name in benchmarks))
if (unknown) {
  fail(new Error(`There is no benchmark «${unknown}»: ${Object.keys(benchmarks).join(', ')}`))
}
await run().catch(fail)

async function run(): Promise<void> {
  await build(say)
  const all: Found[] = []
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (named.length > 0 && !named.includes(name)) continue
    const began = Date.now()
    all.push(await benchmark())
    say(`${name} in ${seconds(began)}`)
  }
  const table = tableOf(all.flatMap(({ figures }) => figures))
  const notes = all.flatMap((found) => found.notes)
  console.log(`\n${table}\n\n${notes.map((note) => `- ${note}`).join('\n')}\n`)
  if (process.argv.includes('--write')) await write(table, notes)
}

async function write(table: string, notes: readonly string[]): Promise<void> {
  const day = new Date().toISOString().slice(0, 10)
  const text = `# Benchmarks

Written by \`npm run bench -- --write\` on ${day}, on a machine with ${cpus().length} cores. The worker runs on raw workerd
(never \`wrangler dev\`), state on a memory disk for both sides. The sides alternate A-B-A-B in one run; a ratio is the median of
its rounds, with the lowest and highest beside it. Any answer but a 2xx, and any message not found on disk afterwards, ends the run.
Absolute figures are this machine's; the ratios are the claim. Nothing here ran on Cloudflare.

${table}

${notes.map((note) => `- ${note}`).join('\n')}
`
  await writeFile(join(root, 'docs/bench.md'), text)
  say('written to docs/bench.md')
}

// Finding and taking out customers among very many. The tenant is made first, or opened again where
// `--state=` names the folder of an earlier run; `--customers=` says how many there are to be.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { say, seconds, Trouble } from '../../scripts/terminal.ts'
import { perSecond, type Figure, type Found } from '../report.ts'
import { newFolder } from '../workerd.ts'
import { exporting, roomMb } from './exporting.ts'
import { fill } from './fill.ts'
import { counting, operatorsRead } from './filters.ts'
import { filledIn, noteFilled, openHouse, type Filled, type House } from './house.ts'
import { lookUpRows, lookUps, pages, substrings } from './measures.ts'

const few = 1000

export async function customers(): Promise<Found> {
  const size = Number(optionOf('customers') ?? 1_000_000)
  if (!Number.isInteger(size) || size < 2 * few) throw new Trouble('Say it so: --customers=100000')
  const kept = optionOf('state')
  const folder = kept ?? (await newFolder())
  try {
    const filled = (await ofSize(folder, size)) ?? (await filledNow(folder, size))
    const house = await openHouse(folder)
    try {
      return { figures: await measured(house, filled), notes: notesOn(filled) }
    } finally {
      await house.close()
    }
  } finally {
    if (kept === undefined) await rm(folder, { recursive: true, force: true })
  }
}

function optionOf(name: string): string | undefined {
  const option = process.argv.find((one) => one.startsWith(`--${name}=`))
  return option?.slice(name.length + 3)
}

/** The tenant in a folder, where it is as large as it should be; another is thrown away. */
async function ofSize(folder: string, size: number): Promise<Filled | undefined> {
  const filled = await filledIn(folder)
  if (filled?.size === size) return filled
  // Of the folder only what was made here: somebody has named it.
  await rm(join(folder, 'state'), { recursive: true, force: true })
  return undefined
}

async function filledNow(folder: string, size: number): Promise<Filled> {
  const stateDir = join(folder, 'state')
  const founded = await openHouse(folder)
  await founded.close()
  const { tenantId, token } = founded
  await fill(stateDir, { tenantId, from: 0, to: few })
  const small = await openHouse(folder, { tenantId, token })
  const rowsAmongFew = await lookUpRows(small, few).finally(() => small.close())
  say(`making ${size.toLocaleString('en')} customers …`)
  const tookMs = await fill(stateDir, { tenantId, from: few, to: size }, (done) => {
    if (done % 100_000 === few) say(`  ${done.toLocaleString('en')}`)
  })
  const rate = (size - few) / (tookMs / 1000)
  return noteFilled(folder, { tenantId, token, size, rowsAmongFew, rate })
}

async function measured(house: House, { size, rowsAmongFew, rate }: Filled): Promise<Figure[]> {
  const figures: Figure[] = [
    {
      measure: `${size.toLocaleString('en')} customers made, with all that belongs to them`,
      ours: perSecond(rate),
      against: `${(size / rate).toFixed(0)} s`,
      ratio: '',
      aim: '',
    },
  ]
  const measures = {
    'look-ups': () => lookUps(house, size, rowsAmongFew),
    pages: () => pages(house),
    substrings: () => substrings(house, size),
    counting: () => counting(house, size),
    operators: () => operatorsRead(house, size),
    export: () => exporting(house),
  }
  const only = optionOf('only')?.split(',')
  for (const [name, measure] of Object.entries(measures)) {
    if (only && !only.includes(name)) continue
    const began = Date.now()
    const found = await measure()
    figures.push(...found)
    // At once as well: a run is long, and may be stopped.
    for (const { measure: what, ours, against, ratio } of found) {
      say(`  ${[what, ours, against, ratio].filter(Boolean).join(' · ')}`)
    }
    say(`${name} in ${seconds(began)}`)
  }
  return figures
}

function notesOn({ size }: Filled): string[] {
  return [
    `Customers: ${size.toLocaleString('en')} of them, each with two addresses and three values of custom fields on an ` +
      'average and a session for nearly all; two of a hundred are visitors without a name. They are written straight into ' +
      'the file of the database; workerd is started anew before anything is measured.',
    'Rows read are D1’s own `meta.rows_read`, of all statements of a request; who asks and the tenant’s settings are known ' +
      'for a few seconds and then read again, which is not among them. Pages: the more of either direction; beside it the time.',
    'Those without a value of the field they are sorted by come last, and no index holds what is not there: they are looked for ' +
      'one by one in the order of ids. Where nobody is without, everybody is looked at to find that out, by the very last page.',
    'Operators: the page goes through the list, or through the few an index gives; the counter reads three to five rows for ' +
      'each who is meant, and nobody else.',
    'Look-ups: 16 connections; ours checks who asks and answers with a row of the list, the bare route does neither.',
    'Substrings: 10 pieces each of names, emails and phones of people taken by chance, 3 to 8 characters in any script, every ' +
      'one by turns with `instr` over the same column of everybody; spread is the best and the worst piece. ' +
      'A count of very many is a scan by another name: each has to be looked at.',
    'Counter: by hand is the quicker of two ways, `exists` of each record and ids in a list. Of negations the list is the quicker: ' +
      'it holds the ids of all who are not meant, here more than half a million, in memory; ours asks the index for each.',
    `Memory: \`RssAnon\` of workerd, which is D1 and the worker in one process, ten times a second. «Flat» is a second half at most ` +
      `${roomMb} MB above the first: less can't be told from what the collector leaves lying. One after the other in one process.`,
    'A download with a filter is counted before its first byte, because `X-Total` stands in its head.',
  ]
}

// The workspace's table in Chromium under a wheel, against a page of rows that only stand there.

import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { chromium, type BrowserContext, type Page } from 'playwright-core'

import { findBrowser } from '../../scripts/browser.ts'
import { generate, type Database } from '../../scripts/generate.ts'
import { runProduct, type Product } from '../../scripts/product.ts'
import { apiAt } from '../../scripts/seed/api.ts'
import { say, seconds } from '../../scripts/terminal.ts'
import { milliseconds, type Figure, type Found } from '../report.ts'
import { newFolder } from '../workerd.ts'
import { handMs, wheelAbove, type Seen, type Wheel } from './wheel.ts'

const rounds = 6
/** `--size=1000000` for as many customers; `--keep=folder` fills that one, or takes it as it is. */
const size = Number(optionOf('size') ?? 100_000)
const kept = optionOf('keep')
/** More than a round goes down. */
const plainRows = 4000
const view = { width: 1440, height: 900 }

export async function scroll(): Promise<Found> {
  const folder = await newFolder()
  const product = await runProduct({ stateDir: join(kept ?? folder, 'state') })
  let context: BrowserContext | undefined
  try {
    const who = await filled(product, join(kept ?? folder, 'who.json'))
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: findBrowser(say),
      headless: false,
      viewport: view,
      args: ['--headless=new', '--no-sandbox', '--enable-precise-memory-info'],
    })
    const plain = await plainPage(context)
    const table = await tablePage(context, product.url, who)
    return found(await measure(await wheelAbove(table), await wheelAbove(plain), plain))
  } finally {
    await context?.close()
    await product.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Filled {
  readonly email: string
  readonly password: string
  readonly size: number
}

function optionOf(name: string): string | undefined {
  const start = `--${name}=`
  return process.argv.find((one) => one.startsWith(start))?.slice(start.length)
}

/** Fills the product, or reads who signs in where it was filled before. */
async function filled({ url, miniflare }: Product, note: string): Promise<Filled> {
  const before = await readFile(note, 'utf8').catch(() => undefined)
  if (before !== undefined) {
    // Safe: written below, and only there.
    const filled = JSON.parse(before) as Filled
    if (filled.size === size) return filled
    throw new Error(`${kept} holds ${inWords(filled.size)} customers, not ${inWords(size)}`)
  }
  const who = { email: 'ada@bench.example', password: randomBytes(12).toString('hex') }
  await apiAt(url)('POST /api/sign-up', {
    body: { ...who, name: 'Ada Berg', company: 'Bench', timeZone: 'Europe/Lisbon' },
  })
  const db = await miniflare.getD1Database('DB')
  const tenant = await db.prepare('select id from tenant').first<{ id: string }>()
  if (!tenant) throw new Error('no tenant')
  const began = Date.now()
  // Safe: Miniflare's database is D1's.
  await generate(db as unknown as Database, tenant.id, { count: size })
  const done: Filled = { ...who, size }
  await writeFile(note, JSON.stringify(done))
  say(`${inWords(size)} customers in ${seconds(began)}`)
  return done
}

async function tablePage(context: BrowserContext, url: string, who: Filled): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${url}/customers`)
  await page.getByLabel('Email').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('.table-row:not(.bones)').first().waitFor()
  return page
}

/** Rows of the table's looks, all drawn from the beginning; nothing happens when they are scrolled. */
async function plainPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const cells = ['Maria Silva', 'maria.silva@example.com', '+351 912 345 678', 'Web', 'Premium']
  const row = [...cells, '5 min ago', '20 Nov 2026', '›'].map((cell) => `<div>${cell}</div>`)
  await page.setContent(`<!doctype html><style>
    body { margin: 0; font: 14px system-ui }
    section { height: 100vh; overflow: auto }
    section > div { display: grid; grid-template-columns: repeat(8, 1fr); align-items: center;
      height: 32px; border-bottom: 1px solid #ddd; contain: strict }
  </style><section>${`<div>${row.join('')}</div>`.repeat(plainRows)}</section>`)
  return page
}

interface Measured {
  readonly ours: readonly Seen[]
  readonly bare: readonly Seen[]
  /** The table's, before the first round and after each. */
  readonly heaps: readonly number[]
}

async function measure(table: Wheel, plain: Wheel, plainOne: Page): Promise<Measured> {
  // Once for what is made on the first turn only.
  await table.turn()
  const heaps = [await table.heapMb()]
  const [ours, bare]: [Seen[], Seen[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await table.turn())
    heaps.push(await table.heapMb())
    await plainOne.evaluate(() => document.querySelector('section')?.scrollTo(0, 0))
    bare.push(await plain.turn())
  }
  return { ours, bare, heaps }
}

function found({ ours, bare, heaps }: Measured): Found {
  const took = (rounds * handMs) / 1000
  const measureOf = (what: string) => `${took} s of scrolling among ${inWords(size)}: ${what}`
  const line = (measure: string, of: (seen: readonly Seen[]) => string) => ({
    measure: measureOf(measure),
    ours: of(ours),
    against: of(bare),
    ratio: '',
    aim: '',
  })
  const tasks = (seen: readonly Seen[]) => seen.flatMap((one) => one.tasks)
  const longest = (seen: readonly Seen[]) => Math.max(...seen.map(({ longestMs }) => longestMs))
  const busy = (seen: readonly Seen[]) => seen.reduce((sum, { busyMs }) => sum + busyMs, 0)
  const [start = Number.NaN, end = Number.NaN] = [heaps[0], heaps.at(-1)]
  const figures: Figure[] = [
    {
      ...line('tasks over 50 ms', (seen) => String(tasks(seen).length)),
      aim: '0',
      kept: tasks(ours).length === 0,
    },
    {
      ...line('the longest task, of a processor', (seen) => milliseconds(longest(seen))),
      aim: '≤ 50 ms',
      kept: longest(ours) <= 50,
    },
    line('frames; from one to the next, 99th percentile', framesIn),
    {
      ...line(
        'the page’s own thread, of a processor',
        (seen) => `${((busy(seen) / took / 1000) * 100).toFixed(0)} %`,
      ),
      ratio: (busy(ours) / busy(bare)).toFixed(2),
    },
    {
      measure: measureOf('memory at the start, after half, at the end'),
      ours: [start, heaps[rounds / 2] ?? Number.NaN, end]
        .map((mb) => `${mb.toFixed(1)} MB`)
        .join(', '),
      against: '',
      ratio: (end / start).toFixed(2),
      aim: '≤ 1.2',
      kept: end / start <= 1.2,
    },
  ]
  return { figures, notes: [noteOf(ours)] }
}

function framesIn(seen: readonly Seen[]): string {
  const frames = seen.flatMap((one) => one.frames).toSorted((a, b) => a - b)
  const slow = frames[Math.floor(frames.length * 0.99)] ?? Number.NaN
  return `${frames.length.toLocaleString('en')}; ${milliseconds(slow)}`
}

function noteOf(ours: readonly Seen[]): string {
  const frames = ours.flatMap((one) => one.frames).length
  const waiting = ours.reduce((sum, { bones }) => sum + bones, 0)
  return (
    `Scrolling: ${rounds} rounds of ${handMs / 1000} s by turns in one Chromium of ${view.width} × ${view.height}, headless, drawn without a graphics card: ` +
    'a wheel that reads on at a human pace, flings far down and comes back a little. The real workspace on the built product; ' +
    `against it ${inWords(plainRows)} rows of the same shape that are all there from the beginning and do nothing, so that what the machine ` +
    'does meanwhile is seen: a clock also counts the time a task waits for a processor, of which this machine has few. ' +
    `A row was still on its way in ${waiting} of ${inWords(frames)} frames. Memory after a collection.`
  )
}

function inWords(n: number): string {
  return n.toLocaleString('en')
}

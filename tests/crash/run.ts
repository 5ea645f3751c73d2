// Kills workerd under load, again and again, and then counts: nothing acknowledged is lost or
// doubled, all of it is in D1, nothing was sent twice. `--kills 10 --webhooks 5000 --phones 60`:
// a webhook is a customer's message or a provider's report of delivery.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createSandbox } from '../../sandbox/app.ts'
import { build } from '../../scripts/build.ts'
import { runProduct } from '../../scripts/product.ts'
import { fail, say, seconds } from '../../scripts/terminal.ts'
import { found, overheard, type Company, type ProviderCall } from '../journeys/house.ts'
import { until } from '../journeys/until.ts'
import { judge, type Findings } from './judge.ts'
import { crashRecords } from './records.ts'
import { reporterOf, senderOf, writeBurst, writeOn, type Sender, type Tally } from './senders.ts'
import { watch } from './watcher.ts'
import { killWorkerd } from './workerd.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    webhooks: { type: 'string', default: '5000' },
    phones: { type: 'string', default: '60' },
  },
})
const kills = Number(values.kills)
const webhooks = Number(values.webhooks)
const phones = Number(values.phones)
/** Whatever happens, it ends: far later than on two quiet cores. */
const deadlineMs = 300_000 + webhooks * 100

const began = Date.now()
const timer = setTimeout(() => fail(new Error('the time is up')), deadlineMs)
const folder = await mkdtemp(join(tmpdir(), 'alongside-crash-'))
try {
  await build(say, ['worker'])
  const findings = [...(await run()), ...(await crashRecords(say))]
  for (const { name, wrong } of findings) {
    console.log(`${wrong.length > 0 ? '✗' : '✓'} ${name}`)
    for (const one of wrong.slice(0, 10)) console.log(`    ${one}`)
    if (wrong.length > 10) console.log(`    and ${wrong.length - 10} more`)
  }
  const failed = findings.filter(({ wrong }) => wrong.length > 0).length
  console.log(`\nafter ${seconds(began)}`)
  console.log(`${findings.length - failed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
} catch (error) {
  fail(error)
} finally {
  clearTimeout(timer)
  await rm(folder, { recursive: true, force: true })
}

async function run(): Promise<Findings> {
  const calls: ProviderCall[] = []
  const tally: Tally = { acknowledged: 0, reports: 0, unanswered: 0, repeated: 0, wrong: [] }
  const reporter = reporterOf(tally)
  const sandbox = createSandbox({ wait: noPause, deliver: reporter.deliver })
  const product = await runProduct({
    stateDir: folder,
    sandbox: overheard(sandbox, calls),
    heard: () => {},
  })
  try {
    const company = await found(product.url)
    const load = await writeAndKill(product.url, company, tally)
    return await judge({
      company,
      load,
      calls,
      say,
      told: () => sandbox.settled().then(reporter.settled),
    })
  } finally {
    await product.stop()
  }
}

async function noPause(): Promise<void> {}

/** Lets the phones write and kills the runtime meanwhile, evenly over the load. */
async function writeAndKill(url: string, company: Company, tally: Tally): Promise<Load> {
  const { connections, configs } = company
  const lines = (['whatsapp', 'telegram'] as const).map((kind) => ({
    connection: connections[kind],
    config: configs[kind],
  }))
  const all = () => tally.acknowledged + tally.reports
  const enough = () => all() >= webhooks
  const start = Date.now()
  const pairs = Array.from({ length: phones }, (_, index) => {
    const line = lines[index % lines.length]!
    return { line, sender: senderOf(line, index) }
  })
  const senders = pairs.map(({ sender }) => sender)
  const writing = pairs.map(({ line, sender }) => writeOn(line, sender, tally, enough))
  const owner = company.people.owner
  const watcher = watch(url, owner, await firstSessions(company, 8))

  const killOnce = (kill: number) => {
    killWorkerd()
    say(`killed workerd, ${kill} of ${kills}, at ${all()} acknowledged webhooks`)
  }
  for (let kill = 1; kill < kills; kill += 1) {
    await until('the load', () => all() >= (webhooks * kill) / kills, deadlineMs)
    killOnce(kill)
  }
  await Promise.all(writing)
  // The last one in the midst of the last deliveries, of many messages each: nobody writes after,
  // and what was kept and not yet taken further must go on by itself.
  const before = tally.acknowledged
  const bursts = pairs.map(({ line, sender }) => writeBurst(line, sender, tally))
  await until('half of the last', () => tally.acknowledged >= before + phones / 2, deadlineMs)
  if (kills > 0) killOnce(kills)
  await Promise.all(bursts)
  const rate = Math.round((all() / (Date.now() - start)) * 1000)
  say(
    `${tally.acknowledged} deliveries and ${tally.reports} reports acknowledged in ${seconds(start)} (${rate}/s); ` +
      `${tally.unanswered} had no answer and came again, ${tally.repeated} came twice`,
  )
  watcher.stop()
  return { senders, tally, watcher }
}

async function firstSessions({ people }: Company, count: number): Promise<string[]> {
  return until('the first sessions', async () => {
    const { rows } = await people.owner.api('GET /api/inbox', { query: { view: 'open' } })
    return rows.length >= count && rows.slice(0, count).map(({ id }) => id)
  })
}

export interface Load {
  readonly senders: readonly Sender[]
  readonly tally: Tally
  readonly watcher: ReturnType<typeof watch>
}

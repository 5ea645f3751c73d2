// The story in Chromium: the built product, the real extension with its real side panel, phones of
// the provider sandbox. `npm test` runs it; alone: CHROMIUM=/usr/bin/chromium node tests/e2e/run.ts

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { findBrowser } from '../../scripts/browser.ts'
import { build, productTargets } from '../../scripts/build.ts'
import { freePort, runProduct } from '../../scripts/product.ts'
import { say } from '../../scripts/terminal.ts'
import { chapter, count, forgetEvidence } from './check.ts'
import { openDesk } from './chromium.ts'
import { openShop, visitor } from './shop.ts'
import { playAnalysis } from './analysis.ts'
import { playStory, signIn } from './story.ts'
import { playCampaigns } from './campaigns.ts'
import { playCommunications } from './communications.ts'
import { playIdentity } from './identity.ts'
import { playList } from './list.ts'
import { playLookup } from './lookup.ts'
import { playLooks, playSignInLooks } from './looks.ts'
import { playNetwork } from './network.ts'
import { playRecord } from './record.ts'
import { playRights } from './rights.ts'
import { playQuiet, playSafety } from './safety.ts'
import { playTwins } from './twins.ts'
import { playRoleLoss, playViewer, playWorkspace } from './workspace.ts'
import { newWorld, phone } from './world.ts'

/** Of the same port the extension is built but once. */
const usualPort = 8797
/** However slow the machine is, after this long it hangs. */
const longestMs = 10 * 60_000
const leave: (() => Promise<unknown> | void)[] = []

async function main(): Promise<void> {
  const began = Date.now()
  await forgetEvidence()
  const port = await freePort(usualPort).catch(() => {
    // Both would write to the folder that the other serves from.
    if (process.env['ALONGSIDE_DIST']) return freePort(0)
    throw new Error(
      `Another run goes on at port ${usualPort}. Give this one a folder of its own: ALONGSIDE_DIST=/tmp/alongside-2`,
    )
  })
  const url = `http://localhost:${port}`
  const targets = productTargets.filter((name) => name !== 'extension')
  await build(say, [...targets, 'test-extension'], url)

  const place = existsSync('/dev/shm') && !process.env['TMPDIR'] ? '/dev/shm' : tmpdir()
  const folder = await mkdtemp(join(place, 'alongside-e2e-'))
  leave.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const reports: string[] = []
  const product = await runProduct({
    port,
    stateDir: join(folder, 'state'),
    heard: (line) => reports.push(line),
  })
  leave.push(() => product.stop())
  const shop = await openShop()
  leave.push(() => shop.stop())
  const world = await newWorld(url, shop.origin)
  const { id, settings } = world.lines.web
  shop.carry({ url, id, key: settings['widgetKey'] ?? '' })
  const desk = await openDesk(findBrowser(say), folder, `${shop.origin}/crm`)
  leave.push(() => desk.stop())
  const { panel } = desk
  const pages = () => desk.pages()
  say(`ready after ${((Date.now() - began) / 1000).toFixed(1)} s`)

  await chapter('Sign-in', pages, async (check) => {
    await check('the panel stands beside the page, 360 px wide', async () => {
      const width = await panel.evaluate(() => innerWidth)
      if (width !== 360) throw new Error(`it is ${width} px wide`)
    })
    await playSignInLooks(panel, 'panel', check)
    await check('an operator signs in', async () => {
      await signIn(panel, world.ada)
      await panel.getByRole('searchbox', { name: 'Find a customer' }).waitFor()
    })
  })
  const stage = { desk, world }
  await chapter('The story on WhatsApp', pages, (check) => {
    const customer = phone(url, world.lines.whatsapp, '46701740605', 'Maria Silva')
    const email = 'maria.silva@example.com'
    return playStory({ ...stage, customer, line: 'whatsapp', email, furthest: 'read' }, check)
  })
  await chapter('The story on Telegram', pages, (check) => {
    const customer = phone(url, world.lines.telegram, '400500600', 'Tomas Ek', 'tomas_ek')
    const email = 'tomas.ek@example.com'
    return playStory({ ...stage, customer, line: 'telegram', email, furthest: 'sent' }, check)
  })
  await chapter('The story in the widget', pages, async (check) => {
    const customer = await visitor(await desk.newWindow(1000, 800), shop.origin)
    const email = 'wilma.berg@example.com'
    await playStory({ ...stage, customer, line: 'web', email, furthest: 'read' }, check)
  })
  await chapter('Two operators', pages, (check) => playTwins(desk, world, check))
  await chapter('Look-up', pages, (check) => playLookup(desk, `${shop.origin}/crm`, check))
  await chapter('The network', pages, (check) => playNetwork(desk, world, check))
  await chapter('The workspace', pages, (check) => playWorkspace(desk, world, check))
  await chapter('Who is who', pages, (check) => playIdentity(desk, world, check))
  await chapter('Deep Analysis', pages, (check) => playAnalysis(desk, world, check))
  await chapter('Campaigns', pages, (check) => playCampaigns(desk, world, check))
  await chapter('The record', pages, (check) => playRecord(desk, world, check))
  await chapter('Finding customers', pages, (check) => playList(desk, world, check))
  await chapter('All that was said', pages, (check) => playCommunications(desk, world, check))
  await chapter('What each role may do', pages, (check) => playRights(desk, world, check))
  await chapter('A viewer', pages, (check) => playViewer(desk, world, check))
  await chapter('Texts that want to be more', pages, (check) => playSafety(desk, world, check))
  await chapter('Looks', pages, (check) => playLooks(desk, world, check))
  await chapter('A lost role', pages, (check) => playRoleLoss(desk, world, check))
  await chapter('What the browser did', pages, (check) => {
    const hosts = [new URL(url).host, new URL(shop.origin).host]
    return playQuiet(desk, hosts, reports, check)
  })
  console.log(`\n  ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

/** Leaves nothing running and says how it went. */
async function close(): Promise<never> {
  for (const one of leave.splice(0).toReversed()) {
    await Promise.resolve(one()).catch((error: unknown) => console.error(error))
  }
  console.log(`\n${count.passed} passed, ${count.failed} failed`)
  process.exit(count.failed > 0 ? 1 : 0)
}

function giveUp(why: unknown): Promise<never> {
  count.failed += 1
  console.error(why)
  return close()
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void giveUp(`stopped by ${signal}`))
}
setTimeout(() => void giveUp('it hangs: given up'), longestMs).unref()
await main().then(close, giveUp)

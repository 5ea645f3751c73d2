// Takes the pictures of README: the demo, the real extension with its side panel, the portal.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright-core'

import { openDesk, type Desk } from '../tests/e2e/chromium.ts'
import { findBrowser } from './browser.ts'
import { build, productTargets, testExtensionFolder } from './build.ts'
import { freePort, runProduct, type Product } from './product.ts'
import { apiAt } from './seed/api.ts'
import { fail, root, say, Trouble } from './terminal.ts'

const images = join(root, 'docs/images')
/** Of the same port the extension is built but once. */
const usualPort = 8797

async function main(): Promise<void> {
  const program = findBrowser(say)
  const port = await freePort(usualPort).catch(() => freePort(0))
  const targets = productTargets.filter((name) => name !== 'extension')
  await build(say, [...targets, 'test-extension'], `http://localhost:${port}`)
  await mkdir(images, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'alongside-pictures-'))
  const product = await runProduct({
    port,
    stateDir: join(folder, 'state'),
    seed: true,
    extension: testExtensionFolder,
    log: say,
  })
  let desk: Desk | undefined
  try {
    desk = await openDesk(program, folder, `${product.url}/`)
    await takeAll(product, desk)
  } finally {
    await desk?.stop()
    await product.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function takeAll({ url, demo }: Product, { panel, tab }: Desk): Promise<void> {
  const ada = demo?.operators.find(({ name }) => name.startsWith('Ada'))
  if (!ada) throw new Trouble('The demo has no Ada.')
  const { token } = await apiAt(url)('POST /api/sign-in', {
    body: { email: ada.email, password: ada.password },
  })
  const { rows } = await apiAt(url, token)('GET /api/customers', { query: { q: 'Dana' } })
  const dana = rows[0]
  const mine = await apiAt(url, token)('GET /api/inbox', { query: { view: 'mine' } })
  const session = mine.rows[0]
  if (!dana || !session) throw new Trouble('The demo has no Dana.')

  await signIn(panel, ada)
  await panel.getByRole('link', { name: /Inbox/ }).click()
  await panel.getByRole('heading', { name: 'Inbox' }).waitFor()
  await panel.getByRole('tab', { name: /^Incoming/ }).click()
  await both(panel, 'inbox')
  await panel.getByRole('tab', { name: /^Mine/ }).click()
  await panel.getByRole('link', { name: session.customer.name, exact: true }).first().click()
  await panel.getByRole('textbox', { name: 'Reply to the customer' }).waitFor()
  await both(panel, 'panel')

  await signIn(tab, ada)
  await tab.getByRole('heading', { name: /360 View/ }).waitFor()
  await tab.getByRole('grid').getByText('Dana Whitfield').waitFor()
  await both(tab, 'customers')
  await tab.goto(`${url}/customers/${dana.id}`)
  await tab.getByRole('heading', { name: dana.name }).first().waitFor()
  await both(tab, 'profile')
  await tab.goto(`${url}/human-agents/${session.id}`)
  await tab.getByRole('textbox', { name: 'Reply to the customer' }).waitFor()
  await both(tab, 'workspace')
  await tab.goto(`${url}/playground`)
  await tab.getByRole('region', { name: 'Telegram' }).waitFor()
  await both(tab, 'playground')
}

async function signIn(page: Page, who: { email: string; password: string }): Promise<void> {
  await page.getByLabel('Email').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** The page in light and in dark. */
async function both(page: Page, name: string): Promise<void> {
  for (const [colorScheme, suffix] of [
    ['light', ''],
    ['dark', '-dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(images, `${name}${suffix}.png`) })
    say(`docs/images/${name}${suffix}.png`)
  }
}

await main().catch(fail)

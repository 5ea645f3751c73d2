// A real Chromium with the real extension, and the real side panel beside a page.

import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

import { testExtensionFolder } from '../../scripts/build.ts'
import { until } from './check.ts'

export interface Desk {
  /** A tab beside the panel. */
  readonly tab: Page
  readonly panel: Page
  /** Where the extension's pages are. */
  readonly extension: string
  /** Hosts that something in the browser wanted and that are not this machine. */
  readonly wantedHosts: ReadonlySet<string>
  /** Every address any page has asked for. */
  readonly asked: ReadonlySet<string>
  /** What the consoles of all pages complained of. */
  readonly complaints: readonly string[]
  /** A window without the extension: somebody else's, with cookies of their own. */
  newWindow(width?: number, height?: number): Promise<Page>
  /** Every page that is open, for evidence. */
  pages(): readonly Page[]
  /** The page that opens in a tab of the profile by what is done. */
  opens(act: () => Promise<void>): Promise<Page>
  /** Evaluates in the extension's service worker. */
  inBackground(script: string): Promise<unknown>
  /** Ends the service worker, as Chrome does with an idle one. */
  stopBackground(): Promise<void>
  closePanel(): Promise<void>
  /** Opens it again beside the tab, which then shows the address. */
  openPanel(url: string): Promise<void>
  stop(): Promise<void>
}

const size = { width: 1440, height: 900 }

/** Starts the browser, with a page in a tab and the panel open beside it. */
export async function openDesk(program: string, folder: string, url: string): Promise<Desk> {
  const wantedHosts = new Set<string>()
  const asked = new Set<string>()
  const complaints: string[] = []
  const gate = await openGate(wantedHosts)
  const profile = join(folder, 'profile')
  const child = spawn(program, [...flags(gate), `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: 'ignore',
    // Chromium writes into its home.
    env: { ...process.env, HOME: folder },
  })
  const extension = `chrome-extension://${await extensionId()}`
  const browsers: Browser[] = []
  const windows: BrowserContext[] = []
  let open: Opened | undefined
  const now = () => {
    if (!open) throw new Error('the browser is not open')
    return open
  }

  async function openPanel(url: string): Promise<void> {
    const address = `http://127.0.0.1:${await portOf(profile, child)}`
    await clickPanelOpen(address, extension, open?.tab.url() ?? 'about:blank')
    // Playwright sees the panel only on a connection that was made after it had opened.
    const browser = await chromium.connectOverCDP(address)
    browsers.push(browser)
    const [context] = browser.contexts()
    const panel = context?.pages().find((page) => page.url() === `${extension}/sidepanel.html`)
    const tab = context?.pages().find((page) => page.url() === `${extension}/workspace.html`)
    if (!context || !panel || !tab) throw new Error('the panel did not open')
    open = { browser, context, panel, tab }
    follow(context)
    await tab.goto(url)
  }
  function follow(context: BrowserContext): void {
    context.setDefaultTimeout(20_000)
    context.on('request', (request) => asked.add(request.url()))
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.page()?.url()}: ${message.text()}`)
    })
    context.on('weberror', (error) => complaints.push(String(error.error())))
    context.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }
  async function stop(): Promise<void> {
    for (const browser of browsers) await browser.close().catch(() => {})
    await ended(child)
    gate.close()
  }

  try {
    await openPanel(url)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    get tab() {
      return now().tab
    },
    get panel() {
      return now().panel
    },
    extension,
    wantedHosts,
    asked,
    complaints,
    openPanel,
    stop,
    pages: () => [now().context, ...windows].flatMap((one) => one.pages()),
    async opens(act) {
      const opened = now().context.waitForEvent('page')
      await act()
      return opened
    },
    async newWindow(width = size.width, height = size.height) {
      const window = await now().browser.newContext({ viewport: { width, height } })
      windows.push(window)
      window.on('close', () => windows.splice(windows.indexOf(window), 1))
      follow(window)
      return window.newPage()
    },
    async inBackground(script) {
      const worker = await until('the service worker', async () =>
        now()
          .context.serviceWorkers()
          .find((one) => one.url().startsWith(extension)),
      )
      return worker.evaluate(script)
    },
    async stopBackground() {
      const session = await now().browser.newBrowserCDPSession()
      const find = async () => {
        const { targetInfos } = await session.send('Target.getTargets')
        return targetInfos.find(
          ({ type, url }) => type === 'service_worker' && url.startsWith(extension),
        )
      }
      const worker = await find()
      if (worker) await session.send('Target.closeTarget', { targetId: worker.targetId })
      await until('the service worker to end', async () => (await find()) === undefined)
      await session.detach()
    },
    async closePanel() {
      const { panel } = now()
      const gone = panel.waitForEvent('close')
      await panel.evaluate(() => window.close()).catch(() => {})
      await gone
    },
  }
}

interface Opened {
  readonly browser: Browser
  readonly context: BrowserContext
  readonly tab: Page
  readonly panel: Page
}

/** Chrome opens the panel only within a click: it is made in a page of the extension. */
async function clickPanelOpen(address: string, extension: string, tabUrl: string): Promise<void> {
  const browser = await chromium.connectOverCDP(address)
  // Windows of another connection stand among the tabs here: the tab is known by its address.
  const tab = browser
    .contexts()[0]
    ?.pages()
    .find((page) => page.url() === tabUrl)
  if (!tab) throw new Error('Chromium has no tab')
  await tab.goto(`${extension}/workspace.html`)
  await tab.evaluate(async () => {
    const { id = 0 } = await chrome.windows.getCurrent()
    addEventListener('click', () => void chrome.sidePanel.open({ windowId: id }), { once: true })
  })
  await tab.mouse.click(5, 5)
  const session = await browser.newBrowserCDPSession()
  await until('the side panel', async () => {
    const { targetInfos } = await session.send('Target.getTargets')
    return targetInfos.some(({ url }) => url === `${extension}/sidepanel.html`)
  })
  await browser.close()
}

function flags(gate: Server): string[] {
  const { port } = gate.address() as AddressInfo
  return [
    '--headless=new',
    '--no-sandbox',
    '--remote-debugging-port=0',
    `--window-size=${size.width},${size.height}`,
    `--disable-extensions-except=${testExtensionFolder}`,
    `--load-extension=${testExtensionFolder}`,
    // This machine is reached directly; whatever else is wanted comes to the gate.
    `--proxy-server=http://127.0.0.1:${port}`,
    '--proxy-bypass-list=localhost;127.0.0.1',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-dev-shm-usage',
    '--disable-domain-reliability',
    '--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication',
    '--disable-search-engine-choice-screen',
    '--disable-sync',
    '--lang=en-GB',
    '--metrics-recording-only',
    '--no-default-browser-check',
    '--no-first-run',
    '--password-store=basic',
    '--use-mock-keychain',
  ]
}

/** A proxy that lets nothing through and remembers who asked for what. */
async function openGate(wanted: Set<string>): Promise<Server> {
  const gate = createServer((request, response) => {
    wanted.add(URL.parse(request.url ?? '')?.hostname ?? String(request.url))
    response.writeHead(403).end()
  })
  gate.on('connect', (request, socket) => {
    wanted.add(String(request.url).replace(/:\d+$/, ''))
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
  return gate
}

async function portOf(profile: string, child: ChildProcess): Promise<string> {
  return until('Chromium’s debugging port', async () => {
    if (child.exitCode !== null) throw new Error(`Chromium ended with ${child.exitCode}`)
    const told = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')
    return told.split('\n')[0] || undefined
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.on('close', resolve))
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  child.kill()
  await gone
  clearTimeout(timer)
}

/** As Chrome reckons it from the key in the manifest. */
async function extensionId(): Promise<string> {
  const manifest = JSON.parse(
    await readFile(join(testExtensionFolder, 'manifest.json'), 'utf8'),
  ) as { key: string }
  const hash = createHash('sha256').update(Buffer.from(manifest.key, 'base64')).digest('hex')
  return hash
    .slice(0, 32)
    .replaceAll(/./g, (digit) => 'abcdefghijklmnop'[parseInt(digit, 16)] ?? '')
}

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
  readonly browser: Browser
  /** The profile that has the extension. */
  readonly context: BrowserContext
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
  let browser: Browser | undefined
  const stop = async () => {
    await browser?.close().catch(() => {})
    await ended(child)
    gate.close()
  }
  const follow = (one: BrowserContext) => {
    one.setDefaultTimeout(20_000)
    one.on('request', (request) => asked.add(request.url()))
    one.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.page()?.url()}: ${message.text()}`)
    })
    one.on('weberror', (error) => complaints.push(String(error.error())))
    one.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }
  try {
    const address = `http://127.0.0.1:${await portOf(profile, child)}`
    browser = await openPanel(address, extension)
    const [context] = browser.contexts()
    const panel = context?.pages().find((page) => page.url() === `${extension}/sidepanel.html`)
    const tab = context?.pages().find((page) => page !== panel)
    if (!context || !panel || !tab) throw new Error('the panel did not open')
    follow(context)
    await tab.goto(url)
    return {
      browser,
      context,
      tab,
      panel,
      extension,
      wantedHosts,
      asked,
      complaints,
      async newWindow(width = size.width, height = size.height) {
        const other = await panel.context().browser()?.newContext({ viewport: { width, height } })
        if (!other) throw new Error('the browser has gone')
        follow(other)
        return other.newPage()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Chrome opens the panel only within a click: it is made in a page of the extension. Playwright
 * sees the panel only on a connection that was made after it had opened: that one is given back.
 */
async function openPanel(address: string, extension: string): Promise<Browser> {
  const first = await chromium.connectOverCDP(address)
  const tab = first.contexts()[0]?.pages()[0]
  if (!tab) throw new Error('Chromium has no tab')
  await tab.goto(`${extension}/workspace.html`)
  await tab.evaluate(async () => {
    const { id = 0 } = await chrome.windows.getCurrent()
    addEventListener('click', () => void chrome.sidePanel.open({ windowId: id }), { once: true })
  })
  await tab.mouse.click(5, 5)
  await until('the side panel', async () => {
    const targets = await (await first.newBrowserCDPSession()).send('Target.getTargets')
    return targets.targetInfos.some(({ url }) => url === `${extension}/sidepanel.html`)
  })
  await first.close()
  return chromium.connectOverCDP(address)
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
  return [...hash.slice(0, 32)].map((digit) => 'abcdefghijklmnop'[parseInt(digit, 16)]).join('')
}

/** Evaluates in the extension's service worker, which is woken for it. */
export async function inBackground(desk: Desk, script: string): Promise<unknown> {
  const worker = await until('the service worker', async () =>
    desk.context.serviceWorkers().find((one) => one.url().startsWith(desk.extension)),
  )
  return worker.evaluate(script)
}

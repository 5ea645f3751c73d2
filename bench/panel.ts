// From opening the side panel's page until it stands, against an empty panel of the same tools.

import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { join } from 'node:path'

import { chromium, type BrowserContext } from 'playwright-core'

import { findBrowser } from '../scripts/browser.ts'
import { extensionFolder } from '../scripts/build.ts'
import { root, say } from '../scripts/terminal.ts'
import { compared, milliseconds, type Found } from './report.ts'
import { alternate, type Rounds } from './rounds.ts'
import { newFolder } from './workerd.ts'

const rounds = 20
const aim = { ratio: 1.5, better: 'lower' } as const

export async function panel(): Promise<Found> {
  const folder = await newFolder()
  const emptyFolder = await buildEmptyPanel(join(folder, 'empty'))
  const extensions = [extensionFolder, emptyFolder].join(',')
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: findBrowser(say),
    headless: false,
    viewport: { width: 360, height: 765 },
    args: [
      '--headless=new',
      '--no-sandbox',
      `--disable-extensions-except=${extensions}`,
      `--load-extension=${extensions}`,
    ],
  })
  try {
    const ids = await idsOf(context)
    const paints = { ours: [] as number[], bare: [] as number[] }
    const open = (id: string, painted: number[]) => async () => {
      const { mounted, paint } = await opened(context, id)
      painted.push(paint)
      return mounted
    }
    const found = await alternate(rounds, open(ids.ours, paints.ours), open(ids.empty, paints.bare))
    const painted: Rounds = { ours: paints.ours.slice(1), bare: paints.bare.slice(1) }
    return {
      figures: [
        compared('side panel: until its first content stands', found, milliseconds, aim),
        compared('side panel: first contentful paint', painted, milliseconds, aim),
      ],
      notes: [
        `Panel: ${rounds} opens of each by turns in one Chromium, 360 px wide, signed out (it asks for the address and password). ` +
          'The empty panel is WXT, Preact and nanostores with one button. Times from the start of the navigation.',
      ],
    }
  } finally {
    await context.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Opens the panel's page in a new tab and reads when it stood. */
async function opened(context: BrowserContext, id: string) {
  const page = await context.newPage()
  await page.addInitScript(watch)
  await page.goto(`chrome-extension://${id}/sidepanel.html`)
  const times = await page.waitForFunction(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint')
    const mounted = (globalThis as { mountedAt?: number }).mountedAt
    return paint && mounted !== undefined && { mounted, paint: paint.startTime }
  })
  const read = (await times.jsonValue()) as { mounted: number; paint: number }
  await page.close()
  return read
}

/** Runs in the page before its own scripts: notes when something a person can use is in it. */
function watch(): void {
  const observer = new MutationObserver(() => {
    if (!document.querySelector('#root button, #root input, #root a')) return
    observer.disconnect()
    Object.assign(globalThis, { mountedAt: performance.now() })
  })
  observer.observe(document, { childList: true, subtree: true })
}

async function idsOf(context: BrowserContext): Promise<{ ours: string; empty: string }> {
  const page = await context.newPage()
  await page.goto('chrome://extensions')
  const found = (await page.evaluate(
    'chrome.developerPrivate.getExtensionsInfo().then((all) => all.map(({ id, name }) => ({ id, name })))',
  )) as { id: string; name: string }[]
  await page.close()
  const idOf = (name: string) => {
    const one = found.find((extension) => extension.name === name)
    if (!one) throw new Error(`${name} was not loaded: ${found.map((all) => all.name).join(', ')}`)
    return one.id
  }
  return { ours: idOf('Alongside'), empty: idOf('Empty panel') }
}

const emptyPanel: Readonly<Record<string, string>> = {
  'package.json':
    '{ "name": "empty-panel", "version": "1.0.0", "private": true, "type": "module" }',
  'wxt.config.ts': `import { defineConfig } from 'wxt'
export default defineConfig({
  imports: false,
  manifest: { name: 'Empty panel', permissions: ['sidePanel'] },
  vite: () => ({
    build: { target: 'es2023', modulePreload: { polyfill: false }, sourcemap: false },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  }),
})
`,
  'entrypoints/sidepanel/index.html': `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Empty</title></head>
  <body><div id="root"></div><script type="module" src="./main.tsx"></script></body>
</html>
`,
  'entrypoints/sidepanel/main.tsx': `import { useStore } from '@nanostores/preact'
import { atom } from 'nanostores'
import { render } from 'preact'

const $count = atom(0)
function Panel() {
  return <button onClick={() => $count.set($count.get() + 1)}>Clicked {useStore($count)}</button>
}
render(<Panel />, document.querySelector('#root')!)
`,
}

/** The smallest panel of the same tools, built the same way. Gives its folder. */
async function buildEmptyPanel(folder: string): Promise<string> {
  await mkdir(join(folder, 'entrypoints/sidepanel'), { recursive: true })
  for (const [name, text] of Object.entries(emptyPanel)) await writeFile(join(folder, name), text)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const child = spawn(process.execPath, [join(root, 'node_modules/wxt/bin/wxt.mjs'), 'build'], {
    cwd: folder,
  })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (words += String(chunk)))
  }
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`the empty panel was not built:\n${words}`)
  return join(folder, '.output/chrome-mv3')
}

// How much a browser loads before it shows something, gzipped, against what we allow ourselves.

import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { extensionFolder, portalFolder } from './build.ts'
import type { Say } from './terminal.ts'

interface Budget {
  readonly title: string
  readonly kilobytes: number
  /** The first files; what they import before anything shows is found from there. */
  readonly files: () => Promise<readonly string[]>
}

const budgets: readonly Budget[] = [
  {
    title: 'side panel, first load',
    kilobytes: 60,
    files: () => scriptsOf(join(extensionFolder, 'sidepanel.html')),
  },
  {
    title: 'workspace, first load',
    kilobytes: 90,
    files: () => scriptsOf(join(portalFolder, 'index.html')),
  },
  {
    title: 'content script',
    kilobytes: 10,
    files: async () => contentScripts(),
  },
  {
    title: 'web widget',
    kilobytes: 15,
    files: async () => [join(portalFolder, 'widget.js')],
  },
]

export interface Size {
  readonly title: string
  /** What we allow ourselves, and what it is, gzipped. */
  readonly budget: number
  readonly kilobytes: number
}

/** What is built now, measured. */
export function measureSizes(): Promise<Size[]> {
  return Promise.all(
    budgets.map(async ({ title, kilobytes: budget, files }) => {
      const sizes = await Promise.all(
        (await files()).map(async (path) => gzipSync(await readFile(path)).length),
      )
      return { title, budget, kilobytes: sizes.reduce((sum, one) => sum + one, 0) / 1000 }
    }),
  )
}

/** Prints the sizes and says how many are over their budget. */
export async function checkSizes(say: Say): Promise<number> {
  const sizes = await measureSizes()
  for (const { title, budget, kilobytes } of sizes) {
    const over = kilobytes > budget ? ' — over its budget' : ''
    say(`${title}: ${kilobytes.toFixed(1)} kB of ${budget} kB gzipped${over}`)
  }
  return sizes.filter(({ budget, kilobytes }) => kilobytes > budget).length
}

/** The scripts of a page and all they import statically. Lazy imports are not loaded at first. */
async function scriptsOf(page: string): Promise<readonly string[]> {
  const html = await readFile(page, 'utf8')
  const folder = dirname(page)
  const first = [...html.matchAll(/<script[^>]+src="([^"]+)"/g)].map((found) => found[1] ?? '')
  const found = new Set<string>()
  const waiting = first.map((src) => join(folder, src))
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    const code = await readFile(next, 'utf8')
    // Bundlers write static imports at the top, in these two forms; `import(` is another thing.
    for (const one of code.matchAll(/(?:\bfrom|\bimport)\s*"(\.{0,2}\/[^"]+\.js)"/g)) {
      const path = one[1] ?? ''
      waiting.push(path.startsWith('/') ? join(folder, path) : join(dirname(next), path))
    }
  }
  return [...found]
}

async function contentScripts(): Promise<readonly string[]> {
  const manifest = JSON.parse(await readFile(join(extensionFolder, 'manifest.json'), 'utf8')) as {
    content_scripts?: { js?: string[] }[]
  }
  const declared = (manifest.content_scripts ?? []).flatMap(({ js = [] }) => js)
  // One that is injected on a click is in no manifest; it lies where the others would.
  const { glob } = await import('node:fs/promises')
  const injected: string[] = []
  for await (const file of glob('content-scripts/*.js', { cwd: extensionFolder })) {
    injected.push(file)
  }
  return [...new Set([...declared, ...injected])].map((file) => join(extensionFolder, file))
}

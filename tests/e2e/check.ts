// How the story is told: each check by its name. The first that fails ends its chapter, and leaves
// behind what was on the screens.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

import type { Page } from 'playwright-core'

import { distFolder } from '../../scripts/build.ts'
import { root } from '../../scripts/terminal.ts'

export type Check = <T>(name: string, work: () => Promise<T>) => Promise<T>

export const evidenceFolder = join(distFolder, 'e2e')
export const count = { passed: 0, failed: 0 }

const longestWaitMs = 20_000
/** Words of titles: only those chapters are played, after the first, which signs in. */
const wanted = process.argv.slice(2)

export async function forgetEvidence(): Promise<void> {
  await rm(evidenceFolder, { recursive: true, force: true })
  await mkdir(evidenceFolder, { recursive: true })
}

/** Plays a chapter. One that fails is counted once, and the others are played all the same. */
export async function chapter(
  title: string,
  pages: () => readonly Page[],
  play: (check: Check) => Promise<void>,
): Promise<void> {
  if (wanted.length > 0 && !['Sign-in', ...wanted].some((word) => title.includes(word))) return
  console.log(`\n  ${title}`)
  let under = ''
  const check: Check = async (name, work) => {
    under = name
    const began = Date.now()
    const done = await work()
    count.passed += 1
    const took = Date.now() - began
    console.log(`  ✓ ${name}${took > 2000 ? ` (${(took / 1000).toFixed(1)} s)` : ''}`)
    return done
  }
  try {
    await play(check)
  } catch (error) {
    count.failed += 1
    console.log(`  ✗ ${under}`)
    console.log(String(error instanceof Error ? (error.stack ?? error) : error))
    await keepEvidence(title, pages())
  }
}

async function keepEvidence(title: string, pages: readonly Page[]): Promise<void> {
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  for (const [index, page] of pages.entries()) {
    const file = join(evidenceFolder, `${name}-${index + 1}`)
    try {
      const text = await page.locator('body').innerText({ timeout: 3000 })
      await writeFile(`${file}.txt`, `${page.url()}\n\n${text}\n`)
      await page.screenshot({ path: `${file}.png`, timeout: 5000 })
      console.log(`    see ${relative(root, file)}.png and .txt (${page.url()})`)
    } catch (error) {
      console.log(`    no picture of ${page.url()}: ${String(error).split('\n')[0]}`)
    }
  }
}

/** Asks until there is an answer: for what comes over the network and can't be waited for. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  withinMs = longestWaitMs,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const found = await ask()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

// `npm test`: everything that must hold, the quickest first; stops at the first step that fails.
// Names of steps as arguments run only those: `npm test -- types rules`.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

import { findBrowser } from './browser.ts'
import { build } from './build.ts'
import { checkSizes } from './sizes.ts'
import { fail, root, say, seconds } from './terminal.ts'

/** How many tests a step ran; a check that is no test counts only when it fails. */
interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const none: Count = { passed: 0, failed: 0, skipped: 0 }

interface Step {
  readonly title: string
  /** Absent file: the step is not there yet. */
  readonly needs?: string
  run(): Promise<Count>
}

const bin = join(root, 'node_modules/.bin')
/** Where there is a disk in memory, objects of tests live on it: each new one costs several syncs. */
const memory: Record<string, string> = existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {}
const typed = [
  'worker',
  'extension',
  'widget',
  'playground',
  'scripts',
  'tests',
  'tests/e2e',
  'bench',
  'bench/workers',
]

const steps: Record<string, Step> = {
  format: { title: 'format', run: () => tool('oxfmt', '--check') },
  lint: { title: 'lint', run: () => tool('oxlint') },
  types: { title: 'types', run: checkTypes },
  unused: { title: 'nothing unused', run: () => tool('knip') },
  rules: { title: 'rules', run: () => vitest('rules') },
  rooms: { title: 'rooms, in workerd', run: () => vitest('rooms') },
  build: { title: 'build and sizes', run: buildAndMeasure },
  journeys: { title: 'journeys, in workerd', run: () => vitest('journeys') },
  deploy: {
    title: 'wrangler deploy --dry-run',
    run: () => tool('wrangler', 'deploy', '--dry-run', '--outdir', 'dist/deploy'),
  },
  e2e: {
    title: 'the story in Chromium',
    needs: 'tests/e2e/run.ts',
    run: () => script('tests/e2e/run.ts', { CHROMIUM: findBrowser(say) }),
  },
  crash: {
    title: 'kill -9 under load',
    needs: 'tests/crash/run.ts',
    run: () => script('tests/crash/run.ts', {}),
  },
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in steps))
if (unknown) fail(new Error(`There is no step «${unknown}»: ${Object.keys(steps).join(', ')}`))
const began = Date.now()
let passed = 0
let skipped = 0

for (const [name, step] of Object.entries(steps)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  if (step.needs && !existsSync(join(root, step.needs))) continue
  console.log(`\n▸ ${step.title}`)
  const start = Date.now()
  const count = await step.run().catch((error: unknown): Count => {
    console.error(error instanceof Error ? error.message : error)
    return { ...none, failed: 1 }
  })
  passed += count.passed
  skipped += count.skipped
  console.log(`${count.failed > 0 ? '✗' : '✓'} ${step.title} in ${seconds(start)}`)
  if (count.failed > 0) close(count.failed)
}
close(0)

/** The last line in the form that CI reads. */
function close(failed: number): never {
  console.log(`\n${failed > 0 ? '✗ stopped' : '✓ all'} after ${seconds(began)}\n`)
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  process.exit(failed > 0 ? 1 : 0)
}

async function tool(name: string, ...args: string[]): Promise<Count> {
  const { code } = await run(join(bin, name), args)
  return { ...none, failed: code === 0 ? 0 : 1 }
}

async function checkTypes(): Promise<Count> {
  let failed = 0
  for (const folder of typed) {
    const project = join(folder, 'tsconfig.json')
    if (!existsSync(join(root, project))) continue
    failed += (await tool('tsc', '-p', project)).failed
  }
  return { ...none, failed }
}

async function vitest(project: string): Promise<Count> {
  const report = join(root, `dist/vitest-${project}.json`)
  await rm(report, { force: true })
  const { code } = await run(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--project=${project}`,
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    memory,
  )
  if (!existsSync(report)) return { ...none, failed: code === 0 ? 0 : 1 }
  const told = JSON.parse(await readFile(report, 'utf8')) as Record<string, number>
  const failed = told['numFailedTests'] ?? 0
  return {
    passed: told['numPassedTests'] ?? 0,
    skipped: (told['numPendingTests'] ?? 0) + (told['numTodoTests'] ?? 0),
    // A file that does not load, or an error outside every test, fails no test and yet the run.
    failed: code === 0 ? failed : Math.max(failed, 1),
  }
}

async function buildAndMeasure(): Promise<Count> {
  await build(say)
  const tooLarge = await checkSizes(say)
  return { ...none, failed: tooLarge }
}

/** A script of tests: its last line says how many, as this one's does. */
async function script(file: string, env: Record<string, string>): Promise<Count> {
  const { code, words } = await run(process.execPath, [join(root, file)], env)
  const told = [...words.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1)
  const failed = Number(told?.[2] ?? 0)
  return {
    passed: Number(told?.[1] ?? 0),
    skipped: Number(told?.[3] ?? 0),
    failed: code === 0 ? failed : Math.max(failed, 1),
  }
}

/** Runs a program, its words shown as they come and kept. */
async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; words: string }> {
  const child = spawn(program, args, {
    cwd: root,
    env: {
      ...process.env,
      ...env,
      // The tools' own first line asks for `node`: it is ours, whoever started this.
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      CI: 'true',
      WRANGLER_SEND_METRICS: 'false',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let words = ''
  child.stdout.on('data', (chunk: Buffer) => {
    words += String(chunk)
    process.stdout.write(chunk)
  })
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  return { code, words }
}

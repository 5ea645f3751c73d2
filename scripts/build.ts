// Builds what runs: the worker, the portal, the extension, the widget and the Playground. What has
// not changed since the last build is left alone.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { delimiter, join, relative, resolve } from 'node:path'

import { build as bundle, type Plugin } from 'esbuild'

import { root, seconds, type Say } from './terminal.ts'

/** Where everything is built to. Runs that go on side by side each need a folder of their own. */
export const distFolder = resolve(root, process.env['ALONGSIDE_DIST'] ?? 'dist')
/** The extension, unpacked, as a browser loads it: built for one worker's address. */
export const extensionFolder = join(root, '.output/chrome-mv3')
/** The same for the tests, whose product runs on another port. */
export const testExtensionFolder = join(distFolder, 'extension/chrome-mv3')
export const portalFolder = join(distFolder, 'portal')
export const workerFile = join(distFolder, 'worker/index.js')
/** What was built from which inputs. */
const defaultUrl = 'http://localhost:8787'
const stampFile = join(distFolder, 'built.json')
const bin = join(root, 'node_modules/.bin')

interface Target {
  /** Folders and files it is made of, besides the lockfile and this script. */
  readonly from: readonly string[]
  /** A file that is there once it is built. */
  readonly gives: string
  build(url: string): Promise<void>
}

const targets = {
  worker: { from: ['worker', 'shared', 'wrangler.toml'], gives: workerFile, build: buildWorker },
  widget: {
    from: ['widget'],
    gives: join(distFolder, 'widget/widget.js'),
    build: buildWidget,
  },
  playground: {
    from: ['playground', 'widget/dom.ts', 'extension/ui/tokens.css'],
    gives: join(distFolder, 'playground/playground.html'),
    build: buildPlayground,
  },
  portal: {
    from: ['extension', 'shared'],
    gives: join(portalFolder, 'index.html'),
    build: () =>
      run('vite', [
        'build',
        '-c',
        'extension/portal/vite.config.ts',
        '--outDir',
        portalFolder,
        '--logLevel',
        'warn',
      ]),
  },
  extension: {
    from: ['extension', 'shared', 'wxt.config.ts'],
    gives: join(extensionFolder, 'manifest.json'),
    build: (url) => buildExtension(url, '.output'),
  },
  'test-extension': {
    from: ['extension', 'shared', 'wxt.config.ts'],
    gives: join(testExtensionFolder, 'manifest.json'),
    build: (url) => buildExtension(url, join(distFolder, 'extension')),
  },
} as const satisfies Record<string, Target>
export type TargetName = keyof typeof targets
/** What the product is made of. */
export const productTargets = [
  'worker',
  'widget',
  'playground',
  'portal',
  'extension',
] as const satisfies readonly TargetName[]

/** Builds the targets whose inputs have changed. Throws with the tool's own words when one fails. */
export async function build(
  say: Say,
  names: readonly TargetName[] = productTargets,
  url = defaultUrl,
): Promise<void> {
  const built = await readStamps()
  const work = names.map(async (name) => {
    const target: Target = targets[name]
    const hash = await hashOf(target.from, name.endsWith('extension') ? url : '')
    if (built[name] === hash && (await exists(target.gives))) return
    const began = Date.now()
    await target.build(url)
    built[name] = hash
    say(`built the ${name} in ${seconds(began)}`)
  })
  // All of them end before the first failure is told: none writes on while the process stops.
  const ended = await Promise.allSettled(work)
  await mkdir(distFolder, { recursive: true })
  await writeFile(stampFile, JSON.stringify(built, undefined, 2))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  await mkdir(portalFolder, { recursive: true })
  // The portal's build empties its folder; these two live beside it and are laid in after.
  for (const name of ['widget', 'playground']) {
    const folder = join(distFolder, name)
    if (await exists(folder)) await cp(folder, portalFolder, { recursive: true })
  }
  await writeHeaders()
}

/** One file of headers for the assets: the portal's, and the Playground's where they differ. */
async function writeHeaders(): Promise<void> {
  const parts = ['extension/portal/public/_headers', 'playground/_headers']
  const texts = await Promise.all(parts.map((part) => readFile(join(root, part), 'utf8')))
  await writeFile(join(portalFolder, '_headers'), texts.join('\n'))
}

/** The same bundle `wrangler deploy` makes: one ES module for workerd, lazy imports inside it. */
async function buildWorker(): Promise<void> {
  const { metafile } = await bundle({
    entryPoints: [join(root, 'worker/index.ts')],
    outfile: workerFile,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    plugins: [nodeBuiltins],
    define: { 'process.env.NODE_ENV': '"production"' },
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'silent',
  })
  await writeFile(join(distFolder, 'worker/meta.json'), JSON.stringify(metafile))
}

/** Packages say `crypto` where workerd says `node:crypto`. */
const nodeBuiltins: Plugin = {
  name: 'node-builtins',
  setup(esbuild) {
    const names = builtinModules.filter((name) => !name.startsWith('_') && !name.includes(':'))
    const filter = new RegExp(`^(${names.join('|')})$`)
    esbuild.onResolve({ filter }, ({ path }) => ({ path: `node:${path}`, external: true }))
  },
}

async function buildWidget(): Promise<void> {
  await bundle({
    entryPoints: [join(root, 'widget/widget.ts')],
    outfile: join(distFolder, 'widget/widget.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome110', 'firefox110', 'safari16.4'],
    logLevel: 'silent',
  })
}

async function buildPlayground(): Promise<void> {
  const folder = join(distFolder, 'playground')
  await bundle({
    entryPoints: ['playground.ts', 'playground-site.ts', 'playground.css'].map((name) =>
      join(root, 'playground', name),
    ),
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    logLevel: 'silent',
  })
  for (const name of ['playground.html', 'playground-site.html']) {
    await cp(join(root, 'playground', name), join(folder, name))
  }
}

function buildExtension(url: string, folder: string): Promise<void> {
  return run('wxt', ['build'], { ALONGSIDE_URL: url, ALONGSIDE_OUT: folder })
}

/** Runs a tool of node_modules and keeps its words for when it fails. */
async function run(
  tool: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(join(bin, tool), args, {
    cwd: root,
    // Tools ask for a Node of their own choice; here it is ours.
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}`, ...env },
  })
  let words = ''
  child.stdout.on('data', (chunk) => (words += String(chunk)))
  child.stderr.on('data', (chunk) => (words += String(chunk)))
  const code = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  )
  if (code !== 0) throw new Error(`${tool} ${args.join(' ')} failed:\n${words}`)
}

async function hashOf(inputs: readonly string[], url: string): Promise<string> {
  const hash = createHash('sha256').update(url)
  for (const input of ['package-lock.json', 'scripts/build.ts', 'tsconfig.base.json', ...inputs]) {
    for (const file of await filesUnder(join(root, input))) {
      hash.update(`${relative(root, file)}\n`).update(await readFile(file))
    }
  }
  return hash.digest('hex')
}

async function filesUnder(path: string): Promise<string[]> {
  if (!(await exists(path))) return []
  if ((await stat(path)).isFile()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](\.wxt|\.output|dist|node_modules)[\\/]/.test(relative(root, file)))
    .sort()
}

async function readStamps(): Promise<Partial<Record<TargetName, string>>> {
  try {
    return JSON.parse(await readFile(stampFile, 'utf8'))
  } catch {
    return {}
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

if (import.meta.main) {
  const { say, fail } = await import('./terminal.ts')
  const named = process.argv.slice(2).filter((name): name is TargetName => name in targets)
  const fresh = process.argv.includes('--fresh')
  if (fresh) await rm(stampFile, { force: true })
  await build(say, named.length > 0 ? named : productTargets, process.env['ALONGSIDE_URL']).catch(
    fail,
  )
  say('everything is built')
}

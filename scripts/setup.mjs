// Makes a bare clone able to run: installs what the lockfile names when it is not there, then hands
// over to the project's own Node. Plain JavaScript, for whatever Node the machine has.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const lockfile = join(root, 'package-lock.json')
/** Which lockfile the installed packages are of. */
const stamp = join(modules, '.installed-lockfile')

const oldestMajor = 20
if (Number(process.versions.node.split('.')[0]) < oldestMajor) {
  fail(
    `Node ${oldestMajor} or newer is needed; this is ${process.version}. Install a newer Node and try again.`,
  )
}
if (!isInstalled()) install()
handOver(process.argv.slice(2))

function isInstalled() {
  const hidden = join(modules, '.package-lock.json')
  if (!existsSync(hidden) || !existsSync(ownNode())) return false
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true
  // Somebody ran npm by hand: what it installed is newer than the lockfile it wrote, or just as old.
  return statSync(hidden).mtimeMs >= statSync(lockfile).mtimeMs - 5000
}

function install() {
  const began = Date.now()
  say('installing dependencies, about a minute …')
  const waiting = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  let { status, words } = npm('ci', ...waiting)
  if (status !== 0 && words.includes('from lock file')) {
    // Where a registry has the packages of some systems only, `npm ci` wants the others in the
    // lockfile all the same. This takes the versions of the lockfile too, and leaves it as it is.
    ;({ status, words } = npm('install', '--no-save', ...waiting))
  }
  if (status !== 0) {
    console.error(words)
    fail('npm could not install the dependencies; its words are above. Mend that and run it again.')
  }
  if (!existsSync(ownNode())) {
    fail(
      "The package `node` was installed without its program: its install script did not run. Check npm's ignore-scripts setting, remove node_modules and try again.",
    )
  }
  writeFileSync(stamp, lockHash())
  say(`dependencies installed in ${Math.round((Date.now() - began) / 1000)} s`)
}

/** Runs npm and keeps what it complains of. */
function npm(...args) {
  // Inside `npm start` this is the npm that runs it; by itself a script has the one in the PATH.
  const own = process.env.npm_execpath
  const stdio = ['ignore', 'inherit', 'pipe']
  const { status, error, stderr } = own?.endsWith('.js')
    ? spawnSync(process.execPath, [own, ...args], { cwd: root, stdio })
    : spawnSync('npm', args, { cwd: root, stdio, shell: process.platform === 'win32' })
  if (error) fail(`npm could not be started: ${error.message}. Is npm installed?`)
  return { status, words: String(stderr) }
}

/** Runs a script with the Node the project pins, and ends as it ends. */
function handOver(args) {
  if (args.length === 0) return
  const bin = join(modules, '.bin')
  const child = spawn(ownNode(), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  // npm passes a signal to the shell between us and no further: an orphan ends what it began.
  const parent = process.ppid
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref()
  child.on('exit', (code, signal) => {
    process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 130 : 1))
  })
}

function ownNode() {
  return join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

function lockHash() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex')
}

function say(text) {
  console.log(`· ${text}`)
}

function fail(text) {
  console.error(`✗ ${text}`)
  process.exit(1)
}

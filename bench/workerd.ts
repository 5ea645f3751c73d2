// Raw workerd: a configuration of our own, state on a memory disk, nothing in between.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { build as bundle } from 'esbuild'

import { root } from '../scripts/terminal.ts'

export interface Module {
  readonly name: string
  readonly code: string
}

/** A worker as workerd is told of it. The first module is the entry. */
export interface Service {
  readonly name: string
  readonly modules: readonly Module[]
  /** Bindings as the configuration writes them: `(name = "DB", ...)`. */
  readonly bindings?: readonly string[]
  /** Its objects, all with SQLite. */
  readonly objects?: readonly string[]
  readonly date?: string
  readonly flags?: readonly string[]
}

export interface Running {
  /** The address of each socket by its service. */
  url(service: string): string
  /** Processor time spent so far, in milliseconds; nothing where the system does not tell. */
  cpuMs(): number | undefined
  readonly pid: number
  /** What it has complained of. */
  complaints(): string
  /** Ends the process; its files stay until `remove`. */
  stop(): Promise<void>
  remove(): Promise<void>
  readonly stateDir: string
}

interface Plan {
  readonly services: readonly Service[]
  /** Services that can be asked from outside. */
  readonly doors: readonly string[]
  /** Modules that stand-ins of another house import by name. */
  readonly extensions?: readonly Module[]
  /** Where its files are, with the state of an earlier run; a new folder without. */
  readonly folder?: string
}

/** Runs workerd and waits until every door is open. */
export async function runWorkerd(plan: Plan): Promise<Running> {
  const folder = plan.folder ?? (await newFolder())
  const stateDir = join(folder, 'state')
  await mkdir(stateDir, { recursive: true })
  await writeFile(join(folder, 'config.capnp'), await configOf(plan, folder))
  // Beta interfaces are allowed for the stand-ins; the product's own worker uses none.
  const args = ['serve', '--experimental', '--control-fd=3', join(folder, 'config.capnp')]
  const child = spawn(join(root, 'node_modules/workerd/bin/workerd'), args, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr?.on('data', (chunk) => (complaints += String(chunk)))
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const ports = await new Promise<Map<string, number>>((resolve, reject) => {
    const open = new Map<string, number>()
    child.on('close', () => reject(new Error(`workerd ended:\n${complaints}`)))
    child.stdio[3]?.on('data', (chunk) => {
      const told = String(chunk).matchAll(/"socket":"([^"]+)","port":(\d+)/g)
      for (const [, name = '', port] of told) open.set(name, Number(port))
      if (open.size === plan.doors.length) resolve(open)
    })
  })
  return {
    stateDir,
    url(service) {
      const port = ports.get(service)
      if (port === undefined) throw new Error(`no door to ${service}`)
      return `http://127.0.0.1:${port}`
    },
    cpuMs: () => cpuOf(child.pid ?? 0),
    pid: child.pid ?? 0,
    complaints: () => complaints,
    async stop() {
      child.kill('SIGKILL')
      await closed
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A folder on the memory disk, where there is one. */
export async function newFolder(): Promise<string> {
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  return mkdtemp(join(place, 'alongside-bench-'))
}

/** A worker of this folder, bundled the way the product's is. */
export async function bundled(name: string): Promise<Module> {
  const { outputFiles } = await bundle({
    entryPoints: [join(root, 'bench/workers', `${name}.ts`)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', './index.js'],
    logLevel: 'silent',
  })
  return { name: `${name}.js`, code: outputFiles[0]?.text ?? '' }
}

async function configOf({ services, doors, extensions = [] }: Plan, folder: string) {
  let files = 0
  async function embed({ name, code }: Module): Promise<string> {
    const file = `module-${(files += 1)}.js`
    await writeFile(join(folder, file), code)
    return `(name = "${name}", esModule = embed "${file}")`
  }
  const all = async (modules: readonly Module[]) =>
    (await Promise.all(modules.map(embed))).join(', ')
  const serviceOf = async (one: Service) => `(name = "${one.name}", worker = (
      modules = [${await all(one.modules)}],
      compatibilityDate = "${one.date ?? '2026-11-01'}",
      compatibilityFlags = [${(one.flags ?? []).map((flag) => `"${flag}"`).join(', ')}],
      bindings = [${(one.bindings ?? []).join(',\n        ')}],
      durableObjectNamespaces = [${(one.objects ?? []).map((name) => objectOf(one.name, name)).join(', ')}],
      durableObjectStorage = (localDisk = "state")
    ))`
  const sockets = doors.map(
    (name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "state", disk = (path = "${join(folder, 'state')}", writable = true)),
    ${(await Promise.all(services.map(serviceOf))).join(',\n    ')}
  ],
  sockets = [${sockets.join(', ')}],
  extensions = [(modules = [${await all(extensions)}])]
);
`
}

function objectOf(service: string, className: string): string {
  return `(className = "${className}", uniqueKey = "${service}-${className}", enableSql = true)`
}

/** Linux tells each thread's time on a processor, in nanoseconds. */
function cpuOf(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const times = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    )
    return times.reduce((sum, time) => sum + time, 0) / 1e6
  } catch {
    return undefined
  }
}

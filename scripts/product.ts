// The whole product on this machine: the built worker on workerd with its state in a folder, and
// the provider sandbox beside it. `npm start` and the tests run it through this one door.

import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, Response } from 'miniflare'
import { unstable_getMiniflareWorkerOptions as readBindings } from 'wrangler'

import { createSandbox, type Sandbox } from '../sandbox/app.ts'
import { extensionFolder, portalFolder, workerFile } from './build.ts'
import { openPhones } from './phones-state.ts'
import { seed, wasInterrupted, type Demo } from './seed.ts'
import { root, Trouble, type Say } from './terminal.ts'

export interface ProductOptions {
  /** 0 takes any free one. */
  readonly port?: number
  readonly stateDir: string
  /** The unpacked extension that goes with it, for `demo.json`. */
  readonly extension?: string
  /** Forget what the state folder holds. */
  readonly fresh?: boolean
  /** Fill an empty product with the demo tenant. */
  readonly seed?: boolean
  readonly log?: Say
  /** What the worker prints: its reports of bugs. To the terminal unless given. */
  readonly heard?: (line: string) => void
  /** The providers; new ones unless given. Tests give their own, to look in or to outlive a stop. */
  readonly sandbox?: Sandbox
  /** An ES module in front of the worker, which it imports as `./index.js`: tests stand there. */
  readonly front?: string
}

export interface Product {
  readonly url: string
  readonly sandbox: Sandbox
  readonly miniflare: Miniflare
  /** What was seeded, if anything was. */
  readonly demo: Demo | undefined
  stop(): Promise<void>
}

/** Runs what was built (`build()` first). State survives `stop` and is taken up by the next run. */
export async function runProduct(options: ProductOptions): Promise<Product> {
  const { stateDir, fresh = false, log = () => {} } = options
  const folder = resolve(stateDir)
  const isHalf = options.seed === true && (await wasInterrupted(folder))
  if (isHalf) log('the last start was interrupted while it made the demo: beginning anew')
  const port = await freePort(options.port ?? 0)
  await lock(folder)
  if (fresh || isHalf) await rm(folder, { recursive: true, force: true })
  await lock(folder)
  const url = `http://localhost:${port}`

  const phones = await openPhones(folder)
  const sandbox = options.sandbox ?? createSandbox({ store: phones.store })
  const miniflare = new Miniflare(await optionsOf({ ...options, folder, port, url, sandbox }))
  const stop = async () => {
    await miniflare.dispose()
    await phones.close()
    await rm(lockOf(folder), { force: true })
  }
  try {
    await miniflare.ready
    await migrate(miniflare, log)
    const demo = options.seed
      ? await seed({
          url,
          extension: options.extension ?? extensionFolder,
          stateDir: folder,
          say: log,
        })
      : undefined
    return { url, sandbox, miniflare, demo, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly url: string
  readonly sandbox: Sandbox
  readonly heard?: (line: string) => void
  readonly front?: string
}

/** Bindings come from wrangler.toml, so that what runs here is what is deployed. */
async function optionsOf(place: Place) {
  const { folder, port, url, sandbox, heard = console.error } = place
  const { workerOptions } = await quietly(() => readBindings(join(root, 'wrangler.toml')))
  const { ai: _remote, rootPath: _root, ...rest } = workerOptions
  // Safe: both are what wrangler.toml's tables of these names become; the type says unknown.
  const { assets, bindings } = workerOptions as {
    assets: { directory: string }
    bindings: Record<string, string>
  }
  return convertV4MiniflareOptions({
    ...rest,
    name: 'alongside',
    host: '127.0.0.1',
    port,
    publicUrl: url,
    cf: false,
    log: new Log(LogLevel.ERROR),
    logRequests: false,
    telemetry: { enabled: false },
    resourcePersistencePath: folder,
    handleStructuredLogs: ({ level, message }) => {
      if (level === 'error' || level === 'warn') heard(message)
    },
    modules: await modulesOf(place),
    modulesRoot: dirname(workerFile),
    bindings: { ...bindings, PUBLIC_URL: url, SECRET_KEY: await secretKey(folder) },
    assets: { ...assets, directory: portalFolder },
    serviceBindings: {
      SANDBOX: async (request) => {
        const answer = await sandbox.fetch(await plainRequest(request))
        // An answer without a body must be made without one.
        return new Response(answer.body && (await answer.arrayBuffer()), {
          status: answer.status,
          headers: [...answer.headers],
        })
      },
    },
  })
}

/** The first is the one that is called. */
async function modulesOf({ front }: Place) {
  const worker = { path: workerFile, contents: await readFile(workerFile, 'utf8') }
  const files = front ? [{ path: join(dirname(workerFile), 'front.js'), contents: front }] : []
  return [...files, worker].map((file) => ({ type: 'ESModule' as const, ...file }))
}

/** Miniflare's requests are of its own undici; the sandbox speaks to Node's. */
async function plainRequest(request: {
  readonly url: string
  readonly method: string
  readonly headers: Iterable<[string, string]>
  arrayBuffer(): Promise<ArrayBuffer>
}): Promise<Request> {
  const body = /^(GET|HEAD)$/.test(request.method) ? {} : { body: await request.arrayBuffer() }
  return new globalThis.Request(request.url, {
    method: request.method,
    headers: [...request.headers],
    ...body,
  })
}

/** The key that credentials are encrypted with: made once, kept with the state it opens. */
async function secretKey(folder: string): Promise<string> {
  const file = join(folder, 'secret-key')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch {
    const key = randomBytes(32).toString('base64')
    await writeFile(file, `${key}\n`, { mode: 0o600 })
    return key
  }
}

/** Applies the migrations that have not been, in order, as `wrangler d1 migrations apply` does. */
async function migrate(miniflare: Miniflare, log: Say): Promise<void> {
  const db = await miniflare.getD1Database('DB')
  await db
    .prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    )
    .run()
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
  const applied = new Set(results.map(({ name }) => name))
  const folder = join(root, 'migrations')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  for (const name of files) {
    if (applied.has(name)) continue
    const sql = await readFile(join(folder, name), 'utf8')
    const statements = sql
      .split('--> statement-breakpoint')
      .map((statement) => statement.trim())
      .filter(Boolean)
    // One batch is one transaction: a migration is applied whole and noted, or not at all.
    await db.batch([
      ...statements.map((statement) => db.prepare(statement)),
      db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ])
    log(`applied the migration ${name}`)
  }
}

function lockOf(folder: string): string {
  return join(folder, 'running')
}

/** One product at a time has a state folder: two would write over each other's databases. */
async function lock(folder: string): Promise<void> {
  const file = lockOf(folder)
  const pid = Number(await readFile(file, 'utf8').catch(() => 0))
  if (pid > 0 && pid !== process.pid && isAlive(pid)) {
    throw new Trouble(`The product runs already, on this state (${folder}), as process ${pid}.`)
  }
  await mkdir(folder, { recursive: true })
  await writeFile(file, String(process.pid))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The port, if it is free; any free one for 0. Throws `Trouble` when it is taken. */
export async function freePort(port: number): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(
        taken
          ? new Trouble(
              `Port ${port} is taken. Stop what listens there, or choose another: PORT=8788 npm start`,
            )
          : error.code === 'EACCES'
            ? new Trouble(`Port ${port} may not be used by you. Choose one above 1024.`)
            : error,
      )
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const found = typeof address === 'object' && address ? address.port : port
      server.close(() => resolve(found))
    })
  })
}

/** Reading the configuration warns of Workers AI, which is not bound here. */
async function quietly<T>(work: () => T): Promise<T> {
  const { warn } = console
  console.warn = () => {}
  try {
    return work()
  } finally {
    console.warn = warn
  }
}

// The product on raw workerd with a tenant of any size: one door to it, one to it with D1's rows
// counted, one to a bare route on the same database, and one to the database itself.

import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { workerFile } from '../../scripts/build.ts'
import { apiAt } from '../../scripts/seed/api.ts'
import { root } from '../../scripts/terminal.ts'
import { d1Services, migrations, ofMiniflare } from '../d1.ts'
import { bundled, runWorkerd, type Module, type Running, type Service } from '../workerd.ts'

/** What is known of a tenant that was filled before: written beside its state. */
export interface Filled {
  readonly tenantId: string
  readonly token: string
  readonly size: number
  /** What the tables and the people were made of. */
  readonly made: string
  /** Rows a look-up read when there were a thousand. */
  readonly rowsAmongFew: number
  /** Customers made in a second. */
  readonly rate: number
}

export interface House {
  readonly running: Running
  readonly tenantId: string
  readonly token: string
  /** Asks the product. */
  get(path: string, stopped?: AbortController): Promise<Response>
  /** Asks it, and gives the rows D1 has read for it. The first asking warms what is kept in memory. */
  rowsRead(path: string): Promise<number>
  /** Asks the database itself. */
  sql<Row>(text: string, ...params: unknown[]): Promise<Row[]>
  /** The memory of the process, in MB. */
  memoryMb(): Promise<number>
  /** Ends the process. Its files stay. */
  close(): Promise<void>
}

/** Opens the product on the state in a folder: a tenant founded now, or the one that is there. */
export async function openHouse(
  folder: string,
  known?: Pick<Filled, 'tenantId' | 'token'>,
): Promise<House> {
  const index: Module = { name: 'index.js', code: await readFile(workerFile, 'utf8') }
  const running = await runWorkerd({
    folder,
    services: [
      product('main', index, 'd1'),
      product('counted', index, 'd1-counter'),
      { name: 'point', modules: [await bundled('point')], bindings: [database('d1')] },
      {
        name: 'd1-counter',
        modules: [await bundled('d1-counter')],
        bindings: ['(name = "D1", service = "d1")'],
      },
      ...(await d1Services()),
    ],
    doors: ['main', 'counted', 'point', 'd1', 'd1-counter'],
    extensions: [
      await ofMiniflare('miniflare:shared', 'shared/index.worker.js'),
      await ofMiniflare('miniflare:zod', 'shared/zod.worker.js'),
    ],
  })
  const sql = async <Row>(text: string, ...params: unknown[]): Promise<Row[]> => {
    const [answer] = await statements(running, [{ sql: text, params }])
    // Safe: the caller names the columns of its own statement.
    return answer as Row[]
  }
  try {
    const { token, tenantId } = known ?? (await filledIn(folder)) ?? (await founded(running, sql))
    return { running, tenantId, token, sql, ...doorsOf(running, token) }
  } catch (error) {
    await running.stop()
    throw error
  }
}

function doorsOf(running: Running, token: string) {
  const headers = { Authorization: `Bearer ${token}` }
  const ask = (door: string, path: string, stopped = new AbortController()) =>
    fetch(`${running.url(door)}${path}`, { headers, signal: stopped.signal })
  const counter = async () => {
    const answer = await fetch(`${running.url('d1-counter')}/counted`)
    return ((await answer.json()) as { read: number }).read
  }
  return {
    get: (path: string, stopped?: AbortController) => ask('main', path, stopped),
    async rowsRead(path: string) {
      for (const _ of [1, 2]) {
        await counter()
        const answer = await ask('counted', path)
        if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
        await answer.arrayBuffer()
      }
      return counter()
    },
    memoryMb: () => ownMemoryMb(running.pid),
    close: () => running.stop(),
  }
}

const noteOf = (folder: string) => join(folder, 'house.json')

/** The tenant a folder holds, if it was filled to the end and by what would fill it today. */
export async function filledIn(folder: string): Promise<Filled | undefined> {
  const text = await readFile(noteOf(folder), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // Safe: written below, and only there.
  const filled = JSON.parse(text) as Filled
  return filled.made === (await madeOf()) ? filled : undefined
}

export async function noteFilled(folder: string, about: Omit<Filled, 'made'>): Promise<Filled> {
  const filled = { ...about, made: await madeOf() }
  await writeFile(noteOf(folder), JSON.stringify(filled))
  return filled
}

/** Names what people and tables are made of: other ones are made when it changes. */
async function madeOf(): Promise<string> {
  const hash = createHash('sha256')
  for (const place of ['migrations', 'scripts/generate']) {
    const names = (await readdir(join(root, place))).filter((name) => /\.(sql|ts)$/.test(name))
    for (const name of names.sort()) hash.update(await readFile(join(root, place, name)))
  }
  return hash.digest('hex')
}

/** The memory of the running workerd, in MB. */
export async function memoryMb(): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  const all = children.trim().split(' ').map(Number)
  return Math.max(0, ...(await Promise.all(all.map(ownMemoryMb))))
}

/** What lies in files on the memory disk is not its own. */
async function ownMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

async function statements(
  running: Running,
  list: readonly { readonly sql: string; readonly params?: readonly unknown[] }[],
): Promise<unknown[][]> {
  const answer = await fetch(`${running.url('d1')}/query`, {
    method: 'POST',
    body: JSON.stringify(list),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text.slice(0, 500))
  const results = JSON.parse(text) as { readonly results?: unknown[] }[]
  return results.map(({ results: rows = [] }) => rows)
}

function product(name: string, index: Module, d1: string): Service {
  return {
    name,
    modules: [index],
    objects: ['ThreadObject', 'InboxObject', 'SessionObject'],
    bindings: [
      ...[
        ['THREAD', 'ThreadObject'],
        ['SESSION', 'SessionObject'],
        ['INBOX', 'InboxObject'],
      ].map(
        ([binding, className]) =>
          `(name = "${binding}", durableObjectNamespace = (className = "${className}", serviceName = "${name}"))`,
      ),
      database(d1),
      '(name = "PUBLIC_URL", text = "https://bench.example")',
      `(name = "SECRET_KEY", text = "${randomBytes(32).toString('base64')}")`,
    ],
  }
}

function database(service: string): string {
  return `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "${service}")]))`
}

async function migrate(running: Running): Promise<void> {
  for (const { statements: all } of await migrations()) {
    await statements(
      running,
      all.map((sql) => ({ sql })),
    )
  }
}

async function founded(running: Running, sql: House['sql']) {
  await migrate(running)
  const { token } = await apiAt(running.url('main'))('POST /api/sign-up', {
    body: {
      name: 'Ada Berg',
      email: 'ada@bench.example',
      password: randomBytes(12).toString('hex'),
      company: 'Bench',
      timeZone: 'UTC',
    },
  })
  const [tenant] = await sql<{ id: string }>('select id from tenant')
  if (!tenant) throw new Error('no tenant')
  return { token, tenantId: tenant.id }
}

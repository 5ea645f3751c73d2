// The product on raw workerd with a tenant of any size: one door to it, one to it with D1's rows
// counted, one to a bare route on the same database, and one to the database itself.

import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { workerFile } from '../../scripts/build.ts'
import { fieldStatement, peopleStatements } from '../../scripts/generate/rows.ts'
import { apiAt } from '../../scripts/seed/api.ts'
import { root } from '../../scripts/terminal.ts'
import { bundled, runWorkerd, type Module, type Running, type Service } from '../workerd.ts'

export interface House {
  readonly running: Running
  readonly tenantId: string
  readonly token: string
  /** Asks the product. */
  get(path: string): Promise<Response>
  /** Asks it, and gives the rows D1 has read for it. The first asking warms what is kept in memory. */
  rowsRead(path: string): Promise<number>
  /** Asks the database itself. */
  sql<Row>(text: string, ...params: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

/** People in one statement. */
const chunk = 25_000

export async function openHouse(): Promise<House> {
  const index: Module = { name: 'index.js', code: await readFile(workerFile, 'utf8') }
  const running = await runWorkerd({
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
  await migrate(running)
  const { token, tenantId } = await found(running, sql)
  const ask = (door: string, path: string) =>
    fetch(`${running.url(door)}${path}`, { headers: { Authorization: `Bearer ${token}` } })
  const counter = async () => {
    const answer = await fetch(`${running.url('d1-counter')}/counted`)
    return ((await answer.json()) as { read: number }).read
  }
  return {
    running,
    tenantId,
    token,
    sql,
    get: (path) => ask('main', path),
    async rowsRead(path) {
      for (const _ of [1, 2]) {
        await counter()
        const answer = await ask('counted', path)
        if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
        await answer.arrayBuffer()
      }
      return counter()
    },
    async close() {
      await running.stop()
      await running.remove()
    },
  }
}

/** Fills the tenant up to so many customers. Gives how long it took, in ms. */
export async function fill(
  { running, tenantId }: House,
  {
    from,
    to,
    told,
  }: { readonly from: number; readonly to: number; readonly told: (done: number) => void },
): Promise<number> {
  const began = performance.now()
  await statements(running, [fieldStatement(tenantId)])
  for (let at = from; at < to; at += chunk) {
    const end = Math.min(to, at + chunk)
    await statements(running, peopleStatements(tenantId, { from: at, to: end, seed: 1 }))
    told(end)
  }
  return performance.now() - began
}

/** The memory of the running workerd, in MB. */
export async function memoryMb(): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  let most = 0
  for (const pid of children.trim().split(' ')) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    // What lies in files on the memory disk is not its own.
    const own = /RssAnon:\s+(\d+)/.exec(status)?.[1]
    most = Math.max(most, Number(own ?? 0) / 1024)
  }
  return most
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

/** Miniflare's own D1: what `npm start` and the tests run on, wired as Miniflare wires it. */
async function d1Services(): Promise<Service[]> {
  return [
    {
      name: 'd1',
      modules: [await ofMiniflare('entry.worker.js', 'd1/entry.worker.js')],
      date: '2023-07-24',
      flags: ['enhanced_error_serialization'],
      bindings: [
        '(name = "MINIFLARE_NAMESPACE", text = "bench")',
        '(name = "MINIFLARE_OBJECT", durableObjectNamespace = (className = "D1DatabaseObject", serviceName = "d1-database"))',
      ],
    },
    {
      name: 'd1-database',
      modules: [await ofMiniflare('database.worker.js', 'd1/database.worker.js')],
      date: '2023-07-24',
      flags: ['nodejs_compat', 'experimental'],
      objects: ['D1DatabaseObject'],
    },
  ]
}

async function ofMiniflare(name: string, file: string): Promise<Module> {
  const code = await readFile(join(root, 'node_modules/miniflare/dist/src/workers', file), 'utf8')
  return { name, code }
}

async function migrate(running: Running): Promise<void> {
  const folder = join(root, 'migrations')
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.sql')).sort()) {
    const text = await readFile(join(folder, name), 'utf8')
    await statements(
      running,
      text.split('--> statement-breakpoint').map((one) => ({ sql: one.trim() })),
    )
  }
}

async function found(running: Running, sql: House['sql']) {
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

// D1 for the benchmarks: Miniflare's own, on raw workerd.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { root } from '../scripts/terminal.ts'
import type { Module, Service } from './workerd.ts'

/** Miniflare's own D1: what `npm start` and the tests run on, wired as Miniflare wires it. */
export async function d1Services(): Promise<Service[]> {
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

export async function ofMiniflare(name: string, file: string): Promise<Module> {
  const code = await readFile(join(root, 'node_modules/miniflare/dist/src/workers', file), 'utf8')
  return { name, code }
}

/** The statements of the migrations, file by file. */
export async function migrations(): Promise<{ name: string; statements: string[] }[]> {
  const folder = join(root, 'migrations')
  const names = (await readdir(folder)).filter((one) => one.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8')
      return { name, statements: sql.split('--> statement-breakpoint').map((one) => one.trim()) }
    }),
  )
}

// The doors between the rooms, and the few words that may stand in one place only.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Each room, and the rooms it may import from besides itself. */
const rooms: Record<string, readonly string[]> = {
  shared: [],
  'worker/base': ['shared'],
  'worker/channels': ['shared', 'worker/base'],
  'worker/tenant': ['shared', 'worker/base', 'worker/channels'],
  'worker/customer': ['shared', 'worker/base', 'worker/channels', 'worker/tenant'],
  'worker/inbox': ['shared', 'worker/base', 'worker/tenant'],
  'worker/agent': ['shared', 'worker/base', 'worker/channels', 'worker/tenant'],
  'worker/files': ['shared', 'worker/base', 'worker/tenant'],
  'worker/session': [
    'shared',
    'worker/base',
    'worker/channels',
    'worker/tenant',
    'worker/customer',
    'worker/inbox',
    'worker/agent',
    'worker/files',
  ],
  'worker/thread': [
    'shared',
    'worker/base',
    'worker/channels',
    'worker/tenant',
    'worker/customer',
    'worker/agent',
    'worker/files',
    'worker/session',
  ],
  'worker/analysis': [
    'shared',
    'worker/base',
    'worker/tenant',
    'worker/customer',
    'worker/agent',
    'worker/session',
  ],
  'worker/campaign': ['shared', 'worker/base', 'worker/tenant', 'worker/customer'],
  'worker/removal': [
    'shared',
    'worker/base',
    'worker/customer',
    'worker/files',
    'worker/session',
    'worker/thread',
  ],
  'worker/intake': ['shared', 'worker/base', 'worker/channels', 'worker/tenant', 'worker/thread'],
  worker: ['shared', 'worker'],
  'extension/page': ['shared'],
  'extension/words': [],
  'extension/core': ['shared', 'extension/page', 'extension/words.ts', 'extension/words'],
  'extension/ui': [
    'shared',
    'extension/core',
    'extension/page',
    'extension/words.ts',
    'extension/words',
  ],
  'extension/browser': ['shared', 'extension/core', 'extension/page', 'extension/words.ts'],
  'extension/entrypoints': ['extension'],
  'extension/portal': ['extension'],
  extension: ['shared'],
  widget: ['shared'],
  playground: ['shared', 'widget'],
  sandbox: [],
  scripts: ['shared', 'sandbox', 'widget', 'scripts'],
}

/** Types that may be named against the direction of the doors: they carry no value. */
const typeDoors: readonly (readonly [from: string, to: string])[] = [
  ['worker/base/env.ts', 'worker/analysis/object.ts'],
  ['worker/base/env.ts', 'worker/campaign/object.ts'],
  ['worker/base/env.ts', 'worker/inbox/object.ts'],
  ['worker/base/env.ts', 'worker/session/object.ts'],
  ['worker/base/env.ts', 'worker/thread/object.ts'],
]

const files = globSync(
  Object.keys(rooms).map((room) => `${room}/**/*.{ts,tsx}`),
  { cwd: root },
)
  .filter((file) => !file.includes('node_modules') && !file.endsWith('.d.ts'))
  .sort()
const sources = [...new Set(files)]
/** Without tests, and what only tests use. */
const products = sources.filter((file) => !/\.test\.tsx?$|\/(testing|fake-[\w-]+)\.ts$/.test(file))

function roomOf(file: string): string {
  const room = Object.keys(rooms)
    .filter((name) => file.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0]
  if (!room) throw new Error(`${file} is in no room`)
  return room
}

interface Import {
  readonly target: string
  readonly typeOnly: boolean
}

/** Relative imports as paths from the root, others by their name. */
function importsOf(file: string): Import[] {
  const text = read(file)
  const found = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)|^import\s+['"]([^'"]+)['"]/gm,
  )
  return Array.from(found, ([, type, from, lazy, bare]) => {
    const name = from ?? lazy ?? bare ?? ''
    const target = name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : name
    return { target, typeOnly: type !== undefined }
  })
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The code without its comments: a word may be spoken of anywhere. */
function codeOf(file: string): string {
  return read(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}

describe.each(products)('%s', (file) => {
  it('imports only from the rooms it may', () => {
    const room = roomOf(file)
    const allowed = [room, ...(rooms[room] ?? [])]
    for (const { target, typeOnly } of importsOf(file)) {
      const isOurs =
        !target.startsWith('..') && Object.keys(rooms).some((one) => target.startsWith(`${one}/`))
      if (!isOurs) continue
      const open = allowed.some((door) => target === door || target.startsWith(`${door}/`))
      const typeDoor = typeOnly && typeDoors.some(([from, to]) => file === from && target === to)
      expect(open || typeDoor, `${file} → ${target}`).toBe(true)
    }
  })
})

describe('the rooms', () => {
  it('have no cycles', () => {
    const graph = new Map<string, Set<string>>()
    for (const file of products) {
      const room = roomOf(file)
      for (const { target, typeOnly } of importsOf(file)) {
        if (typeOnly || !sources.includes(target)) continue
        const to = roomOf(target)
        if (to !== room) graph.set(room, (graph.get(room) ?? new Set()).add(to))
      }
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      Array.from(graph.get(from) ?? []).some(
        (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
      )
    for (const room of graph.keys()) expect(reaches(room, room), room).toBe(false)
  })

  it('keep the zod of the browser small: shared is written with zod/mini', () => {
    for (const file of products) {
      const zods = importsOf(file).filter(({ target }) => target.startsWith('zod'))
      for (const { target } of zods) {
        // The converter to JSON Schema is the core's; it stays in the worker.
        const inWorker = file.startsWith('worker/') && target === 'zod/v4/core'
        expect(inWorker || target === 'zod/mini', `${file} → ${target}`).toBe(true)
      }
    }
  })

  it('let shared import nothing else', () => {
    for (const file of products.filter((one) => one.startsWith('shared/'))) {
      for (const { target } of importsOf(file)) {
        expect(target === 'zod/mini' || target.startsWith('shared/'), `${file} → ${target}`).toBe(
          true,
        )
      }
    }
  })
})

describe('words that stand in one place', () => {
  it('a channel’s name: in its room, its contract and its picture', () => {
    const homes = [
      /^worker\/channels\//,
      /^shared\/(channel|customer)\.ts$/,
      /^sandbox\//,
      /^scripts\//,
      /^playground\//,
    ]
    const pictures = [/^extension\/ui\/parts\/channel-icon\.tsx$/]
    for (const file of products) {
      if ([...homes, ...pictures].some((home) => home.test(file))) continue
      const named = codeOf(file).match(
        /['"`](whatsapp|telegram|web|email|facebook|instagram|intercom|chatwoot|sip|twilio|infobip|bird)['"`]/g,
      )
      // «email» is also a field and an identity.
      expect(
        (named ?? []).filter((word) => !word.includes('email')),
        file,
      ).toEqual([])
    }
  })

  it('browser.* and chrome.*: in extension/browser and the entrypoints', () => {
    for (const file of products) {
      if (!/^(extension|shared|widget)\//.test(file)) continue
      if (/^extension\/(browser|entrypoints)\//.test(file)) continue
      expect(codeOf(file), file).not.toMatch(/(^|[^.\w'"`])(browser|chrome)\.[a-z]/m)
    }
  })

  it('drizzle-orm: where SQL lives', () => {
    const homes =
      /(^|\/)(queries|filters|projection|project)\.ts$|^worker\/base\/|^worker\/tenant\/auth\.ts$/
    for (const file of products) {
      const uses = importsOf(file).some(
        ({ target, typeOnly }) => target.startsWith('drizzle-orm') && !typeOnly,
      )
      expect(!uses || homes.test(file), file).toBe(true)
    }
  })

  it('the database without a tenant: sign-in and intake alone', () => {
    const homes = /^worker\/(base\/db|tenant\/(queries|auth))\.ts$/
    for (const file of products) {
      const uses = /\bcontrolDb\(|\benv\.DB\b/.test(codeOf(file))
      expect(!uses || homes.test(file), file).toBe(true)
    }
  })

  it('fetch: through the one door', () => {
    for (const file of products.filter((one) => one.startsWith('worker/'))) {
      if (file === 'worker/base/egress.ts') continue
      // A fetch that was handed in is the door's.
      if (/\bfetch: Fetch\b/.test(codeOf(file))) continue
      expect(codeOf(file), file).not.toMatch(/(^|[^.\w#])fetch\((?!request|c\.req)/m)
    }
  })

  it('no HTML sink anywhere', () => {
    for (const file of products) {
      expect(codeOf(file), file).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function\(/,
      )
    }
  })

  it('no SQL made of texts', () => {
    for (const file of products.filter((one) => one.startsWith('worker/'))) {
      // `excluded.<column>` is a name from the schema itself.
      expect(codeOf(file).replaceAll(/sql\.raw\(`excluded\.\$\{[^}]*\}`\)/g, ''), file).not.toMatch(
        /sql\.raw|sql\.identifier/,
      )
    }
  })
})

describe('the papers', () => {
  const papers = globSync(
    [
      'README.md',
      'CONTRIBUTING.md',
      'docs/**/*.md',
      '{worker,extension,widget,sandbox}/**/README.md',
    ],
    {
      cwd: root,
    },
  ).filter((file) => !file.includes('node_modules'))

  it.each(papers)('%s names only files that exist', (paper) => {
    const links = Array.from(
      read(paper).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g),
      ([, to]) => join(dirname(paper), to!),
    )
    const paths = Array.from(
      read(paper).matchAll(
        /`((?:shared|worker|extension|widget|tests|docs|scripts|sandbox|bench|playground|migrations)\/[\w./-]+\.\w+)`/g,
      ),
      ([, path]) => path!,
    )
    for (const path of [...links, ...paths]) {
      expect(globSync(path, { cwd: root }), `${paper} names ${path}`).not.toEqual([])
    }
  })
})

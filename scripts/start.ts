// `npm start`: builds what has changed, runs the product here and tells how to look at it.
// `--fresh` begins anew, `--no-seed` leaves it empty, PORT chooses where.

import { join } from 'node:path'

import { build, productTargets } from './build.ts'
import { freePort, runProduct } from './product.ts'
import { root, say, seconds, fail, Trouble } from './terminal.ts'
import type { Demo } from './seed.ts'

const began = Date.now()
const port = Number(process.env['PORT'] ?? 8787)
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  fail(new Trouble(`PORT must be a number up to 65535; it is «${process.env['PORT']}».`))
}
const stateDir = join(root, '.state')
const product = await run().catch(fail)

say(`ready in ${seconds(began)}`)
console.log(greeting(product.url, product.demo))

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Miniflare's own listener ends the process at once, before anything could be put away.
  process.removeAllListeners(signal)
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    say('stopping; the state stays in .state')
    void product.stop().finally(() => process.exit(0))
  })
}

async function run() {
  // Before the builds: a port that is taken is told at once.
  const free = await freePort(port)
  await build(say, productTargets, `http://localhost:${free}`)
  return runProduct({
    port: free,
    stateDir,
    fresh: process.argv.includes('--fresh'),
    seed: !process.argv.includes('--no-seed'),
    log: say,
  })
}

function greeting(url: string, demo: Demo | undefined): string {
  const people = (demo?.operators ?? []).map(
    ({ email, password, role, name }) =>
      `    ${email.padEnd(28)} ${password.padEnd(18)} ${name} (${role})`,
  )
  return [
    '',
    `  Workspace    ${url}/`,
    `  Playground   ${url}/playground   phones and a website to play the customer on`,
    `  API          ${url}/openapi.json`,
    '',
    '  Sign in as',
    ...people,
    '',
    '  The extension: open chrome://extensions, switch on Developer mode, choose «Load unpacked»',
    `  and take ${demo?.extension ?? join(root, '.output/chrome-mv3')}`,
    `  Its worker address is ${url}.`,
    '',
    '  The same for scripts: .state/demo.json',
    '  Ctrl+C stops it; npm start -- --fresh begins anew.',
    '',
  ].join('\n')
}

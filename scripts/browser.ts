// The Chromium that the browser tests and the screenshots drive: the system's, else from apt.

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

import { Trouble, type Say } from './terminal.ts'

/** Chrome itself no longer loads an unpacked extension from the command line; Chromium does. */
const names = ['chromium', 'chromium-browser', 'ungoogled-chromium']

/** The path of a Chromium. Installs one where that takes no more than apt; throws `Trouble` else. */
export function findBrowser(say: Say): string {
  const given = process.env['CHROMIUM']
  if (given) {
    if (!isProgram(given)) throw new Trouble(`CHROMIUM is «${given}», and no program is there.`)
    return given
  }
  return lookUp() ?? installed(say)
}

function lookUp(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .concat('/Applications/Chromium.app/Contents/MacOS/Chromium')
    .find(isProgram)
}

function installed(say: Say): string {
  const help =
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium; macOS: brew install --cask chromium) or name it: CHROMIUM=/path/to/chromium npm test'
  const isRoot = process.getuid?.() === 0
  if (!isProgram('/usr/bin/apt-get') || !isRoot) throw new Trouble(help)
  say('installing Chromium with apt-get, a few minutes …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env })
    if (status !== 0) throw new Trouble(`apt-get ${args.join(' ')} failed. ${help}`)
  }
  const found = lookUp()
  if (!found) throw new Trouble(help)
  return found
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// What the scripts say to whoever runs them: short lines, one per step.

import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

export type Say = (text: string) => void

export const say: Say = (text) => console.log(`· ${text}`)

/** Ends the process with what went wrong: its words for trouble that was foreseen, all of it else. */
export function fail(error: unknown): never {
  if (error instanceof Trouble) console.error(`✗ ${error.message}`)
  else console.error('✗', error instanceof Error ? (error.stack ?? error.message) : error)
  process.exit(1)
}

/** Something the reader can mend, told in a sentence. */
export class Trouble extends Error {
  override name = 'Trouble'
}

export function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}

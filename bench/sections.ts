// docs/bench.md: a section for each benchmark, written by the run that measured it and left by others.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { root } from '../scripts/terminal.ts'

const file = join(root, 'docs/bench.md')

/** Writes sections by their titles. The others stay as they are; all stand in the order of titles. */
export async function writeSections(
  about: string,
  titles: readonly string[],
  sections: ReadonlyMap<string, string>,
): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '')
  const known = new Map(
    before.split(/^## /m).map((part) => {
      const [title = '', ...lines] = part.split('\n')
      return [title, lines.join('\n').trim()]
    }),
  )
  const parts = titles.flatMap((title) => {
    const text = sections.get(title) ?? known.get(title)
    return text === undefined ? [] : [`## ${title}\n\n${text}`]
  })
  await writeFile(file, `${[about, ...parts].join('\n\n')}\n`)
}

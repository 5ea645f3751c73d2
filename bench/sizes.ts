// How much JavaScript a browser loads before it shows something. The budgets are those of `npm test`.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { extensionFolder } from '../scripts/build.ts'
import { measureSizes } from '../scripts/sizes.ts'
import type { Found } from './report.ts'

export async function sizes(): Promise<Found> {
  const background = gzipSync(await readFile(join(extensionFolder, 'background.js'))).length / 1000
  const figures = (await measureSizes()).map(({ title, budget, kilobytes }) => ({
    measure: `JavaScript, gzipped: ${title}`,
    ours: `${kilobytes.toFixed(1)} kB`,
    against: '',
    ratio: '',
    aim: `≤ ${budget} kB`,
    kept: kilobytes <= budget,
  }))
  return {
    figures: [
      ...figures,
      {
        measure: 'JavaScript, gzipped: background script',
        ours: `${background.toFixed(1)} kB`,
        against: '',
        ratio: '',
        aim: '',
      },
    ],
    notes: [
      'Sizes: a page’s first scripts and all they import statically. The extension has no content script of its own file ' +
        'while that line says 0: what is read from a page is read on a click, by a function handed to it.',
    ],
  }
}

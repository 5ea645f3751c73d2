// The figures as a table, for the terminal and for docs/bench.md.

import { ratioOf, median, type Rounds } from './rounds.ts'

/** One line of the table. Texts, ready to read; `kept` only where there is an aim. */
export interface Figure {
  readonly measure: string
  readonly ours: string
  readonly against: string
  readonly ratio: string
  readonly aim: string
  readonly kept?: boolean
}

/** What one benchmark found, and what a reader must know to judge it. */
export interface Found {
  readonly figures: readonly Figure[]
  readonly notes: readonly string[]
}

export interface Aim {
  readonly ratio: number
  readonly better: 'higher' | 'lower'
}

/** A figure from rounds: medians of both sides, and the ratio with its spread. */
export function compared(
  measure: string,
  rounds: Rounds,
  unit: (value: number) => string,
  aim?: Aim,
): Figure {
  const { ratio, low, high } = ratioOf(rounds)
  const figure = {
    measure,
    ours: unit(median(rounds.ours)),
    against: unit(median(rounds.bare)),
    ratio: `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`,
  }
  if (!aim) return { ...figure, aim: '' }
  const kept = aim.better === 'higher' ? ratio >= aim.ratio : ratio <= aim.ratio
  return { ...figure, aim: `${aim.better === 'higher' ? '≥' : '≤'} ${aim.ratio}`, kept }
}

export const perSecond = (rate: number) => `${Math.round(rate).toLocaleString('en')}/s`
export const milliseconds = (ms: number) => `${ms.toFixed(ms < 10 ? 2 : 1)} ms`

const heads = ['measure', 'ours', 'against', 'ratio (spread)', 'aim', '']

/** The table in Markdown with its columns aligned: readable in a terminal as well. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ measure, ours, against, ratio, aim, kept }) => [
    measure,
    ours,
    against,
    ratio,
    aim,
    kept === undefined ? '' : kept ? 'kept' : '**missed**',
  ])
  const widths = heads.map((head, column) =>
    Math.max(head.length, 3, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [lineOf(heads), rule, ...rows.map(lineOf)].join('\n')
}

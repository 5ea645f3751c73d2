// A-B-A-B: both sides by turns in one run, so that what the machine does meanwhile hits both.

/** What was measured, round by round, for each side. */
export interface Rounds {
  readonly ours: readonly number[]
  readonly bare: readonly number[]
}

/** Alternates the sides, each beginning every other round, after one round each that does not count. */
export async function alternate(
  count: number,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<Rounds> {
  const rounds = { ours: [] as number[], bare: [] as number[] }
  for (let round = 0; round <= count; round += 1) {
    const oursFirst = round % 2 === 0
    const first = await (oursFirst ? ours : bare)()
    const second = await (oursFirst ? bare : ours)()
    if (round === 0) continue
    rounds.ours.push(oursFirst ? first : second)
    rounds.bare.push(oursFirst ? second : first)
  }
  return rounds
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The ratio of each round: its median, and the lowest and highest. */
export function ratioOf({ ours, bare }: Rounds): { ratio: number; low: number; high: number } {
  const ratios = ours.map((one, round) => one / (bare[round] ?? Number.NaN))
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) }
}

// Chance that is the same every time.

export interface Chance {
  /** A whole number below the limit. */
  below(limit: number): number
  shuffled<One>(list: readonly One[]): One[]
}

export function seeded(seed: number): Chance {
  let state = seed
  function next(): number {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    shuffled(list) {
      const left = [...list]
      for (let at = left.length - 1; at > 0; at -= 1) {
        const other = below(at + 1)
        ;[left[at], left[other]] = [left[other]!, left[at]!]
      }
      return left
    },
  }
}

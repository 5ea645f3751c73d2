// How often somebody may try to get in. Counted in this isolate's memory, from argument time only.

export interface AttemptLimit {
  readonly most: number
  readonly withinMs: number
}

/** Counts attempts by name within a window. Memory is bounded: the oldest names are forgotten. */
export class Attempts {
  readonly #limit: AttemptLimit
  readonly #counts = new Map<string, { count: number; until: number }>()

  constructor(limit: AttemptLimit) {
    this.#limit = limit
  }

  /**
   * Counts one attempt and says whether it may be made. Counted before the password is looked at,
   * so that a hundred at once are no way around it.
   */
  allow(name: string, now: number): boolean {
    const known = this.#counts.get(name)
    const entry =
      known && known.until > now ? known : { count: 0, until: now + this.#limit.withinMs }
    // A refused attempt does not lengthen the wait: one who waits gets in.
    if (entry.count >= this.#limit.most) return false
    this.#counts.delete(name)
    this.#counts.set(name, { ...entry, count: entry.count + 1 })
    this.#forgetOldest()
    return true
  }

  /** The attempt was right: what was counted against the name is gone. */
  clear(name: string): void {
    this.#counts.delete(name)
  }

  #forgetOldest(): void {
    for (const name of this.#counts.keys()) {
      if (this.#counts.size <= mostNames) return
      this.#counts.delete(name)
    }
  }
}

const mostNames = 10_000

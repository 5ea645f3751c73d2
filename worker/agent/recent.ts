// A small memory in the isolate for what D1 knows: fresh for a moment, and good for a while longer
// when D1 can't be asked.

const freshMs = 5000
const staleMs = 15 * 60_000
const most = 2000

export interface Recent<One> {
  /** The value, asked for at most every five seconds. Throws only when it was never or long ago known. */
  get(key: string, ask: () => Promise<One>, now?: number): Promise<One>
  forget(): void
}

export function recent<One>(): Recent<One> {
  const known = new Map<string, { readonly value: One; readonly at: number }>()
  return {
    async get(key, ask, now = Date.now()) {
      const before = known.get(key)
      if (before && now - before.at < freshMs) return before.value
      try {
        const value = await ask()
        known.delete(key)
        known.set(key, { value, at: now })
        const [oldest] = known.keys()
        if (known.size > most && oldest !== undefined) known.delete(oldest)
        return value
      } catch (error) {
        if (before && now - before.at < staleMs) return before.value
        throw error
      }
    },
    forget: () => known.clear(),
  }
}

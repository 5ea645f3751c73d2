// What the visitor's browser keeps between pages: the token, unsent text, unsent messages. One key
// for each, so that two tabs of one site don't write over each other.

/** A text by name. Never throws: where storage is blocked it lasts as long as the page. */
export interface Keep {
  get(name: string): string | undefined
  set(name: string, text: string | undefined): void
  /** The names that begin so. */
  names(start: string): string[]
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

export function keepIn(storage: () => Storage, prefix: string): Keep {
  const memory = new Map<string, string>()
  const attempt = <T>(work: (storage: Storage) => T): T | undefined => {
    try {
      return work(storage())
    } catch {
      // Blocked by the browser, or full.
      return undefined
    }
  }
  return {
    get: (name) => attempt((store) => store.getItem(prefix + name)) ?? memory.get(name),
    set(name, text) {
      if (text === undefined) {
        memory.delete(name)
        attempt((store) => store.removeItem(prefix + name))
        return
      }
      memory.set(name, text)
      attempt((store) => store.setItem(prefix + name, text))
    },
    names(start) {
      const kept = attempt((store) =>
        Array.from({ length: store.length }, (_, at) => store.key(at) ?? '')
          .filter((key) => key.startsWith(prefix))
          .map((key) => key.slice(prefix.length)),
      )
      return [...new Set([...(kept ?? []), ...memory.keys()])].filter((name) =>
        name.startsWith(start),
      )
    },
  }
}

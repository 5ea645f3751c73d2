// A socket that listens, as a panel does.

export interface Listener {
  /** Gives what `find` makes of the first frame it finds something in, from now on. */
  next<T>(find: (frame: string) => T | undefined): Promise<T>
  close(): void
}

/** Opens a socket; with a ticket, as a panel names it. */
export async function listen(url: string, path: string, ticket?: string): Promise<Listener> {
  const address = `${url.replace('http', 'ws')}${path}`
  const socket = ticket ? new WebSocket(address, ['alongside', ticket]) : new WebSocket(address)
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error(`no socket at ${path}`)))
  })
  const finders = new Set<(frame: string) => void>()
  socket.addEventListener('message', ({ data }) => {
    for (const find of finders) find(String(data))
  })
  return {
    next: (find) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nothing heard at ${path}`)), 10_000)
        const finder = (frame: string) => {
          const found = find(frame)
          if (found === undefined) return
          clearTimeout(timer)
          finders.delete(finder)
          resolve(found)
        }
        finders.add(finder)
      }),
    close: () => socket.close(1000),
  }
}

/** How long it took until a frame holds the text, in milliseconds; nothing for another frame. */
export function until(frame: string, text: string, began: number): number | undefined {
  return frame.includes(text) ? performance.now() - began : undefined
}

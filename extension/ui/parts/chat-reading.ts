// Which conversation of a long chat is being read: by where the chat is scrolled to, or by a jump.

let jumped = false

/** The reader has jumped to one: whatever that scrolls past is not what they read. */
export function jump(): void {
  jumped = true
}

/** Whoever scrolls by themselves is followed again. Gives back how to stop listening. */
export function watchReading(chat: HTMLElement): () => void {
  const stop = new AbortController()
  jumped = false
  for (const type of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
    const options = { signal: stop.signal, passive: true }
    chat.addEventListener(type, () => (jumped = false), options)
  }
  return () => stop.abort()
}

/**
 * The session that stands a third below the top is being read; towards either end of the chat the
 * first and the last can be, too. Nothing while the chat moves by a jump.
 */
export function readIn(chat: HTMLElement): string | undefined {
  if (jumped) return undefined
  const { top, height } = chat.getBoundingClientRect()
  const range = chat.scrollHeight - chat.clientHeight
  // A reversed column: 0 is its end, and what is above has a minus.
  const toEnd = -chat.scrollTop
  const reach = Math.max(1, Math.min(range, height))
  const lowest = height * (1 - toEnd / reach)
  const highest = height * ((range - toEnd) / reach)
  const line = top + Math.max(lowest, Math.min(height / 3, highest))
  const sessions = [...chat.querySelectorAll<HTMLElement>('[data-session]')]
  const read = sessions.findLast((one) => one.getBoundingClientRect().top <= line) ?? sessions[0]
  return read?.dataset['session']
}

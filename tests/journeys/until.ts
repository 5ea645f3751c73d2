// Waiting for what comes by itself: asked again and again, for a limited time.

const pauseMs = 25

/** What `look` finds, once it finds something. Throws after the time with what was waited for. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined | false> | Found | undefined | false,
  withinMs = 15_000,
): Promise<Found> {
  const end = Date.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`still waiting for ${what}`)
    await new Promise((resolve) => void setTimeout(resolve, pauseMs))
  }
}

// Where bugs are told. Ids and places, never content: no message, name or address is logged.

/** Tells of something that should not have happened, and where. */
export function report(error: unknown, where: string): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line))
  console.error(
    JSON.stringify({ level: 'error', where, name, message: withoutValues(message), frames }),
  )
}

/** A failed query's message ends with the values it was given: those are somebody's. */
function withoutValues(message: string): string {
  return message.split(/\s*params: /)[0] ?? ''
}

// Where bugs are told. Ids and places, never content: no message, name or address is logged.

/** Tells of something that should not have happened, and where. */
export function report(error: unknown, where: string): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  console.error(JSON.stringify({ level: 'error', where, name, message, stack }))
}

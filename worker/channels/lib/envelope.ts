// Reading what arrived: bytes to JSON, JSON to what we know, and nothing longer than we keep.

import * as z from 'zod/mini'

const decoder = new TextDecoder()

/** The JSON of a body; nothing when it is none. */
export function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    return undefined
  }
}

/** What a schema makes of a value; nothing when it is something else. */
export function read<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> | undefined {
  const result = z.safeParse(schema, value)
  return result.success ? result.data : undefined
}

/**
 * A part that may be missing or of a shape we don't know. One strange part must not cost us the
 * message around it: providers add and change them as they like.
 */
export function part<Schema extends z.ZodMiniType>(schema: Schema) {
  // oxlint-disable-next-line promise/valid-params -- a schema's catch, not a promise's
  return z.catch(z.optional(schema), undefined)
}

/** A list of which each entry is read by itself. */
// oxlint-disable-next-line promise/valid-params -- a schema's catch, not a promise's
export const List = z.catch(z.array(z.unknown()), [])

/** A time in seconds since 1970, as text or number, in milliseconds; 0 when it is neither. */
export function fromSeconds(seconds: unknown): number {
  if (typeof seconds !== 'number' && typeof seconds !== 'string') return 0
  const at = Math.round(Number(seconds) * 1000)
  return Number.isSafeInteger(at) ? at : 0
}

/** The beginning of a text, cut between characters. */
export function clip(text: string, length: number): string {
  return text.length > length ? text.slice(0, length).toWellFormed() : text
}

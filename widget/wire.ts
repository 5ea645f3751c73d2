// What goes over the line between the widget and the worker.

import type { VisitorFile, visitorProtocol } from '../shared/visitor.ts'

export type { VisitorFile, VisitorLine, VisitorNews } from '../shared/visitor.ts'

/** Written out, so that the contract's checks stay out of a page; the type holds the two alike. */
export const protocol: typeof visitorProtocol = 'alongside-visitor'

/** A file the worker has taken and a message may name. */
export interface Uploaded extends Omit<VisitorFile, 'id'> {
  readonly ref: string
}

/** A message the visitor has written. Its id is the widget's, so that sending again adds nothing. */
export interface Written {
  readonly id: string
  readonly text: string
  readonly files: readonly Uploaded[]
  readonly chosen?: string
  readonly at: number
}

export interface Admission {
  readonly token: string
  /** Of the connection: what the visitor has opened. */
  readonly name: string
}

export type Parameters = Readonly<Record<string, string | number | boolean>>

/** A message as the worker's hook takes it. */
export function eventOf(message: Written, parameters: Parameters): object {
  const { id, text, files, chosen, at } = message
  return {
    type: 'message',
    id,
    text,
    at,
    ...(files.length > 0 ? { files } : {}),
    ...(chosen === undefined ? {} : { chosen }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
  }
}

/** An id that nobody else makes: 128 random bits. */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

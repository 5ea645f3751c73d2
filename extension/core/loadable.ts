// How a store says what it is still waiting for, and how a control says why it is off.

/**
 * Something fetched. `loading` with a value: what was there stays while it is fetched again;
 * `failed` with a value: the same, and the sentence says what went wrong.
 */
export interface Loadable<Value> {
  readonly state: 'idle' | 'loading' | 'ready' | 'missing' | 'failed'
  readonly value?: Value
  readonly sentence?: string
}

export interface Can {
  readonly allowed: boolean
  /** The sentence for hover and focus when it is not. */
  readonly reason?: string
}

export const idle = { state: 'idle' } as const
export const yes: Can = { allowed: true }

export function no(reason: string): Can {
  return { allowed: false, reason }
}

export function ready<Value>(value: Value): Loadable<Value> {
  return { state: 'ready', value }
}

export function loading<Value>(before: Loadable<Value>): Loadable<Value> {
  return before.value === undefined
    ? { state: 'loading' }
    : { state: 'loading', value: before.value }
}

export function failed<Value>(before: Loadable<Value>, sentence: string): Loadable<Value> {
  return before.value === undefined
    ? { state: 'failed', sentence }
    : { state: 'failed', value: before.value, sentence }
}

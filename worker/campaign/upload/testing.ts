// A worker that dies at a step: its bindings, whose n-th call of a database or a file fails, before
// or after it has taken effect.

import type { Env } from '../../base/env.ts'

export type When = 'before' | 'after'

/** Bindings that die at their n-th call, and all calls after it; `steps` counts how many there were. */
export function dyingAt(env: Env, n: number, when: When): { env: Env; steps(): number } {
  const real = new WeakMap<object, D1PreparedStatement>()
  let count = 0

  async function step<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    count += 1
    const isLast = count === n
    if (count > n || (isLast && when === 'before')) throw new Error(`died at step ${n}`)
    const answer = await work()
    if (isLast) throw new Error(`died after step ${n}`)
    return answer
  }

  function statement(one: D1PreparedStatement): D1PreparedStatement {
    const dying = {
      bind: (...params: unknown[]) => statement(one.bind(...params)),
      all: () => step(() => one.all()),
      run: () => step(() => one.run()),
      raw: () => step(() => one.raw()),
      first: () => step(() => one.first()),
    }
    real.set(dying, one)
    // Safe: the library calls these five and none else.
    return dying as unknown as D1PreparedStatement
  }

  const DB = {
    prepare: (sql: string) => statement(env.DB.prepare(sql)),
    batch: (list: D1PreparedStatement[]) =>
      step(() => env.DB.batch(list.map((one) => real.get(one) ?? one))),
    // Safe: as above.
  } as unknown as D1Database
  const FILES = {
    get: (key: string, options: R2GetOptions) => step(() => env.FILES.get(key, options)),
    delete: (key: string) => step(() => env.FILES.delete(key)),
    // Safe: as above.
  } as unknown as R2Bucket
  return { env: { ...env, DB, FILES }, steps: () => count }
}

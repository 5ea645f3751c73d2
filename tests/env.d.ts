// The bindings as room tests see them: the worker's, and the migrations the tests apply.

declare namespace Cloudflare {
  interface Env extends Omit<import('../worker/base/env.ts').Env, never> {
    readonly DEEP_RUNS: string
    readonly ORACLE_RUNS: string
    readonly MIGRATIONS: import('cloudflare:test').D1Migration[]
  }
}

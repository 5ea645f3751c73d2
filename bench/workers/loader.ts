// Starts workers in isolates of their own, as often as it is asked: each evaluates its script anew.

interface Env {
  readonly LOADER: {
    get(
      name: string,
      code: () => object,
    ): { getEntrypoint(): { fetch(url: string): Promise<Response> } }
  }
}

const scripts = new Map<string, string>()
let started = 0

// The platform asks for the handler as the default export.
export default {
  /** PUT gives a script its name; GET starts it once more and gives its answer. */
  async fetch(request: Request, env: Env): Promise<Response> {
    const name = new URL(request.url).pathname
    if (request.method === 'PUT') {
      scripts.set(name, await request.text())
      return new Response('ok')
    }
    const script = scripts.get(name)
    const worker = env.LOADER.get(`${name} ${(started += 1)}`, () => ({
      compatibilityDate: '2026-11-01',
      mainModule: 'index.js',
      modules: { 'index.js': script },
      env: {},
    }))
    return worker.getEntrypoint().fetch('https://bench.example/nothing')
  },
}

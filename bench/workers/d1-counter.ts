// Stands before D1 and adds up what it says of every statement.

interface Env {
  readonly D1: Fetcher
}
interface Told {
  readonly meta?: { readonly rows_written?: number; readonly rows_read?: number }
}

const sum = { written: 0, read: 0, statements: 0, trips: 0 }

// The platform asks for the handler as the default export.
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).pathname === '/counted') {
      const told = { ...sum }
      Object.assign(sum, { written: 0, read: 0, statements: 0, trips: 0 })
      return Response.json(told)
    }
    const answer = await env.D1.fetch(request)
    // Safe: the D1 worker answers with one result or a list of them; a failure has no meta.
    const results = [(await answer.clone().json()) as Told | Told[]].flat()
    sum.trips += 1
    for (const { meta } of results) {
      sum.statements += 1
      sum.written += meta?.rows_written ?? 0
      sum.read += meta?.rows_read ?? 0
    }
    return answer
  },
}

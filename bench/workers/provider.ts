// The provider's end: takes every message and gives it an id, at once. Tells how many.

let taken = 0

// The platform asks for the handler as the default export.
export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method === 'GET') return Response.json({ taken })
    await request.arrayBuffer()
    taken += 1
    return Response.json({ messages: [{ id: `wamid.out.${taken}` }] })
  },
}

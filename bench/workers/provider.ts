// The provider's end: takes every message and gives it an id, at once.

let taken = 0

// The platform asks for the handler as the default export.
export default {
  async fetch(request: Request): Promise<Response> {
    await request.arrayBuffer()
    taken += 1
    return Response.json({ messages: [{ id: `wamid.out.${taken}` }] })
  },
}

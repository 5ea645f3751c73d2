// Asks as fast as it is answered: requests made beforehand, a few connections kept open, and no HTTP
// library whose own time would be measured too.

import { connect, type Socket } from 'node:net'

/** A request as the bytes that are sent. */
export function requestOf(
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: bench',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** Sends them all over so many connections and gives how long it took, in ms. Throws on a non-2xx. */
export async function volley(
  url: string,
  requests: readonly Buffer[],
  connections: number,
): Promise<number> {
  const { hostname, port } = new URL(url)
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => open(hostname, Number(port))),
  )
  let next = 0
  const began = performance.now()
  await Promise.all(
    sockets.map(async (socket) => {
      for (;;) {
        const request = requests[next]
        next += 1
        if (!request) return
        await socket.ask(request)
      }
    }),
  )
  const took = performance.now() - began
  for (const socket of sockets) socket.close()
  return took
}

interface Line {
  ask(request: Buffer): Promise<void>
  close(): void
}

/** One connection: a request, its answer, the next. */
export async function open(host: string, port: number): Promise<Line> {
  const socket: Socket = await new Promise((resolve, reject) => {
    const made = connect({ host, port, noDelay: true }, () => resolve(made))
    made.on('error', reject)
  })
  let heard = ''
  let waiting: { resolve: () => void; reject: (error: Error) => void } | undefined
  const fail = (why: string) => waiting?.reject(new Error(why))
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
    const head = heard.indexOf('\r\n\r\n')
    if (head === -1) return
    const length = Number(/content-length: (\d+)/i.exec(heard.slice(0, head))?.[1] ?? 0)
    if (heard.length < head + 4 + length) return
    const answer = heard
    heard = ''
    if (/^HTTP\/1\.1 2\d\d /.test(answer)) waiting?.resolve()
    else fail(`answered: ${answer.slice(0, 300)}`)
  })
  socket.on('close', () => fail('the connection was closed'))
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

// Hibernating sockets: what each remembers, how they are opened, told and closed.

/** What a socket must still know after its object has slept. */
export interface SocketOwner {
  readonly operatorId: string
  readonly signInId: string
}

/** The subprotocol a panel asks for; the ticket is the second one it names. */
export const panelProtocol = 'alongside'

/** The second of the subprotocols: what a socket shows to come in. It never stands in a URL. */
export function secondProtocol(request: Request, first: string): string | undefined {
  const [protocol, token] = (request.headers.get('Sec-WebSocket-Protocol') ?? '')
    .split(',')
    .map((part) => part.trim())
  return protocol === first ? token : undefined
}

/** A pair of sockets, ours accepted to hibernate; the answer carries the other end. */
export function openSocket(
  ctx: DurableObjectState,
  protocol: string,
  tags: string[],
  attachment: unknown,
): { server: WebSocket; response: Response } {
  const { 0: client, 1: server } = new WebSocketPair()
  ctx.acceptWebSocket(server, tags)
  server.serializeAttachment(attachment)
  const headers = { 'Sec-WebSocket-Protocol': protocol }
  return { server, response: new Response(null, { status: 101, webSocket: client, headers }) }
}

/** Refuses a socket so that the other side hears why: a close code needs an open socket first. */
export function refuseSocket(protocol: string, code: number, reason: string): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  server.close(code, reason)
  const headers = { 'Sec-WebSocket-Protocol': protocol }
  return new Response(null, { status: 101, webSocket: client, headers })
}

/** Sends to one socket; one that has just gone is no trouble of ours. */
export function tell(socket: WebSocket, news: unknown): void {
  sendText(socket, JSON.stringify(news))
}

/** Sends the same news to many: made into text once. */
export function tellAll(sockets: readonly WebSocket[], news: unknown): void {
  if (sockets.length === 0) return
  const text = JSON.stringify(news)
  for (const socket of sockets) sendText(socket, text)
}

/**
 * Answers a goodbye. Without it the other side sees a broken line (1006) instead of a closed one.
 * Codes below 1000, and 1005, 1006 and 1015, must not be sent: they say that none was.
 */
export function sayGoodbye(socket: WebSocket, code: number): void {
  const sendable = code >= 1000 && code !== 1005 && code !== 1006 && code !== 1015
  try {
    socket.close(sendable ? code : 1000)
  } catch {
    // It was closed already.
  }
}

function sendText(socket: WebSocket, text: string): void {
  try {
    socket.send(text)
  } catch {
    // It has gone: the runtime tells us by webSocketClose.
  }
}

/** The longest text a panel or a widget may send on a socket. */
export const longestFrame = 64 * 1024

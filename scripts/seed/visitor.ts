// A website's visitor, through the same HTTP and socket as the widget.

import { eventOf, newMessageId, protocol, type Uploaded } from '../../widget/wire.ts'
import type { VisitorLine } from '../../shared/visitor.ts'
import type { Caller } from './caller.ts'
import { png } from './picture.ts'

/** Opens the line of a new visitor on a connection. */
export async function newVisitor(
  url: string,
  connectionId: string,
  key: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Caller> {
  const place = `${url}/line/${connectionId}`
  const admitted = await fetch(`${place}/visitors`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: url },
    body: JSON.stringify({ key }),
  })
  if (!admitted.ok) throw new Error(`the line answered ${admitted.status}`)
  const { token } = (await admitted.json()) as { token: string }
  const authorization = { Authorization: `Bearer ${token}`, Origin: url }

  const heard = new Map<string, VisitorLine>()
  const socket = new WebSocket(`${place.replace('http', 'ws')}/live?after=0`, [protocol, token])
  socket.addEventListener('message', ({ data }) => {
    const { lines } = JSON.parse(String(data)) as { lines: VisitorLine[] }
    for (const line of lines) if (line.by === 'us') heard.set(line.id, line)
    const last = lines.at(-1)
    if (last) socket.send(JSON.stringify({ read: last.n }))
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('the visitor’s line did not open')))
  })

  async function send(text: string, more: { files?: Uploaded[]; chosen?: string } = {}) {
    const message = { id: newMessageId(), text, files: [], at: Date.now(), ...more }
    const response = await fetch(`${url}/hooks/${connectionId}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...authorization },
      body: JSON.stringify({ events: [eventOf(message, parameters)] }),
    })
    if (!response.ok) throw new Error(`the hook answered ${response.status}`)
  }

  return {
    contact: visitorOf(token),
    says: (text) => send(text),
    taps: (title) => {
      const choice = [...heard.values()].at(-1)?.quickReplies.find((one) => one.title === title)
      return send(title, { chosen: choice?.payload ?? title })
    },
    async picture(text) {
      const response = await fetch(`${place}/files?name=photo.png`, {
        method: 'POST',
        headers: { 'Content-Type': 'image/png', ...authorization },
        body: png(),
      })
      if (!response.ok) throw new Error(`the upload answered ${response.status}`)
      await send(text, { files: [(await response.json()) as Uploaded] })
    },
    place: (name) => send(name),
    card: (name, phone) => send(`${name}, ${phone}`),
    reacts: async () => {},
    unreachable: async () => {},
    isCutOff: false,
    heardCount: async () => heard.size,
    leave: async () => socket.close(),
  }
}

/** The visitor's id, as operators see it: it stands in the token, signed but not hidden. */
function visitorOf(token: string): string {
  const claims = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
  return (JSON.parse(claims) as { visitor: string }).visitor
}

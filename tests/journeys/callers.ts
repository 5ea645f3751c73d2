// Customers: phones of the provider sandbox, and visitors of a website on the widget's own wire.

import type { Connection } from '../../shared/agent.ts'
import type { VisitorLine } from '../../shared/visitor.ts'
import type { PhoneAct } from '../../sandbox/phone-said.ts'
import type { PhoneMessage } from '../../sandbox/store.ts'
import { eventOf, newMessageId, protocol, type Uploaded } from '../../widget/wire.ts'
import { until } from './until.ts'

/** One message that has come to a customer. */
export interface Heard {
  readonly id: string
  readonly text: string
  readonly choices: readonly string[]
  readonly file?: { readonly name: string; readonly type: string }
}

/** A customer, on whatever they write with. */
export interface Caller {
  /** How operators see the address. */
  readonly contact: string
  says(text: string): Promise<void>
  /** Chooses one of the quick replies that came last. */
  taps(title: string): Promise<void>
  sendsPicture(caption: string, bytes: Uint8Array): Promise<void>
  heard(): Promise<Heard[]>
  /** The first message that holds. */
  hears(what: (message: Heard) => boolean): Promise<Heard>
  /** Looks at what has come. */
  reads(): Promise<void>
  leaves(): Promise<void>
}

async function done(response: Response): Promise<Response> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
  return response
}

function json(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

/** A phone of the sandbox. What is done on it comes to the product as a signed webhook. */
export interface Phone extends Caller {
  readonly address: string
  act(what: PhoneAct): Promise<{ id: string; status: number }>
  messages(): Promise<PhoneMessage[]>
}

export function phoneOf(
  url: string,
  { id, channel }: Pick<Connection, 'id' | 'channel'>,
  address: string,
  name: string,
): Phone {
  const place = `${url}/sandbox/phones/${id}/${address}`

  async function act(what: PhoneAct) {
    const response = await done(await fetch(`${place}/messages`, json({ name, ...what })))
    return (await response.json()) as { id: string; status: number }
  }
  async function kept(what: PhoneAct): Promise<void> {
    const { status } = await act(what)
    if (status !== 200) throw new Error(`the hook answered ${status}`)
  }
  async function messages(): Promise<PhoneMessage[]> {
    const response = await done(await fetch(`${place}/messages`))
    return ((await response.json()) as { messages: PhoneMessage[] }).messages
  }
  const heard = async () => (await messages()).filter(({ by }) => by === 'us').map(heardOf)

  return {
    address,
    contact: channel === 'telegram' ? address : `+${address}`,
    act,
    messages,
    heard,
    says: (text) => kept({ text }),
    async taps(title) {
      const offer = (await messages()).findLast(({ buttons }) =>
        buttons?.some((one) => one.title === title),
      )
      const button = offer?.buttons?.find((one) => one.title === title)
      if (!offer || !button) throw new Error(`nothing to tap says «${title}»`)
      await kept({ type: 'button', button, target: offer.id })
    },
    sendsPicture: (text, bytes) =>
      kept({
        type: 'image',
        text,
        file: {
          name: 'photo.png',
          type: 'image/png',
          base64: Buffer.from(bytes).toString('base64'),
        },
      }),
    hears: (what) => until('a message on the phone', async () => (await heard()).find(what)),
    async reads() {
      await done(await fetch(`${place}/read`, { method: 'POST' }))
    },
    leaves: async () => {},
  }
}

function heardOf({ id, text, buttons = [], file }: PhoneMessage): Heard {
  return { id, text, choices: buttons.map(({ title }) => title), ...(file ? { file } : {}) }
}

/** A visitor of a website, with the widget's HTTP and socket. */
export interface Visitor extends Caller {
  readonly token: string
  readonly lines: readonly VisitorLine[]
  download(fileId: string): Promise<Response>
}

export async function newVisitor(url: string, connection: Connection): Promise<Visitor> {
  const connectionId = connection.id
  const place = `${url}/line/${connectionId}`
  const key = connection.settings['widgetKey']
  const admitted = await done(await fetch(`${place}/visitors`, json({ key })))
  const { token } = (await admitted.json()) as { token: string }
  const authorization = { Authorization: `Bearer ${token}` }

  const lines: VisitorLine[] = []
  const socket = new WebSocket(`${place.replace('http', 'ws')}/live?after=0`, [protocol, token])
  socket.addEventListener('message', ({ data }) => {
    const news = JSON.parse(String(data)) as { lines: VisitorLine[] }
    lines.push(...news.lines)
    const last = news.lines.at(-1)
    if (last) socket.send(JSON.stringify({ seen: last.n }))
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('the visitor’s line did not open')))
  })

  async function send(text: string, more: { files?: Uploaded[]; chosen?: string } = {}) {
    const message = { id: newMessageId(), text, files: [], at: Date.now(), ...more }
    const body = { events: [eventOf(message, {})] }
    await done(await fetch(`${url}/hooks/${connectionId}`, json(body, authorization)))
  }
  const heard = async () =>
    lines
      .filter(({ by }) => by === 'us')
      .map(({ id, text, quickReplies, files: [file] }) => ({
        id,
        text,
        choices: quickReplies.map(({ title }) => title),
        ...(file ? { file: { name: file.name, type: file.type } } : {}),
      }))

  return {
    token,
    lines,
    contact: visitorIn(token),
    heard,
    says: (text) => send(text),
    async taps(title) {
      const offer = lines.findLast(({ quickReplies }) => quickReplies.length > 0)
      const choice = offer?.quickReplies.find((one) => one.title === title)
      if (!choice) throw new Error(`nothing to tap says «${title}»`)
      await send(title, { chosen: choice.payload ?? title })
    },
    async sendsPicture(caption, bytes) {
      const uploaded = await done(
        await fetch(`${place}/files?name=photo.png`, {
          method: 'POST',
          headers: { 'Content-Type': 'image/png', ...authorization },
          body: new Uint8Array(bytes),
        }),
      )
      await send(caption, { files: [(await uploaded.json()) as Uploaded] })
    },
    hears: (what) => until('a line of ours', async () => (await heard()).find(what)),
    async reads() {
      const last = lines.at(-1)
      if (last) socket.send(JSON.stringify({ read: last.n }))
    },
    leaves: async () => socket.close(),
    download: (fileId) => fetch(`${place}/files/${fileId}`, { headers: authorization }),
  }
}

/** The visitor's id stands in the token, signed but not hidden. */
function visitorIn(token: string): string {
  const claims = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
  return (JSON.parse(claims) as { visitor: string }).visitor
}

// The company of the story: its people, its agent, its lines, and the customers on their phones.

import { randomBytes } from 'node:crypto'

import type { Connection } from '../../shared/agent.ts'
import type { SessionId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { Role } from '../../shared/permissions.ts'
import type { Fact } from '../../shared/session.ts'
import { apiAt, type Api } from '../../scripts/seed/api.ts'
import { attendPhones } from '../../scripts/seed/phones.ts'
import { until } from './check.ts'

export const timeZone = 'Asia/Tokyo'
export const agentName = 'Iris'

export interface Operator {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly password: string
  readonly api: Api
}

export type Line = 'whatsapp' | 'telegram' | 'web'

export interface World {
  readonly url: string
  /** Where the shop's own website is, which carries the widget. */
  readonly shop: string
  readonly nora: Operator
  readonly ada: Operator
  readonly jonas: Operator
  readonly vera: Operator
  readonly lines: Readonly<Record<Line, Connection>>
}

/** A customer, on whatever they write with. */
export interface Customer {
  says(text: string): Promise<void>
  /** Everything that has come to them, in order. */
  heard(): Promise<readonly string[]>
  /** Looks at what has come. */
  looks(): Promise<void>
}

const instructions = `You answer for a bicycle shop. Be brief and kind.
Greeting: Hello, this is ${agentName}.
opening hours, when are you open: We are open Monday to Saturday, 9:00 to 19:00.
delivery, deliver, shipping: We deliver in 2 days for 15 €.
helmet, helmets: Helmets start at 35 €.`

export async function newWorld(url: string, shop: string): Promise<World> {
  const nora = await found(url, 'Nora Lindqvist', 'Larkfield Bikes')
  const member = async (name: string, role: Role): Promise<Operator> => {
    const { email, password } = credentialsOf(name)
    const { id } = await nora.api('POST /api/members', { body: { name, email, password, role } })
    const { token } = await apiAt(url)('POST /api/sign-in', { body: { email, password } })
    return { id, name, email, password, api: apiAt(url, token) }
  }
  const ada = await member('Ada Okafor', 'operator')
  const jonas = await member('Jonas Weber', 'operator')
  const vera = await member('Vera Sand', 'viewer')
  const lines = {
    whatsapp: await connect(url, nora, 'whatsapp', {
      phoneNumberId: '100200300400500',
      accessToken: secret(),
      appSecret: secret(),
      verifyToken: secret(),
    }),
    telegram: await connect(url, nora, 'telegram', {
      botToken: `123456789:${secret()}`,
      secretToken: secret(),
    }),
    web: await connect(url, nora, 'web', { allowedOrigins: shop }),
  }
  await nora.api('POST /api/agents', {
    body: {
      name: agentName,
      instructions,
      model: { kind: 'rules' },
      resultFields: [],
      handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
      copilot: true,
      connections: Object.values(lines).map(({ id }) => id),
    },
  })
  return { url, shop, nora, ada, jonas, vera, lines }
}

/** Another company, with a customer and a session that are nobody's business here. */
export async function newStranger(url: string): Promise<SessionRow> {
  const owner = await found(url, 'Otto Fremd', 'Elsewhere')
  const line = await connect(url, owner, 'telegram', {
    botToken: `987654321:${secret()}`,
    secretToken: secret(),
  })
  await owner.api('POST /api/agents', {
    body: {
      name: 'Else',
      instructions: '',
      model: { kind: 'rules' },
      resultFields: [],
      handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
      copilot: true,
      connections: [line.id],
    },
  })
  await phone(url, line, '700700700', 'Secret Person').says('hello')
  return until('the stranger’s session', async () => (await rowsOf(owner, line))[0])
}

async function found(url: string, name: string, company: string): Promise<Operator> {
  const { email, password } = credentialsOf(name)
  const { token } = await apiAt(url)('POST /api/sign-up', {
    body: { name, email, password, company, timeZone },
  })
  const api = apiAt(url, token)
  const { operator } = await api('GET /api/me')
  return { id: operator.id, name, email, password, api }
}

function credentialsOf(name: string) {
  const [first = ''] = name.toLowerCase().split(' ')
  return { email: `${first}@larkfield.example`, password: `${first}-rides-a-bicycle` }
}

async function connect(
  url: string,
  { api }: Operator,
  channel: Line,
  config: Record<string, string>,
): Promise<Connection> {
  const connection = await api('POST /api/connections', {
    body: {
      name: `Our ${channel}`,
      channel,
      config,
      ...(channel === 'web' ? {} : { baseUrl: `${url}/sandbox/${channel}` }),
    },
  })
  const { id, name } = connection
  await attendPhones(url, [{ place: 'shop', id, name, channel, config }])
  return connection
}

function secret(): string {
  return randomBytes(18).toString('base64url')
}

interface OnPhone {
  readonly by: 'customer' | 'us'
  readonly text: string
}

/** A phone of the provider sandbox. */
export function phone(
  url: string,
  { id }: Connection,
  address: string,
  name: string,
  username?: string,
): Customer {
  const place = `${url}/sandbox/phones/${id}/${address}`
  return {
    async says(text) {
      const response = await fetch(`${place}/messages`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'text', text, name, ...(username ? { username } : {}) }),
      })
      const told = await response.text()
      // Safe: the sandbox's own answer.
      const status = response.ok ? (JSON.parse(told) as { status: number }).status : 0
      if (status !== 200) throw new Error(`the phone: ${response.status} ${told}`)
    },
    async heard() {
      const response = await fetch(`${place}/messages`)
      const { messages } = (await response.json()) as { messages: OnPhone[] }
      return messages.filter(({ by }) => by === 'us').map(({ text }) => text)
    },
    async looks() {
      await fetch(`${place}/read`, { method: 'POST' })
    },
  }
}

/** Waits until exactly this has come, however often. Gives how often. */
export async function hears(customer: Customer, text: string): Promise<number> {
  return until(`«${text}» on the phone`, async () => {
    const times = (await customer.heard()).filter((one) => one === text).length
    return times > 0 && times
  })
}

export async function rowsOf({ api }: Operator, line: Connection): Promise<SessionRow[]> {
  const { rows } = await api('GET /api/inbox', { query: { view: 'open', limit: '200' } })
  return rows.filter(({ connectionId }) => connectionId === line.id)
}

/** The newest open session on a line, once it is as asked. */
export async function sessionOn(
  operator: Operator,
  line: Connection,
  is: (row: SessionRow) => boolean = () => true,
): Promise<SessionRow> {
  return until('the session', async () =>
    (await rowsOf(operator, line)).sort((a, b) => b.startedAt - a.startedAt).find(is),
  )
}

export async function factsOf({ api }: Operator, sessionId: SessionId): Promise<Fact[]> {
  const { facts } = await api('GET /api/sessions/:sessionId/facts', { params: { sessionId } })
  return facts
}

/** A moment as a grey line has to say it, reckoned here by other means than there. */
export function markerTime(at: number): string {
  const [date = '', time = ''] = new Date(at + tokyoAheadMs).toISOString().split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  return `${Number(day)} ${months[Number(month) - 1]} ${year}, ${time.slice(0, 5)}`
}

const tokyoAheadMs = 9 * 3_600_000
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export function utcTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  return `${Number(day)} ${months[Number(month) - 1]} ${year}, ${time.slice(0, 8)} UTC`
}

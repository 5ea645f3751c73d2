// Fills an empty product with the demo tenant: through the API and the webhooks, as a real company's
// day would, and never by inserting rows.

import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Connection } from '../shared/agent.ts'
import type { Role } from '../shared/permissions.ts'
import { apiAt, type Api } from './seed/api.ts'
import {
  agents,
  company,
  people,
  places,
  type OperatorKey,
  type PlaceName,
} from './seed/company.ts'
import { attendProducts, fillDatabase, layFields, productSystemAt } from './seed/database.ts'
import { attendPhones, newPhone, type Registration } from './seed/phones.ts'
import { play } from './seed/stage.ts'
import { stories } from './seed/stories.ts'
import type { Story } from './seed/steps.ts'
import { newVisitor } from './seed/visitor.ts'
import { seconds, type Say } from './terminal.ts'

/** What a script needs to drive the demo. Written to `demo.json` in the state folder. */
export interface Demo {
  readonly url: string
  /** The unpacked extension. */
  readonly extension: string
  readonly operators: readonly {
    readonly name: string
    readonly email: string
    readonly password: string
    readonly role: Role
  }[]
  readonly connections: readonly {
    readonly id: string
    readonly channel: string
    readonly hookUrl: string
    readonly secrets: Readonly<Record<string, string>>
  }[]
}

interface SeedOptions {
  readonly url: string
  readonly extension: string
  readonly stateDir: string
  readonly say: Say
}

/** The file that says the demo is there, and the one with what the sandbox must know of it. */
const demoFile = 'demo.json'
const sandboxFile = 'sandbox.json'
/** There while the demo is being made. */
const marker = 'seeding'

/** Makes the demo tenant, or takes up the one that is there at this address. */
export async function seed(options: SeedOptions): Promise<Demo> {
  const { url, stateDir, say } = options
  const known = await readJson<Registration[]>(join(stateDir, sandboxFile))
  if (!known) await writeFile(join(stateDir, marker), '')
  const registrations = known ?? (await found(options))
  // The sandbox forgets when it stops, and the address may be another than the last time.
  await attendPhones(url, registrations)
  await attendProducts(url)
  if (known && (await readJson<Demo>(join(stateDir, demoFile)))?.url !== url) {
    await moveHouse(url, registrations)
  }
  if (!known) {
    await fill(url, registrations, say)
    const { email, password } = people[1]
    const { token } = await apiAt(url)('POST /api/sign-in', { body: { email, password } })
    await fillDatabase(url, token, apiAt(url, token))
    say('loaded the campaigns and measured the conversations')
  }
  const demo = demoOf(options, registrations)
  await writeJson(join(stateDir, demoFile), demo)
  await writeJson(join(stateDir, sandboxFile), registrations)
  await rm(join(stateDir, marker), { force: true })
  return demo
}

/** Whether a state folder holds a demo that was never finished. */
export async function wasInterrupted(stateDir: string): Promise<boolean> {
  return stat(join(stateDir, marker)).then(
    () => true,
    () => false,
  )
}

/** The tenant, its people, connections and agents. */
async function found({ url, say }: SeedOptions): Promise<Registration[]> {
  const [owner, ...others] = people
  const { token } = await apiAt(url)('POST /api/sign-up', {
    body: {
      name: owner.name,
      email: owner.email,
      password: owner.password,
      company: company.name,
      timeZone: company.timeZone,
    },
  })
  const api = apiAt(url, token)
  await api('PATCH /api/settings', {
    body: {
      plan: 'paid',
      defaultCountry: company.defaultCountry,
      productUrl: productSystemAt(url),
    },
  })
  await layFields(api)
  for (const { name, email, password, role } of others) {
    await api('POST /api/members', { body: { name, email, password, role } })
  }
  say(`founded ${company.name} with ${people.length} people`)

  const registrations: Registration[] = []
  for (const place of Object.keys(places) as PlaceName[]) {
    registrations.push(await connect(url, api, place))
  }
  for (const [key, agent] of Object.entries(agents)) {
    const connections = registrations
      .filter(({ place }) => places[place].agent === key)
      .map(({ id }) => id)
    await api('POST /api/agents', { body: { ...agent, connections } })
  }
  say(`connected ${registrations.map(({ place }) => places[place].name).join(', ')}`)
  return registrations
}

async function connect(url: string, api: Api, place: PlaceName): Promise<Registration> {
  const { channel, name } = places[place]
  const config = configOf(place)
  const connection: Connection = await api('POST /api/connections', {
    body: {
      name,
      channel,
      config,
      ...(channel === 'web' ? {} : { baseUrl: `${url}/sandbox/${channel}` }),
    },
  })
  const made = { ...config, ...connection.settings }
  return { place, id: connection.id, channel, name, config: made }
}

function configOf(place: PlaceName): Record<string, string> {
  switch (places[place].channel) {
    case 'whatsapp':
      return {
        phoneNumberId: number(15),
        accessToken: secret(),
        appSecret: secret(),
        verifyToken: secret(),
      }
    case 'telegram':
      return { botToken: `${number(9)}:${secret()}`, secretToken: secret() }
    case 'web':
      return { allowedOrigins: '*' }
  }
}

function secret(): string {
  return randomBytes(18).toString('base64url')
}

function number(digits: number): string {
  return Array.from(randomBytes(digits), (byte) => (byte % 9) + 1).join('')
}

/** Plays the stories, with a line of progress every ten sessions. */
async function fill(url: string, registrations: readonly Registration[], say: Say): Promise<void> {
  const began = Date.now()
  const operators = await signInAll(url)
  const total = stories.reduce((sum, { sessions }) => sum + sessions.length, 0)
  const registrationOf = ({ on }: Story) => {
    const one = registrations.find(({ place }) => place === on)
    if (!one) throw new Error(`no connection for ${on}`)
    return one
  }
  say(`playing ${total} conversations …`)
  let told = 0
  const troubles = await play(stories, {
    operators,
    connectionOf: (story) => registrationOf(story).id,
    callerFor: (story) => {
      const registration = registrationOf(story)
      return registration.channel === 'web'
        ? newVisitor(url, registration.id, registration.config['widgetKey'] ?? '', story.parameters)
        : newPhone(url, registration, story)
    },
    played: (done) => {
      if (done - told < 10 && done !== total) return
      told = done
      say(`  ${done} of ${total}`)
    },
  })
  for (const trouble of troubles) say(`  ! ${trouble}`)
  say(`the demo has its conversations, in ${seconds(began)}`)
}

async function signInAll(url: string) {
  const all = await Promise.all(
    people.map(async ({ key, email, password }) => {
      const { token } = await apiAt(url)('POST /api/sign-in', { body: { email, password } })
      const api = apiAt(url, token)
      const { operator } = await api('GET /api/me')
      return [key, { id: operator.id as string, api }] as const
    }),
  )
  // Safe: the keys are those of `people`, every one of them.
  return Object.fromEntries(all) as Record<OperatorKey, { id: string; api: Api }>
}

/** The product runs at another address than the last time: the connections and settings are told. */
async function moveHouse(url: string, registrations: readonly Registration[]): Promise<void> {
  const { email, password } = people[0]
  const { token } = await apiAt(url)('POST /api/sign-in', { body: { email, password } })
  await apiAt(url, token)('PATCH /api/settings', { body: { productUrl: productSystemAt(url) } })
  for (const { id, channel } of registrations) {
    if (channel === 'web') continue
    await apiAt(url, token)('PATCH /api/connections/:connectionId', {
      params: { connectionId: id },
      body: { baseUrl: `${url}/sandbox/${channel}` },
    })
  }
}

/** The secrets that a script needs to speak as the provider does. */
const toldSecrets = {
  whatsapp: ['appSecret', 'verifyToken', 'phoneNumberId'],
  telegram: ['secretToken'],
  web: ['widgetKey'],
} as const

function demoOf({ url, extension }: SeedOptions, registrations: readonly Registration[]): Demo {
  return {
    url,
    extension,
    operators: people.map(({ name, email, password, role }) => ({ name, email, password, role })),
    connections: registrations.map(({ id, channel, config }) => ({
      id,
      channel,
      hookUrl: `${url}/hooks/${id}`,
      secrets: Object.fromEntries(toldSecrets[channel].map((name) => [name, config[name] ?? ''])),
    })),
  }
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    // Safe: this script wrote it.
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch {
    return undefined
  }
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
}

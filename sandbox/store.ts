// What the sandbox remembers: connections, phones and what is on them, files. All of it capped.

/** Whose customers have a phone here; a website's visitors have the widget. */
export type SandboxChannel = 'whatsapp' | 'telegram' | 'web'

/** A connection the sandbox plays the provider for. */
export interface SandboxConnection {
  readonly id: string
  readonly channel: SandboxChannel
  readonly name: string
  readonly hookUrl: string
  /** What the connection was made with: `appSecret`, `phoneNumberId`, `botToken` … */
  readonly secrets: Readonly<Record<string, string>>
}

export interface PhoneFile {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly size: number
}

/** One message on a phone, as its owner sees it. */
export interface PhoneMessage {
  /** Its place on this phone, for good: `?after=n` asks for what came later. */
  readonly n: number
  readonly id: string
  readonly by: 'customer' | 'us'
  readonly type: string
  readonly text: string
  readonly at: number
  readonly file?: PhoneFile
  readonly buttons?: readonly { readonly title: string; readonly payload: string }[]
  readonly place?: { readonly latitude: number; readonly longitude: number; readonly name?: string }
  readonly contact?: { readonly name: string; readonly phone: string }
  readonly replyTo?: string
  /** Of ours: how far it has come. Of the customer's: whether the hook took it. */
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  readonly note?: string
  /** The customer's reaction to it. */
  readonly reaction?: string
  readonly edited?: true
  readonly deleted?: true
  /** What the sender had added for itself. */
  readonly tracker?: string
}

export interface Phone {
  readonly address: string
  name: string
  username: string | undefined
  /** The owner wants nothing more from us. */
  blocked: boolean
  /** When the owner wrote last; undefined: never here. */
  lastInboundAt: number | undefined
  lastN: number
  lastMessageId: number
  messages: PhoneMessage[]
}

export interface SandboxFile extends PhoneFile {
  readonly connectionId: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What happens to one send: an answer of the provider's, a delay, no answer at all. */
export interface Fault {
  readonly status?: number | undefined
  readonly body?: unknown
  readonly delayMs?: number | undefined
  /** Accept the message and never answer. */
  readonly drop?: boolean | undefined
}

export interface SandboxStore {
  readonly connections: Map<string, SandboxConnection>
  readonly phones: Map<string, Map<string, Phone>>
  readonly files: Map<string, SandboxFile>
  readonly faults: Map<string, Fault[]>
  lastUpdateId: number
}

const mostPhones = 2000
const mostMessages = 500
const mostFiles = 200
const mostFileBytes = 128 * 1024 * 1024

export function newStore(): SandboxStore {
  return {
    connections: new Map(),
    phones: new Map(),
    files: new Map(),
    faults: new Map(),
    lastUpdateId: 0,
  }
}

export function phonesOf(store: SandboxStore, connectionId: string): Map<string, Phone> {
  const known = store.phones.get(connectionId)
  if (known) return known
  const phones = new Map<string, Phone>()
  store.phones.set(connectionId, phones)
  return phones
}

/** The phone at an address; new when nobody has written from or to it. */
export function phoneAt(
  store: SandboxStore,
  connectionId: string,
  address: string,
  now: number,
): Phone {
  const phones = phonesOf(store, connectionId)
  const known = phones.get(address)
  if (known) return known
  const phone: Phone = {
    address,
    name: address,
    username: undefined,
    blocked: false,
    lastInboundAt: undefined,
    lastN: 0,
    // From the clock, so that a sandbox that has forgotten all gives no id a second time.
    lastMessageId: Math.max(0, Math.floor(now / 1000) - 1_700_000_000),
    messages: [],
  }
  phones.set(address, phone)
  dropOldest(phones, mostPhones)
  return phone
}

export function addMessage(phone: Phone, message: Omit<PhoneMessage, 'n'>): PhoneMessage {
  phone.lastN += 1
  const added = { n: phone.lastN, ...message }
  phone.messages.push(added)
  if (phone.messages.length > mostMessages) phone.messages.shift()
  return added
}

export function changeMessage(
  phone: Phone,
  id: string,
  change: Partial<PhoneMessage>,
): PhoneMessage | undefined {
  const index = phone.messages.findIndex((one) => one.id === id)
  const message = phone.messages[index]
  if (!message) return undefined
  const changed = { ...message, ...change }
  phone.messages[index] = changed
  return changed
}

export function keepFile(
  store: SandboxStore,
  connectionId: string,
  file: { readonly name: string; readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> },
): SandboxFile {
  const kept = { ...file, id: randomDigits(16), size: file.bytes.byteLength, connectionId }
  store.files.set(kept.id, kept)
  dropOldest(store.files, mostFiles)
  let total = 0
  for (const { size } of store.files.values()) total += size
  for (const { id, size } of store.files.values()) {
    if (total <= mostFileBytes || id === kept.id) break
    store.files.delete(id)
    total -= size
  }
  return kept
}

/** An update's number: always higher than the one before, after a restart too. */
export function nextUpdateId(store: SandboxStore, now: number): number {
  store.lastUpdateId = Math.max(store.lastUpdateId + 1, now)
  return store.lastUpdateId
}

export function nextMessageId(phone: Phone): number {
  phone.lastMessageId += 1
  return phone.lastMessageId
}

export function newWamid(): string {
  return `wamid.${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(30))))}`
}

function randomDigits(count: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => (byte % 9) + 1).join(
    '',
  )
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}

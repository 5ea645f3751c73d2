// What the Playground asks of the provider sandbox: the customer's side of each channel.

import type { Owner } from './owner.ts'

/** A connection of the demo, as something to play with. */
export interface DemoConnection {
  readonly id: string
  readonly name: string
  readonly device: 'phone' | 'site'
  /** How a customer is addressed there. */
  readonly addresses: 'numbers' | 'usernames' | 'none'
  /** What a website's snippet carries. */
  readonly key: string
}

/** One message as a phone shows it. */
export interface Shown {
  readonly id: string
  readonly by: 'customer' | 'us'
  readonly text: string
  readonly at: number
  readonly file?: { readonly id: string; readonly name: string; readonly type: string }
  readonly buttons?: readonly Choice[]
  readonly place?: { readonly latitude: number; readonly longitude: number; readonly name?: string }
  readonly contact?: { readonly name: string; readonly phone: string }
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  readonly note?: string
  readonly reaction?: string
  readonly edited?: true
  readonly deleted?: true
}

export interface Choice {
  readonly title: string
  readonly payload: string
}

/** One customer's phone on one connection. What it can't do is thrown, in words. */
export interface PhoneLine {
  act(act: object): Promise<void>
  /** The owner looks at it: what came is read. */
  look(): void
  hangUp(): void
}

const pollMs = 1000

/** The demo's connections; nothing where there is no sandbox. */
export async function readDemo(): Promise<readonly DemoConnection[] | undefined> {
  const response = await fetch('/sandbox/connections').catch(() => undefined)
  if (!response?.ok || !response.headers.get('Content-Type')?.includes('json')) return undefined
  const { connections } = (await response.json()) as {
    connections: { id: string; name: string; channel: string; widgetKey?: string }[]
  }
  return connections.map(({ id, name, channel, widgetKey = '' }) => ({
    id,
    name,
    key: widgetKey,
    device: channel === 'web' ? 'site' : 'phone',
    addresses: channel === 'web' ? 'none' : channel === 'telegram' ? 'usernames' : 'numbers',
  }))
}

/** Who has written on a connection, the latest first. */
export async function knownOwners({ id }: DemoConnection): Promise<Owner[]> {
  const response = await fetch(`/sandbox/phones/${encodeURIComponent(id)}`).catch(() => undefined)
  if (!response?.ok) return []
  const { phones } = (await response.json()) as {
    phones: { address: string; name: string; username?: string; last: { at: number } | null }[]
  }
  return phones
    .sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0))
    .map(({ address, name, username }) => ({ name, address: username ?? address }))
}

/** Follows a phone: tells of all that is on it at every change. */
export function lineFor(
  { id }: DemoConnection,
  owner: Owner,
  changed: (shown: readonly Shown[]) => void,
): PhoneLine {
  const place = `/sandbox/phones/${encodeURIComponent(id)}/${encodeURIComponent(owner.address)}`
  let before = ''
  let isUp = true

  /** Asks for all of it: a phone is small, and what is on it changes as reports come in. */
  async function poll(): Promise<void> {
    const response = await fetch(`${place}/messages`)
    const text = await response.text()
    if (!response.ok || !isUp || text === before) return
    before = text
    const { messages } = JSON.parse(text) as { messages: Shown[] }
    if (messages.length > 0) changed(messages)
  }

  async function follow(): Promise<void> {
    // The product may be starting anew: it is asked again.
    if (!document.hidden) await poll().catch(() => undefined)
    if (isUp) setTimeout(() => void follow(), pollMs)
  }
  void follow()

  return {
    async act(act) {
      const response = await fetch(`${place}/messages`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: owner.name, ...act }),
      })
      const answer = (await response.json().catch(() => ({}))) as {
        error?: string
        status?: number
      }
      if (!response.ok) throw new Error(answer.error ?? `The sandbox answered ${response.status}`)
      await poll()
      const { status = 200 } = answer
      if (status !== 200)
        throw new Error(`The product did not take it: its hook answered ${status}`)
    },
    look() {
      void fetch(`${place}/read`, { method: 'POST' }).catch(() => undefined)
    },
    hangUp() {
      isUp = false
    },
  }
}

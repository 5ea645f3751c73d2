// Phones of the provider sandbox: what is done on one comes to the product as a signed webhook.

import type { Caller } from './caller.ts'
import type { PlaceName } from './company.ts'
import { png } from './picture.ts'
import type { Story } from './steps.ts'

/** A connection of the demo with all that the sandbox must know to play its provider. */
export interface Registration {
  readonly place: PlaceName
  readonly id: string
  readonly channel: 'whatsapp' | 'telegram' | 'web'
  readonly name: string
  readonly config: Readonly<Record<string, string>>
}

interface PhoneMessage {
  readonly id: string
  readonly by: 'customer' | 'us'
  readonly buttons?: readonly { readonly title: string; readonly payload: string }[]
}

/** Tells the sandbox which connections it plays the provider for. */
export async function attendPhones(
  url: string,
  registrations: readonly Registration[],
): Promise<void> {
  for (const { id, channel, name, config } of registrations) {
    const response = await fetch(`${url}/sandbox/connections/${id}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ channel, name, hookUrl: `${url}/hooks/${id}`, secrets: config }),
    })
    if (!response.ok) {
      throw new Error(`the sandbox answered ${response.status}: ${await response.text()}`)
    }
  }
}

/** The phone of a story's customer. */
export async function newPhone(
  url: string,
  { id, channel }: Registration,
  story: Story,
): Promise<Caller> {
  const { name, address } = story
  const place = `${url}/sandbox/phones/${id}/${address}`
  let cutOff = false

  async function act(what: object): Promise<void> {
    const response = await fetch(`${place}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name, ...what }),
    })
    if (!response.ok)
      throw new Error(`the phone answered ${response.status}: ${await response.text()}`)
    const { status } = (await response.json()) as { status: number }
    if (status !== 200) throw new Error(`the hook answered ${status}`)
  }

  async function heard(): Promise<PhoneMessage[]> {
    const response = await fetch(`${place}/messages`)
    const { messages } = (await response.json()) as { messages: PhoneMessage[] }
    return messages.filter(({ by }) => by === 'us')
  }

  return {
    contact: channel === 'telegram' ? address : `+${address}`,
    get isCutOff() {
      return cutOff
    },
    says: (text) => act({ type: 'text', text }),
    async taps(title) {
      const all = await heard()
      const offer = all.findLast(({ buttons }) => buttons?.some((one) => one.title === title))
      const button = offer?.buttons?.find((one) => one.title === title)
      if (!offer || !button) throw new Error(`nothing to tap says «${title}»`)
      await act({ type: 'button', button, target: offer.id })
    },
    picture: (text) =>
      act({
        type: 'image',
        text,
        file: {
          name: 'photo.png',
          type: 'image/png',
          base64: Buffer.from(png()).toString('base64'),
        },
      }),
    place: (name, [latitude, longitude]) =>
      act({ type: 'location', location: { latitude, longitude, name } }),
    card: (name, phone) => act({ type: 'contact', contact: { name, phone } }),
    async reacts(emoji) {
      const target = (await heard()).at(-1)?.id
      await act({ type: 'reaction', emoji, target })
    },
    async unreachable() {
      cutOff = true
      await act({ type: 'block' })
    },
    heardCount: async () => (await heard()).length,
    // The owner looks at the phone: what has come is read.
    leave: async () => {
      await fetch(`${place}/read`, { method: 'POST' })
    },
  }
}

// For the channels' tests: envelopes, a provider that answers by script, a line that remembers.

import { expect } from 'vitest'

import type { Fetch } from '../base/egress.ts'
import { toHex, utf8 } from '../base/crypto.ts'
import { SendError, type Config, type Envelope, type Outbound, type Ports } from './channel.ts'
import { newToken } from './lib/visitor-token.ts'

export const configs = {
  whatsapp: {
    phoneNumberId: '5550100',
    accessToken: 'EAAtoken',
    appSecret: 'app-secret',
    verifyToken: 'verify-me',
  },
  telegram: { botToken: '42:bot-token', secretToken: 'secret-token' },
  web: { allowedOrigins: 'https://shop.example', widgetKey: 'key', signingSecret: 'signing' },
} satisfies Record<string, Config>

export const visitor = 'v_0123456789abcdefghijklmnop'

export function envelope(body: unknown, headers: Record<string, string> = {}): Envelope {
  return {
    method: 'POST',
    url: new URL('https://alongside.example/hooks/con_1'),
    headers: new Headers(headers),
    body: utf8(typeof body === 'string' ? body : JSON.stringify(body)),
  }
}

/** The header by which each channel's provider, or visitor, proves itself. */
export const proofs: Record<
  keyof typeof configs,
  { readonly header: string; value(body: string): Promise<string> }
> = {
  whatsapp: { header: 'X-Hub-Signature-256', value: (body) => sign('app-secret', body) },
  telegram: {
    header: 'X-Telegram-Bot-Api-Secret-Token',
    value: async () => 'secret-token',
  },
  web: {
    header: 'Authorization',
    value: async () => `Bearer ${await newToken('signing', visitor, Date.now())}`,
  },
}

/** Signed by hand, so that the test doesn't lean on what it tests. */
export async function sign(secret: string, body: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', utf8(secret), algorithm, false, ['sign'])
  return `sha256=${toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(body))))}`
}

export const outbound: Outbound = {
  id: 'msg_1',
  to: '13125550142',
  text: 'Good morning',
  files: [],
  quickReplies: [],
}

export interface Asked {
  readonly url: string
  readonly init: RequestInit
}

/** Ports whose provider gives these answers, one for each request, and remembers the requests. */
export function script(baseUrl: string, ...answers: (Response | Error)[]) {
  const asked: Asked[] = []
  const shown: Outbound[] = []
  const fetch: Fetch = async (url, init = {}) => {
    const answer = answers[asked.length]
    asked.push({ url, init })
    if (!answer) throw new Error('the script has no answer for this request')
    if (answer instanceof Error) throw answer
    return answer
  }
  const line = {
    async show(message: Outbound) {
      shown.push(message)
    },
  }
  const ports: Ports = { fetch, baseUrl, line }
  return { asked, shown, ports }
}

export function jsonOf({ init }: Asked): unknown {
  return JSON.parse(String(init.body))
}

/** The trouble a send ended in. Fails when it ended well or with anything but a `SendError`. */
export async function troubleOf(sending: Promise<unknown>): Promise<SendError> {
  const error: unknown = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SendError)
  // Safe: that is what has just been expected.
  return error as SendError
}

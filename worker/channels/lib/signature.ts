// The signature of Meta's webhooks, over the raw bytes.

import { fromHex, hmacIsRight } from '../../base/crypto.ts'
import type { Envelope } from '../channel.ts'

/** Whether `X-Hub-Signature-256` is right for the body under the app's secret. Never throws. */
export async function hubSignatureIsRight(envelope: Envelope, appSecret: string): Promise<boolean> {
  const header = envelope.headers.get('X-Hub-Signature-256') ?? ''
  const hex = /^sha256=([0-9a-f]{64})$/.exec(header)?.[1]
  const signature = hex && fromHex(hex)
  return signature ? hmacIsRight(appSecret, envelope.body, signature) : false
}

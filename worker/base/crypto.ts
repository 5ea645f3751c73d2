// Secrets at rest, signatures and hashes. WebCrypto only.

const decoder = new TextDecoder()

/** The bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  // Safe: an encoder makes a buffer of its own; only the type says it could be a shared one.
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

/**
 * Encrypts a text with AES-GCM under the worker's key. `place` (a row's id) is bound in: a
 * ciphertext moved to another row does not open.
 */
export async function seal(secretKey: string, place: string, plain: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const additionalData = utf8(place)
  const key = await aesKey(secretKey)
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData },
    key,
    utf8(plain),
  )
  return `${toBase64(iv)}.${toBase64(new Uint8Array(sealed))}`
}

/** Opens what `seal` closed. Throws when the key or the place is another. */
export async function unseal(secretKey: string, place: string, sealed: string): Promise<string> {
  const [iv = '', body = ''] = sealed.split('.')
  const key = await aesKey(secretKey)
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: fromBase64(iv), additionalData: utf8(place) },
    key,
    fromBase64(body),
  )
  return decoder.decode(plain)
}

/** HMAC-SHA256 of bytes under a text key. */
export async function hmac(
  key: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await hmacKey(key, 'sign'), bytes))
}

/** Whether a signature is right, in constant time. An empty key signs nothing. */
export async function hmacIsRight(
  key: string,
  bytes: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (key === '') return false
  return crypto.subtle.verify('HMAC', await hmacKey(key, 'verify'), signature, bytes)
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export async function sameText(given: string, right: string): Promise<boolean> {
  if (right === '') return false
  // By the signature of one under the other: `verify` takes its time everywhere, in tests too.
  return hmacIsRight(right, utf8(given), await hmac(right, utf8(right)))
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

export async function sha256Hex(value: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await sha256(typeof value === 'string' ? utf8(value) : value))
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The bytes of a hex text, or nothing when it is none. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> | undefined {
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) return undefined
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}

function aesKey(secretKey: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', fromBase64(secretKey), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ])
}

function hmacKey(key: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', utf8(key), { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}

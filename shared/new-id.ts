// Ids: a prefix that says what it is, and 128 random bits. Free of zod, so that any surface may make one.

/** What each id's prefix stands for. */
export const idPrefixes = {
  ten: 'tenant',
  opr: 'operator',
  con: 'connection',
  agt: 'agent',
  cus: 'customer',
  ses: 'session',
  msg: 'message',
  nte: 'note',
  dft: 'draft',
  fil: 'file',
  cmd: 'command',
  aud: 'audit row',
  flt: 'saved filter',
  cmp: 'campaign',
  upl: 'upload',
  chg: 'change of a field',
  mrg: 'merge',
  run: 'analysis run',
} as const
export type IdPrefix = keyof typeof idPrefixes

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'
const length = 26

/** A new id like `ses_4k…`: 26 characters of 36, more than 128 bits when the bytes are even. */
export function newId<Prefix extends IdPrefix>(prefix: Prefix): string & IdBrand<Prefix> {
  let id = ''
  while (id.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      // 252 is the largest multiple of 36 in a byte: what lies above would favour the first letters.
      if (byte < 252 && id.length < length) id += alphabet[byte % 36]
    }
  }
  // Safe: it was made for this prefix one line above.
  return `${prefix}_${id}` as string & IdBrand<Prefix>
}

declare const brand: unique symbol
/** Marks a string as the id of one kind of thing, so that two kinds can't be mixed up. */
export interface IdBrand<Prefix extends IdPrefix> {
  readonly [brand]: Prefix
}

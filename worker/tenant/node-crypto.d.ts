// The one function of node:crypto the worker uses, which WebCrypto does not have.

declare module 'node:crypto' {
  export function scrypt(
    password: string,
    salt: Uint8Array,
    keyBytes: number,
    options: { readonly N: number; readonly r: number; readonly p: number },
    done: (error: Error | null, key: Uint8Array<ArrayBuffer>) => void,
  ): void
}

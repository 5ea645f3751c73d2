// As much of Node as the test of language models needs: the worker's own types know none of it.

declare module 'node:http' {
  export interface IncomingMessage extends AsyncIterable<Uint8Array> {
    readonly url?: string
    readonly headers: Readonly<Record<string, string | undefined>>
  }
  export interface ServerResponse {
    writeHead(status: number, headers: Record<string, string>): void
    write(text: string): void
    end(text: string): void
    destroy(): void
    on(event: 'close', listener: () => void): void
  }
  export interface Server {
    listen(port: number, host: string, listener: () => void): void
    address(): { readonly port: number }
    close(): void
  }
  export function createServer(
    listener: (request: IncomingMessage, response: ServerResponse) => void,
  ): Server
}

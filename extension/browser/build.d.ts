// What the build puts in, and what WXT would say in generated files we do without.

import 'wxt/browser'

declare module 'wxt/browser' {
  interface WxtRuntime {
    getURL(path: string): string
  }
}

declare global {
  interface ImportMetaEnv {
    readonly ALONGSIDE_URL: string
  }
  interface ImportMeta {
    readonly env: ImportMetaEnv
  }
}

// How the extension is built, and all it asks of the browser.

import { defineConfig } from 'wxt'

/** The worker this build talks to: the only host it may reach. */
const url = (process.env.ALONGSIDE_URL ?? 'http://localhost:8787').replace(/\/+$/, '')
const { origin, hostname } = new URL(url)
const socketOrigin = origin.replace(/^http/, 'ws')
const isLocal = hostname === 'localhost' || hostname === '127.0.0.1'

/**
 * Keeps the id of local builds the same on every machine: knofommopmdadkgmhmmnpkhkdeopipnl.
 * The store gives a published extension its own key.
 */
const localKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1XOj8gHu/tw4GGTaV5lzpW2lye8l+3yXS0HORSz5MiCGPNP61PRjhD3j1gxo0yAMEnqLPebcPVMY/BojWE7OGDE4PUZq3oCUyKV37I859a+Rdun2GWM5IlcX9ak87RCjV3GDUw2BbztcDfbHs+9yhC5K5k4NwvYBzABJ1GSx4xrqqbHYX8563QqYjyoHJNJlevkaAO1r4Vt6HdTdWdrZBW3HkTxBSMyxt1koID7HTGAyBNGdwpcbsdKDGSTC7TuqwQLIFqS3mN6bNqJl2vIo+eDClsR58aliTLh47LhoCWAWEErKOpPgYEKCsjhzeaM31GnUmHlat9x/EvTovSg0bwIDAQAB'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  `connect-src ${origin} ${socketOrigin}`,
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

export default defineConfig({
  srcDir: 'extension',
  outDir: process.env.ALONGSIDE_OUT ?? '.output',
  publicDir: 'extension/public',
  imports: false,
  manifest: ({ command }) => ({
    name: 'Alongside',
    description: 'Find a customer, read the conversation and step in, beside whatever tab is open.',
    ...(isLocal ? { key: localKey } : {}),
    // The first with position-area, which menus and hints are placed by.
    minimum_chrome_version: '129',
    permissions: [
      'sidePanel',
      'contextMenus',
      'storage',
      'scripting',
      'activeTab',
      'notifications',
    ],
    host_permissions: [`${origin}/*`],
    // The development server has to write into the page; what is shipped does not.
    ...(command === 'build' ? { content_security_policy: { extension_pages: policy } } : {}),
    action: { default_title: 'Alongside' },
    side_panel: { default_path: 'sidepanel.html' },
    commands: {
      _execute_action: {
        suggested_key: { default: 'Alt+Shift+A' },
        description: 'Open the panel',
      },
    },
  }),
  vite: () => ({
    define: { 'import.meta.env.ALONGSIDE_URL': JSON.stringify(origin) },
    build: { target: 'es2023', modulePreload: { polyfill: false }, sourcemap: false },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  }),
})

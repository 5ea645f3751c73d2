// Chrome's storage as the core knows it. No content script can read either area.

import { browser } from 'wxt/browser'

import type { Area } from '../core/environment.ts'

/** Keeps both areas to pages of ours; `local` is open to content scripts unless told otherwise. */
export function guardStorage(): void {
  const trusted = { accessLevel: 'TRUSTED_CONTEXTS' } as const
  void browser.storage.session.setAccessLevel(trusted)
  void browser.storage.local.setAccessLevel?.(trusted)
}

export function chromeArea(name: 'session' | 'local'): Area {
  const area = browser.storage[name]
  return {
    get: async (key) => (await area.get(key))[key],
    set: (key, value) => area.set({ [key]: value }),
    remove: (key) => area.remove(key),
    keys: async (prefix) => Object.keys(await area.get()).filter((key) => key.startsWith(prefix)),
  }
}

// The core's port, filled by Chrome, for the panel and the workspace of the extension.

import { browser } from 'wxt/browser'

import type { Environment } from '../core/environment.ts'
import { panelAddress, workspaceAddress, workspaceUrl } from './addresses.ts'
import { chromeArea } from './areas.ts'
import { takeIntents } from './intents.ts'
import { showCount, showNotice } from './notices.ts'
import { workerUrl } from './worker.ts'

export function chromeEnvironment(surface: 'panel' | 'workspace'): Environment {
  // Nobody counts while no page of ours is open: no number is better than an old one.
  addEventListener('pagehide', () => showCount(0))
  return {
    surface,
    workerUrl,
    socketUrl: workerUrl.replace(/^http/, 'ws'),
    signInBy: 'bearer',
    storage: { session: chromeArea('session'), local: chromeArea('local') },
    onKept(listener) {
      const hear = (changes: Record<string, unknown>) => {
        for (const key of Object.keys(changes)) listener(key)
      }
      browser.storage.onChanged.addListener(hear)
      return () => browser.storage.onChanged.removeListener(hear)
    },
    address: surface === 'panel' ? panelAddress() : workspaceAddress(),
    locale: navigator.language,
    fetch: (input, init) => fetch(input, init),
    socket: (url, protocols) => new WebSocket(url, protocols),
    online: {
      is: () => navigator.onLine,
      onChange(listener) {
        addEventListener('online', listener)
        addEventListener('offline', listener)
        return () => {
          removeEventListener('online', listener)
          removeEventListener('offline', listener)
        }
      },
    },
    now: () => Date.now(),
    random: () => Math.random(),
    openTab: (path) => void browser.tabs.create({ url: workspaceUrl(path) }),
    notify: showNotice,
    badge: showCount,
    // Only the panel was asked to look something up.
    onIntent: surface === 'panel' ? takeIntents : () => () => undefined,
  }
}

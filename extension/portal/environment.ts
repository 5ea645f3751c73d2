// The core's port, filled by a plain web page of the worker's own origin.

import type { Address, Area, Environment } from '../core/environment.ts'

/** The worker's cookie says who asks; a script can't read it, and every tab has it. */
export function webEnvironment(): Environment {
  return {
    surface: 'portal',
    workerUrl: '',
    socketUrl: location.origin.replace(/^http/, 'ws'),
    signInBy: 'cookie',
    storage: { session: webArea(sessionStorage), local: webArea(localStorage) },
    onKept(listener) {
      const hear = ({ key }: StorageEvent) => {
        if (key?.startsWith(prefix)) listener(key.slice(prefix.length))
      }
      addEventListener('storage', hear)
      return () => removeEventListener('storage', hear)
    },
    address: webAddress(),
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
    openTab: (path) => void window.open(path, '_blank', 'noopener'),
    notify({ id, title, body, sessionId }) {
      // Whoever has not allowed it still has the number in the tab's title.
      if (!('Notification' in window) || Notification.permission !== 'granted') return
      const notice = new Notification(title, { body, tag: id, icon: '/icon.png' })
      notice.addEventListener('click', () => window.open(`/human-agents/${sessionId}`, '_blank'))
    },
    badge(count) {
      document.title = count === 0 ? 'Alongside' : `(${count}) Alongside`
    },
    onIntent: () => () => undefined,
  }
}

const prefix = 'alongside:'

function webArea(storage: Storage): Area {
  return {
    async get(key) {
      const text = storage.getItem(prefix + key)
      return text === null ? undefined : parsed(text)
    },
    async set(key, value) {
      storage.setItem(prefix + key, JSON.stringify(value))
    },
    async remove(key) {
      storage.removeItem(prefix + key)
    },
    async keys(start) {
      return Object.keys(storage)
        .filter((key) => key.startsWith(prefix + start))
        .map((key) => key.slice(prefix.length))
    },
  }
}

/** What somebody else has written there is as good as nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function webAddress(): Address {
  return {
    read: () => location.pathname + location.search,
    push: (path) => history.pushState({ depth: depth() + 1 }, '', path),
    replace: (path) => history.replaceState({ depth: depth() }, '', path),
    back: () => history.back(),
    depth,
    onMove(listener) {
      addEventListener('popstate', listener)
      return () => removeEventListener('popstate', listener)
    },
    href: (path) => path,
  }
}

function depth(): number {
  return (history.state as { depth?: number } | null)?.depth ?? 0
}

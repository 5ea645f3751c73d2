// Where an extension page keeps its address: the panel in memory, the workspace behind the `#`.

import { browser } from 'wxt/browser'

import type { Address } from '../core/environment.ts'

const page = '/workspace.html'

/** The workspace's page at a path, as an address of its own. */
export function workspaceUrl(path: string): string {
  return browser.runtime.getURL(`${page}#${path}`)
}

/** The panel has no address bar: a stack, and links that lead into the workspace. */
export function panelAddress(): Address {
  const stack = ['/']
  const listeners = new Set<() => void>()
  return {
    read: () => stack.at(-1) ?? '/',
    push: (path) => void stack.push(path),
    replace: (path) => void stack.splice(-1, 1, path),
    back() {
      if (stack.length === 1) return
      stack.pop()
      for (const listener of listeners) listener()
    },
    depth: () => stack.length - 1,
    onMove(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    href: workspaceUrl,
  }
}

export function workspaceAddress(): Address {
  return {
    read: () => location.hash.slice(1) || '/',
    push: (path) => history.pushState({ depth: depth() + 1 }, '', `#${path}`),
    replace: (path) => history.replaceState({ depth: depth() }, '', `#${path}`),
    back: () => history.back(),
    depth,
    onMove(listener) {
      addEventListener('popstate', listener)
      return () => removeEventListener('popstate', listener)
    },
    href: (path) => `${page}#${path}`,
  }
}

function depth(): number {
  return (history.state as { depth?: number } | null)?.depth ?? 0
}

// A wish to look something up, on its way from the background to the panel. It lies in the session
// area, so that a panel that is still opening finds it.

import { browser } from 'wxt/browser'

import type { Intent } from '../core/environment.ts'

const key = 'intent'

/** Leaves a wish for the panel of a window. */
export function leaveIntent(text: string, windowId: number): Promise<void> {
  return browser.storage.session.set({ [key]: { text, at: Date.now(), windowId } })
}

/** Takes the wishes meant for this window, each once. */
export function takeIntents(take: (intent: Intent) => void): () => void {
  const mine = browser.windows.getCurrent()
  const look = async (kept: unknown): Promise<void> => {
    if (!isLeft(kept) || kept.windowId !== (await mine).id) return
    await browser.storage.session.remove(key)
    take({ text: kept.text, at: kept.at })
  }
  const listener = (changes: Record<string, { newValue?: unknown }>) => {
    if (changes[key]) void look(changes[key].newValue)
  }
  browser.storage.session.onChanged.addListener(listener)
  void browser.storage.session.get(key).then((kept) => look(kept[key]))
  return () => browser.storage.session.onChanged.removeListener(listener)
}

function isLeft(kept: unknown): kept is Intent & { windowId: number } {
  return typeof kept === 'object' && kept !== null && 'text' in kept && 'windowId' in kept
}

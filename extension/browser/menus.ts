// The context menu: a selection, a link or a text field, looked up in the panel.

import { browser, type Browser } from 'wxt/browser'

import { queryIn } from '../page/detect.ts'
import { words } from '../words.ts'
import { leaveIntent } from './intents.ts'

const lookUp = 'look-up'

/** Makes the menu anew; an update of the extension may have changed its words. */
export function makeMenus(): void {
  browser.contextMenus.removeAll(() => {
    browser.contextMenus.create({
      id: lookUp,
      title: words.menu.lookUp,
      contexts: ['selection'],
    })
    browser.contextMenus.create({
      id: `${lookUp}-link`,
      title: words.menu.lookUpLink,
      contexts: ['link'],
      targetUrlPatterns: ['mailto:*', 'tel:*', 'https://wa.me/*', 'https://t.me/*'],
    })
  })
}

export function followMenus(): void {
  browser.contextMenus.onClicked.addListener(onClicked)
}

function onClicked(info: Browser.contextMenus.OnClickData, tab?: Browser.tabs.Tab): void {
  if (!String(info.menuItemId).startsWith(lookUp) || !tab) return
  // First, and before anything is awaited: Chrome opens the panel only within the very click.
  void browser.sidePanel.open({ windowId: tab.windowId })
  const text = info.selectionText ?? info.linkUrl ?? ''
  void leaveIntent(queryIn(text), tab.windowId)
}

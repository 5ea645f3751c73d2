// Notifications and the number on the action's icon.

import { browser } from 'wxt/browser'

import type { Notice } from '../core/environment.ts'
import { workspaceUrl } from './addresses.ts'

const prefix = 'handover:'

/** Shows a notice. Its id says which session it is of, for the click that may come much later. */
export function showNotice({ id, title, body }: Notice): void {
  void browser.notifications.create(prefix + id, {
    type: 'basic',
    iconUrl: browser.runtime.getURL('/icon/128.png'),
    title,
    message: body,
  })
}

/** Opens the session of a notice that was clicked. */
export function followNotices(): void {
  browser.notifications.onClicked.addListener((id) => {
    if (!id.startsWith(prefix)) return
    const [sessionId = ''] = id.slice(prefix.length).split(':')
    void browser.tabs.create({ url: workspaceUrl(`/human-agents/${sessionId}`) })
    void browser.notifications.clear(id)
  })
}

export function showCount(count: number): void {
  void browser.action.setBadgeText({ text: count === 0 ? '' : count > 99 ? '99+' : String(count) })
  void browser.action.setBadgeBackgroundColor({ color: '#b42318' })
}

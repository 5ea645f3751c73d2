// What Chrome wakes: menus, the action, notices.

import { browser } from 'wxt/browser'
import { defineBackground } from 'wxt/utils/define-background'

import { guardStorage } from '../browser/areas.ts'
import { followMenus, makeMenus } from '../browser/menus.ts'
import { followNotices } from '../browser/notices.ts'

export default defineBackground(() => {
  guardStorage()
  void browser.sidePanel.setPanelBehavior({ openPanelOnActionClick: true })
  browser.runtime.onInstalled.addListener(makeMenus)
  followMenus()
  followNotices()
})

// «Look up in Alongside»: from a selection on some page to the customer in the panel. Chrome's own
// menu can't be clicked without a screen, so its event is given to the extension's handler.

import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'

export async function playLookup(desk: Desk, crm: string, check: Check): Promise<void> {
  const { tab } = desk
  await tab.goto(crm)
  const selections = [
    ['a phone number in an odd format', '+46 (0)70-174 06 05', 'Maria Silva'],
    ['an email in brackets', ' <maria.silva@example.com>, ', 'Maria Silva'],
    ['a @username', '@tomas_ek', 'Tomas Ek'],
    ['a name', 'Tomas Ek', 'Tomas Ek'],
  ] as const
  for (const [what, selectionText, name] of selections) {
    await check(`a selection, ${what}, opens the customer`, async () => {
      await toStart(desk)
      await choose(desk, { menuItemId: 'look-up', selectionText })
      await shows(desk, name)
    })
  }
  await check('a mailto: link opens the customer', async () => {
    await toStart(desk)
    await choose(desk, { menuItemId: 'look-up-link', linkUrl: 'mailto:maria.silva@example.com' })
    await shows(desk, 'Maria Silva')
  })
  await check('a selection nobody is known by says so', async () => {
    await choose(desk, { menuItemId: 'look-up', selectionText: 'nobody@nowhere.example' })
    await desk.panel.getByText('No customer found for “nobody@nowhere.example”.').waitFor()
  })
  await check('a panel that was closed opens on the customer', async () => {
    await desk.closePanel()
    await choose(desk, { menuItemId: 'look-up', selectionText: '+46 70 174 06 05' })
    await desk.openPanel(crm)
    await shows(desk, 'Maria Silva')
  })
  await check('the search box finds by phone, email, @username and name', async () => {
    const box = desk.panel.getByRole('searchbox', { name: 'Find a customer' })
    const results = desk.panel.getByRole('main')
    for (const [query, name] of [
      ['0046 70 174 06 05', 'Maria Silva'],
      ['46701740605', 'Maria Silva'],
      ['MARIA.SILVA@EXAMPLE.COM', 'Maria Silva'],
      ['@Tomas_Ek', 'Tomas Ek'],
      ['silv', 'Maria Silva'],
    ] as const) {
      await box.fill(query)
      await results.getByRole('link', { name: new RegExp(name) }).waitFor()
    }
    await box.fill('zzz nobody zzz')
    await desk.panel.getByText('No customer found for “zzz nobody zzz”.').waitFor()
    await box.press('Escape')
    await until('an empty box', async () => (await box.inputValue()) === '')
    await box.fill('silv')
    await box.press('Enter')
    await shows(desk, 'Maria Silva')
  })
}

async function toStart({ panel }: Desk): Promise<void> {
  await panel.getByRole('link', { name: 'Recent' }).click()
  await panel.getByRole('region', { name: 'Customer profile' }).waitFor({ state: 'hidden' })
}

async function choose(desk: Desk, info: Record<string, string>): Promise<void> {
  await desk.inBackground(`(async () => {
    const [tab] = await chrome.tabs.query({ active: true })
    chrome.contextMenus.onClicked.dispatch(${JSON.stringify(info)}, tab)
  })()`)
}

async function shows({ panel }: Desk, name: string): Promise<void> {
  const profile = panel.getByRole('region', { name: 'Customer profile' })
  await profile.getByRole('heading', { name, level: 1 }).waitFor()
}

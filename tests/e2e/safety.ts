// Text that wants to be more than text, wherever somebody else can write it.

import { deepEqual, equal, ok } from 'node:assert/strict'

import type { Page } from 'playwright-core'

import { newId } from '../../shared/new-id.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { messages, signIn, toInbox } from './story.ts'
import { phone, sessionOn, type World } from './world.ts'

/** Everything that asks for it goes here. */
const bait = 'evil.example'
const name = `<img src=x onerror="pwn=1"> Mal`
const texts: readonly [string, string, string, string, string, ...string[]] = [
  `<script>pwn=1</script><img src="https://${bait}/a.png" onerror="pwn=1">`,
  `![picture](https://${bait}/b.png) ![script](javascript:pwn=1)`,
  `[click](javascript:pwn=1) [data](data:text/html,<script>pwn=1</script>) <javascript:pwn=1>`,
  `[refresh]: https://${bait}/c "onload=pwn=1"\n\n[refresh] https://${bait}/d`,
  `<svg/onload=pwn=1><iframe srcdoc="<script>parent.pwn=1</script>"></iframe>`,
  '```html\n<img src=x onerror=pwn=1>\n```\n`<b onmouseover=pwn=1>`',
  `<style>@import "https://${bait}/e.css"; body{background:url(https://${bait}/f)}</style>`,
  `<link rel=prefetch href=https://${bait}/g><base href=https://${bait}/>`,
]

export async function playSafety(desk: Desk, world: World, check: Check): Promise<void> {
  const { panel } = desk
  const { ada, lines, url } = world
  const place = phone(url, lines.whatsapp, '5511912345678', name)
  for (const text of texts) await place.says(text)
  await act(world, '5511912345678', {
    type: 'document',
    text: texts[0],
    file: { name: `"><img src=x onerror=pwn=1>.html`, type: 'text/html', base64: btoa(texts[0]) },
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="pwn=1"><script>pwn=1</script></svg>`
  await act(world, '5511912345678', {
    type: 'image',
    file: { name: 'a.svg', type: 'image/svg+xml', base64: btoa(svg) },
  })
  await act(world, '5511912345678', {
    type: 'contact',
    contact: { name: texts[0], phone: '"><script>pwn=1</script>' },
  })
  await act(world, '5511912345678', {
    type: 'location',
    location: { latitude: 1, longitude: 2, name: texts[4], address: texts[0] },
  })
  const row = await sessionOn(ada, lines.whatsapp, (one) => one.customer.name.includes('Mal'))
  const params = { sessionId: row.id }
  await ada.api('POST /api/sessions/:sessionId/takeover', { params, body: { id: newId('cmd') } })
  for (const text of texts) {
    const body = { id: newId('nte'), text }
    await ada.api('POST /api/sessions/:sessionId/notes', { params, body })
  }
  const portal = await desk.newWindow()
  await portal.goto(`${url}/human-agents/${row.id}`)
  await signIn(portal, world.nora)

  await check('in the panel it is text: inbox, conversation, profile, search', async () => {
    await toInbox(panel)
    await panel.getByRole('tab', { name: /^All open/ }).click()
    await panel.getByRole('link', { name, exact: true }).click()
    await readAll(panel)
    await panel.getByRole('link', { name }).click()
    await panel.getByRole('heading', { name, level: 1 }).waitFor()
    await panel.getByRole('tab', { name: /^Communications/ }).click()
    await panel.getByText('<script>pwn=1</script>').first().waitFor()
    const box = panel.getByRole('searchbox', { name: 'Find a customer' })
    await box.fill('<img src=x')
    await panel
      .getByRole('main')
      .getByRole('link', { name: /<img src=x/ })
      .waitFor()
    await box.fill('')
  })
  await check('in the workspace it is text: conversation, details, list, profile', async () => {
    await readAll(portal)
    await portal.goto(`${url}/customers`)
    await portal.getByRole('row', { name }).waitFor()
    await portal.goto(`${url}/customers/${row.customer.id}?tab=communications`)
    await portal.getByText('<script>pwn=1</script>').first().waitFor()
  })
  await check('no link leads to a script', async () => {
    await portal.goto(`${url}/human-agents/${row.id}`)
    await readAll(portal)
    for (const page of [panel, portal]) {
      const links = await page
        .locator('a[href]')
        .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).protocol))
      const allowed = new Set(['http:', 'https:', 'mailto:', 'chrome-extension:', 'tel:'])
      deepEqual(
        links.filter((protocol) => !allowed.has(protocol)),
        [],
      )
    }
  })
  await check('nothing of it has run', async () => {
    for (const page of desk.pages()) {
      equal(await page.evaluate(() => 'pwn' in globalThis), false, page.url())
    }
  })
  await portal.context().close()
}

/** Waits until the conversation stands there, and that it made no elements of the text. */
async function readAll(page: Page): Promise<void> {
  const chat = messages(page)
  await chat.getByText('<script>pwn=1</script>').first().waitFor()
  await chat
    .getByText(/@import/)
    .first()
    .waitFor()
  await until('the Markdown', async () => (await chat.locator('pre code').count()) > 0)
  equal(await chat.locator('script, iframe, svg [onload], style, link, base').count(), 0)
  equal(await chat.locator('img:not([src^="blob:"]):not([src^="data:"])').count(), 0)
}

async function act({ url, lines }: World, address: string, what: object): Promise<void> {
  const response = await fetch(`${url}/sandbox/phones/${lines.whatsapp.id}/${address}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, ...what }),
  })
  ok(response.ok, await response.text())
}

/** At the end of all: what the browser did over the whole story. */
export async function playQuiet(
  desk: Desk,
  hosts: readonly string[],
  reports: readonly string[],
  check: Check,
): Promise<void> {
  await check('no page asked for anything but the worker’s', async () => {
    const foreign = [...desk.asked].filter((address) => {
      const { protocol, host } = new URL(address)
      return protocol.startsWith('http') && !hosts.includes(host)
    })
    deepEqual(foreign, [])
  })
  await check('nothing in the browser reached for what the texts name', async () => {
    ok(
      ![...desk.wantedHosts].some((host) => host.includes('example')),
      [...desk.wantedHosts].join(),
    )
  })
  await check('no script was blocked, for none was tried; no page broke', async () => {
    // A refusal of the worker, and a request without network, are told by the console too.
    const expected = /status of 40[0139]|ERR_INTERNET_DISCONNECTED|status of 404/
    deepEqual(
      desk.complaints.filter((one) => !expected.test(one)),
      [],
    )
  })
  await check('the worker reported no bug', async () => deepEqual(reports, []))
}

// A dropped network, a stopped service worker, a reloaded panel: nothing written is lost, nothing
// said is missed, nothing is said twice.

import { deepEqual, equal } from 'node:assert/strict'

import type { Page } from 'playwright-core'

import { newId } from '../../shared/new-id.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { messages, reply, toInbox } from './story.ts'
import { hears, phone, sessionOn, type World } from './world.ts'

const offlineBar = 'You are offline. What is shown may be old; what you write is kept.'

export async function playNetwork(desk: Desk, world: World, check: Check): Promise<void> {
  const { panel } = desk
  const customer = phone(world.url, world.lines.whatsapp, '351912345678', 'Nils Offline')
  await customer.says('I want to talk to a person')
  await hears(customer, 'I am passing you to a colleague. They will answer you here.')
  const row = await sessionOn(world.ada, world.lines.whatsapp, (one) => one.waitingSince !== null)
  const params = { sessionId: row.id }
  await world.ada.api('POST /api/sessions/:sessionId/acceptance', {
    params,
    body: { id: newId('cmd') },
  })
  await world.ada.api('PUT /api/sessions/:sessionId/mode', {
    params,
    body: { id: newId('cmd'), mode: 'human' },
  })
  const open = async () => {
    await toInbox(panel)
    await panel.getByRole('tab', { name: /^Mine/ }).click()
    await panel.getByRole('link', { name: row.customer.name, exact: true }).click()
    await messages(panel).waitFor()
  }
  await open()
  const setOffline = await networkOf(panel)
  const numbered = messages(panel).getByText(/^number \d+$/)

  await check('offline, the bar says so and what is written stays', async () => {
    await customer.says('number 0')
    await numbered.waitFor()
    await reply(panel).fill('half a sent')
    await setOffline(true)
    await panel.getByText(offlineBar).waitFor()
    equal(await reply(panel).inputValue(), 'half a sent')
  })
  await check('a message sent offline waits for the network', async () => {
    await reply(panel).fill('written offline')
    await reply(panel).press('Enter')
    await messages(panel).getByText('waiting for the network').waitFor()
    await reply(panel).fill('half a sentence')
  })
  await check('20 messages flow by meanwhile', async () => {
    for (let n = 1; n <= 20; n += 1) await customer.says(`number ${n}`)
    equal((await customer.heard()).includes('written offline'), false)
    equal(await numbered.count(), 1)
  })
  await check('back online, it catches up without gaps or doubles', async () => {
    await setOffline(false)
    await panel.getByText(offlineBar).waitFor({ state: 'hidden' })
    await until('all messages', async () => (await numbered.count()) >= 21)
    deepEqual(
      await numbered.allInnerTexts(),
      Array.from({ length: 21 }, (_, n) => `number ${n}`),
    )
    equal(await reply(panel).inputValue(), 'half a sentence')
  })
  await check('what was sent offline is said once', async () => {
    equal(await hears(customer, 'written offline'), 1)
    await messages(panel).getByText('waiting for the network').waitFor({ state: 'hidden' })
    equal(await messages(panel).getByText('written offline', { exact: true }).count(), 1)
    await customer.says('number 21')
    await until('the next message', async () => (await numbered.count()) === 22)
    equal((await customer.heard()).filter((text) => text === 'written offline').length, 1)
  })
  await check('a stopped service worker and a reload keep what is written', async () => {
    await desk.stopBackground()
    await panel.reload()
    await open()
    await until('the text', async () => (await reply(panel).inputValue()) === 'half a sentence')
    equal(await numbered.count(), 22)
  })
  await check('it is sent from there', async () => {
    await reply(panel).press('Enter')
    equal(await hears(customer, 'half a sentence'), 1)
  })
}

/** As the browser sees it: requests fail, sockets die, `navigator.onLine` is false. */
async function networkOf(page: Page): Promise<(offline: boolean) => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  return async (offline) => {
    const speed = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 }
    await session.send('Network.emulateNetworkConditions', { offline, ...speed })
  }
}

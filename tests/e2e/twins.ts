// Two operators want the same session at the same moment: Ada in the panel, Jonas in the portal.

import { equal } from 'node:assert/strict'

import type { Page } from 'playwright-core'

import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { hint, messages, reply, signIn, toInbox } from './story.ts'
import { factsOf, hears, markerTime, phone, sessionOn, type World } from './world.ts'

export async function playTwins(desk: Desk, world: World, check: Check): Promise<void> {
  const { panel } = desk
  const customer = phone(world.url, world.lines.whatsapp, '4915112345678', 'Ben Twin')
  await customer.says('I want to talk to a person')
  await hears(customer, 'I am passing you to a colleague. They will answer you here.')
  const row = await sessionOn(world.ada, world.lines.whatsapp, (one) => one.waitingSince !== null)
  const portal = await desk.newWindow()
  await portal.goto(`${world.url}/human-agents/${row.id}`)
  await signIn(portal, world.jonas)
  await messages(portal).waitFor()
  await toInbox(panel)
  await panel.getByRole('link', { name: row.customer.name, exact: true }).click()

  const [winner, loser] = await check('both accept at once: one gets it', async () => {
    await acceptTogether([panel, portal])
    const assigned = (await factsOf(world.ada, row.id)).filter(
      ({ type }) => type === 'operator/assigned',
    )
    equal(assigned.length, 1)
    const [first] = assigned
    const isAda = first?.type === 'operator/assigned' && first.person.id === world.ada.id
    const [ada, jonas] = [
      { page: panel, name: world.ada.name },
      { page: portal, name: world.jonas.name },
    ]
    return isAda ? ([ada, jonas] as const) : ([jonas, ada] as const)
  })
  await check('the other is told who has it', async () => {
    const told = loser.page.getByRole('alert').filter({ hasText: winner.name })
    await told.getByText(`${winner.name} has taken this session.`).waitFor()
    equal(await winner.page.getByRole('alert').count(), 0)
  })
  await check('the other can’t answer, and reads why', async () => {
    const send = loser.page.getByRole('button', { name: 'Send', exact: true })
    await until('the button to be off', async () => {
      return (await send.getAttribute('aria-disabled')) === 'true'
    })
    await send.hover()
    await hint(loser.page, new RegExp(`^${winner.name} has this session\\.$`))
    equal(await reply(loser.page).getAttribute('readonly'), '')
    const draft = (page: Page) => messages(page).getByRole('article', { name: /^Draft/ })
    const use = { name: 'Use draft' }
    await draft(winner.page).getByRole('button', use).waitFor()
    await draft(loser.page).waitFor()
    equal(await draft(loser.page).getByRole('button', use).count(), 0)
  })
  await check('assigned to the colleague, both see who did it', async () => {
    await winner.page.getByRole('button', { name: 'More actions' }).click()
    await winner.page.getByRole('menuitem', { name: 'Assign to a colleague' }).click()
    const dialog = winner.page.getByRole('dialog', { name: 'Assign to a colleague' })
    await dialog.getByRole('button', { name: loser.name }).click()
    for (const page of [winner.page, loser.page]) {
      const line = messages(page).getByText(`${loser.name} was assigned by ${winner.name} at`)
      await line.waitFor()
    }
    const at = (await factsOf(world.ada, row.id)).findLast(
      ({ type }) => type === 'operator/assigned',
    )?.at
    const text = `${loser.name} was assigned by ${winner.name} at ${markerTime(at ?? 0)}`
    await messages(panel).getByText(text, { exact: true }).waitFor()
  })
  await check('the colleague answers, and the customer gets it', async () => {
    await reply(loser.page).fill('Now it is me')
    await reply(loser.page).press('Enter')
    equal(await hears(customer, 'Now it is me'), 1)
  })
  await portal.context().close()
}

/** Both requests are held until both are on their way. */
async function acceptTogether(pages: readonly Page[]): Promise<void> {
  let arrived = 0
  const { promise: all, resolve } = Promise.withResolvers<void>()
  for (const page of pages) {
    await page.route('**/acceptance', async (route) => {
      arrived += 1
      if (arrived === pages.length) resolve()
      await all
      await route.continue()
    })
  }
  const answers = pages.map((page) => page.waitForResponse(/acceptance$/))
  for (const page of pages) {
    await page.getByRole('button', { name: 'Accept', exact: true }).last().click()
  }
  await Promise.all(answers)
  for (const page of pages) await page.unroute('**/acceptance')
}

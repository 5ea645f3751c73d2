// The full page: in the portal for whoever has a link, and as a page of the extension.

import { equal, ok } from 'node:assert/strict'

import type { Page } from 'playwright-core'

import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { hint, messages, reply, signIn, toInbox } from './story.ts'
import {
  agentName,
  factsOf,
  hears,
  markerTime,
  newStranger,
  phone,
  sessionOn,
  type Operator,
  type World,
} from './world.ts'

const noCustomer = 'This customer does not exist, or you may not see them.'
const noSession = 'This session does not exist, or you may not see it.'

const profileOf = (page: Page) => page.getByRole('region', { name: 'Customer profile' })

export async function playWorkspace(desk: Desk, world: World, check: Check): Promise<void> {
  const customer = phone(world.url, world.lines.telegram, '800800800', 'Greta Grid', 'greta_grid')
  await customer.says('Do you have helmets?')
  const row = await sessionOn(world.ada, world.lines.telegram, (one) => one.mode === 'ai')
  const portal = await openLinks(desk, world, row, check)
  await findsInList(portal, world, check)
  await showsCards(portal, check)
  await handsOver(portal, world, row, check)
  await check('Human Agents shows queue, conversation and details', async () => {
    await portal.goto(`${world.url}/human-agents/${row.id}`)
    await portal.getByRole('list', { name: 'Incoming sessions' }).waitFor()
    await messages(portal).getByText('Do you have helmets?').waitFor()
    const details = portal.getByRole('complementary', { name: 'Parameters & results' })
    await details.getByText('@greta_grid').waitFor()
  })
  await check('an unknown id and another company’s look alike: not there', async () => {
    const stranger = await newStranger(world.url)
    for (const id of [newId('cus'), stranger.customer.id]) {
      await portal.goto(`${world.url}/customers/${id}`)
      await portal.getByText(noCustomer).waitFor()
    }
    for (const id of [newId('ses'), stranger.id]) {
      for (const place of ['sessions', 'human-agents']) {
        await portal.goto(`${world.url}/${place}/${id}`)
        await portal.getByText(noSession).waitFor()
      }
    }
    await portal.goto(`${world.url}/no/such/page`)
    await portal.getByText('There is no such page.').waitFor()
    ok(!(await portal.locator('body').innerText()).includes('Secret Person'))
  })
  await portal.context().close()
  await takesOver(desk, world, check)
}

/** Each link in a window of its own, that nobody has signed in to. */
async function openLinks(desk: Desk, world: World, row: SessionRow, check: Check): Promise<Page> {
  const links = [
    [`/customers/${row.customer.id}`, (page: Page) => profileOf(page)],
    [`/sessions/${row.id}`, (page: Page) => messages(page).getByText('Do you have helmets?')],
    [`/human-agents/${row.id}`, (page: Page) => messages(page).getByText('Do you have helmets?')],
  ] as const
  let last: Page | undefined
  for (const [path, target] of links) {
    await check(`a link to ${path.replace(/_.*/, '_…')} leads there after sign-in`, async () => {
      await last?.context().close()
      last = await desk.newWindow()
      await last.goto(world.url + path)
      await signIn(last, world.jonas)
      await target(last).waitFor()
      equal(new URL(last.url()).pathname, path)
    })
  }
  if (!last) throw new Error('there are no links')
  return last
}

async function findsInList(portal: Page, world: World, check: Check): Promise<void> {
  await portal.goto(`${world.url}/customers`)
  // The names of the columns and the inputs under them are rows of the grid as well.
  const rows = portal.getByRole('grid', { name: '360 View' }).getByRole('row')
  const greta = rows.filter({ hasText: 'Greta Grid' })
  await check('360 View: a click highlights and does not open', async () => {
    await greta.getByText('Greta Grid').click()
    await rows
      .and(portal.locator('[aria-selected="true"]'))
      .filter({ hasText: 'Greta Grid' })
      .waitFor()
    equal(new URL(portal.url()).pathname, '/customers')
  })
  await check('a double click opens, and back returns to the list as it was', async () => {
    const box = portal.getByRole('searchbox', { name: 'Find a customer' })
    await box.fill('greta')
    await until('one row', async () => (await rows.count()) === 3)
    await greta.getByText('Greta Grid').dblclick()
    await profileOf(portal).getByRole('heading', { name: 'Greta Grid', level: 1 }).waitFor()
    ok(new URL(portal.url()).pathname.startsWith('/customers/cus_'))
    await portal.getByRole('button', { name: 'Back to the customers' }).click()
    await greta.waitFor()
    await until('the list as it was', async () => (await rows.count()) === 3)
    equal(await box.inputValue(), 'greta')
  })
  await check('Enter opens', async () => {
    // The grid has the focus, whichever row is chosen.
    await greta.getByText('Greta Grid').click()
    await portal.keyboard.press('Enter')
    await profileOf(portal).getByRole('heading', { name: 'Greta Grid', level: 1 }).waitFor()
  })
}

async function showsCards(portal: Page, check: Check): Promise<void> {
  await check('the profile has its three cards', async () => {
    for (const name of ['Contact info', 'Campaigns Summary', 'Products']) {
      await portal.getByRole('heading', { name, exact: true }).waitFor()
    }
    const products = 'No products are linked to this customer through campaigns.'
    await portal.getByText(products).waitFor()
    await portal.getByText('greta_grid').first().waitFor()
  })
  await check('Communications shows what was said, with its details', async () => {
    await portal.getByRole('tab', { name: /^Communications/ }).click()
    const chat = portal.getByRole('region', { name: 'Communications', exact: true })
    await chat.getByText('Do you have helmets?').waitFor()
    const details = portal.getByRole('complementary', { name: 'Details' })
    await details.getByText(agentName).waitFor()
    await details.getByText('No parameters found').waitFor()
  })
}

async function handsOver(portal: Page, world: World, row: SessionRow, check: Check): Promise<void> {
  await check('handed over by hand: the toast, the marker, and why not twice', async () => {
    await portal.goto(`${world.url}/sessions/${row.id}`)
    const button = portal.getByRole('button', { name: 'Hand over to the operator' })
    await button.click()
    await portal.getByText('Session set to operator', { exact: true }).waitFor()
    const at = (await factsOf(world.ada, row.id)).find(
      ({ type }) => type === 'handover/requested',
    )?.at
    const text = `Transfer to human agent at ${markerTime(at ?? 0)}`
    await messages(portal).getByText(text, { exact: true }).waitFor()
    await portal.mouse.move(0, 0)
    await button.hover()
    await hint(portal, /^Session is already handled by an operator$/)
  })
}

/** Continue in Human Agent, from the panel's Communications into a tab of the workspace. */
async function takesOver(desk: Desk, world: World, check: Check): Promise<void> {
  const { panel } = desk
  const customer = phone(world.url, world.lines.whatsapp, '33612345678', 'Luc Direct')
  await customer.says('What does delivery cost?')
  await hears(customer, 'We deliver in 2 days for 15 €.')
  await check('Continue in Human Agent opens the conversation in a new tab', async () => {
    const box = panel.getByRole('searchbox', { name: 'Find a customer' })
    await toInbox(panel)
    await box.fill('Luc Direct')
    await box.press('Enter')
    await profileOf(panel).getByRole('heading', { name: 'Luc Direct', level: 1 }).waitFor()
    await panel.getByRole('tab', { name: /^Communications/ }).click()
    const before = (await customer.heard()).length
    const opened = await desk.opens(() =>
      panel.getByRole('button', { name: 'Continue in Human Agent' }).click(),
    )
    await panel.getByText('Continue communication at Human Agents tab', { exact: true }).waitFor()
    await messages(opened).getByText('What does delivery cost?').waitFor()
    await opened.getByRole('switch', { name: 'Copilot', checked: true }).waitFor()
    ok(opened.url().startsWith(`${desk.extension}/workspace.html#/human-agents/ses_`), opened.url())
    await messages(opened)
      .getByText(/^Human agent Ada Okafor assigned at /)
      .waitFor()
    equal((await customer.heard()).length, before, 'the customer notices nothing')
    await opened.close()
  })
}

/** Somebody who may only look. */
export async function playViewer(desk: Desk, world: World, check: Check): Promise<void> {
  const customer = phone(world.url, world.lines.whatsapp, '41791234567', 'Vik Waiting')
  await customer.says('I want to talk to a person')
  await hears(customer, 'I am passing you to a colleague. They will answer you here.')
  const row = await sessionOn(world.ada, world.lines.whatsapp, (one) => one.waitingSince !== null)
  const portal = await desk.newWindow()
  await portal.goto(`${world.url}/human-agents/${row.id}`)
  await signIn(portal, world.vera)
  await messages(portal).waitFor()

  const offers = [
    ['Accept', 'You do not have permission to take over sessions'],
    ['Send', 'You do not have permission to answer customers'],
    ['Resolve', 'You do not have permission to answer customers'],
  ] as const
  for (const [name, reason] of offers) {
    await check(`a viewer can’t press ${name}, and reads why on hover and on focus`, () =>
      isOff(portal, name, reason),
    )
  }
  await check('nor hand over or take over, on the session’s page', async () => {
    await portal.goto(`${world.url}/sessions/${row.id}`)
    const handOver = 'You do not have permission to hand over sessions'
    await isOff(portal, 'Hand over to the operator', handOver)
    const takeOver = 'You do not have permission to take over sessions'
    await isOff(portal, 'Continue in Human Agent', takeOver)
  })
  await portal.context().close()
}

async function isOff(page: Page, name: string, reason: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true }).last()
  await until(`${name} to be off`, async () => {
    return (await button.getAttribute('aria-disabled')) === 'true'
  })
  await page.mouse.move(1, 1)
  await button.hover()
  await hint(page, new RegExp(`^${reason}$`))
  await page.mouse.move(1, 1)
  await page.getByRole('tooltip').waitFor({ state: 'hidden' })
  await button.focus()
  await hint(page, new RegExp(`^${reason}$`))
  await button.blur()
}

/** A role is taken away while its holder has a conversation open. */
export async function playRoleLoss(desk: Desk, world: World, check: Check): Promise<void> {
  const { panel } = desk
  const customer = phone(world.url, world.lines.telegram, '900900900', 'Rosa Role')
  await customer.says('I want to talk to a person')
  await hears(customer, 'I am passing you to a colleague. They will answer you here.')
  const row = await sessionOn(world.ada, world.lines.telegram, (one) => one.waitingSince !== null)
  await toInbox(panel)
  await panel.getByRole('tab', { name: /^All open/ }).click()
  await panel.getByRole('link', { name: row.customer.name, exact: true }).click()
  await panel.getByRole('button', { name: 'Accept', exact: true }).click()
  await reply(panel).fill('not sent any more')
  const { nora, ada } = world

  await check('who becomes a viewer can’t answer any more, within 5 s', async () => {
    await changeRole(nora, ada, 'viewer')
    await panel
      .locator('.composer')
      .getByText('You do not have permission to answer customers')
      .waitFor({ timeout: 5000 })
  })
  await check('who is an operator again can', async () => {
    await changeRole(nora, ada, 'operator')
    const send = panel.getByRole('button', { name: 'Send', exact: true })
    await until('the button', async () => (await send.getAttribute('aria-disabled')) === null)
  })
  await check(
    'who is removed is signed out within 5 s, and nothing stays on the screen',
    async () => {
      await nora.api('DELETE /api/members/:operatorId', { params: { operatorId: ada.id } })
      await panel.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: 5000 })
      ok(!(await panel.locator('body').innerText()).includes('Rosa Role'))
      await until('an empty storage', () =>
        panel.evaluate(async () => {
          const areas = [await chrome.storage.session.get(), await chrome.storage.local.get()]
          return areas.flatMap(Object.keys).every((key) => key.startsWith('ui:'))
        }),
      )
    },
  )
  await check('the former colleague is refused at the door', async () => {
    await signIn(panel, ada)
    await panel.getByRole('alert').waitFor()
    await panel.getByRole('button', { name: 'Sign in' }).waitFor()
  })
}

async function changeRole(by: Operator, of: Operator, role: 'viewer' | 'operator'): Promise<void> {
  const params = { operatorId: of.id }
  await by.api('PATCH /api/members/:operatorId', { params, body: { role } })
}

// One customer's record: what conversations bring to it and what people write, side by side; its fields,
// its history, and its end.

import { deepEqual, equal, ok } from 'node:assert/strict'

import type { Page } from 'playwright-core'

import type { CustomerId, SessionId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { losesField, makesFields } from './fields.ts'
import { look } from './looks.ts'
import {
  begunSince,
  card,
  openInPanel,
  openPortal,
  profileAt,
  profileOf,
  promoted,
  valuesIn,
} from './screens.ts'
import { visitor } from './shop.ts'
import { hint } from './story.ts'
import { hears, phone, rowsOf, sessionOn, type Customer, type World } from './world.ts'

const name = 'Ida Sommer'
const email = 'ida.sommer@example.com'
const noCustomer = 'This customer does not exist, or you may not see them.'
const noSession = 'This session does not exist, or you may not see it.'

interface Scene {
  readonly desk: Desk
  readonly world: World
  readonly portal: Page
}

const dialog = (page: Page, title: string | RegExp) => page.getByRole('dialog', { name: title })
const info = (page: Page) => card(page, 'Contact info')

export function playRecord(desk: Desk, world: World, check: Check): Promise<void> {
  return promoted(world, async () => {
    const portal = await openPortal(desk, world, { who: world.nora, path: '/customers' })
    const scene = { desk, world, portal }
    await makesFields(scene, check)
    const guest = await feedsFields(scene, check)
    await learnsAndConfirms(scene, guest, check)
    await pinsAndSuggests(scene, guest, check)
    await adds(scene, check)
    await editsTogether(scene, check)
    await takesBack(scene, check)
    await losesField(scene, await idOf(scene, added), check)
    await deletes(scene, check)
    await portal.context().close()
  })
}

interface Guest {
  readonly id: CustomerId
  readonly page: Page
  /** A visit of the same browser later: says something in a new session. */
  again(text: string): Promise<void>
}

/** The shop's site says `plan=pro` of each visitor; `source` is nothing but the title of a field. */
async function feedsFields({ desk, world, portal }: Scene, check: Check): Promise<Guest> {
  const page = await desk.newWindow(1000, 800)
  const at = Date.now()
  const text = 'Do you have helmets for Ida?'
  const guest = await visitor(page, world.shop)
  await page.evaluate(`alongside('set', { source: 'fair', 'Plan tier': 'gold' })`)
  await guest.says(text)
  const row = await begunSince(world, 'web', { at, text })
  const { id } = row.customer
  await check('a parameter is copied by the Field Name, never by the title', async () => {
    await portal.goto(`${world.url}/sessions/${row.id}`)
    const details = portal.getByRole('complementary', { name: 'Parameters & results' })
    for (const value of ['pro', 'fair', 'gold']) {
      await details.getByText(value, { exact: true }).waitFor()
    }
    await portal.goto(`${world.url}/customers/${id}`)
    await valuesIn(portal, 'Plan tier').getByText('pro', { exact: true }).waitFor()
    await valuesIn(portal, 'Plan tier').getByText('pro', { exact: true }).hover()
    await hint(portal, /^From a session parameter/)
    const { fields } = await profileAt(world.ada, id)
    deepEqual(
      fields.filter(({ source }) => source === 'parameter').map(({ field: one }) => one),
      ['plan'],
    )
  })
  return {
    id,
    page,
    async again(said) {
      const open = (await rowsOf(world.ada, world.lines.web)).filter(
        ({ customer }) => customer.id === id,
      )
      for (const { id: sessionId } of open) await resolve(world, sessionId)
      await guest.says(said)
    },
  }
}

async function resolve({ ada }: World, sessionId: SessionId): Promise<void> {
  const params = { sessionId }
  const command = () => ({ id: newId('cmd') })
  await ada.api('POST /api/sessions/:sessionId/takeover', { params, body: command() })
  await ada.api('POST /api/sessions/:sessionId/resolution', { params, body: command() })
}

async function learnsAndConfirms(scene: Scene, guest: Guest, check: Check): Promise<void> {
  const { world, portal, desk } = scene
  const { panel } = desk
  await check('what the visitor says of themselves is on the record, unverified', async () => {
    await guest.again(`My name is ${name}, my email is ${email}`)
    await valuesIn(portal, 'Email').getByText('unverified').waitFor()
    await profileOf(portal).getByRole('heading', { name, level: 1 }).waitFor()
  })
  await check('an operator confirms it in the panel, and the workspace shows it', async () => {
    await openInPanel(panel, email, name)
    await valuesIn(panel, 'Email').getByRole('button', { name: 'Confirm' }).click()
    await valuesIn(panel, 'Email').getByText('unverified').waitFor({ state: 'hidden' })
    await valuesIn(portal, 'Email').getByText('unverified').waitFor({ state: 'hidden' })
  })
  await check('the next session begins with what is known', async () => {
    const at = Date.now()
    await guest.again('And what does delivery cost?')
    const row = await begunSince(world, 'web', { at, text: 'delivery cost' })
    equal(row.customer.id, guest.id)
    equal(row.customer.name, name)
    await portal.goto(`${world.url}/sessions/${row.id}`)
    const details = portal.getByRole('complementary', { name: 'Parameters & results' })
    await details.getByText(email).waitFor()
    await details.getByText(name).first().waitFor()
  })
}

async function pinsAndSuggests(scene: Scene, guest: Guest, check: Check): Promise<void> {
  const { world, portal, desk } = scene
  const suggested = (page: Page) => page.getByRole('list', { name: 'Suggested values' })
  await check('what a person writes is pinned; a feed then only suggests', async () => {
    await portal.goto(`${world.url}/customers/${guest.id}`)
    await info(portal).getByRole('button', { name: 'Edit' }).click()
    await info(portal).getByLabel('Plan tier').fill('basic')
    await info(portal).getByRole('button', { name: 'Save' }).click()
    await valuesIn(portal, 'Plan tier').getByText('basic').waitFor()
    await valuesIn(portal, 'Plan tier').getByRole('img', { name: 'pinned' }).waitFor()
    await guest.again('Hello once more')
    await suggested(portal).getByText('Plan tier: pro?').waitFor()
    await valuesIn(portal, 'Plan tier').getByText('basic').waitFor()
  })
  await look(portal, 'workspace', { name: 'suggestion', show: async () => {} }, check)
  await look(
    desk.panel,
    'panel',
    {
      name: 'suggestion',
      async show(page) {
        await openInPanel(page, email, name)
        await suggested(page).getByText('Plan tier: pro?').waitFor()
      },
    },
    check,
  )
  await check('accepted in the panel, the suggestion is the value', async () => {
    await suggested(desk.panel).getByRole('button', { name: 'Accept' }).click()
    await valuesIn(desk.panel, 'Plan tier').getByText('pro', { exact: true }).waitFor()
    await suggested(desk.panel).waitFor({ state: 'hidden' })
    await valuesIn(portal, 'Plan tier').getByText('pro', { exact: true }).waitFor()
  })
  await guest.page.context().close()
}

const added = 'Karl Blick'

async function adds(scene: Scene, check: Check): Promise<void> {
  const { world, portal } = scene
  const box = dialog(portal, 'Add contact')
  await check('a contact is not added with an address that is none, or another’s', async () => {
    await portal.goto(`${world.url}/customers`)
    await portal.getByRole('button', { name: 'Add contact' }).click()
    await box.getByLabel('Name').fill(added)
    await box.getByLabel('Phone').fill('not a number')
    await box.getByRole('button', { name: 'Add', exact: true }).click()
    await box.getByText('A phone number, like +1 312 555 0142').waitFor()
    await box.getByLabel('Phone').fill('+49 (0)30 901820')
    await box.getByLabel('Email').fill(email)
    await box.getByRole('button', { name: 'Add', exact: true }).click()
    await box.getByText('Another record has it already').waitFor()
    await box.getByRole('link', { name: `Open ${name}` }).waitFor()
  })
  await look(portal, 'workspace', { name: 'add-contact', show: async () => {} }, check)
  await check('with its own it is, and who typed it is said', async () => {
    await box.getByLabel('Email').fill('Karl.Blick@Example.com')
    await box.getByLabel('Größe des Rads').selectOption('L')
    await box.getByRole('button', { name: 'Add', exact: true }).click()
    await portal.getByText(`${added} was added`).waitFor()
    await portal.getByRole('searchbox', { name: 'Find a customer' }).fill('karl blick')
    await portal.getByRole('grid').getByText(added).dblclick()
    await valuesIn(portal, 'Email').getByText('karl.blick@example.com').waitFor()
    await valuesIn(portal, 'Email').getByText('never contacted').waitFor()
    await valuesIn(portal, 'Phone').getByText('+49 30 901820').waitFor()
    await valuesIn(portal, 'Größe des Rads').getByText('L', { exact: true }).waitFor()
  })
}

async function idOf({ world }: Scene, query: string): Promise<CustomerId> {
  const { rows } = await world.nora.api('GET /api/customers', { query: { q: query } })
  const [first] = rows
  if (!first) throw new Error(`nobody like ${query}`)
  return first.id
}

async function editsTogether(scene: Scene, check: Check): Promise<void> {
  const { world, portal, desk } = scene
  const id = await idOf(scene, added)
  const colleague = async (values: object) => {
    const { version } = await profileAt(world.jonas, id)
    await world.jonas.api('PATCH /api/customers/:customerId', {
      params: { customerId: id },
      body: { version, values },
    })
  }
  await check('a colleague’s change of the same field is shown, not overwritten', async () => {
    await portal.goto(`${world.url}/customers/${id}`)
    await info(portal).getByRole('button', { name: 'Edit' }).click()
    await info(portal).getByLabel('LinkedIn').fill('karl-mine')
    await colleague({ linkedin: 'karl-theirs', plan: 'team' })
    await info(portal).getByRole('button', { name: 'Save' }).click()
    const conflict = info(portal).getByRole('alert').filter({ hasText: 'A colleague has changed' })
    await conflict.getByText('karl-theirs').waitFor()
    equal(await info(portal).getByLabel('LinkedIn').inputValue(), 'karl-mine')
    const { fields } = await profileAt(world.ada, id)
    equal(fields.find((one) => one.field === 'linkedin')?.value, 'karl-theirs')
  })
  await look(portal, 'workspace', { name: 'edit-conflict', show: async () => {} }, check)
  await check('what shall stand is chosen, and the colleague’s other change stays', async () => {
    await info(portal).getByRole('button', { name: 'Keep mine' }).click()
    equal(await info(portal).getByLabel('Plan tier').inputValue(), 'team')
    await info(portal).getByRole('button', { name: 'Save' }).click()
    await valuesIn(portal, 'LinkedIn').getByText('karl-mine').waitFor()
    await valuesIn(portal, 'Plan tier').getByText('team').waitFor()
  })
  const { panel } = desk
  await look(
    panel,
    'panel',
    {
      name: 'edit-conflict',
      async show() {
        await openInPanel(panel, 'karl.blick', added)
        await info(panel).getByRole('button', { name: 'Edit' }).click()
        await info(panel).getByLabel('LinkedIn').fill('karl-panel')
        await colleague({ linkedin: 'karl-jonas' })
        await info(panel).getByRole('button', { name: 'Save' }).click()
        await info(panel).getByText('karl-jonas').scrollIntoViewIfNeeded()
      },
    },
    check,
  )
  await check('in the panel theirs is taken as well', async () => {
    await info(panel).getByRole('button', { name: 'Take theirs' }).click()
    await info(panel).getByRole('button', { name: 'Save' }).click()
    await valuesIn(panel, 'LinkedIn').getByText('karl-jonas').waitFor()
  })
}

async function openMore(page: Page, item: string): Promise<void> {
  await info(page).getByRole('button', { name: 'More actions' }).click()
  await info(page).getByRole('menuitem', { name: item }).click()
}

async function takesBack(scene: Scene, check: Check): Promise<void> {
  const { world, portal, desk } = scene
  const id = await idOf(scene, added)
  const box = dialog(portal, 'History of the record')
  const change = (text: string) => box.getByRole('listitem').filter({ hasText: text }).first()
  await look(
    portal,
    'workspace',
    {
      name: 'history',
      async show() {
        await portal.goto(`${world.url}/customers/${id}`)
        await openMore(portal, 'History')
        await change('karl-jonas').getByText('Jonas Weber').waitFor()
      },
    },
    check,
  )
  await check('history says who wrote what over what, and a change is taken back', async () => {
    await change('karl-jonas').getByText('karl-mine').waitFor()
    await change('karl-jonas').getByRole('button', { name: 'Take back' }).click()
    await valuesIn(portal, 'LinkedIn').getByText('karl-mine').waitFor()
    await box.getByRole('button', { name: 'Close' }).click()
  })
  const { panel } = desk
  await look(
    panel,
    'panel',
    {
      name: 'history',
      async show() {
        await openMore(panel, 'History')
        const list = dialog(panel, 'History of the record').getByRole('listitem')
        await list.filter({ hasText: 'karl-jonas' }).first().waitFor()
      },
    },
    check,
  )
  await dialog(panel, 'History of the record').getByRole('button', { name: 'Close' }).click()
}

interface Leaver {
  readonly id: CustomerId
  readonly phone: Customer
  readonly sessions: readonly SessionId[]
}

const leaver = 'Gustav Weg'

/** Somebody with a session that is over and one that goes on. */
async function meetLeaver(world: World): Promise<Leaver> {
  const line = world.lines.whatsapp
  const gustav = phone(world.url, line, '46739999000', leaver)
  await gustav.says('What does delivery cost?')
  await hears(gustav, 'We deliver in 2 days for 15 €.')
  const first = await sessionOn(world.ada, line, (one) => one.customer.name === leaver)
  await resolve(world, first.id)
  await gustav.says('Do you have helmets?')
  const isSecond = (one: SessionRow) =>
    one.customer.name === leaver && one.id !== first.id && one.messageCount === 2
  const second = await sessionOn(world.ada, line, isSecond)
  return { id: second.customer.id, phone: gustav, sessions: [first.id, second.id] }
}

async function deletes(scene: Scene, check: Check): Promise<void> {
  const { world, portal, desk } = scene
  const { panel } = desk
  const { id, phone: gustav, sessions } = await meetLeaver(world)
  const box = (page: Page) => dialog(page, `Delete ${leaver}?`)
  const show = async (page: Page) => {
    if (page === panel) await openInPanel(page, leaver, leaver)
    else await page.goto(`${world.url}/customers/${id}`)
    await openMore(page, 'Delete')
    await box(page).getByText('2 sessions').waitFor()
  }
  await look(panel, 'panel', { name: 'delete', show }, check)
  await box(panel).getByRole('button', { name: 'Cancel' }).last().click()
  await look(portal, 'workspace', { name: 'delete', show }, check)
  await check('the confirmation says how many sessions and communications go', async () => {
    const { rows } = await world.ada.api('GET /api/customers/:customerId/sessions', {
      params: { customerId: id },
    })
    const said = rows.reduce((sum, one) => sum + one.messageCount, 0)
    equal(rows.length, 2)
    equal((await profileAt(world.ada, id)).communications, 2)
    const text = `2 sessions and 2 communications with ${said} messages are linked to this contact`
    await box(portal).getByText(text).waitFor()
  })
  await check('with somebody still talking, the name has to be typed', async () => {
    const button = box(portal).getByRole('button', { name: 'Delete', exact: true })
    await until('the button to be off', async () => {
      return (await button.getAttribute('aria-disabled')) === 'true'
    })
    await box(portal).getByLabel('The customer’s name').fill(leaver)
    await button.click()
    await portal.getByText(`${leaver} was deleted`).waitFor()
    equal(new URL(portal.url()).pathname, '/customers')
  })
  await check('the panel that shows them hears of it, and the links lead nowhere', async () => {
    await panel.getByText(noCustomer).waitFor()
    for (const sessionId of sessions) {
      await portal.goto(`${world.url}/sessions/${sessionId}`)
      await portal.getByText(noSession).waitFor()
    }
    await portal.goto(`${world.url}/customers/${id}`)
    await portal.getByText(noCustomer).waitFor()
  })
  await look(portal, 'workspace', { name: 'deleted', show: async () => {} }, check)
  await check('a late webhook makes a new contact, without anything of the old', async () => {
    await gustav.looks()
    await gustav.says('Are you still there?')
    const line = world.lines.whatsapp
    const row = await sessionOn(world.ada, line, (one) => one.customer.name === leaver)
    ok(row.customer.id !== id && !sessions.includes(row.id))
    equal((await profileAt(world.ada, row.customer.id)).communications, 1)
    await portal.reload()
    await portal.getByText(noCustomer).waitFor()
  })
}

// The road, from the customer's first word to the next conversation, seen from the side panel.

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'

import type { Locator, Page } from 'playwright-core'

import type { SessionRow } from '../../shared/inbox.ts'
import type { Fact } from '../../shared/session.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import {
  agentName,
  factsOf,
  hears,
  markerTime,
  sessionOn,
  utcTime,
  type Customer,
  type Line,
  type World,
} from './world.ts'

interface Plot {
  readonly desk: Desk
  readonly world: World
  readonly line: Line
  readonly customer: Customer
  readonly email: string
  /** How far the channel tells that a message has come. */
  readonly furthest: 'sent' | 'read'
}

export async function signIn(page: Page, who: { email: string; password: string }): Promise<void> {
  await page.getByLabel('Email').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function toInbox(panel: Page): Promise<void> {
  await panel.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /Inbox/ }).click()
  await panel.getByRole('heading', { name: 'Inbox' }).waitFor()
}

export const messages = (page: Page) => page.getByRole('region', { name: 'Conversation' })
export const reply = (page: Page) => page.getByRole('textbox', { name: 'Reply to the customer' })
const greyLine = (page: Page, text: string) => messages(page).getByText(text, { exact: true })

/** Everything as one customer lives it, and Ada in the panel. */
export async function playStory(plot: Plot, check: Check): Promise<void> {
  const { customer, email, desk } = plot
  const { panel } = desk
  await toInbox(panel)
  await panel.getByRole('tab', { name: /^Incoming/ }).click()
  await panel.evaluate(() => Object.assign(globalThis, { sameDocument: true }))

  await check('the agent answers the customer', async () => {
    await customer.says('Hello! When are you open?')
    equal(await hears(customer, 'We are open Monday to Saturday, 9:00 to 19:00.'), 1)
  })
  const row = await check('asked for a person, the session comes into the open inbox', () =>
    arrives(plot),
  )
  await check('the badge counts it and a notification tells of it', () => rings(plot, row))
  await check('the operator reads the whole history', () => readsHistory(plot, row))
  await check('the profile has learnt the email, marked unverified', async () => {
    await panel.getByRole('link', { name: row.customer.name }).click()
    const info = panel.getByRole('region', { name: 'Customer profile' })
    const entry = info.locator('dd', { hasText: email })
    await entry.getByText('unverified', { exact: true }).waitFor()
    await entry.getByText('unverified', { exact: true }).hover()
    await hint(panel, /confirmed by nobody/)
    await toInbox(panel)
    await panel.getByRole('link', { name: row.customer.name, exact: true }).click()
  })
  await check('accepting is marked, and brings a draft', async () => {
    await panel.getByRole('button', { name: 'Accept', exact: true }).click()
    const { at } = await fact(plot, row, 'operator/assigned')
    await greyLine(panel, `Human agent Ada Okafor assigned at ${markerTime(at)}`).waitFor()
    await panel.getByRole('button', { name: 'Accept', exact: true }).waitFor({ state: 'hidden' })
    await panel.getByRole('article', { name: `Draft from Copilot, ${agentName}` }).waitFor()
  })
  const edited = await check('the draft is drawn as one, used, edited and sent', () =>
    answers(plot),
  )
  await check('the customer gets exactly the edited text, once', async () => {
    equal(await hears(customer, edited), 1)
  })
  await check('the ticks move on, with the time in UTC on hover', () => ticks(plot, row, edited))
  await check('a private note stays among colleagues', () => notes(plot))
  await check('resolving is marked', () => resolves(plot, row))
  await check('the next message begins a new session', () => beginsAnew(plot, row))
  await check(
    'the customer never saw a draft or a note, and the panel never reloaded',
    async () => {
      const heard = await customer.heard()
      ok(!heard.some((text) => text.includes('between us')), heard.join('\n'))
      equal(await panel.evaluate(() => 'sameDocument' in globalThis), true)
    },
  )
}

async function arrives(plot: Plot): Promise<SessionRow> {
  const { world, customer, line, email, desk } = plot
  await customer.says(`My email is ${email} and I would like to talk to a person.`)
  await hears(customer, 'I am passing you to a colleague. They will answer you here.')
  const row = await sessionOn(world.ada, world.lines[line], (one) => one.waitingSince !== null)
  const item = desk.panel
    .getByRole('list', { name: 'Incoming sessions' })
    .getByRole('listitem')
    .filter({ hasText: row.customer.name })
  await item.getByText(/^waiting \d+:\d\d$/).waitFor()
  await item.getByText('The customer asked for a person').waitFor()
  return row
}

async function rings({ desk: { panel } }: Plot, row: SessionRow): Promise<void> {
  await until('the badge', () =>
    panel.evaluate(async () => (await chrome.action.getBadgeText({})) === '1'),
  )
  const shown = await panel.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        chrome.notifications.getAll((all) => resolve(Object.keys(all)))
      }),
  )
  ok(
    shown.some((id) => id.includes(row.id)),
    shown.join(', '),
  )
}

async function readsHistory({ desk: { panel }, ...plot }: Plot, row: SessionRow): Promise<void> {
  await panel.getByRole('link', { name: row.customer.name, exact: true }).click()
  const chat = messages(panel)
  const customer = chat.getByRole('article', { name: 'Message of Customer' })
  await customer.filter({ hasText: 'Hello! When are you open?' }).waitFor()
  await customer.filter({ hasText: plot.email }).waitFor()
  const agent = chat.getByRole('article', { name: `Message of AI agent ${agentName}` })
  await agent.filter({ hasText: 'Monday to Saturday' }).waitFor()
  const started = await fact(plot, row, 'session/opened')
  await greyLine(panel, `Client started the session at ${markerTime(started.at)}`).waitFor()
  const handed = await fact(plot, row, 'handover/requested')
  const transfer = greyLine(panel, `Transfer to human agent at ${markerTime(handed.at)}`)
  await transfer.waitFor()
  equal(await styleOf(transfer, 'text-align'), 'center')
  notEqual(
    await styleOf(customer.first().locator('.bubble'), 'background-color'),
    await styleOf(agent.first().locator('.bubble'), 'background-color'),
  )
}

async function answers({ desk: { panel }, customer }: Plot): Promise<string> {
  await customer.says('What does delivery cost?')
  const draft = panel
    .getByRole('article', { name: `Draft from Copilot, ${agentName}` })
    .filter({ hasText: 'We deliver in 2 days for 15 €.' })
  await draft.getByText('Draft from Copilot', { exact: true }).waitFor()
  equal(await styleOf(draft.locator('.bubble'), 'border-top-style'), 'dashed')
  await draft.getByRole('button', { name: 'Copy the draft' }).waitFor()
  await draft.getByRole('button', { name: 'Use draft' }).click()
  const box = reply(panel)
  await until('the draft in the composer', async () => {
    return (await box.inputValue()) === 'We deliver in 2 days for 15 €.'
  })
  await box.press('End')
  await box.pressSequentially(' For you it is free. Ada')
  const edited = await box.inputValue()
  equal(edited, 'We deliver in 2 days for 15 €. For you it is free. Ada')
  await panel.getByRole('button', { name: 'Send', exact: true }).click()
  const mine = messages(panel).getByRole('article', { name: 'Message of Ada Okafor' })
  await mine.filter({ hasText: edited }).waitFor()
  const name = mine.getByText('Ada Okafor', { exact: true })
  ok(Number(await styleOf(name, 'font-weight')) >= 600, 'the name is bold')
  equal(await box.inputValue(), '')
  return edited
}

async function ticks(plot: Plot, row: SessionRow, edited: string): Promise<void> {
  const { desk, customer, furthest } = plot
  const { panel } = desk
  const mine = messages(panel)
    .getByRole('article', { name: 'Message of Ada Okafor' })
    .filter({ hasText: edited })
  await mine.getByRole('button', { name: /^Delivery: (sent|delivered|read)$/ }).waitFor()
  await customer.looks()
  const tick = mine.getByRole('button', { name: `Delivery: ${furthest}` })
  await tick.waitFor()
  await tick.hover()
  const changes = await changesOf(plot, row, edited)
  const last = changes.findLast(({ status }) => status === furthest)
  await hint(panel, new RegExp(`${furthest} ${utcTime(last?.providerAt ?? last?.at ?? 0)}`))
  const order = ['queued', 'sending', 'sent', 'delivered', 'read']
  const places = changes.map(({ status }) => order.indexOf(status))
  deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
}

async function notes({ desk: { panel }, customer }: Plot): Promise<void> {
  const before = (await customer.heard()).length
  await panel.getByRole('tab', { name: 'Private note' }).click()
  const box = panel.getByRole('textbox', { name: 'Private note for colleagues' })
  await box.fill('between us: a good customer')
  await panel.getByRole('button', { name: 'Add note' }).click()
  const note = messages(panel).getByRole('article', { name: 'Private note of Ada Okafor' })
  await note.getByText('Private note', { exact: true }).waitFor()
  await note.getByText('between us: a good customer').waitFor()
  equal(await styleOf(note.locator('.bubble'), 'border-top-style'), 'dashed')
  await panel.getByRole('tab', { name: 'Reply' }).click()
  equal((await customer.heard()).length, before)
}

async function resolves(plot: Plot, row: SessionRow): Promise<void> {
  const { panel } = plot.desk
  await panel.getByRole('button', { name: 'Resolve', exact: true }).click()
  const dialog = panel.getByRole('dialog', { name: 'Resolve this session?' })
  await dialog.getByRole('button', { name: 'Resolve', exact: true }).click()
  const { at } = await fact(plot, row, 'session/resolved')
  await greyLine(panel, `The session was resolved by Ada Okafor at ${markerTime(at)}`).waitFor()
  const button = panel.getByRole('button', { name: 'Resolve', exact: true })
  await until('the button to be off', async () => {
    return (await button.getAttribute('aria-disabled')) === 'true'
  })
  await button.hover()
  await hint(panel, /^Session is already finished$/)
}

async function beginsAnew(plot: Plot, row: SessionRow): Promise<void> {
  const { world, line, customer, desk } = plot
  await toInbox(desk.panel)
  await desk.panel.getByRole('tab', { name: /^All open/ }).click()
  const before = (await customer.heard()).length
  await customer.says('Do you have helmets?')
  await until('an answer', async () => (await customer.heard()).length > before)
  match((await customer.heard()).at(-1) ?? '', /Helmets start at 35 €/)
  const next = await sessionOn(world.ada, world.lines[line])
  notEqual(next.id, row.id)
  equal(next.mode, 'ai')
  const item = desk.panel
    .getByRole('list', { name: 'All open sessions' })
    .getByRole('listitem')
    .filter({ hasText: next.customer.name })
  await item.getByText(/Helmets start/).waitFor()
  const { api } = world.ada
  await until('both sessions on the record', async () => {
    const params = { customerId: next.customer.id }
    const { rows } = await api('GET /api/customers/:customerId/sessions', { params })
    return rows.length === 2
  })
  await desk.panel.getByRole('tab', { name: /^Incoming/ }).click()
}

type FactOf<Type extends Fact['type']> = Extract<Fact, { type: Type }>

async function fact<Type extends Fact['type']>(
  { world }: Pick<Plot, 'world'>,
  row: SessionRow,
  type: Type,
): Promise<FactOf<Type>> {
  return until(`the fact ${type}`, async () =>
    (await factsOf(world.ada, row.id)).find((one): one is FactOf<Type> => one.type === type),
  )
}

async function changesOf({ world }: Plot, row: SessionRow, text: string) {
  const facts = await factsOf(world.ada, row.id)
  const sent = facts.find((one) => one.type === 'message/sent' && one.message.text === text)
  const id = sent?.type === 'message/sent' ? sent.message.id : undefined
  return facts.filter(
    (one): one is FactOf<'delivery/changed'> =>
      one.type === 'delivery/changed' && one.messageId === id,
  )
}

/** What the floating hint says, once it says it. */
export async function hint(page: Page, text: RegExp): Promise<void> {
  await page.getByRole('tooltip').filter({ hasText: text }).waitFor()
}

export function styleOf(of: Locator, property: string): Promise<string> {
  return of.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property)
}

// How it looks, in light and dark: axe finds nothing serious, and there are pictures for people.

import { ok } from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import type { Fact } from '../../shared/session.ts'
import { png } from '../../scripts/seed/picture.ts'
import { evidenceFolder, until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { messages, signIn, toInbox } from './story.ts'
import { factsOf, hears, phone, sessionOn, type World } from './world.ts'

const folder = join(evidenceFolder, 'shots')

export interface Screen {
  readonly name: string
  show(page: Page): Promise<void>
}

/** Before anybody has signed in. */
export async function playSignInLooks(page: Page, where: string, check: Check): Promise<void> {
  const show = () => page.getByRole('button', { name: 'Sign in' }).waitFor()
  await look(page, where, { name: 'sign-in', show }, check)
}

export async function playLooks(desk: Desk, world: World, check: Check): Promise<void> {
  const row = await sitting(world)
  const profile = async (page: Page) => {
    await page.getByRole('region', { name: 'Customer profile' }).waitFor()
    await page.getByRole('heading', { name: 'Products' }).waitFor()
  }
  const chat = (page: Page) => messages(page).getByRole('article').first().waitFor()
  const find = async (page: Page, text: string) => {
    await page.getByRole('searchbox', { name: 'Find a customer' }).fill(text)
  }
  const panelScreens: Screen[] = [
    {
      name: 'inbox',
      async show(page) {
        await toInbox(page)
        await page.getByRole('tab', { name: /^All open/ }).click()
        await page.getByRole('list', { name: 'All open sessions' }).waitFor()
      },
    },
    {
      name: 'conversation',
      async show(page) {
        await page.getByRole('link', { name: row.customer.name, exact: true }).click()
        await chat(page)
      },
    },
    {
      name: 'search',
      async show(page) {
        await toInbox(page)
        await find(page, 'e')
        await page.getByRole('main').getByRole('listitem').first().waitFor()
      },
    },
    {
      name: 'profile',
      async show(page) {
        await find(page, 'Clara Blum')
        await page
          .getByRole('main')
          .getByRole('link', { name: /Clara Blum/ })
          .click()
        await profile(page)
      },
    },
    {
      name: 'communications',
      async show(page) {
        await page.getByRole('tab', { name: /^Communications/ }).click()
        await page.getByRole('region', { name: 'Communications', exact: true }).waitFor()
      },
    },
    {
      name: 'recent',
      async show(page) {
        await page.getByRole('link', { name: 'Recent' }).click()
        await page.getByRole('heading', { name: 'Recent customers' }).waitFor()
      },
    },
  ]
  for (const screen of panelScreens) await look(desk.panel, 'panel', screen, check)

  const portal = await desk.newWindow()
  await portal.goto(world.url)
  await playSignInLooks(portal, 'workspace', check)
  await signIn(portal, world.jonas)
  const at = (path: string, ready: (page: Page) => Promise<void>) => async (page: Page) => {
    await page.goto(world.url + path)
    await ready(page)
  }
  const grid = (page: Page) => page.getByRole('grid', { name: '360 View' }).waitFor()
  const customer = `/customers/${row.customer.id}`
  const workspaceScreens: Screen[] = [
    { name: '360-view', show: at('/customers', grid) },
    { name: 'profile', show: at(customer, profile) },
    {
      name: 'communications',
      show: at(`${customer}?tab=communications`, (page) =>
        page.getByRole('region', { name: 'Communications', exact: true }).waitFor(),
      ),
    },
    { name: 'human-agents', show: at(`/human-agents/${row.id}`, chat) },
    { name: 'session', show: at(`/sessions/${row.id}`, chat) },
  ]
  await portal.getByRole('grid', { name: '360 View' }).waitFor()
  for (const screen of workspaceScreens) await look(portal, 'workspace', screen, check)
  await portal.context().close()
}

/** Shows a screen; axe looks at it and a picture is taken, in light and in dark. */
export async function look(page: Page, where: string, screen: Screen, check: Check): Promise<void> {
  await mkdir(folder, { recursive: true })
  await check(`${where}, ${screen.name}: nothing serious in light or dark`, async () => {
    await screen.show(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await settle(page)
      await page.screenshot({ path: join(folder, `${where}-${screen.name}-${colorScheme}.png`) })
      const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode().analyze()
      ok(passes.length > 10, 'axe has looked')
      const serious = violations.filter(
        ({ impact }) => impact === 'serious' || impact === 'critical',
      )
      const told = serious.map(
        ({ id, nodes }) =>
          `${colorScheme}: ${id}\n${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`,
      )
      if (told.length > 0) throw new Error(told.join('\n\n'))
    }
    await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  })
}

/** Nothing is pointed at, and what fades or moves has arrived. */
async function settle(page: Page): Promise<void> {
  await page.mouse.move(0, 0)
  await page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame)
    await frame()
    await frame()
    for (const one of document.getAnimations()) {
      if (one.effect?.getTiming().iterations !== Infinity) one.finish()
    }
    await frame()
  })
}

/** A conversation that has something of everything. */
async function sitting({ url, lines, ada }: World): Promise<SessionRow> {
  const line = lines.whatsapp
  const address = '436641234567'
  const customer = phone(url, line, address, 'Clara Blum')
  const place = `${url}/sandbox/phones/${line.id}/${address}/messages`
  const act = async (what: object) => {
    await fetch(place, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Clara Blum', ...what }),
    })
  }
  await customer.says('Hello! When are you open? You reach me at clara.blum@example.com, too.')
  await hears(customer, 'We are open Monday to Saturday, 9:00 to 19:00.')
  const row = await sessionOn(ada, line, (one) => one.customer.name === 'Clara Blum')
  const params = { sessionId: row.id }
  await ada.api('POST /api/sessions/:sessionId/takeover', { params, body: { id: newId('cmd') } })
  const base64 = Buffer.from(png()).toString('base64')
  await act({
    type: 'image',
    text: 'This one is broken',
    file: { name: 'bike.png', type: 'image/png', base64 },
  })
  const pdf = Buffer.from('%PDF-1.4\n%%EOF').toString('base64')
  await act({
    type: 'document',
    file: { name: 'invoice-2026-11.pdf', type: 'application/pdf', base64: pdf },
  })
  const text =
    'Thank you, Clara. Two ways:\n\n1. **Bring it in**, any day before 11:00\n2. We fetch it, see https://larkfield.example/pick-up\n\nWhich one?'
  await ada.api('POST /api/sessions/:sessionId/messages', {
    params,
    body: {
      id: newId('msg'),
      text,
      quickReplies: [{ title: 'I bring it' }, { title: 'Fetch it' }],
    },
  })
  await until('the answer', async () => (await customer.heard()).length > 1)
  const { messages: shown } = (await (await fetch(place)).json()) as { messages: { id: string }[] }
  await act({ type: 'reaction', emoji: '👍', target: shown.at(-1)?.id })
  await ada.api('POST /api/sessions/:sessionId/notes', {
    params,
    body: { id: newId('nte'), text: 'Her second repair this month: be generous.' },
  })
  await fetch(`${url}/sandbox/faults/${line.id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      script: [
        { status: 400, body: { error: { code: 131026, message: 'Message undeliverable' } } },
      ],
    }),
  })
  await ada.api('POST /api/sessions/:sessionId/messages', {
    params,
    body: { id: newId('msg'), text: 'And helmets are 10 % off this week.' },
  })
  await until('the failure', async () => failed(await factsOf(ada, row.id)))
  await customer.says('What does delivery cost?')
  await until('the draft', async () =>
    (await factsOf(ada, row.id)).some(
      (one) => one.type === 'draft/suggested' && one.draft.text.includes('15 €'),
    ),
  )
  return row
}

function failed(facts: readonly Fact[]): boolean {
  return facts.some((one) => one.type === 'delivery/changed' && one.status === 'failed')
}

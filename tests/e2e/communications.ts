// A customer's conversations as one chat: read upwards through sessions that are loaded on the way,
// searched through those that are not, and beside it the details of what is being read.

import { deepEqual, equal, ok } from 'node:assert/strict'

import type { Locator, Page } from 'playwright-core'

import type { SessionRow } from '../../shared/inbox.ts'
import { newId } from '../../shared/new-id.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { look } from './looks.ts'
import { visitor } from './shop.ts'
import { signIn, toInbox } from './story.ts'
import { agentName, hears, phone, rowsOf, sessionOn, type World } from './world.ts'

/** More than two pages of five. */
const sessions = 12
/** Those in which the rare word is said. */
const rare = [1, 7, 12]
/** The one that a colleague answered. */
const answered = 1
const name = 'Nils Longway'

const frame = { name: 'frame', label: 'Frame', type: 'enum', options: ['City', 'Cargo'] } as const
const wheel = { name: 'wheel_size', label: 'Wheel size', type: 'number' } as const

export async function playCommunications(desk: Desk, world: World, check: Check): Promise<void> {
  await collect(world, [frame, wheel])
  const all = await check(`${sessions} conversations arrive by webhook`, () => talk(world))
  const portal = await desk.newWindow()
  const [first] = all
  if (!first) throw new Error('there is no conversation')
  const path = `/customers/${first.customer.id}?tab=communications`
  await portal.goto(world.url + path)
  await signIn(portal, world.ada)
  await reads(portal, 'the workspace', all, check)
  await portal.reload()
  await findsInChat(portal, 'the workspace', check)
  await look(portal, 'workspace', { name: 'search-in-chat', show: async () => {} }, check)
  await goesToSession(portal, all, check)
  await readsInPanel(desk, all, check)
  await showsResults(portal, world, all, check)
  await showsContact(desk, portal, world, check)
  await portal.context().close()
  await collect(world, [])
}

/** Changes what the agent is set up to collect. */
async function collect({ nora }: World, resultFields: readonly object[]): Promise<void> {
  const { agents } = await nora.api('GET /api/agents')
  const agentId = agents.find((one) => one.name === agentName)?.id ?? ''
  await nora.api('PATCH /api/agents/:agentId', { params: { agentId }, body: { resultFields } })
}

const question = (at: number) =>
  `Question ${at}: what does delivery cost?${rare.includes(at) ? ' It has a mudguard.' : ''}`

/** One conversation after the other, each but the last of them ended. */
async function talk({ url, lines, ada, jonas }: World): Promise<SessionRow[]> {
  const customer = phone(url, lines.telegram, '700100200', name, 'nils_longway')
  const rows: SessionRow[] = []
  for (let at = 1; at <= sessions; at += 1) {
    const before = (await customer.heard()).length
    await customer.says(question(at))
    await until(`answer ${at}`, async () => (await customer.heard()).length > before)
    const row = await sessionOn(
      ada,
      lines.telegram,
      (one) => one.customer.name === name && !rows.some(({ id }) => id === one.id),
    )
    rows.push(row)
    const params = { sessionId: row.id }
    const body = () => ({ id: newId('cmd') })
    if (at === sessions) {
      await customer.says('A cargo frame with wheel size 26, please.')
      await until('the second answer', async () => (await customer.heard()).length > before + 1)
      break
    }
    if (at === answered) {
      await jonas.api('POST /api/sessions/:sessionId/takeover', { params, body: body() })
    }
    await jonas.api('POST /api/sessions/:sessionId/resolution', { params, body: body() })
    await until(`the end of ${at}`, async () => {
      return !(await rowsOf(ada, lines.telegram)).some(({ id }) => id === row.id)
    })
  }
  return rows
}

const chatOf = (page: Page) => page.getByRole('region', { name: 'Communications', exact: true })
const episodes = (page: Page) => chatOf(page).getByRole('region', { name: /^Communication of / })
const said = (page: Page, at: number) =>
  chatOf(page)
    .getByRole('article')
    .filter({ hasText: `Question ${at}:` })
const episode = (page: Page, row: SessionRow | undefined) =>
  chatOf(page).locator(`[data-session="${row?.id}"]`)
const details = (page: Page) => page.getByRole('complementary', { name: 'Details' })

/** The summary tells which conversation it is; the last has not ended, and has none. */
const about = (page: Page, at: number) =>
  details(page).getByText(at === sessions ? /^Written when/ : `«Question ${at}:`)

async function reads(
  page: Page,
  where: string,
  all: readonly SessionRow[],
  check: Check,
): Promise<void> {
  const chat = chatOf(page)
  await check(`in ${where} the latest stands at the bottom, the oldest is not loaded`, async () => {
    await said(page, sessions).waitFor()
    await isInView(chat, chat.getByRole('article').last())
    equal(await said(page, 1).count(), 0)
    await about(page, sessions).waitFor()
  })
  await check(`in ${where} scrolling up loads what was before, and nothing jumps`, async () => {
    for (;;) {
      await untilRead(page)
      const before = await episodes(page).count()
      const id = await episodes(page).first().getAttribute('data-session')
      await chat.evaluate((one) => one.scrollTo(0, -one.scrollHeight))
      if (before === sessions) break
      await until('earlier ones', async () => (await episodes(page).count()) > before)
      await untilRead(page)
      // It stands where it stood: what is put above pushes nothing away.
      await isInView(chat, chat.locator(`[data-session="${id}"]`).getByRole('button').first())
    }
    await chat.getByText('The beginning of the communications').waitFor()
    await about(page, answered).waitFor()
    await details(page).getByText('Jonas Weber').waitFor()
  })
  await check(`in ${where} the details follow the scroll, one after the other`, async () => {
    const read = await readDownwards(page)
    deepEqual(
      read,
      all.map((_, at) => at + 1),
    )
    await details(page).getByText('AI agent', { exact: true }).waitFor()
  })
  await check(`in ${where} a divider brings its conversation to the top`, async () => {
    for (const at of [5, sessions - 1, 2]) {
      const head = episode(page, all[at - 1])
        .getByRole('button')
        .first()
      await head.click()
      await about(page, at).waitFor()
      await isInView(chat, head)
      await about(page, at).waitFor()
    }
    await chat.hover()
    await page.mouse.wheel(0, -5000)
    await about(page, answered).waitFor()
  })
}

/** Everything that is loaded is there. */
async function untilRead(page: Page): Promise<void> {
  await until('the facts of all', async () => {
    const loaded = await episodes(page).count()
    const begun = await chatOf(page)
      .getByText(/^Client started the session at /)
      .count()
    return loaded > 0 && begun === loaded
  })
}

/** Scrolls from the top to the end. Gives which conversations the details told of, in order. */
async function readDownwards(page: Page): Promise<readonly number[]> {
  const read: number[] = []
  for (;;) {
    const { text, end } = await chatOf(page).evaluate(async (chat) => {
      const frame = () => new Promise(requestAnimationFrame)
      await frame()
      await frame()
      const end = chat.scrollTop > -1
      const text = document.querySelector<HTMLElement>('aside.details')?.innerText ?? ''
      chat.scrollBy(0, 40)
      return { text, end }
    })
    const at = Number(/«Question (\d+):/.exec(text)?.[1] ?? sessions)
    if (at !== read.at(-1)) read.push(at)
    if (end) return read
  }
}

const find = (page: Page) => page.getByRole('searchbox', { name: 'Search in chat' })

async function findsInChat(page: Page, where: string, check: Check): Promise<void> {
  const chat = chatOf(page)
  const status = page.locator('search', { has: find(page) }).getByRole('status')
  const earlier = page.getByRole('button', { name: 'Earlier match' })
  await check(`in ${where} Search in chat steps through what is not loaded yet`, async () => {
    await said(page, sessions).waitFor()
    equal(await said(page, 1).count(), 0)
    await find(page).fill('MUDGUARD')
    await status.getByText(/^1 of \d\+$/).waitFor()
    for (const [step, at] of rare.toReversed().entries()) {
      if (step > 0) await earlier.click()
      await status.getByText(new RegExp(`^${step + 1} of `)).waitFor()
      await isInView(chat, said(page, at))
      await about(page, at).waitFor()
      equal(await marked(page), 'mudguard')
    }
    await status.getByText('3 of 3', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Later match' }).click()
    await status.getByText('2 of 3', { exact: true }).waitFor()
    await isInView(chat, said(page, 7))
  })
  await check(`in ${where} a word nobody has said is said to be nowhere`, async () => {
    await find(page).fill('penny-farthing')
    await status.getByText('No match', { exact: true }).waitFor()
    await find(page).fill('mudguard')
    await status.getByText('1 of 3', { exact: true }).waitFor()
  })
}

/** What is marked as the match one is at. */
function marked(page: Page): Promise<string> {
  return page.evaluate(() => [...(CSS.highlights.get('found-now') ?? [])].map(String).join())
}

/** All of it, between the edges of the chat. */
async function isInView(chat: Locator, what: Locator): Promise<void> {
  await what.waitFor()
  await until('it in view', async () => {
    const [around, box] = await Promise.all([chat.boundingBox(), what.boundingBox()])
    if (!around || !box) return false
    return box.y >= around.y - 1 && box.y + box.height <= around.y + around.height + 1
  })
}

async function goesToSession(
  portal: Page,
  all: readonly SessionRow[],
  check: Check,
): Promise<void> {
  await check('Go to session opens the one being read in a tab; the place is kept', async () => {
    await find(portal).fill('')
    await episode(portal, all[4]).getByRole('button').first().click()
    await about(portal, 5).waitFor()
    const [opened] = await Promise.all([
      portal.context().waitForEvent('page'),
      portal.getByRole('button', { name: 'Go to session' }).click(),
    ])
    await opened.waitForURL(new RegExp(`/sessions/${all[4]?.id}$`))
    await opened.getByText('Question 5:').first().waitFor()
    await opened.close()
    await about(portal, 5).waitFor()
  })
  await check('the X hides the details and widens the chat', async () => {
    const width = async () => (await chatOf(portal).boundingBox())?.width ?? 0
    const before = await width()
    await portal.getByRole('button', { name: 'Hide the details' }).click()
    await until('a wider chat', async () => (await width()) > before + 200)
    await portal.getByRole('button', { name: 'Details', exact: true }).click()
    await until('the details again', async () => (await width()) === before)
  })
}

/** The same beside a page: narrow, and narrower than Chrome makes it by itself. */
async function readsInPanel(
  { panel }: Desk,
  all: readonly SessionRow[],
  check: Check,
): Promise<void> {
  await toInbox(panel)
  const box = panel.getByRole('searchbox', { name: 'Find a customer' })
  await box.fill('nils_longway')
  await box.press('Enter')
  await panel.getByRole('tab', { name: /^Communications/ }).click()
  await chatOf(panel).waitFor()
  await panel.getByRole('button', { name: 'Details', exact: true }).click()
  await reads(panel, 'the panel', all, check)
  await toInbox(panel)
  await panel
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: 'Customer' })
    .click()
  await panel.getByRole('tab', { name: /^Communications/ }).click()
  await panel.getByRole('button', { name: 'Details', exact: true }).click()
  await findsInChat(panel, 'the panel', check)
  await look(panel, 'panel', { name: 'search-in-chat', show: async () => {} }, check)
  await check('at 320 px nothing is cut off', async () => {
    const size = await panel.evaluate(() => [innerWidth, innerHeight] as const)
    await panel.setViewportSize({ width: 320, height: size[1] })
    await panel.waitForFunction(() => innerWidth === 320)
    deepEqual(await cutOff(panel), [])
    await panel.setViewportSize({ width: size[0], height: size[1] })
    await find(panel).fill('')
  })
}

/** Controls that stand over the edge of the window. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, input, a')]
      .filter((one) => one.checkVisibility())
      .filter((one) => !one.closest('.campaign-picks'))
      .filter((one) => one.getBoundingClientRect().right > innerWidth)
      .map((one) => one.outerHTML),
  )
}

async function showsResults(
  portal: Page,
  world: World,
  all: readonly SessionRow[],
  check: Check,
): Promise<void> {
  const results = (page: Page) => details(page).locator('section', { hasText: 'RESULTS' })
  const again = async () => {
    await portal.reload()
    await about(portal, sessions).waitFor()
  }
  await check(
    'results stand under their labels; without any, and without parameters, it says so',
    async () => {
      await again()
      await results(portal).getByText('Cargo', { exact: true }).waitFor()
      deepEqual(await termsIn(results(portal)), { Frame: 'Cargo', 'Wheel size': '26' })
      await details(portal).getByText('No parameters found', { exact: true }).waitFor()
      await episode(portal, all[sessions - 2])
        .getByRole('button')
        .first()
        .click()
      await about(portal, sessions - 1).waitFor()
      await details(portal).getByText('No results found', { exact: true }).waitFor()
    },
  )
  await check('a result field that is taken from the agent is not shown any more', async () => {
    await collect(world, [frame])
    await again()
    await until('the frame alone', async () => {
      return JSON.stringify(await termsIn(results(portal))) === '{"Frame":"Cargo"}'
    })
  })
  await check('a result the agent knows no field of is never shown', async () => {
    await collect(world, [{ ...frame, name: 'frame_kind' }])
    await again()
    await results(portal).getByText('No results found', { exact: true }).waitFor()
    ok(!(await results(portal).innerText()).includes('Cargo'))
    await portal.goto(`${world.url}/sessions/${all[sessions - 1]?.id}`)
    const side = portal.getByRole('complementary', { name: 'Parameters & results' })
    await side.getByText('No results found', { exact: true }).waitFor()
    await side.getByText('No parameters found', { exact: true }).waitFor()
  })
}

/** Terms and what stands under them. */
function termsIn(of: Locator): Promise<Record<string, string>> {
  return of.locator('dl').evaluateAll((lists) => {
    const terms = lists.flatMap((list) => [...list.querySelectorAll('dt')])
    const pairs = terms.map((term) => [
      term.textContent,
      (term.nextElementSibling?.textContent ?? '').trim(),
    ])
    return Object.fromEntries(pairs) as Record<string, string>
  })
}

/** Parameters & results of a session: all six contact fields, or that there are none. */
async function showsContact(
  desk: Desk,
  portal: Page,
  { url, shop, lines, ada }: World,
  check: Check,
): Promise<void> {
  const side = portal.getByRole('complementary', { name: 'Parameters & results' })
  const contact = side.locator('section', { hasText: 'Contact info' })
  const link = contact.getByRole('link', { name: 'Open in 360' })
  const known = await sessionOn(ada, lines.telegram, (one) => one.customer.name === name)
  await check(
    'the session’s contact info has its six fields, and leads to the record',
    async () => {
      await portal.goto(`${url}/sessions/${known.id}`)
      await contact.getByText('@nils_longway').waitFor()
      deepEqual(await termsIn(contact), {
        Name: name,
        Email: '---',
        Phone: '---',
        Telegram: '@nils_longway',
        WhatsApp: '---',
        LinkedIn: '---',
      })
      await link.click()
      await portal.getByRole('heading', { name, level: 1 }).waitFor()
    },
  )
  const guest = await visitor(await desk.newWindow(900, 700), shop)
  await guest.says('Do you have helmets?')
  await until('an answer', async () => (await guest.heard()).length > 0)
  const row = await sessionOn(ada, lines.web)
  await check(
    'of a visitor without a name there is no contact info, and nothing to open',
    async () => {
      await portal.goto(`${url}/sessions/${row.id}`)
      await contact.getByText('No contact info found', { exact: true }).waitFor()
      deepEqual(await termsIn(contact), {})
      equal(await link.count(), 0)
      const parameters = side.locator('section', { hasText: 'Session parameters' })
      equal((await termsIn(parameters))['plan'], 'pro')
    },
  )
  await look(portal, 'workspace', { name: 'no-contact-info', show: async () => {} }, check)
  await check('what the visitor says of themselves comes in by itself', async () => {
    await guest.says('My email is petra.visitor@example.com')
    await contact.getByText('petra.visitor@example.com').waitFor()
    await contact.getByText('unverified', { exact: true }).waitFor()
    await link.waitFor()
  })
  await hears(guest, 'Helmets start at 35 €.')
  await guest.widget.page().context().close()
}

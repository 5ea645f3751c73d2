// 360 View as one works with it: filters quick and advanced, kept and shared; files that hold what
// the counter says; columns, order, and an address that carries all of it.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'

import type { Locator, Page } from 'playwright-core'

import { newId } from '../../shared/new-id.ts'
import {
  contacts,
  guests,
  newBookshop,
  readers,
  searches,
  type Bookshop,
  type Contact,
} from './bookshop.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { look } from './looks.ts'
import { hint, signIn } from './story.ts'
import type { World } from './world.ts'

/** Gold, and (of the first hundred and more, or of the first nine). */
const isMeant = ({ tier, name, email }: Contact) =>
  tier === 'gold' && (name.includes('Reader 1') || email.startsWith('reader-00'))
const meant = contacts.filter(isMeant).length

export async function playList(desk: Desk, world: World, check: Check): Promise<void> {
  const shop = await newBookshop(world.url)
  const portal = await desk.newWindow()
  await portal.goto(`${world.url}/customers`)
  await signIn(portal, shop.lena)
  await check('the counter says how many customers there are', () =>
    counts(portal, contacts.length),
  )
  await filtersQuickly(portal, check)
  await filtersWell(portal, check)
  await keepsFilters(portal, shop, check)
  await downloads(portal, check)
  await setsColumns(portal, check)
  await comesBack(portal, check)
  await sharesAddress(desk, portal, shop, check)
  await portal.context().close()
  await findsInPanel(desk, world, check)
}

const grid = (page: Page) => page.getByRole('grid', { name: '360 View' })
/** The names of the columns and the inputs under them are rows as well. */
const rows = (page: Page) => grid(page).getByRole('row')
const row = (page: Page, name: string) => rows(page).filter({ hasText: name })
const quick = (page: Page, title: string) => page.getByLabel(`Quick filter: ${title}`)
const button = (of: Page | Locator, name: string) => of.getByRole('button', { name, exact: true })

async function counts(page: Page, customers: number): Promise<void> {
  const text = customers === 1 ? '1 customer' : `${customers} customers`
  await page.getByRole('status').getByText(text, { exact: true }).waitFor()
}

async function clearFilters(page: Page): Promise<void> {
  await button(page, 'More of the list').click()
  await page.getByRole('menuitem', { name: 'Clear filters' }).click()
  await counts(page, contacts.length)
}

async function filtersQuickly(portal: Page, check: Check): Promise<void> {
  await check('a quick filter finds a phone however it is written', async () => {
    for (const text of ['070-200 00 12', '+46 (0)70 200 00 12', '0046702000012']) {
      await quick(portal, 'Phone').fill(text)
      await counts(portal, 1)
      await row(portal, 'Reader 012').waitFor()
      await quick(portal, 'Phone').fill('')
      await counts(portal, contacts.length)
    }
  })
  await check('quick filters stand together, and a list has its choices', async () => {
    await quick(portal, 'Phone').fill('70200001')
    await counts(portal, 10)
    await quick(portal, 'Tier').selectOption('silver')
    const silver = readers.filter(
      ({ phone, tier }) => phone.includes('70200001') && tier === 'silver',
    )
    await counts(portal, silver.length)
    await clearFilters(portal)
    equal(await quick(portal, 'Phone').inputValue(), '')
  })
  const box = portal.getByRole('searchbox', { name: 'Find a customer' })
  for (const [how, text, name] of searches) {
    await check(`the search finds ${name} by ${how}`, async () => {
      await box.fill(text)
      await row(portal, name).waitFor()
      await until('nobody else', async () => (await rows(portal).count()) === 3)
      await counts(portal, 1)
    })
  }
  await check('who is not there is said not to be, with what helps', async () => {
    await box.fill('zzz nobody')
    await portal.getByText('No customer matches.').waitFor()
    await button(portal, 'Clear filters').click()
    await counts(portal, contacts.length)
  })
}

const panelOf = (page: Page) => page.getByRole('complementary', { name: 'Advanced filters' })
const toggle = (page: Page) => page.getByRole('button', { name: /^Advanced filters/ })

async function filtersWell(portal: Page, check: Check): Promise<void> {
  const panel = panelOf(portal)
  const apply = button(panel, 'Apply')
  await check('Apply is off while no condition has a field, and says so', async () => {
    await toggle(portal).click()
    await isOff(portal, apply, 'Add at least one condition with a field selected.')
    await panel.getByText('Add at least one condition with a field selected.').waitFor()
    await panel.getByLabel('Field').selectOption('Tier')
    await isOff(
      portal,
      apply,
      'Fill in the value of every condition, with what its field can hold.',
    )
    await apply.click({ force: true })
    await counts(portal, contacts.length)
  })
  await check('one condition and two of which one is enough: A AND (B OR C)', async () => {
    await panel.getByLabel('Value').selectOption('gold')
    await button(panel, 'Group').click()
    const [, inner] = await two(panel.getByRole('group', { name: 'Group' }))
    await button(inner, 'Any (OR)').and(portal.locator('[aria-pressed="true"]')).waitFor()
    await inner.getByLabel('Field').selectOption('Name')
    await inner.getByLabel('Value').fill('reader 1')
    await button(inner, 'Condition').click()
    await inner.getByLabel('Field').nth(1).selectOption('Email')
    await inner.getByLabel('Operator').nth(1).selectOption('starts with')
    await inner.getByLabel('Value').nth(1).fill('reader-00')
    await apply.click()
    await counts(portal, meant)
    await toggle(portal).getByText('3', { exact: true }).waitFor()
  })
  await check('at 1050 px the head stands in one line, and every title is whole', async () => {
    await portal.setViewportSize({ width: 1050, height: 900 })
    await portal.waitForFunction(() => innerWidth === 1050)
    const [title, last] = await Promise.all([
      portal.getByRole('heading', { name: '360 View' }).boundingBox(),
      toggle(portal).boundingBox(),
    ])
    ok(title && last && last.y < title.y + title.height, 'one line')
    const cut = await grid(portal)
      .getByRole('columnheader')
      .locator('.one-line')
      .evaluateAll((all) =>
        all.flatMap((one) => {
          const text = new Range()
          text.selectNodeContents(one)
          const lacks = text.getBoundingClientRect().width - one.getBoundingClientRect().width
          return lacks > 0.1 ? [one.textContent] : []
        }),
      )
    deepEqual(cut, [])
  })
  await look(portal, 'workspace', { name: 'advanced-filters-1050', show: async () => {} }, check)
  await portal.setViewportSize({ width: 1440, height: 900 })
  await check('quick filters narrow it further', async () => {
    await quick(portal, 'Name').fill('reader 10')
    await counts(portal, contacts.filter((one) => isMeant(one) && / 10\d$/.test(one.name)).length)
    await quick(portal, 'Name').fill('')
    await counts(portal, meant)
  })
}

async function keepsFilters(portal: Page, shop: Bookshop, check: Check): Promise<void> {
  const panel = panelOf(portal)
  const saved = panel.getByLabel('Saved filters', { exact: true })
  const act = async (name: string) => {
    await button(panel, 'Actions of the saved filter').click()
    await portal.getByRole('menuitem', { name, exact: true }).click()
  }
  const titled = (title: string) => saved.locator('option:checked', { hasText: title })
  await check('a filter is saved, and after a reload it is there to be used', async () => {
    await button(panel, 'Save filter').click()
    const dialog = portal.getByRole('dialog', { name: 'Save filter' })
    await dialog.getByLabel('Name').fill('Golden')
    await button(dialog, 'Save filter').click()
    await titled('Golden').waitFor({ state: 'attached' })
    await clearFilters(portal)
    await portal.reload()
    await counts(portal, contacts.length)
    await saved.selectOption('Golden')
    await counts(portal, meant)
  })
  await check('it is renamed, and shared with a colleague', async () => {
    await act('Rename')
    const dialog = portal.getByRole('dialog', { name: 'Rename' })
    await dialog.getByLabel('Name').fill('Golden few')
    await button(dialog, 'Rename').click()
    await titled('Golden few').waitFor({ state: 'attached' })
    deepEqual((await shop.omar.api('GET /api/filters')).filters, [])
    await act('Share with colleagues')
    await titled('Golden few (shared)').waitFor({ state: 'attached' })
    const { filters } = await shop.omar.api('GET /api/filters')
    deepEqual(
      filters.map(({ name, owner, isDefault }) => [name, owner.name, isDefault]),
      [['Golden few', 'Lena Harbour', false]],
    )
  })
  await check('made the default, the list opens with it, until it is no more', async () => {
    await act('Open the list with it')
    await titled('Golden few (shared, default)').waitFor({ state: 'attached' })
    await portal.goto(`${shop.url}/customers`)
    await counts(portal, meant)
    await toggle(portal).click()
    await act('Don’t open the list with it')
    await titled('Golden few (shared)').waitFor({ state: 'attached' })
    await portal.goto(`${shop.url}/campaigns`)
    await portal.goto(`${shop.url}/customers`)
    await counts(portal, contacts.length)
  })
  await check('deleted, it is gone for the colleague too; the list stays as it is', async () => {
    await toggle(portal).click()
    await saved.selectOption('Golden few (shared)')
    await counts(portal, meant)
    await act('Delete')
    const dialog = portal.getByRole('dialog', { name: 'Delete the filter “Golden few”?' })
    await button(dialog, 'Delete').click()
    await titled('No saved filters yet').waitFor({ state: 'attached' })
    deepEqual((await shop.omar.api('GET /api/filters')).filters, [])
    await counts(portal, meant)
  })
}

async function downloads(portal: Page, check: Check): Promise<void> {
  const dialog = portal.getByRole('dialog', { name: 'Download contacts' })
  const names = contacts.filter(isMeant).map(({ name }) => name)
  await check('the CSV has the counted rows, and the columns on the screen', async () => {
    const text = await fetched(portal, 'CSV')
    ok(text.startsWith('\ufeff'), 'spreadsheets know by it that this is UTF-8')
    const [header = '', ...lines] = text.slice(1).trimEnd().split('\r\n')
    deepEqual(header.split(','), await titles(portal))
    deepEqual(lines.map((line) => line.split(',')[0]).toSorted(), names)
    await dialog.getByText(`${meant} customers. The file is in your downloads.`).waitFor()
    await button(dialog, 'Close').click()
  })
  await check('the JSON has them too', async () => {
    // Safe: the test is about it being so.
    const rows = JSON.parse(await fetched(portal, 'JSON')) as Record<string, unknown>[]
    deepEqual(rows.map((one) => String(one['name'])).toSorted(), names)
    await button(dialog, 'Close').click()
  })
  await check('a download says how far it is', async () => {
    await clearFilters(portal)
    await stopHalfWay(portal)
    await button(portal, 'Download contacts').click()
    await button(dialog, 'CSV').click()
    const status = dialog.getByRole('status')
    const told = new RegExp(`^([1-9]\\d*) of ${contacts.length} customers$`)
    const rows = await until('how far it is', async () => told.exec(await status.innerText())?.[1])
    ok(Number(rows) < contacts.length, `half-way there are ${rows} rows`)
  })
  await look(portal, 'workspace', { name: 'download', show: async () => {} }, check)
  await check('stopped, it leaves no file; tried again, it is whole', async () => {
    const files: string[] = []
    portal.on('download', (file) => files.push(file.suggestedFilename()))
    await button(dialog, 'Cancel').click()
    await dialog.getByText('Cancelled. Nothing was saved.').waitFor()
    await button(dialog, 'Try again').click()
    await dialog.getByText(`${contacts.length} customers. The file is in your downloads.`).waitFor()
    await until('the file', async () => files.length > 0)
    equal(files.length, 1)
    await button(dialog, 'Close').click()
  })
}

/** The file as it lies in the downloads. */
async function fetched(portal: Page, format: 'CSV' | 'JSON'): Promise<string> {
  await button(portal, 'Download contacts').click()
  const dialog = portal.getByRole('dialog', { name: 'Download contacts' })
  const [download] = await Promise.all([
    portal.waitForEvent('download'),
    button(dialog, format).click(),
  ])
  const name = new RegExp(`^customers-\\d{4}-\\d\\d-\\d\\d\\.${format.toLowerCase()}$`)
  match(download.suggestedFilename(), name)
  return readFile(await download.path(), 'utf8')
}

/** The next download comes to a halt after its first half: like on a bad line. */
async function stopHalfWay(portal: Page): Promise<void> {
  await portal.evaluate(() => {
    const real = globalThis.fetch
    globalThis.fetch = async (input, init) => {
      const response = await real(input, init)
      if (!String(input).includes('/export')) return response
      globalThis.fetch = real
      const bytes = new Uint8Array(await response.arrayBuffer())
      const half = new ReadableStream<Uint8Array>({
        start(control) {
          control.enqueue(bytes.slice(0, bytes.length / 2))
          init?.signal?.addEventListener('abort', () => control.error(init.signal?.reason))
        },
      })
      return new Response(half, { status: 200, headers: response.headers })
    }
  })
}

async function setsColumns(portal: Page, check: Check): Promise<void> {
  const dialog = portal.getByRole('dialog', { name: 'Fields settings' })
  const heads = async (wanted: readonly string[]) => {
    await until(`the columns ${wanted.join(', ')}`, async () => {
      return (await titles(portal)).join() === wanted.join()
    })
  }
  await check('a title sorts one way and the other', async () => {
    const sort = button(grid(portal), 'Name')
    const top = grid(portal).locator('[aria-rowindex="3"]')
    for (const [order, first] of [
      ['ascending', 'José Ñandú Muñoz'],
      ['descending', '山田 太郎'],
    ] as const) {
      await sort.click()
      await portal.locator(`[role="columnheader"][aria-sort="${order}"]`).waitFor()
      await top.filter({ hasText: first }).waitFor()
    }
  })
  await check('columns are hidden, shown and moved, and stay so', async () => {
    const before = await titles(portal)
    deepEqual(before, ['Name', 'Email', 'Phone', 'Channels', 'Last communication', 'Tier'])
    await button(portal, 'Fields settings').click()
    await dialog.getByRole('checkbox', { name: 'Column: Channels' }).uncheck()
    await dialog.getByRole('checkbox', { name: 'Column: External ID' }).check()
    const grip = dialog.getByRole('button', { name: /^Move Phone:/ })
    await grip.focus()
    await grip.press('ArrowUp')
    await dialog.getByRole('button', { name: /^Move Phone: place 2 / }).waitFor()
    await button(dialog, 'Close').click()
    const after = ['Name', 'Phone', 'Email', 'External ID', 'Last communication', 'Tier']
    await heads(after)
    // It has no order to sort by: a customer may have several.
    equal(await button(grid(portal), 'External ID').count(), 0)
    await portal.reload()
    await counts(portal, contacts.length)
    await heads(after)
    const text = await fetched(portal, 'CSV')
    deepEqual(text.slice(1).split('\r\n')[0]?.split(','), after)
    await button(portal.getByRole('dialog', { name: 'Download contacts' }), 'Close').click()
  })
}

async function comesBack(portal: Page, check: Check): Promise<void> {
  await check('back from a profile: filters, order, scroll and choice as they were', async () => {
    await quick(portal, 'Name').fill('reader')
    await counts(portal, readers.length)
    await button(grid(portal), 'Email').click()
    await row(portal, 'Reader 001').waitFor()
    const list = grid(portal)
    await list.evaluate((box) => box.scrollTo(0, 4000))
    const chosen = row(portal, 'Reader 130')
    await chosen.getByText('Reader 130').click()
    await chosen.and(portal.locator('[aria-selected="true"]')).waitFor()
    const top = await list.evaluate((box) => box.scrollTop)
    ok(top > 3000, `scrolled to ${top}`)
    await chosen.getByText('Reader 130').dblclick()
    await portal.getByRole('heading', { name: 'Reader 130', level: 1 }).waitFor()
    await button(portal, 'Back to the customers').click()
    await chosen.and(portal.locator('[aria-selected="true"]')).waitFor()
    await counts(portal, readers.length)
    equal(await quick(portal, 'Name').inputValue(), 'reader')
    await until('the same place', async () => {
      return (await list.evaluate((box) => box.scrollTop)) === top
    })
  })
}

async function sharesAddress(
  desk: Desk,
  portal: Page,
  { omar }: Bookshop,
  check: Check,
): Promise<void> {
  await check('the address opens the same list in a colleague’s window', async () => {
    const panel = panelOf(portal)
    await panel.getByLabel('Field').selectOption('Tier')
    await panel.getByLabel('Value').selectOption('gold')
    await button(panel, 'Apply').click()
    const golden = readers.filter(({ tier }) => tier === 'gold')
    await counts(portal, golden.length)
    await row(portal, 'Reader 004').getByText('Reader 004').click()
    const chosen = await row(portal, 'Reader 004').getAttribute('id')
    await portal.waitForURL(new RegExp(`row=${chosen}`))
    const window = await desk.newWindow()
    await window.goto(portal.url())
    await signIn(window, omar)
    await counts(window, golden.length)
    equal(await quick(window, 'Name').inputValue(), 'reader')
    equal(await panelOf(window).getByLabel('Value').inputValue(), 'gold')
    await window.locator('[role="columnheader"][aria-sort="ascending"]').waitFor()
    await row(window, 'Reader 004').and(window.locator('[aria-selected="true"]')).waitFor()
    equal(new URL(window.url()).search, new URL(portal.url()).search)
    await window.context().close()
  })
}

/** The panel's one search box is as forgiving, at any width. */
async function findsInPanel({ panel }: Desk, world: World, check: Check): Promise<void> {
  for (const { name, email, phone } of guests) {
    await world.nora.api('POST /api/customers', {
      body: { id: newId('cus'), values: { name, email, phone } },
    })
  }
  const box = panel.getByRole('searchbox', { name: 'Find a customer' })
  await check('the panel finds them in the same ways', async () => {
    for (const [, text, name] of searches) {
      await box.fill(text)
      const links = panel.getByRole('main').getByRole('link')
      await links.filter({ hasText: name }).waitFor()
      await until(`${name} alone`, async () => (await links.count()) === 1)
    }
    await box.press('Escape')
  })
}

/** Off, and it says why on hover and on focus. */
async function isOff(page: Page, control: Locator, reason: string): Promise<void> {
  await until('it to be off', async () => (await control.getAttribute('aria-disabled')) === 'true')
  await page.mouse.move(1, 1)
  await control.hover()
  await hint(page, new RegExp(`^${reason.replaceAll('.', '\\.')}$`))
  await page.mouse.move(1, 1)
  await page.getByRole('tooltip').waitFor({ state: 'hidden' })
  await control.focus()
  await hint(page, new RegExp(`^${reason.replaceAll('.', '\\.')}$`))
  await control.blur()
}

async function titles(page: Page): Promise<readonly string[]> {
  const all = await grid(page).getByRole('columnheader').allInnerTexts()
  return all.map((one) => one.trim()).filter(Boolean)
}

async function two(all: Locator): Promise<readonly [Locator, Locator]> {
  await all.nth(1).waitFor()
  return [all.nth(0), all.nth(1)]
}

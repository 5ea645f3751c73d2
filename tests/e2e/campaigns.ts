// Campaigns: one person in two of them, each with a status and stage of its own; uploads that are watched,
// stopped and taken up again; products; and Customer Service, where what belongs to no campaign is.

import { deepEqual, equal, match, ok } from 'node:assert/strict'

import type { Locator, Page } from 'playwright-core'

import type { CustomerId } from '../../shared/ids.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { look } from './looks.ts'
import {
  campaignOf,
  card,
  chooseFile,
  downloadBy,
  lineOf,
  openInPanel,
  openPortal,
  profileAt,
  promoted,
  startUpload,
  wizard,
} from './screens.ts'
import { hears, phone, sessionOn, type World } from './world.ts'

const name = 'Nadia Rossi'
const tour = 'Spring tour'
const repairs = 'Repairs 2027'
/** Long enough that somebody can stop it. */
const longLines = 30_000

interface Scene {
  readonly desk: Desk
  readonly world: World
  readonly portal: Page
}

export function playCampaigns(desk: Desk, world: World, check: Check): Promise<void> {
  return promoted(world, async () => {
    const portal = await openPortal(desk, world, { who: world.nora, path: '/campaigns' })
    const scene = { desk, world, portal }
    const id = await takesPartTwice(scene, check)
    await changesOne(scene, id, check)
    await showsService(scene, id, check)
    await showsProducts(scene, id, check)
    await stopsAndGoesOn(scene, check)
    await portal.context().close()
  })
}

async function takesPartTwice(scene: Scene, check: Check): Promise<CustomerId> {
  const { world, portal } = scene
  const { lines } = world
  const nadia = phone(world.url, lines.whatsapp, '393311234567', name)
  await nadia.says('What does delivery cost?')
  await hears(nadia, 'We deliver in 2 days for 15 €.')
  const row = await sessionOn(world.ada, lines.whatsapp, (one) => one.customer.name === name)
  const { id } = row.customer
  const dialog = portal.getByRole('dialog', { name: 'New campaign' })
  await look(
    portal,
    'workspace',
    {
      name: 'new-campaign',
      async show() {
        await portal.getByRole('button', { name: 'New campaign' }).click()
        await dialog.getByLabel('Name').fill(tour)
        await dialog.getByLabel('Stages').fill('Invited\nComing\nThere')
      },
    },
    check,
  )
  await check('two campaigns are made, one with stages', async () => {
    await dialog.getByRole('button', { name: 'Create campaign' }).click()
    await portal.getByRole('link', { name: tour }).waitFor()
    await portal.getByRole('button', { name: 'New campaign' }).click()
    await dialog.getByLabel('Name').fill(repairs)
    await dialog.getByRole('button', { name: 'Create campaign' }).click()
    await portal.getByRole('link', { name: repairs }).waitFor()
    await portal.getByText('Customer Service').waitFor()
  })
  await look(portal, 'workspace', { name: 'campaigns', show: async () => {} }, check)
  await check('the same person uploaded to both is one record', async () => {
    await upload(
      portal,
      tour,
      [
        'Name,Phone,Email,Status,Stage,Product,Size,Seat',
        `${name},+39 331 123 4567,nadia.rossi@example.com,active,invited,City bike,M,12A`,
        `Otto Neu,,otto.neu@example.com,,Nowhere,,,`,
      ],
      'Size',
    )
    await lineOf(portal, 2).getByText('updated').waitFor()
    await lineOf(portal, 3).getByText('Stage «Nowhere» is none of the campaign’s').waitFor()
    await wizard(portal).getByRole('button', { name: 'Close' }).last().click()
    await portal.getByRole('button', { name: 'Back to the campaigns' }).click()
    await upload(portal, repairs, ['E-mail,Status,Stage', 'NADIA.ROSSI@example.com,,Bring it in'])
    await lineOf(portal, 2).getByText('updated').waitFor()
    await wizard(portal).getByRole('button', { name: 'Close' }).last().click()
    const { participations } = await profileAt(world.ada, id)
    deepEqual(participations.map((one) => [one.name, one.status, one.stage]).sort(), [
      ['Customer Service', 'active', null],
      [repairs, 'pending', 'Bring it in'],
      [tour, 'active', 'Invited'],
    ])
  })
  return id
}

/** What no header suggests is data of the campaign, unless somebody says what else it is. */
async function upload(
  portal: Page,
  campaign: string,
  lines: readonly string[],
  attribute?: string,
): Promise<void> {
  await portal.getByRole('link', { name: campaign }).click()
  await portal.getByRole('heading', { name: campaign, level: 1 }).waitFor()
  await chooseFile(portal, `${campaign}.csv`, lines.join('\n'))
  if (attribute) {
    await wizard(portal)
      .getByRole('combobox', { name: `Goes to: ${attribute}` })
      .selectOption(`Product’s attribute: ${attribute}`)
  }
  await startUpload(portal)
  await wizard(portal).getByText('done', { exact: true }).waitFor()
}

/** One campaign of the Campaigns Summary, unfolded. */
async function unfold(page: Page, campaign: string): Promise<Locator> {
  const found = card(page, 'Campaigns Summary').getByRole('group').filter({ hasText: campaign })
  if ((await found.getAttribute('open')) === null) await found.locator('summary').click()
  return found
}

async function changesOne(scene: Scene, id: CustomerId, check: Check): Promise<void> {
  const { desk, world, portal } = scene
  await portal.goto(`${world.url}/customers/${id}`)
  await look(
    portal,
    'workspace',
    {
      name: 'participation',
      async show() {
        const first = await unfold(portal, tour)
        await first.getByRole('button', { name: 'Change' }).click()
        await first.getByRole('combobox', { name: 'Stage' }).waitFor()
        await unfold(portal, repairs)
      },
    },
    check,
  )
  await check('status and stage changed in one campaign leave the other as it is', async () => {
    const first = await unfold(portal, tour)
    await first.getByRole('combobox', { name: 'Stage' }).selectOption('There')
    await first.locator('dd').getByText('There', { exact: true }).waitFor()
    await first.getByRole('combobox', { name: 'Status' }).selectOption('completed')
    await first.locator('dd').getByText('completed', { exact: true }).waitFor()
    await first.getByRole('button', { name: 'Done' }).click()
    const second = await unfold(portal, repairs)
    await second.locator('dd').getByText('pending', { exact: true }).waitFor()
    await second.locator('dd').getByText('Bring it in', { exact: true }).waitFor()
    const { participations } = await profileAt(world.ada, id)
    const of = (wanted: string) => participations.find((one) => one.name === wanted)
    equal(of(tour)?.status, 'completed')
    equal(of(tour)?.stage, 'There')
    equal(of(repairs)?.status, 'pending')
    equal(of(repairs)?.stage, 'Bring it in')
  })
  const { panel } = desk
  await look(
    panel,
    'panel',
    {
      name: 'participation',
      async show() {
        await openInPanel(panel, name, name)
        const second = await unfold(panel, repairs)
        await second.getByRole('button', { name: 'Change' }).click()
        await second.getByRole('textbox', { name: 'Stage' }).scrollIntoViewIfNeeded()
      },
    },
    check,
  )
  await check('in the panel too, with a stage that is written', async () => {
    const second = await unfold(panel, repairs)
    await second.getByRole('textbox', { name: 'Stage' }).fill('Fetched')
    await second.getByRole('textbox', { name: 'Stage' }).press('Enter')
    await second.locator('dd').getByText('Fetched', { exact: true }).waitFor()
    const first = await unfold(panel, tour)
    await first.locator('dd').getByText('There', { exact: true }).waitFor()
  })
}

async function showsService(scene: Scene, id: CustomerId, check: Check): Promise<void> {
  const { desk, world, portal } = scene
  for (const page of [portal, desk.panel]) {
    const where = page === portal ? 'workspace' : 'panel'
    await check(
      `${where}: Customer Service counts, and its counter leads to its chat`,
      async () => {
        if (page === portal) await page.goto(`${world.url}/customers/${id}`)
        const service = await unfold(page, 'Customer Service')
        await service.getByRole('button', { name: '1 communication' }).click()
        const list = page.getByRole('navigation', { name: 'Campaigns of this customer' })
        await list.locator('[aria-current]').filter({ hasText: 'Customer Service' }).waitFor()
        await page
          .getByRole('region', { name: 'Communications', exact: true })
          .getByText('What does delivery cost?')
          .waitFor()
        await list.getByRole('tab', { name: 'Campaigns' }).click()
        await list.getByText('Customer Service').waitFor({ state: 'hidden' })
        await list.getByText(tour).waitFor()
        await list.getByRole('tab', { name: 'Other' }).click()
        await list.getByText('Customer Service').waitFor()
        await list.getByText(tour).waitFor({ state: 'hidden' })
        await list.getByRole('tab', { name: 'All' }).click()
        await list.getByText(tour).click()
        await page.getByText('No data').waitFor()
      },
    )
  }
}

async function showsProducts(scene: Scene, id: CustomerId, check: Check): Promise<void> {
  const { desk, world, portal } = scene
  const products = (page: Page) => card(page, 'Products')
  const system = `${world.url}/sandbox/products/larkfield`
  const answers = (body: object) =>
    fetch(system, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  await check('a product of the upload: its attributes and its campaign', async () => {
    await portal.goto(`${world.url}/customers/${id}`)
    await products(portal).getByText('City bike').click()
    await products(portal).getByText('M', { exact: true }).waitFor()
    await products(portal).getByText(tour).waitFor()
    equal(await products(portal).getByRole('button', { name: 'Get products' }).count(), 0)
  })
  await check('Get products is there once a system is connected; what fails is said', async () => {
    await world.nora.api('PATCH /api/settings', { body: { productUrl: system } })
    await answers({ status: 503 })
    await portal.reload()
    await products(portal).getByText('Not fetched yet').waitFor()
    await products(portal).getByRole('button', { name: 'Get products' }).click()
    await products(portal).getByText('The product system answered 503').waitFor()
    await products(portal).getByText('City bike').waitFor()
  })
  await look(portal, 'workspace', { name: 'products-failed', show: async () => {} }, check)
  await check(
    'tried again, it shows what the system says, beside what is from campaigns',
    async () => {
      await answers({
        products: [{ id: 7, name: 'Service plan', attributes: { until: '2028-01' } }],
      })
      await products(portal).getByRole('button', { name: 'Try again' }).click()
      await products(portal).getByText('Service plan').click()
      await products(portal).getByText('2028-01').waitFor()
      await products(portal).getByText('From your product system').waitFor()
      await products(portal).getByText('City bike').waitFor()
      await products(portal).getByRole('alert').waitFor({ state: 'hidden' })
    },
  )
  const { panel } = desk
  await look(
    panel,
    'panel',
    {
      name: 'products',
      async show() {
        await openInPanel(panel, name, name)
        await products(panel).getByText('Service plan').click()
        await products(panel).getByText('2028-01').scrollIntoViewIfNeeded()
      },
    },
    check,
  )
  await world.nora.api('PATCH /api/settings', { body: { productUrl: '' } })
}

/** The same few people over and over: long to read, and no crowd to leave behind. */
function longFile(): string {
  const people = Array.from({ length: longLines }, (_, at) => {
    const nth = at % 50
    return `Guest ${nth},guest-${nth}@example.com,${at}`
  })
  return ['Name,Email,Ticket', ...people].join('\n')
}

async function stopsAndGoesOn(scene: Scene, check: Check): Promise<void> {
  const { desk, world, portal } = scene
  const { id } = await campaignOf(world.nora, repairs)
  const course = wizard(portal)
  const status = course.getByRole('status').filter({ hasText: 'lines' })
  const said = async () => {
    const text = (await status.textContent()) ?? ''
    const [, state = '', lines = ''] = /^(\D+?)\s*([\d,]+) lines/.exec(text) ?? []
    return { state, lines: Number(lines.replaceAll(',', '')) }
  }
  const done = await check('an upload is watched while it runs, and stopped', async () => {
    await portal.goto(`${world.url}/campaigns/${id}`)
    await chooseFile(portal, 'guests.csv', longFile())
    await startUpload(portal)
    await until('the first lines', async () => (await said()).lines > 0)
    await course.getByRole('button', { name: 'Cancel the upload' }).click()
    await course.getByText('Cancelled. What is done stays done').waitFor()
    return said()
  })
  ok(done.state === 'cancelled' && done.lines < longLines, JSON.stringify(done))
  await look(portal, 'workspace', { name: 'upload-cancelled', show: async () => {} }, check)
  await check('it goes on where it stopped, in another window too, to the end', async () => {
    await course.getByRole('button', { name: 'Close' }).last().click()
    await portal.getByRole('tab', { name: 'Uploads' }).click()
    const row = portal.getByRole('listitem').filter({ hasText: 'guests.csv' })
    await row.getByText('cancelled').waitFor()
    await row.getByRole('button', { name: 'Open' }).click()
    await course.getByRole('button', { name: 'Go on' }).click()
    await until('more lines', async () => (await said()).lines > done.lines)
    await until('the end', async () => (await said()).state === 'done', 60_000)
    equal((await said()).lines, longLines)
    await lineOf(portal, 2).waitFor()
  })
  await check('the report has every line once', async () => {
    const report = await downloadBy(portal, () =>
      course.getByRole('button', { name: 'Download the report' }).click(),
    )
    const [head, ...rows] = report.trimEnd().split('\r\n')
    match(head ?? '', /Line,Outcome,Customer,Detail$/)
    equal(rows.length, longLines)
    const numbers = rows.map((row) => Number(row.split(',')[0]))
    ok(numbers.every((number, at) => number === at + 2))
    equal(rows.filter((row) => row.includes(',created,')).length, 50)
    await course.getByRole('button', { name: 'Close' }).last().click()
  })
  await check('who takes part is counted once each', async () => {
    await portal.getByText('51 pending').waitFor()
    await portal.getByRole('tab', { name: 'Participants' }).click()
    const nadia = portal.getByRole('listitem').filter({ hasText: name })
    await portal.getByRole('combobox', { name: 'Status' }).selectOption('active')
    await portal.getByText('Nobody has this status and stage.').waitFor()
    await portal.getByRole('combobox', { name: 'Status' }).selectOption('')
    await portal.getByRole('link', { name: 'Guest 49' }).waitFor()
    equal((await nadia.count()) <= 1, true)
  })
  await look(portal, 'workspace', { name: 'campaign', show: async () => {} }, check)
  await desk.panel.bringToFront()
}

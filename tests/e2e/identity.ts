// Who is who: one person on three channels, who is found out to be one by an upload, by an operator's
// eye, or not at all. Nothing is merged behind anybody's back. The third channel is Telegram.

import { deepEqual, equal, notEqual } from 'node:assert/strict'

import type { Page } from 'playwright-core'

import type { CustomerId } from '../../shared/ids.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { look } from './looks.ts'
import {
  begunSince,
  chooseFile,
  duplicatesOf,
  lineOf,
  openInPanel,
  openPortal,
  profileAt,
  profileOf,
  promoted,
  startUpload,
  valuesIn,
  wizard,
} from './screens.ts'
import { visitor } from './shop.ts'
import { hint } from './story.ts'
import { phone, sessionOn, type Customer, type World } from './world.ts'

const number = '491701234567'
const shown = '+49 170 1234567'
const email = 'lea.stern@example.com'
const shared = 'twin.records@example.com'

interface Three {
  readonly web: CustomerId
  readonly whatsapp: CustomerId
  readonly telegram: CustomerId
  readonly visitor: Customer
  readonly window: Page
}

export function playIdentity(desk: Desk, world: World, check: Check): Promise<void> {
  return promoted(world, async () => {
    const portal = await openPortal(desk, world, { who: world.nora, path: '/customers' })
    const three = await meetThrice(desk, world, check)
    await tellsNumber(portal, { desk, world, three }, check)
    await uploadMerges(portal, { desk, world, three }, check)
    await three.window.context().close()
    await staysApart(portal, world, check)
    const pair = await meetTwice(world)
    await mergesByHand(portal, { desk, world, pair }, check)
    await dismisses(portal, { desk, world, pair }, check)
    await portal.context().close()
  })
}

/** One person writes three times, and nothing they are known by is the same. */
async function meetThrice(desk: Desk, world: World, check: Check): Promise<Three> {
  const { ada, lines } = world
  const window = await desk.newWindow(1000, 800)
  return check(
    'web, WhatsApp and Telegram without a shared identifier: three records',
    async () => {
      const at = Date.now()
      const guest = await visitor(window, world.shop)
      await guest.says('Hello, do you have helmets for Lea?')
      const web = await begunSince(world, 'web', { at, text: 'helmets for Lea' })
      await phone(world.url, lines.whatsapp, number, 'Lea Stern').says('Do you have helmets?')
      const whatsapp = await sessionOn(
        ada,
        lines.whatsapp,
        (one) => one.customer.name === 'Lea Stern',
      )
      await phone(world.url, lines.telegram, '550550550', 'Lea', 'lea_stern').says(
        'Do you deliver?',
      )
      const telegram = await sessionOn(ada, lines.telegram, (one) => one.customer.name === 'Lea')
      const ids = [web, whatsapp, telegram].map(({ customer }) => customer.id)
      equal(new Set(ids).size, 3)
      for (const id of ids) deepEqual((await profileAt(ada, id)).possibleDuplicates, [])
      return {
        web: web.customer.id,
        whatsapp: whatsapp.customer.id,
        telegram: telegram.customer.id,
        visitor: guest,
        window,
      }
    },
  )
}

interface Scene {
  readonly desk: Desk
  readonly world: World
  readonly three: Three
}

async function tellsNumber(portal: Page, scene: Scene, check: Check): Promise<void> {
  const { desk, world, three } = scene
  const { panel } = desk
  await check('the number said in the web chat is suggested, not merged', async () => {
    await three.visitor.says(`My number is +${number}, my email is ${email}`)
    await until('the suggestion', async () => {
      const { possibleDuplicates } = await profileAt(world.ada, three.web)
      return possibleDuplicates.some(({ customer }) => customer.id === three.whatsapp)
    })
    for (const id of [three.web, three.whatsapp]) equal((await profileAt(world.ada, id)).id, id)
  })
  await check('the workspace shows it on both records, and why they are two', async () => {
    await portal.goto(`${world.url}/customers/${three.whatsapp}`)
    await duplicatesOf(portal).getByText(`has the same Phone: ${shown}`).waitFor()
    await portal.goto(`${world.url}/customers/${three.web}`)
    const one = duplicatesOf(portal).getByRole('listitem')
    await one.filter({ hasText: 'Lea Stern' }).getByText(`the same Phone: ${shown}`).waitFor()
    equal(await one.count(), 1)
    await duplicatesOf(portal).getByText('Why two records?').hover()
    await hint(portal, /merges them into the oldest/)
    await portal.mouse.move(0, 0)
    await valuesIn(portal, 'Phone').getByText('unverified').waitFor()
  })
  await look(portal, 'workspace', { name: 'duplicates', show: async () => {} }, check)
  await look(
    panel,
    'panel',
    {
      name: 'duplicates',
      async show() {
        await openInPanel(panel, 'Lea Stern', 'Lea Stern')
        await duplicatesOf(panel).getByText(`has the same Phone: ${shown}`).waitFor()
      },
    },
    check,
  )
}

async function uploadMerges(portal: Page, scene: Scene, check: Check): Promise<void> {
  const { world, three } = scene
  await check('an operator confirms the email that the visitor has said', async () => {
    const said = valuesIn(portal, 'Email').filter({ hasText: email })
    await said.getByRole('button', { name: 'Confirm' }).click()
    await said.getByText('unverified').waitFor({ state: 'hidden' })
  })
  const csv = [
    'Name,Phone,Email,Telegram,External ID',
    `Lea Stern,+49 (0)170 1234567,${email.toUpperCase()},@Lea_Stern,`,
    `Ann One,,${shared},,A1`,
    `Bob Two,,${shared},,B2`,
    `,,${shared},,`,
    'Nobody,,,,',
  ]
  const { id: campaignId } = await world.nora.api('POST /api/campaigns', {
    body: { name: 'Who is who' },
  })
  await portal.goto(`${world.url}/campaigns/${campaignId}`)
  await look(
    portal,
    'workspace',
    {
      name: 'upload-columns',
      async show() {
        await chooseFile(portal, 'who.csv', csv.join('\r\n'))
        const target = wizard(portal).getByRole('combobox', { name: 'Goes to: Phone' })
        await until('the columns', async () => (await target.inputValue()) === 'field:phone')
      },
    },
    check,
  )
  await check('a row with phone, email and username merges three into the oldest', async () => {
    await startUpload(portal)
    const line = lineOf(portal, 2)
    await line.getByText(`Merged 3 into ${three.web}, the oldest`).waitFor()
    await wizard(portal).getByText('1 merged', { exact: true }).waitFor()
    await line.getByRole('link', { name: 'Open' }).click()
    await portal.waitForURL(`**/customers/${three.web}`)
    await profileOf(portal).getByRole('tab', { name: 'Communications 3' }).waitFor()
    equal(await duplicatesOf(portal).count(), 0)
    for (const id of [three.whatsapp, three.telegram]) {
      equal((await profileAt(world.ada, id)).id, three.web)
    }
    const { rows } = await world.ada.api('GET /api/customers/:customerId/sessions', {
      params: { customerId: three.web },
    })
    deepEqual(rows.map(({ channel }) => channel).sort(), ['telegram', 'web', 'whatsapp'])
  })
  await check(
    'whoever has an old link comes to the one record, with all it was known by',
    async () => {
      await portal.goto(`${world.url}/customers/${three.whatsapp}`)
      await profileOf(portal).getByRole('heading', { name: 'Lea Stern', level: 1 }).waitFor()
      await valuesIn(portal, 'Phone').getByText(shown).waitFor()
      await valuesIn(portal, 'Email').getByText(email).waitFor()
      await valuesIn(portal, 'Telegram').getByText('lea_stern').waitFor()
    },
  )
}

/** Different External IDs are never combined. */
async function staysApart(portal: Page, world: World, check: Check): Promise<void> {
  await check('A1 and B2 with one email stay two records, and the report says so', async () => {
    const { rows } = await world.nora.api('GET /api/customers', { query: { q: shared } })
    deepEqual(rows.map(({ name }) => name).sort(), ['Ann One', 'Bob Two'])
    const ids = rows.map(({ id }) => id)
    notEqual(ids[0], ids[1])
    const { campaigns } = await world.nora.api('GET /api/campaigns')
    const id = campaigns.find(({ name }) => name === 'Who is who')?.id
    await portal.goto(`${world.url}/campaigns/${id}`)
    await portal.getByRole('tab', { name: 'Uploads' }).click()
    await portal.getByRole('button', { name: 'Open', exact: true }).click()
    const told = wizard(portal)
    await told.getByText('2 conflict', { exact: true }).waitFor()
    await told.getByRole('button', { name: 'conflict', exact: true }).click()
    await lineOf(portal, 3).waitFor({ state: 'hidden' })
    const second = lineOf(portal, 4).getByText('External ID A1')
    await second.getByText('Not combined, for another External ID').waitFor()
    await lineOf(portal, 5)
      .getByText(/Not combined.*External ID B2/)
      .waitFor()
    await told.getByRole('button', { name: 'skipped', exact: true }).click()
    await lineOf(portal, 6).getByText('No External ID, email, phone or Telegram').waitFor()
    await told.getByRole('button', { name: 'All lines' }).click()
    await lineOf(portal, 2).waitFor()
  })
  await look(portal, 'workspace', { name: 'upload-report', show: async () => {} }, check)
}

interface Pair {
  readonly older: CustomerId
  readonly younger: CustomerId
  readonly telegram: Customer
}

/** Two records of which one has said the other's number. */
async function meetTwice(world: World): Promise<Pair> {
  const { ada, lines, nora, url } = world
  await phone(url, lines.whatsapp, '4366055512', 'Paul Adler').says('Do you have helmets?')
  const older = await sessionOn(ada, lines.whatsapp, (one) => one.customer.name === 'Paul Adler')
  const telegram = phone(url, lines.telegram, '660660660', 'Paul A.', 'paul_adler')
  await telegram.says('I am on +43 660 55512 too')
  const younger = await sessionOn(ada, lines.telegram, (one) => one.customer.name === 'Paul A.')
  const write = async (customerId: CustomerId, linkedin: string) => {
    const { version } = await profileAt(ada, customerId)
    const values = { linkedin }
    await nora.api('PATCH /api/customers/:customerId', {
      params: { customerId },
      body: { version, values },
    })
  }
  await write(older.customer.id, 'paul-adler-old')
  await write(younger.customer.id, 'paul-adler-new')
  await until('the suggestion', async () => {
    const { possibleDuplicates } = await profileAt(ada, younger.customer.id)
    return possibleDuplicates.length > 0
  })
  return { older: older.customer.id, younger: younger.customer.id, telegram }
}

interface Hand {
  readonly desk: Desk
  readonly world: World
  readonly pair: Pair
}

async function mergesByHand(portal: Page, hand: Hand, check: Check): Promise<void> {
  const { desk, world, pair } = hand
  const dialog = (page: Page) => page.getByRole('dialog', { name: 'Merge two records' })
  const preview = async (page: Page) => {
    await duplicatesOf(page).getByRole('button', { name: 'Merge…' }).click()
    await dialog(page)
      .getByRole('row', { name: /^LinkedIn/ })
      .waitFor()
  }
  await look(
    desk.panel,
    'panel',
    {
      name: 'merge',
      async show(page) {
        await openInPanel(page, '@paul_adler', 'Paul A.')
        await preview(page)
      },
    },
    check,
  )
  await dialog(desk.panel).getByRole('button', { name: 'Cancel' }).last().click()
  await look(
    portal,
    'workspace',
    {
      name: 'merge',
      async show(page) {
        await page.goto(`${world.url}/customers/${pair.younger}`)
        await preview(page)
      },
    },
    check,
  )
  await check('the preview says field by field what stays, and an operator chooses', async () => {
    const box = dialog(portal)
    await box.getByText('Both become one. The older record, Paul Adler, stays.').waitFor()
    await box.getByText('Telegram: @paul_adler').waitFor()
    const linkedin = box.getByRole('row', { name: /^LinkedIn/ })
    await linkedin.getByText('of the older record').waitFor()
    await linkedin.getByRole('radio', { name: 'paul-adler-new' }).check()
    await linkedin.getByText('your choice').waitFor()
    await box.getByRole('button', { name: 'Merge', exact: true }).click()
    await portal.waitForURL(`**/customers/${pair.older}`)
    await valuesIn(portal, 'LinkedIn').getByText('paul-adler-new').waitFor()
    await valuesIn(portal, 'Telegram').getByText('paul_adler').waitFor()
    equal((await profileAt(world.ada, pair.younger)).id, pair.older)
  })
  await check('undone, both stand as they stood', async () => {
    await portal.getByText('Merged into Paul Adler.').waitFor()
    await portal.getByRole('button', { name: 'Undo', exact: true }).click()
    await portal.getByText('The merge was undone. Both records stand again.').waitFor()
    await valuesIn(portal, 'LinkedIn').getByText('paul-adler-old').waitFor()
    equal((await profileAt(world.ada, pair.younger)).id, pair.younger)
    await portal.goto(`${world.url}/customers/${pair.younger}`)
    await valuesIn(portal, 'LinkedIn').getByText('paul-adler-new').waitFor()
  })
}

async function dismisses(portal: Page, hand: Hand, check: Check): Promise<void> {
  const { desk, world, pair } = hand
  await check(
    'dismissed in the panel, the pair is suggested no more, whatever is said',
    async () => {
      const { panel } = desk
      await openInPanel(panel, '@paul_adler', 'Paul A.')
      await duplicatesOf(panel).getByRole('button', { name: 'Not the same' }).click()
      await panel.getByText('They are not suggested again.').waitFor()
      await duplicatesOf(panel).waitFor({ state: 'hidden' })
      await pair.telegram.says('As I said: +43 660 55512')
      await until('the second answer', async () => (await pair.telegram.heard()).length >= 2)
      await portal.goto(`${world.url}/customers/${pair.older}`)
      await valuesIn(portal, 'LinkedIn').waitFor()
      equal(await duplicatesOf(portal).count(), 0)
    },
  )
}

// What each role may do with customers: a control that is off says why, on hover and on focus, and
// whoever goes round it is refused by the worker.

import { equal, match, ok } from 'node:assert/strict'

import type { Locator, Page } from 'playwright-core'

import { newId } from '../../shared/new-id.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { api as routes, type RouteName } from '../../shared/api.ts'
import { permissions, type Permission, type Role } from '../../shared/permissions.ts'
import { apiAt } from '../../scripts/seed/api.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { hint, signIn } from './story.ts'
import { hears, phone, sessionOn, type Operator, type World } from './world.ts'

const byRole = 'Your role does not include the matching permission.'

interface Offer {
  readonly name: string
  /** Why it is off. */
  readonly reason: string
  readonly for: readonly Role[]
  show(page: Page, house: House): Promise<Locator>
}

const everybody: readonly Role[] = ['operator', 'admin']
const admins: readonly Role[] = ['admin']
const button = (of: Page | Locator, name: string) => of.getByRole('button', { name, exact: true })

/** Everything of the customer database that not everybody may do, and where it stands. */
const offers: readonly Offer[] = [
  { name: 'Add contact', reason: byRole, for: everybody, show: at('/customers', 'Add contact') },
  {
    name: 'Download contacts',
    reason: byRole,
    for: admins,
    show: async (page) => button(page, 'Download contacts'),
  },
  {
    name: 'New field',
    reason: 'You do not have permission to manage fields',
    for: admins,
    async show(page) {
      await button(page, 'Fields settings').click()
      return button(page.getByRole('dialog', { name: 'Fields settings' }), 'New field')
    },
  },
  {
    name: 'Share with colleagues',
    reason: 'You do not have permission to share filters',
    for: admins,
    async show(page, { url }) {
      await page.goto(`${url}/customers?panel=filters`)
      const panel = page.getByRole('complementary', { name: 'Advanced filters' })
      await panel.getByLabel('Saved filters', { exact: true }).selectOption('With an email')
      await button(panel, 'Actions of the saved filter').click()
      return page.getByRole('menuitem', { name: 'Share with colleagues' })
    },
  },
  {
    name: 'Edit',
    reason: byRole,
    for: everybody,
    show: (page, house) => at(`/customers/${house.customerId}`, 'Edit')(page, house),
  },
  {
    name: 'Merge…',
    reason: 'You do not have permission to merge customers',
    for: admins,
    show: async (page) => button(page, 'Merge…'),
  },
  {
    name: 'Delete',
    reason: byRole,
    for: admins,
    async show(page) {
      await button(page, 'More actions').click()
      return page.getByRole('menuitem', { name: 'Delete' })
    },
  },
  {
    name: 'New campaign',
    reason: 'You do not have permission to manage campaigns',
    for: admins,
    show: at('/campaigns', 'New campaign'),
  },
  {
    name: 'Upload contacts',
    reason: 'You do not have permission to manage campaigns',
    for: admins,
    show: (page, house) => at(`/campaigns/${house.campaignId}`, 'Upload contacts')(page, house),
  },
  {
    name: 'New metric',
    reason: 'You do not have permission to run analyses',
    for: admins,
    show: at('/deep-analysis', 'New metric'),
  },
]

function at(path: string, name: string): Offer['show'] {
  return async (page, { url }) => {
    await page.goto(url + path)
    return button(page, name)
  }
}

export async function playRights(desk: Desk, world: World, check: Check): Promise<void> {
  const house = await furnish(world)
  for (const [role, who] of [
    ['viewer', world.vera],
    ['operator', world.jonas],
    ['admin', house.axel],
  ] as const) {
    await seesWhatTheRoleSays(desk, house, { role, who }, check)
    await isRefusedByTheWorker({ role, who }, check)
  }
  await inPanel(desk, world, check)
}

interface House {
  readonly url: string
  /** Has a possible duplicate. */
  readonly customerId: CustomerId
  readonly campaignId: string
  readonly axel: Operator
}

async function furnish({ url, lines, nora, vera, jonas }: World): Promise<House> {
  const email = 'dd@example.com'
  await nora.api('POST /api/customers', {
    body: { id: newId('cus'), values: { name: 'D. D.', email } },
  })
  const customer = phone(url, lines.telegram, '606606606', 'Dora Double')
  await customer.says(`My email is ${email}. Do you have helmets?`)
  await hears(customer, 'Helmets start at 35 €.')
  const row = await sessionOn(nora, lines.telegram, (one) => one.customer.name === 'Dora Double')
  const params = { customerId: row.customer.id }
  await until('the possible duplicate', async () => {
    const { possibleDuplicates } = await nora.api('GET /api/customers/:customerId', { params })
    return possibleDuplicates.length > 0
  })
  const { id: campaignId } = await nora.api('POST /api/campaigns', {
    body: { name: 'Rights', stages: [] },
  })
  const axel = await admin(url, nora)
  const filter = { field: 'email', op: 'not_empty', values: [] }
  for (const { api } of [vera, jonas, axel]) {
    await api('POST /api/filters', { body: { name: 'With an email', filter } })
  }
  return { url, customerId: row.customer.id, campaignId, axel }
}

async function admin(url: string, nora: Operator): Promise<Operator> {
  const name = 'Axel Admin'
  const credentials = { email: 'axel@larkfield.example', password: 'axel-rides-a-bicycle' }
  const { id } = await nora.api('POST /api/members', {
    body: { ...credentials, name, role: 'admin' },
  })
  const { token } = await apiAt(url)('POST /api/sign-in', { body: credentials })
  return { id, name, ...credentials, api: apiAt(url, token) }
}

interface Member {
  readonly role: Role
  readonly who: Operator
}

async function seesWhatTheRoleSays(
  desk: Desk,
  house: House,
  { role, who }: Member,
  check: Check,
): Promise<void> {
  const portal = await desk.newWindow()
  await portal.goto(`${house.url}/customers`)
  await signIn(portal, who)
  await portal.getByRole('grid', { name: '360 View' }).waitFor()
  for (const offer of offers) {
    const isOn = offer.for.includes(role)
    const what = isOn ? 'may press' : 'can’t press'
    await check(`the ${role} ${what} ${offer.name}`, async () => {
      const control = await offer.show(portal, house)
      await control.waitFor()
      if (isOn) await until('it to be on', async () => !(await isOff(control)))
      else await saysWhy(portal, control, offer.reason)
      await portal.keyboard.press('Escape')
    })
  }
  await portal.context().close()
}

async function isOff(control: Locator): Promise<boolean> {
  return (await control.getAttribute('aria-disabled')) === 'true'
}

/** Off, and it says why on hover and on focus; pressed all the same, nothing opens. */
async function saysWhy(page: Page, control: Locator, reason: string): Promise<void> {
  const exactly = new RegExp(`^${reason.replaceAll('.', '\\.')}$`)
  await until('it to be off', () => isOff(control))
  await page.mouse.move(1, 1)
  await control.hover()
  await hint(page, exactly)
  await page.mouse.move(1, 1)
  await page.getByRole('tooltip').waitFor({ state: 'hidden' })
  await control.focus()
  await hint(page, exactly)
  equal(await control.getAttribute('aria-description'), reason)
  const dialogs = page.getByRole('dialog')
  const before = await dialogs.count()
  await control.press('Enter')
  equal(await dialogs.count(), before)
}

/** Every route of customers, fields, filters, campaigns and analyses the role has no permission for. */
async function isRefusedByTheWorker({ role, who }: Member, check: Check): Promise<void> {
  const { permissions: held } = await who.api('GET /api/me')
  const closed = (Object.keys(routes) as RouteName[]).filter((name) => {
    const { access } = routes[name]
    return access in permissions && !held.includes(access as Permission)
  })
  await check(`the worker refuses the ${role} ${closed.length} routes`, async () => {
    equal(closed.length > 0, role !== 'admin')
    const answers = await Promise.all(closed.map((name) => refusalOf(who, name)))
    for (const answer of answers) match(answer, / answered 403: .*"not-permitted"/)
  })
}

async function refusalOf({ api }: Operator, name: RouteName): Promise<string> {
  const keys = [...name.matchAll(/:(\w+)/g)].map(([, key = '']) => key)
  const params = Object.fromEntries(keys.map((key) => [key, 'anything']))
  const body = name.startsWith('GET ') ? {} : { body: {} }
  try {
    await api(name, { params, ...body })
  } catch (error) {
    return String(error)
  }
  return `${name} was allowed`
}

/** The same where it is narrow. */
async function inPanel({ panel }: Desk, { ada, vera }: World, check: Check): Promise<void> {
  const merge = offers.find(({ name }) => name === 'Merge…')
  const size = await panel.evaluate(() => [innerWidth, innerHeight] as const)
  for (const [role, who, width] of [
    ['operator', ada, size[0]],
    ['viewer', vera, 320],
  ] as const) {
    await check(`in the panel, at ${width} px, the ${role} reads why not`, async () => {
      if (role === 'viewer') await changeTo(panel, ada, vera)
      await panel.setViewportSize({ width, height: size[1] })
      await panel.waitForFunction((wide) => innerWidth === wide, width)
      await openInPanel(panel, who)
      const edit = button(panel, 'Edit')
      if (role === 'viewer') await saysWhy(panel, edit, byRole)
      else await until('Edit to be on', async () => !(await isOff(edit)))
      await saysWhy(panel, button(panel, 'Merge…'), merge?.reason ?? '')
      await button(panel, 'More actions').click()
      await saysWhy(panel, panel.getByRole('menuitem', { name: 'Delete' }), byRole)
      const box = await panel.getByRole('tooltip').boundingBox()
      ok(box && box.x >= 0 && box.x + box.width <= width, 'all of the hint is to be read')
      await panel.keyboard.press('Escape')
    })
  }
  await panel.setViewportSize({ width: size[0], height: size[1] })
  await changeTo(panel, vera, ada)
}

async function openInPanel(panel: Page, who: Operator): Promise<void> {
  await panel.getByRole('button', { name: `${who.name}: theme and sign-out` }).waitFor()
  const box = panel.getByRole('searchbox', { name: 'Find a customer' })
  await box.fill('Dora Double')
  await box.press('Enter')
  await panel.getByRole('heading', { name: 'Dora Double', level: 1 }).waitFor()
}

async function changeTo(panel: Page, from: Operator, to: Operator): Promise<void> {
  await panel.getByRole('button', { name: `${from.name}: theme and sign-out` }).click()
  await panel.getByRole('menuitem', { name: 'Sign out' }).click()
  await signIn(panel, to)
  await panel.getByRole('button', { name: `${to.name}: theme and sign-out` }).waitFor()
}

// Fields settings: which fields there are, in what order, where they show, and what goes with one.

import { equal, ok } from 'node:assert/strict'

import type { Page } from 'playwright-core'

import type { CustomerId } from '../../shared/ids.ts'
import type { Check } from './check.ts'
import { look } from './looks.ts'
import { valuesIn } from './screens.ts'
import type { World } from './world.ts'

interface Scene {
  readonly world: World
  readonly portal: Page
}

const settings = (page: Page) => page.getByRole('dialog', { name: 'Fields settings' })
const field = (page: Page, title: string) =>
  settings(page)
    .getByRole('listitem')
    .filter({ has: page.getByText(title, { exact: true }) })

async function openSettings({ portal, world }: Scene): Promise<void> {
  await portal.goto(`${world.url}/customers`)
  await portal.getByRole('button', { name: 'Fields settings' }).click()
  await field(portal, 'Email').waitFor()
}

export async function makesFields(scene: Scene, check: Check): Promise<void> {
  const { portal } = scene
  const box = settings(portal)
  const make = async (title: string, fieldName?: string) => {
    await box.getByRole('button', { name: 'New field' }).click()
    await box.getByLabel('Title').fill(title)
    if (fieldName) await box.getByLabel('Field Name').fill(fieldName)
    await box.getByRole('button', { name: 'Create field' }).click()
    await field(portal, title).waitFor()
  }
  await look(
    portal,
    'workspace',
    {
      name: 'new-field',
      async show() {
        await openSettings(scene)
        await box.getByRole('button', { name: 'New field' }).click()
        await box.getByLabel('Title').fill('Größe des Rads')
        await box.getByLabel('Type').selectOption('List of options')
        await box.getByLabel('Options').fill('S\nM\nL')
      },
    },
    check,
  )
  await check('fields are made: the Field Name follows the title, or is written', async () => {
    equal(await box.getByLabel('Field Name').inputValue(), 'grosse_des_rads')
    await box.getByRole('button', { name: 'Create field' }).click()
    await field(portal, 'Größe des Rads').getByText('grosse_des_rads').waitFor()
    await make('Plan tier', 'plan')
    await make('source', 'origin')
    await field(portal, 'Plan tier').getByText('plan', { exact: true }).waitFor()
  })
  await check('one is moved by the keyboard, and one is hidden from profiles', async () => {
    const places = async () => (await box.locator('.grip').allTextContents()).length
    const before = await places()
    const grip = box.getByRole('button', {
      name: new RegExp(`^Move Plan tier: place ${before - 1} `),
    })
    await grip.press('ArrowUp')
    await box.getByRole('button', { name: `Move Plan tier: place ${before - 2} of` }).waitFor()
    await field(portal, 'LinkedIn').getByRole('checkbox', { name: 'On profile' }).uncheck()
    await box.getByRole('button', { name: 'Close' }).click()
    await openSettings(scene)
    await box.getByRole('button', { name: `Move Plan tier: place ${before - 2} of` }).waitFor()
    equal(
      await field(portal, 'LinkedIn').getByRole('checkbox', { name: 'On profile' }).isChecked(),
      false,
    )
    await field(portal, 'LinkedIn').getByRole('checkbox', { name: 'On profile' }).check()
  })
  await look(portal, 'workspace', { name: 'fields', show: async () => {} }, check)
  await check('the new column stands in the table', async () => {
    await box.getByRole('button', { name: 'Close' }).click()
    await portal.getByRole('grid').getByText('Plan tier').first().waitFor()
  })
}

export async function losesField(scene: Scene, id: CustomerId, check: Check): Promise<void> {
  const { world, portal } = scene
  const box = settings(portal)
  await look(
    portal,
    'workspace',
    {
      name: 'delete-field',
      async show() {
        await openSettings(scene)
        await field(portal, 'Plan tier').getByRole('button', { name: 'Delete Plan tier' }).click()
        const { values } = await world.nora.api('GET /api/fields/:name/usage', {
          params: { name: 'plan' },
        })
        ok(values >= 2)
        await box.getByText(`The values of ${values} customers go with it, for good.`).waitFor()
      },
    },
    check,
  )
  await check('a field goes with its values, after they were counted', async () => {
    await box.getByRole('button', { name: 'Delete Plan tier' }).click()
    await field(portal, 'Plan tier').waitFor({ state: 'hidden' })
    await box.getByRole('button', { name: 'Delete source' }).click()
    await box.getByText('No customer has a value in it.').waitFor()
    await box.getByRole('button', { name: 'Delete source' }).click()
    await field(portal, 'source').waitFor({ state: 'hidden' })
    await portal.goto(`${world.url}/customers/${id}`)
    await valuesIn(portal, 'LinkedIn').waitFor()
    equal(await valuesIn(portal, 'Plan tier').count(), 0)
  })
}

// Deep Analysis in the portal: a metric is made, a dry run counts, the run fills the field (check 6).

import { equal, ok } from 'node:assert/strict'

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

import type { CustomerId } from '../../shared/ids.ts'
import { until, type Check } from './check.ts'
import type { Desk } from './chromium.ts'
import { hint, signIn } from './story.ts'
import { agentName, hears, phone, sessionOn, type World } from './world.ts'

export async function playAnalysis(desk: Desk, world: World, check: Check): Promise<void> {
  const customer = phone(world.url, world.lines.telegram, '860860860', 'Petra Praise', 'petra_p')
  await customer.says('Thanks, what does delivery cost?')
  await hears(customer, 'We deliver in 2 days for 15 €.')
  const row = await sessionOn(world.ada, world.lines.telegram, (one) =>
    one.customer.name.startsWith('Petra'),
  )
  const { id } = row.customer
  const field = {
    name: 'csat',
    title: 'Satisfaction',
    type: 'enum',
    options: ['high', 'low'],
  } as const
  await world.nora.api('POST /api/fields', { body: { ...field, options: [...field.options] } })

  const portal = await desk.newWindow()
  await portal.emulateMedia({ reducedMotion: 'reduce' })
  await portal.goto(`${world.url}/customers`)
  await signIn(portal, world.nora)
  await addsMetric(portal, check)
  const isFilled = async () => (await valueOf(world, id)) !== undefined
  await check('a dry run shows the counts and writes nothing', async () => {
    await portal.getByRole('button', { name: 'New run' }).click()
    const order = portal.getByRole('dialog', { name: 'New run' })
    ok(await order.getByRole('checkbox', { name: 'Satisfaction' }).isChecked())
    await order
      .getByRole('combobox', { name: 'Read by' })
      .selectOption({ label: `${agentName} (built-in rules)` })
    await order.getByRole('combobox', { name: 'Channel' }).selectOption('telegram')
    await isAccessible(portal)
    await order.getByRole('button', { name: 'Dry run', exact: true }).click()
    await portal.getByText('done', { exact: true }).waitFor()
    ok((await newCount(portal)) >= 1)
    await portal.getByText(/Would be written: \d+, suggested: 0. Nothing was./).waitFor()
    equal(await isFilled(), false)
  })
  await looksRight(portal, check)
  await check('the run fills the field, and the profile says where it is from', async () => {
    const counted = await newCount(portal)
    await portal.getByRole('button', { name: 'Run it' }).click()
    const confirm = portal.getByRole('dialog', { name: 'Run it and write the values?' })
    await confirm.getByRole('button', { name: 'Run it' }).click()
    await portal.getByRole('heading', { name: 'Run', exact: true, level: 1 }).waitFor()
    await portal.getByText('done', { exact: true }).waitFor()
    equal(await newCount(portal), counted)
    await until('the value', isFilled)
    await portal.goto(`${world.url}/customers/${id}`)
    const profile = portal.getByRole('region', { name: 'Customer profile' })
    await profile.getByText('Satisfaction').waitFor()
    await profile.getByText('high', { exact: true }).waitFor()
    equal(await valueOf(world, id), 'high by analysis')
  })
  await check('runs are listed, and open again', async () => {
    await portal.getByRole('link', { name: 'Deep Analysis' }).click()
    await portal.getByRole('tab', { name: /^Runs/ }).click()
    await portal.getByRole('link', { name: 'Dry run: Satisfaction' }).click()
    await portal.getByRole('heading', { name: 'Dry run', level: 1 }).waitFor()
    await portal.getByRole('button', { name: 'Back to the runs' }).click()
    await portal.getByRole('link', { name: 'Run: Satisfaction', exact: true }).waitFor()
  })
  await portal.context().close()
  await showsWhyNot(desk, world, check)
}

async function addsMetric(portal: Page, check: Check): Promise<void> {
  await check('a metric is added, and says which field it feeds', async () => {
    await portal.getByRole('link', { name: 'Deep Analysis' }).click()
    await portal.getByText('No metrics yet.', { exact: false }).waitFor()
    await portal.getByRole('button', { name: 'New metric' }).click()
    const editor = portal.getByRole('dialog', { name: 'New metric' })
    await editor.getByRole('combobox', { name: 'Customer field' }).selectOption('csat')
    equal(await editor.getByRole('textbox', { name: 'Metric ID' }).inputValue(), 'csat')
    await editor.getByText('feeds Satisfaction').waitFor()
    await editor.getByRole('textbox', { name: 'Prompt' }).fill('high: thanks\nlow: useless')
    await isAccessible(portal)
    await editor.getByRole('button', { name: 'Add metric' }).click()
    await portal.getByRole('listitem').filter({ hasText: 'feeds Satisfaction' }).waitFor()
  })
}

/** The cell under «New», of the only metric. */
async function newCount(portal: Page): Promise<number> {
  const cell = portal.getByRole('row', { name: /csat/ }).getByRole('cell').first()
  return Number(await cell.innerText())
}

async function valueOf(world: World, customerId: CustomerId): Promise<string | undefined> {
  const { fields } = await world.ada.api('GET /api/customers/:customerId', {
    params: { customerId },
  })
  const found = fields.find(({ field }) => field === 'csat')
  return found && `${found.value} by ${found.source}`
}

async function looksRight(portal: Page, check: Check): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await check(`axe finds nothing serious, ${colorScheme}, and nothing is cut off`, async () => {
      await portal.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await isAccessible(portal)
      const size = portal.viewportSize()
      await portal.setViewportSize({ width: 420, height: 800 })
      const isWide = await portal.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      )
      equal(isWide, false, 'the page scrolls sideways')
      if (size) await portal.setViewportSize(size)
    })
  }
}

async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  equal(serious.map((one) => `${one.id}: ${one.nodes[0]?.html}`).join('\n'), '')
}

/** A viewer sees what is measured, and why it is not theirs to change. */
async function showsWhyNot(desk: Desk, world: World, check: Check): Promise<void> {
  await check('a viewer reads the metrics, and why the rest is off', async () => {
    const portal = await desk.newWindow()
    await portal.goto(`${world.url}/deep-analysis`)
    await signIn(portal, world.vera)
    await portal.getByText('feeds Satisfaction').waitFor()
    await portal.getByRole('button', { name: 'New run' }).hover()
    await hint(portal, /^You do not have permission to run analyses$/)
    await portal.getByRole('tab', { name: /^Runs/ }).click()
    await portal
      .getByRole('tabpanel')
      .getByText('You do not have permission to run analyses')
      .waitFor()
    await portal.context().close()
  })
}

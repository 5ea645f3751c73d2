// Ways around the screens that several chapters take: to a record, through an upload, with a file.

import { readFile } from 'node:fs/promises'

import type { Locator, Page } from 'playwright-core'

import type { Campaign } from '../../shared/campaign.ts'
import type { CustomerProfile } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { Role } from '../../shared/permissions.ts'
import { until } from './check.ts'
import type { Desk } from './chromium.ts'
import { signIn } from './story.ts'
import { rowsOf, type Line, type Operator, type World } from './world.ts'

export const profileOf = (page: Page) => page.getByRole('region', { name: 'Customer profile' })
export const duplicatesOf = (page: Page) =>
  page.getByRole('region', { name: 'Possible duplicates' })

/** A card of the Summary. */
export const card = (page: Page, title: string): Locator =>
  page.getByRole('region', { name: title, exact: true })

/** What stands on a record for a field: each of its values. */
export function valuesIn(page: Page, title: string): Locator {
  const term = card(page, 'Contact info')
    .locator('dt')
    .filter({ hasText: new RegExp(`^${title}$`) })
  return term.locator('xpath=following-sibling::dd[1]')
}

/** The portal at a path, in a window of its own. */
export async function openPortal(
  desk: Desk,
  world: World,
  { who, path }: { readonly who: Operator; readonly path: string },
): Promise<Page> {
  const portal = await desk.newWindow()
  await portal.goto(world.url + path)
  await signIn(portal, who)
  await portal.getByRole('navigation', { name: 'Main' }).waitFor()
  return portal
}

/** The first found by a search in the panel, and it is who is meant. */
export async function openInPanel(panel: Page, query: string, name: string): Promise<void> {
  const box = panel.getByRole('searchbox', { name: 'Find a customer' })
  await box.fill(query)
  await panel.getByRole('main').getByRole('link', { name }).first().click()
  await profileOf(panel).getByRole('heading', { name, level: 1 }).waitFor()
}

/** Ada may for once what an admin may; afterwards she may no more than before. */
export async function promoted(world: World, play: () => Promise<void>): Promise<void> {
  const { nora, ada } = world
  const change = (role: Role) =>
    nora.api('PATCH /api/members/:operatorId', { params: { operatorId: ada.id }, body: { role } })
  await change('admin')
  try {
    await play()
  } finally {
    await change('operator')
  }
}

export function profileAt({ api }: Operator, customerId: CustomerId): Promise<CustomerProfile> {
  return api('GET /api/customers/:customerId', { params: { customerId } })
}

/** The session that somebody has begun since then, once it is there. */
export async function begunSince(
  { ada, lines }: World,
  line: Line,
  { at, text }: { readonly at: number; readonly text: string },
): Promise<SessionRow> {
  return until('the new session', async () => {
    const rows = (await rowsOf(ada, lines[line])).filter(({ startedAt }) => startedAt >= at)
    for (const row of rows) {
      const { facts } = await ada.api('GET /api/sessions/:sessionId/facts', {
        params: { sessionId: row.id },
      })
      const isIt = facts.some(
        (one) => one.type === 'message/received' && one.message.text.includes(text),
      )
      if (isIt) return row
    }
    return undefined
  })
}

export async function campaignOf({ api }: Operator, name: string): Promise<Campaign> {
  const { campaigns } = await api('GET /api/campaigns')
  const found = campaigns.find((one) => one.name === name)
  if (!found) throw new Error(`no campaign ${name}`)
  return found
}

export const wizard = (page: Page) => page.getByRole('dialog', { name: 'Upload contacts' })

/** Chooses a file as a person does, by the system's own dialog. */
export async function chooseFile(page: Page, name: string, csv: string): Promise<void> {
  await page.getByRole('button', { name: 'Upload contacts' }).click()
  const chosen = page.waitForEvent('filechooser')
  await wizard(page).getByText('Choose a file').click()
  const buffer = Buffer.from(csv)
  await (await chosen).setFiles({ name, mimeType: 'text/csv', buffer })
  await wizard(page).getByRole('button', { name: 'Start', exact: true }).waitFor()
}

export async function startUpload(page: Page): Promise<void> {
  await wizard(page).getByRole('button', { name: 'Start', exact: true }).click()
}

/** What the report says of the line, once the upload is over. */
export function lineOf(page: Page, line: number): Locator {
  const cell = page.getByRole('cell', { name: String(line), exact: true })
  return wizard(page).getByRole('row').filter({ has: cell })
}

/** The text of the file that comes to the downloads by what is done. */
export async function downloadBy(page: Page, act: () => Promise<void>): Promise<string> {
  const coming = page.waitForEvent('download')
  await act()
  const path = await (await coming).path()
  return readFile(path, 'utf8')
}

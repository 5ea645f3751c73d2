// The pages beside which the panel stands, and the shop's website with the widget. Served here.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Locator, Page } from 'playwright-core'

import { until } from './check.ts'
import type { Customer } from './world.ts'

export interface Shop {
  readonly origin: string
  /** What the shop's website carries from now on. */
  carry(widget: { readonly url: string; readonly id: string; readonly key: string }): void
  stop(): void
}

export async function openShop(): Promise<Shop> {
  let widget = ''
  const server = createServer((request, response) => {
    const page = request.url?.startsWith('/crm') ? crm : shop(widget)
    response.writeHead(request.url === '/favicon.ico' ? 204 : 200, {
      'Content-Type': 'text/html; charset=utf-8',
    })
    response.end(request.url === '/favicon.ico' ? undefined : page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    carry({ url, id, key }) {
      widget = `<script src="${url}/widget.js" data-connection="${id}" data-key="${key}" data-param-plan="pro" async></script>`
    },
    stop: () => server.close(),
  }
}

const crm = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Deals</title>
<style>body{font:14px/1.5 sans-serif;margin:24px;background:#f6f7f9}table{border-collapse:collapse;background:#fff}td,th{padding:8px 16px;border:1px solid #ddd;text-align:left}</style>
<h1>Deals</h1><table><tr><th>Deal</th><th>Contact</th><th>Phone</th></tr>
<tr><td>12 city bikes</td><td>maria.silva@example.com</td><td>+46 (0)70-174 06 05</td></tr>
<tr><td>Cargo bike</td><td>@tomas_ek</td><td></td></tr></table></html>`

function shop(widget: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Larkfield Bikes</title><h1>Larkfield Bikes</h1>${widget}</html>`
}

/** A visitor of the website, who writes into the real widget. */
export async function visitor(page: Page, origin: string): Promise<Customer & { widget: Locator }> {
  // The widget keeps its insides to itself; who looks in from outside has to be let in.
  await page.addInitScript(() => {
    const attach = Element.prototype.attachShadow
    Element.prototype.attachShadow = function (init) {
      return attach.call(this, { ...init, mode: 'open' })
    }
  })
  await page.goto(origin)
  const widget = page.locator('alongside-widget')
  await widget.getByRole('button', { name: 'Chat with us' }).click()
  const box = widget.getByRole('textbox', { name: 'Write a message' })
  return {
    widget,
    async says(text) {
      await box.fill(text)
      await box.press('Enter')
      await until('the message to leave the widget', async () => (await box.inputValue()) === '')
    },
    heard: () => widget.locator('.row:not(.mine) .bubble').allInnerTexts(),
    async looks() {
      await page.bringToFront()
    },
  }
}

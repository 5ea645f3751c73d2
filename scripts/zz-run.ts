import { chromium } from 'playwright-core'
import { runProduct } from './product.ts'
const p = await runProduct({ stateDir: '/tmp/h7state', seed: true, log: console.log })
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const c = await b.newContext({ viewport: { width: 1560, height: 860 }, colorScheme: 'dark' })
await c.addInitScript(() => {
  const a = Element.prototype.attachShadow
  Element.prototype.attachShadow = function (o) {
    return a.call(this, { ...o, mode: 'open' })
  }
})
const page = await c.newPage()
page.on('console', (m) => console.log('console', m.type(), m.text()))
page.on('pageerror', (e) => console.log('pageerror', e.message))
await page.goto(`${p.url}/playground`)
const phone = page.getByRole('region', { name: 'WhatsApp Shop' })
await phone.getByLabel('Message', { exact: true }).fill('I want to rent a bike')
await page.keyboard.press('Enter')
await phone.getByRole('button', { name: 'Cargo bike' }).click()
await phone.getByText('two children').waitFor()
await phone.getByRole('button', { name: 'Image' }).click()
await phone.getByRole('button', { name: 'Location' }).click()
await phone.getByRole('button', { name: 'React with a heart' }).first().click()
const tg = page.getByRole('region', { name: 'Telegram' })
await tg.getByLabel('Message', { exact: true }).fill('I want to rent a bike')
await page.keyboard.press('Enter')
await tg.getByRole('button', { name: 'City bike' }).click()
const f = page.frameLocator('iframe')
await f.getByRole('button', { name: 'Chat with us' }).click()
await f.getByRole('textbox').fill('Hi, do you have helmets?')
await page.keyboard.press('Enter')
await page.waitForTimeout(2500)

await page.screenshot({ path: '/tmp/p1.png' })
await b.close()
await p.stop()

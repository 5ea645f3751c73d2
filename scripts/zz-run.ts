import { chromium } from 'playwright-core'
import { runProduct } from './product.ts'
const p = await runProduct({ stateDir: '/tmp/h7state', seed: true, log: console.log })
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const c = await b.newContext({ viewport: { width: 420, height: 720 } })
await c.addInitScript(() => {
  const a = Element.prototype.attachShadow
  Element.prototype.attachShadow = function (o) {
    return a.call(this, { ...o, mode: 'open' })
  }
})
const page = await c.newPage()
page.on('console', (m) => console.log('console', m.type(), m.text()))
page.on('pageerror', (e) => console.log('pageerror', e.message))
const web = p.demo!.connections[3]!
await page.goto(`${p.url}/playground-site?connection=${web.id}`)
await page.getByRole('button', { name: 'Chat with us' }).click()
await page.getByRole('textbox').fill('Hello, when are you open?')
await page.keyboard.press('Enter')
await page.getByText('Monday to Saturday').waitFor({ timeout: 5000 })
await page.getByRole('textbox').fill('I want to rent a bike')
await page.keyboard.press('Enter')
await page.getByRole('button', { name: 'Cargo bike' }).click()
await page.getByText('two children').waitFor({ timeout: 5000 })
await page.locator('input[type=file]').setInputFiles({
  name: 'wheel.png',
  mimeType: 'image/png',
  buffer: Buffer.from((await import('./seed/picture.ts')).png()),
})
await page.waitForTimeout(500)
await page.getByRole('textbox').fill('see https://larkfield.example/x. my draft')
await page.screenshot({ path: '/tmp/w1.png' })
await page.reload()
await page.waitForTimeout(800)
await page.screenshot({ path: '/tmp/w2.png' })
await page.getByRole('button', { name: 'Send' }).click()
await page.waitForTimeout(800)
await page.screenshot({ path: '/tmp/w3.png' })
await page.emulateMedia({ colorScheme: 'dark' })
await page.setViewportSize({ width: 900, height: 720 })
await page.waitForTimeout(300)
await page.screenshot({ path: '/tmp/w4.png' })
await b.close()
await p.stop()

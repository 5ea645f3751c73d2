import { afterEach, beforeEach, expect, it } from 'vitest'

import type { Fake } from './fake-environment.ts'
import { meAs, settle, signedIn } from './fake-worker.ts'
import { $export, cancelExport, startExport } from './export.ts'
import { writeListQuery } from './table.ts'

let fake: Fake
let stop: () => Promise<void>

beforeEach(async () => {
  ;({ fake, stop } = await signedIn({}, meAs('admin')))
})

afterEach(() => stop())

/** A file that comes in pieces, each when it is written. */
function pieces() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  return {
    body: readable,
    send: (text: string) => void writer.write(new TextEncoder().encode(text)),
    end: () => void writer.close(),
  }
}

it('the file is that of the filters on the screen, and tells how far it has come', async () => {
  const { body, send, end } = pieces()
  fake.answers({
    'GET /api/customers/export': () => new Response(body, { headers: { 'X-Total': '3' } }),
  })
  writeListQuery('maria')
  const done = startExport('csv')
  await settle()
  send('name\nMaria\n')
  await settle()

  expect($export.get()).toMatchObject({ state: 'running', rows: 2, total: 3 })
  send('Ana\nEva\n')
  end()
  await done

  expect($export.get()).toMatchObject({ state: 'done', rows: 3 })
  expect($export.get()?.name).toMatch(/^customers-.*\.csv$/)
  const path = fake.calls.at(-1)?.path ?? ''
  expect(path).toContain('q=maria')
  expect(path).toContain('columns=name%2Cemail%2Cphone')
})

it('cancelled, it gives no file', async () => {
  const { body, send } = pieces()
  fake.answers({ 'GET /api/customers/export': () => new Response(body) })
  void startExport('json')
  await settle()
  send('[')
  await settle()

  cancelExport()
  await settle()

  expect($export.get()?.state).toBe('cancelled')
  expect($export.get()?.url).toBeUndefined()
})

// Files over HTTP: what is taken, what it is called, and how it comes back.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'

import type { FileId, SessionId } from '../../shared/ids.ts'
import type { Attachment } from '../../shared/message.ts'
import { newId } from '../../shared/new-id.ts'
import { deskOf } from '../../tests/desk.ts'
import { newTenant, type TestTenant } from '../../tests/tenants.ts'
import { tenantDb } from '../base/db.ts'
import { files, sessions } from '../base/schema.ts'
import { fileBytes, keepFile } from './keep.ts'
import { fileHandlers } from './routes.ts'
import { largestFile } from './rules.ts'

const ask = deskOf(fileHandlers)
const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3)
let acme: TestTenant
let other: TestTenant
let session: SessionId

beforeAll(async () => {
  ;[acme, other] = await Promise.all([newTenant(env), newTenant(env)])
  session = newId('ses')
  await tenantDb(env, acme.tenantId)
    .orm.insert(sessions)
    .values({
      tenantId: acme.tenantId,
      id: session,
      seq: 1,
      customerId: newId('cus'),
      customerName: 'Dana',
      contact: '@dana',
      connectionId: newId('con'),
      channel: 'telegram',
      agentId: newId('agt'),
      agentName: 'Mira',
      mode: 'ai',
      startedAt: 0,
      lastText: '',
      messageCount: 0,
      status: 'open',
      parameters: {},
      results: {},
      hasAttachments: false,
    })
})

interface Sent {
  readonly name?: string
  readonly type?: string
  readonly tenant?: TestTenant
  readonly to?: SessionId
}

function upload(body: BodyInit, sent: Sent = {}) {
  const { name = 'photo.png', type = 'image/png', tenant = acme, to = session } = sent
  const query = new URLSearchParams({ name, session: to })
  return ask('POST', `/api/files?${query}`, {
    bearer: tenant.operators.operator.bearer,
    headers: { 'Content-Type': type },
    body,
  })
}

async function uploaded(body: BodyInit, sent?: Sent): Promise<Attachment> {
  const response = await upload(body, sent)
  expect(response.status).toBe(200)
  return response.json<Attachment>()
}

function download(id: string, tenant = acme) {
  return ask('GET', `/api/files/${id}`, { bearer: tenant.operators.viewer.bearer })
}

/** Zeros without an end, and how many megabytes of them were asked for. */
function endless() {
  const chunk = new Uint8Array(1024 * 1024)
  let pulled = 0
  const stream = new ReadableStream({
    pull(controller) {
      pulled += 1
      controller.enqueue(chunk)
    },
  })
  return { stream, pulled: () => pulled }
}

describe('an upload', () => {
  it('is kept and comes back, byte for byte', async () => {
    const kept = await uploaded(png)
    expect(kept).toEqual({
      id: kept.id,
      name: 'photo.png',
      type: 'image/png',
      kind: 'image',
      size: png.length,
      state: 'ready',
    })

    const back = await download(kept.id)
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(png)
    expect(Object.fromEntries(back.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `inline; filename="photo.png"; filename*=UTF-8''photo.png`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=3600',
    })
  })

  it.each([
    ['a page that says it is a picture', '<!doctype html><script>alert(1)</script>'],
    ['a drawing with a script', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['a picture’s beginning moved', ' \x89PNG\r\n\x1a\n<script>'],
  ])('%s is a file to download, never to show', async (_what, body) => {
    const { id, type, kind } = await uploaded(body)
    const back = await download(id)

    expect({ type, kind }).toEqual({ type: 'application/octet-stream', kind: 'file' })
    expect(back.headers.get('Content-Type')).toBe('application/octet-stream')
    expect(back.headers.get('Content-Disposition')).toMatch(/^attachment;/)
    await back.arrayBuffer()
  })

  it('that is a picture and a page at once is a picture, and can’t run', async () => {
    const { id } = await uploaded('GIF89a/*<script>alert(1)</script>*/=1', { type: 'text/html' })
    const back = await download(id)

    expect(back.headers.get('Content-Type')).toBe('image/gif')
    expect(back.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(back.headers.get('Content-Security-Policy')).toContain('sandbox')
    await back.arrayBuffer()
  })

  it('of the same content is kept once within a tenant, and apart from another’s', async () => {
    const [one, two] = [await uploaded(png), await uploaded(png, { name: 'again.png' })]
    const kept = await env.FILES.list({ prefix: `t/${acme.tenantId}/a/` })
    const hash = (await crypto.subtle.digest('SHA-256', png)) as ArrayBuffer
    const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0'))

    expect(one.id).not.toBe(two.id)
    expect(kept.objects.filter(({ key }) => key.endsWith(hex.join('')))).toHaveLength(1)
    expect((await env.FILES.list({ prefix: `t/${other.tenantId}/` })).objects).toEqual([])
  })

  it('longer than the limit is refused, with its length told or not', async () => {
    const tooMuch = largestFile + 1
    const { stream, pulled } = endless()

    expect((await upload(new Uint8Array(tooMuch))).status).toBe(413)
    expect((await upload(stream)).status).toBe(413)
    expect(pulled()).toBeLessThan(40)
  })

  it('of the very limit is taken', async () => {
    expect(await uploaded(new Uint8Array(largestFile))).toMatchObject({ size: largestFile })
  })

  it('of nothing is refused', async () => {
    expect((await upload(new Uint8Array())).status).toBe(400)
  })

  it('for a session that is not there, or another tenant’s, is refused alike', async () => {
    const foreign = await upload(png, { tenant: other })
    const missing = await upload(png, { tenant: other, to: newId('ses') })

    expect([foreign.status, missing.status]).toEqual([404, 404])
    expect(await foreign.text()).toBe(await missing.text())
    const theirs = tenantDb(env, other.tenantId)
    expect(await theirs.orm.select().from(files).where(theirs.mine(files))).toEqual([])
  })

  it('is for who may reply', async () => {
    const { bearer } = acme.operators.viewer
    const response = await ask('POST', `/api/files?name=a&session=${session}`, {
      bearer,
      body: png,
    })

    expect(response.status).toBe(403)
  })
})

describe('a download', () => {
  it('of another tenant’s file answers as for one that is not there', async () => {
    const { id } = await uploaded(png)
    const answers = await Promise.all(
      [id, newId('fil'), 'fil_nonsense'].map(async (one) => {
        const response = await download(one, other)
        return [response.status, await response.text()]
      }),
    )

    expect(answers).toEqual(answers.map(() => [404, '{"refusal":"not-found"}']))
    expect(await fileBytes(env, tenantDb(env, other.tenantId), id)).toBeUndefined()
  })
})

describe('a file from a channel', () => {
  it('is kept once however often it is fetched, under the type of its bytes', async () => {
    const db = tenantDb(env, acme.tenantId)
    const id: FileId = newId('fil')
    const keep = () =>
      keepFile(env, db, {
        id,
        sessionId: session,
        name: '../a\u202egnp.exe',
        type: 'text/html',
        body: new Response(png),
      })

    expect(await keep()).toEqual({ type: 'image/png', kind: 'image', size: png.length })
    expect(await keep()).toEqual({ type: 'image/png', kind: 'image', size: png.length })
    expect(await fileBytes(env, db, id)).toEqual({
      name: '_agnp.exe',
      type: 'image/png',
      bytes: png,
      sessionId: session,
    })
  })
})

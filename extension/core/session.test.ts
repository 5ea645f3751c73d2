import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import type { Fact } from '../../shared/session.ts'
import { flushOutbox } from './outbox.ts'
import { refusing, type Fake, type FakeCall } from './fake-environment.ts'
import { grace, noon, opened, said, sent, settle, signedIn } from './fake-worker.ts'
import { go } from './route.ts'
import {
  $busy,
  $canHandOver,
  $canReply,
  $canSend,
  $conversation,
  $pending,
  $session,
  $sessionLine,
  $sessionLoad,
  $sessionRefusal,
  $text,
  $uploads,
  accept,
  attach,
  closeSession,
  editAgain,
  handOver,
  openSession,
  resend,
  send,
  setWriting,
  writeText,
} from './session.ts'
import { signOut } from './sign-in.ts'
import { $toasts } from './toasts.ts'

const id = newId('ses')
let fake: Fake
let stop: () => Promise<void>
let log: Fact[]

const afterOf = (call: FakeCall) =>
  Number(new URLSearchParams(call.path.split('?')[1]).get('after'))
const posts = () => fake.calls.filter((one) => one.name.endsWith('/messages'))
const idOf = (call: FakeCall | undefined) => (call?.body as { id: string } | undefined)?.id ?? ''

beforeEach(async () => {
  log = [opened, said(2)]
  const made = await signedIn({
    'GET /api/sessions/*/facts': (call) => ({
      facts: log.filter((fact) => fact.seq > afterOf(call)),
    }),
    'POST /api/sessions/*/messages': () => undefined,
    'POST /api/sessions/*/notes': () => undefined,
  })
  fake = made.fake
  stop = made.stop
})
afterEach(async () => {
  closeSession()
  await stop()
})

async function opening(): Promise<void> {
  go({ name: 'human-agents', sessionId: id })
  await settle()
  fake.newest(id).open()
}

describe('the session in view', () => {
  it('folds what there is, then what comes, asking the socket for the rest alone', async () => {
    await opening()
    fake.newest(id).hears({ facts: [said(3, 'Are you there?')] })

    expect(fake.newest(id).url).toBe(`wss://worker.test/api/sessions/${id}/live?after=2`)
    expect(fake.newest(id).protocols).toEqual(['alongside', 'tic'])
    expect($session.get().seq).toBe(3)
    expect($sessionLine.get()).toBe('live')
    expect($conversation.get().at(-1)).toMatchObject({ message: { text: 'Are you there?' } })
  })

  it('asks for what is missing instead of folding over a gap', async () => {
    await opening()
    log.push(said(3), said(4), said(5))
    fake.newest(id).hears({ facts: [said(5)] })
    expect($session.get().seq).toBe(2)
    await settle()

    expect($session.get().seq).toBe(5)
    expect($session.get().messageCount).toBe(4)
  })

  it('resumes after the last fact when the line breaks', async () => {
    await opening()
    fake.newest(id).hears({ facts: [said(3)] })
    fake.newest(id).drops()
    await vi.advanceTimersByTimeAsync(1000)

    expect(fake.newest(id).url).toContain('after=3')
  })

  it('steps over a fact of a newer version, and drops what is none', async () => {
    await opening()
    const socket = fake.newest(id)
    socket.hears('{"facts": 7}')
    socket.hears('not json')
    socket.hears({ facts: [{ type: 'hologram/shown', seq: 3, at: noon }, said(4)] })

    expect($session.get().seq).toBe(4)
    expect($session.get().messageCount).toBe(2)
  })

  it('says that a session is not there', async () => {
    fake.answers({ 'GET /api/sessions/*/facts': () => refusing(404, 'not-found') })
    openSession(newId('ses'))
    await settle()

    expect($sessionLoad.get().state).toBe('missing')
  })

  it('comes back by itself from a start without a network', async () => {
    fake.setOnline(false)
    go({ name: 'human-agents', sessionId: id })
    await vi.advanceTimersByTimeAsync(5000)
    expect($sessionLoad.get()).toMatchObject({ state: 'failed' })

    fake.setOnline(true)
    await vi.advanceTimersByTimeAsync(5000)
    expect($sessionLoad.get().state).toBe('ready')
    expect($session.get().seq).toBe(2)
  })
})

describe('send', () => {
  it('shows a message at once as pending, and as said once its fact is there', async () => {
    await opening()
    writeText('On my way')
    send()

    expect($text.get()).toBe('')
    expect($conversation.get().at(-1)).toMatchObject({ pending: { text: 'On my way' } })
    await settle()
    fake.newest(id).hears({ facts: [sent(3, idOf(posts()[0]), 'On my way')] })
    expect($pending.get()).toEqual([])
    expect($conversation.get().filter((one) => one.kind !== 'marker')).toHaveLength(2)
  })

  it('waits while offline and goes once under one id, in order', async () => {
    await opening()
    fake.setOnline(false)
    writeText('first')
    send()
    writeText('second')
    send()
    await settle()
    expect(posts()).toEqual([])

    fake.setOnline(true)
    await settle()
    expect(posts().map((one) => (one.body as { text: string }).text)).toEqual(['first', 'second'])
  })

  it('repeats an answer that got lost under the same id, ahead of what was written later', async () => {
    await opening()
    let lost = true
    fake.answers({
      'POST /api/sessions/*/messages': () => {
        if (!lost) return undefined
        lost = false
        throw new TypeError('network')
      },
    })
    writeText('first')
    send()
    writeText('second')
    send()
    await vi.advanceTimersByTimeAsync(3000)

    const texts = posts().map((one) => (one.body as { text: string }).text)
    expect(texts).toEqual(['first', 'first', 'second'])
    expect(idOf(posts()[0])).toBe(idOf(posts()[1]))
  })

  it('keeps what was refused, with the sentence, to be sent again or edited', async () => {
    await opening()
    fake.answers({
      'POST /api/sessions/*/messages': () => refusing(409, 'taken-by-another', 'Grace'),
    })
    writeText('On my way')
    send()
    await settle()

    const [refused] = $pending.get()
    expect(refused).toMatchObject({ state: 'refused', sentence: 'Grace has taken this session.' })
    resend(refused!.id)
    await settle()
    expect(posts().map(idOf)).toEqual([refused!.id, refused!.id])
    writeText('and more')
    editAgain(refused!.id)
    expect($text.get()).toBe('On my way\nand more')
    expect($pending.get()).toEqual([])
  })

  it('survives a reload of the page before the worker has it', async () => {
    await opening()
    fake.setOnline(false)
    writeText('unsent')
    send()
    writeText('half a sent')
    await settle()

    expect([...fake.kept.session.keys()].filter((key) => key.startsWith('outbox:'))).toHaveLength(1)
    closeSession()
    openSession(id)
    await settle()
    expect($text.get()).toBe('half a sent')
  })

  it('keeps a note apart from a reply', async () => {
    await opening()
    setWriting('note')
    writeText('VIP')
    send()
    await settle()

    expect(posts()).toEqual([])
    expect(fake.calls.at(-1)?.name).toBe(`POST /api/sessions/${id}/notes`)
  })

  it('takes along what was uploaded, and waits for what still is', async () => {
    const uploaded = Promise.withResolvers<object>()
    fake.answers({ 'POST /api/files': () => uploaded.promise })
    await opening()
    const done = attach(new File(['abc'], 'offer.pdf', { type: 'application/pdf' }))
    writeText('The offer')
    expect($canSend.get()).toBe(false)
    const file = { id: newId('fil'), kind: 'file', name: 'offer.pdf', type: 'application/pdf' }
    uploaded.resolve({ ...file, state: 'ready' })
    await done
    send()
    await settle()

    expect(posts()[0]?.body).toMatchObject({ text: 'The offer', attachments: [file.id] })
    expect($uploads.get()).toEqual([])
  })

  it('says why a file was not uploaded', async () => {
    fake.answers({ 'POST /api/files': () => refusing(413, 'too-large') })
    await opening()
    await attach(new File(['abc'], 'film.mov'))

    expect($uploads.get()).toMatchObject([{ state: 'failed', sentence: 'That is too large.' }])
  })

  it('sends nothing that may not be sent', async () => {
    log.push({ type: 'session/resolved', seq: 3, at: noon, status: 'resolved' })
    await opening()
    writeText('Too late')
    send()
    await settle()

    expect($canSend.get()).toBe(false)
    expect($canReply.get().reason).toBe('Session is already finished')
    expect(posts()).toEqual([])
    expect($text.get()).toBe('Too late')
  })
})

describe('commands', () => {
  it('say what was done', async () => {
    fake.answers({ 'POST /api/sessions/*/handover': () => undefined })
    await opening()

    expect(await handOver()).toBe(true)
    expect($toasts.get().map((one) => one.text)).toContain('Session set to operator')
  })

  it('act once: a lost answer is asked for under the same id', async () => {
    let tries = 0
    fake.answers({
      'POST /api/sessions/*/acceptance': () => {
        tries += 1
        if (tries === 1) throw new TypeError('network')
        return undefined
      },
    })
    await opening()
    await accept()
    await accept()
    await accept()

    const ids = fake.calls.filter((one) => one.name.endsWith('/acceptance')).map(idOf)
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).not.toBe(ids[1])
  })

  it('tell who was quicker, and read what happened', async () => {
    fake.answers({
      'POST /api/sessions/*/acceptance': () => refusing(409, 'taken-by-another', 'Grace'),
    })
    await opening()
    log.push({ type: 'handover/requested', seq: 3, at: noon, cause: 'customer', reason: '' })
    log.push({ type: 'operator/assigned', seq: 4, at: noon, person: grace })
    expect(await accept()).toBe(false)
    await settle()

    expect($sessionRefusal.get()).toBe('Grace has taken this session.')
    expect($session.get().operator).toEqual(grace)
    expect($busy.get()).toEqual([])
    expect($canHandOver.get().reason).toBe('Session is already handled by an operator')
  })
})

it('leaves nothing behind on sign-out', async () => {
  fake.answers({ 'POST /api/sign-out': () => undefined })
  await opening()
  writeText('secret plans')
  await signOut()
  flushOutbox()

  expect($session.get().opened).toBeUndefined()
  expect($text.get()).toBe('')
  expect(fake.kept.session.size + fake.kept.local.size).toBe(0)
  expect(fake.sockets.every((one) => one.closed)).toBe(true)
})

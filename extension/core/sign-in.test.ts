import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { credentials } from './api.ts'
import { forgetEverything, setEnvironment } from './environment.ts'
import { fakeEnvironment, refusing, type Fake } from './fake-environment.ts'
import { meAs, settle } from './fake-worker.ts'
import {
  $may,
  $me,
  $serverDown,
  $signInRefusal,
  $signInState,
  resumeSignIn,
  signIn,
  signOut,
  signedInElsewhere,
} from './sign-in.ts'

let fake: Fake
let stop: () => void
const entry = { email: ' ada@example.com ', password: 'correct horse', keep: false }

beforeEach(() => {
  vi.useFakeTimers()
  fake = fakeEnvironment()
  setEnvironment(fake)
  fake.answers({
    'POST /api/sign-in': () => ({ token: 'secret' }),
    'POST /api/sign-out': () => undefined,
    'GET /api/me': () => meAs('viewer'),
  })
  $signInState.set('unknown')
  stop = signedInElsewhere()
})
afterEach(async () => {
  stop()
  await forgetEverything()
  vi.useRealTimers()
})

describe('signing in', () => {
  it('knows who it is, and keeps the bearer for this session alone', async () => {
    await resumeSignIn()
    expect($signInState.get()).toBe('signed-out')
    expect(await signIn(entry)).toBe(true)

    expect($me.get()?.operator.name).toBe('Ada')
    expect(fake.calls[0]?.body).toEqual({ email: 'ada@example.com', password: 'correct horse' })
    expect(fake.kept.session.get('bearer')).toBe('secret')
    expect(fake.kept.local.size).toBe(0)
  })

  it('keeps the bearer for longer when asked to', async () => {
    await signIn({ ...entry, keep: true })

    expect(fake.kept.local.get('bearer')).toBe('secret')
    expect(fake.kept.session.size).toBe(0)
  })

  it('says why not', async () => {
    fake.answers({ 'POST /api/sign-in': () => refusing(401, 'wrong-password') })
    expect(await signIn(entry)).toBe(false)

    expect($signInRefusal.get()).toBe('Email or password is not right.')
    expect($signInState.get()).toBe('signed-out')
  })

  it('leaves nothing of whoever was here before', async () => {
    fake.kept.session.set('text:ses_1', { text: 'old' })
    fake.kept.local.set('ui:divider', 300)
    await signIn(entry)

    expect([...fake.kept.session.keys()]).toEqual(['bearer'])
    expect(fake.kept.local.get('ui:divider')).toBe(300)
  })
})

describe('an earlier sign-in', () => {
  it('holds, when the worker still knows it', async () => {
    fake.kept.local.set('bearer', 'kept')
    await resumeSignIn()

    expect($signInState.get()).toBe('signed-in')
    expect(fake.calls[0]?.headers.get('Authorization')).toBe('Bearer kept')
  })

  it('is gone, when the worker does not', async () => {
    fake.kept.local.set('bearer', 'kept')
    fake.answers({ 'GET /api/me': () => refusing(401, 'signed-out') })
    await resumeSignIn()
    await settle()

    expect($signInState.get()).toBe('signed-out')
    expect(credentials.bearer).toBeUndefined()
    expect(fake.kept.local.size).toBe(0)
  })

  it('is asked for again while the worker can’t be reached', async () => {
    fake.kept.session.set('bearer', 'kept')
    fake.setOnline(false)
    await resumeSignIn()
    expect($signInState.get()).toBe('unknown')
    expect($serverDown.get()).toBe(true)
    fake.setOnline(true)
    await vi.advanceTimersByTimeAsync(6000)

    expect($signInState.get()).toBe('signed-in')
    expect($serverDown.get()).toBe(false)
  })
})

it('follows a sign-out and a sign-in on another page', async () => {
  await signIn(entry)
  fake.kept.session.clear()
  fake.keptChanged('bearer')
  await settle()
  expect($signInState.get()).toBe('signed-out')

  fake.kept.session.set('bearer', 'elsewhere')
  fake.keptChanged('bearer')
  await settle()
  expect($signInState.get()).toBe('signed-in')
})

it('signs out here even when the worker does not answer', async () => {
  await signIn(entry)
  fake.setOnline(false)
  await signOut()

  expect($signInState.get()).toBe('signed-out')
  expect($me.get()).toBeUndefined()
  expect(fake.kept.session.size).toBe(0)
})

it('says why a control is off', async () => {
  await signIn(entry)

  expect($may('customers.view').get()).toEqual({ allowed: true })
  expect($may('sessions.handover').get()).toEqual({
    allowed: false,
    reason: 'You do not have permission to hand over sessions',
  })
})

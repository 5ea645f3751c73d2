import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import { call, credentials, sentenceOf } from './api.ts'
import { setEnvironment } from './environment.ts'
import { fakeEnvironment, refusing, type Fake } from './fake-environment.ts'

let fake: Fake
const onSignedOut = vi.fn<() => void>()

beforeEach(() => {
  vi.useFakeTimers()
  fake = fakeEnvironment()
  setEnvironment(fake)
  credentials.bearer = 'secret'
  credentials.onSignedOut = onSignedOut
  onSignedOut.mockReset()
})
afterEach(() => {
  vi.useRealTimers()
  credentials.bearer = undefined
})

describe('call', () => {
  it('fills path and query and says who asks', async () => {
    const customerId = newId('cus')
    fake.answers({ 'GET /api/customers/*/sessions': () => ({ rows: [], next: null }) })
    const answer = await call('GET /api/customers/:customerId/sessions', {
      params: { customerId },
      query: { campaign: 'a b', limit: 5 },
    })

    expect(answer).toEqual({ ok: true, answer: { rows: [], next: null } })
    expect(fake.calls[0]?.path).toBe(`/api/customers/${customerId}/sessions?campaign=a+b&limit=5`)
    expect(fake.calls[0]?.headers.get('Authorization')).toBe('Bearer secret')
  })

  it('answers a refusal with its word and detail', async () => {
    fake.answers({ 'GET /api/me': () => refusing(409, 'taken-by-another', 'Grace') })
    const answer = await call('GET /api/me')

    expect(answer).toMatchObject({ ok: false, refusal: { refusal: 'taken-by-another' } })
    expect(answer.ok || sentenceOf(answer.refusal)).toBe('Grace has taken this session.')
  })

  it('repeats a GET that found nobody, and gives up as offline', async () => {
    let tries = 0
    fake.answers({
      'GET /api/me': () => {
        tries += 1
        throw new TypeError('network')
      },
    })
    const answering = call('GET /api/me')
    await vi.advanceTimersByTimeAsync(5000)

    expect(await answering).toEqual({ ok: false, refusal: { refusal: 'offline' } })
    expect(tries).toBe(3)
  })

  it('repeats nothing else', async () => {
    let tries = 0
    fake.answers({
      'POST /api/tickets': () => {
        tries += 1
        return new Response('<h1>Bad gateway</h1>', { status: 502 })
      },
    })

    expect(await call('POST /api/tickets')).toEqual({
      ok: false,
      refusal: { refusal: 'unavailable' },
    })
    expect(tries).toBe(1)
  })

  it('signs out when the worker no longer knows us, but not for a wrong password', async () => {
    fake.answers({
      'GET /api/me': () => refusing(401, 'signed-out'),
      'POST /api/sign-in': () => refusing(401, 'wrong-password'),
    })
    await call('POST /api/sign-in', { body: { email: 'a', password: 'b' } })
    expect(onSignedOut).not.toHaveBeenCalled()
    await call('GET /api/me')
    expect(onSignedOut).toHaveBeenCalledOnce()
  })

  it('does not sign out the one who has signed in meanwhile', async () => {
    fake.answers({
      'GET /api/me': () => {
        credentials.bearer = 'newer'
        return refusing(401, 'signed-out')
      },
    })
    await call('GET /api/me')

    expect(onSignedOut).not.toHaveBeenCalled()
  })

  it('sends no bearer where a cookie says who asks', async () => {
    setEnvironment(fakeEnvironment({ signInBy: 'cookie', fetch: fake.fetch }))
    await call('GET /api/me')

    expect(fake.calls[0]?.headers.has('Authorization')).toBe(false)
  })
})

// What may be in a tenant, and how often somebody may knock.

import { expect, test } from 'vitest'

import { roleNames } from '../../shared/permissions.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { Attempts } from './attempts.ts'
import { isTimeZone, mayGrant, mergeConfig, settingsTrouble } from './rules.ts'

test('nobody grants more than they have', () => {
  const granted = roleNames.map((mine) => roleNames.filter((role) => mayGrant(mine, role)))
  expect(granted).toEqual([
    ['owner', 'admin', 'operator', 'viewer'],
    ['admin', 'operator', 'viewer'],
    ['operator', 'viewer'],
    ['viewer'],
  ])
})

test.each(['Europe/Lisbon', 'America/Argentina/Buenos_Aires', 'UTC'])('%s is a time zone', (name) =>
  expect(isTimeZone(name)).toBe(true),
)

test.each(['', 'Mars/Olympus', '+02:00', '-05', 'Europe/', ' UTC'])('«%s» is none', (name) =>
  expect(isTimeZone(name)).toBe(false),
)

test('settings are refused at the place', () => {
  expect(settingsTrouble({ name: ' ' })).toMatchObject({ refusal: 'invalid', at: 'name' })
  expect(settingsTrouble({ timeZone: 'Nowhere' })).toMatchObject({ at: 'timeZone' })
  expect(settingsTrouble({ statuses: ['done', 'Done '] })).toMatchObject({ at: 'statuses' })
  expect(settingsTrouble({ statuses: ['done', ' '] })).toMatchObject({ at: 'statuses' })
  expect(settingsTrouble({ timeZone: 'Asia/Tokyo', statuses: ['won', 'lost'] })).toBeUndefined()
})

const channel = {
  fields: [
    { name: 'token', title: 'Token', secret: true, required: true },
    { name: 'number', title: 'Number', secret: false, required: false },
    { name: 'key', title: 'Key', secret: true, required: false, generated: true },
  ],
}
const random = () => 'made'

test('a configuration is split into what may be read and what may not', () => {
  expect(mergeConfig(channel, {}, { given: { token: ' t ', number: '1' }, random })).toEqual({
    settings: { number: '1' },
    secrets: { token: 't', key: 'made' },
  })
})

test('what is not given stays, what is given empty goes or is made anew', () => {
  const known = { token: 't', number: '1', key: 'k' }
  expect(mergeConfig(channel, known, { given: { token: 'new' }, random })).toEqual({
    settings: { number: '1' },
    secrets: { token: 'new', key: 'k' },
  })
  expect(mergeConfig(channel, known, { given: { number: '', key: '' }, random })).toEqual({
    settings: {},
    secrets: { token: 't', key: 'made' },
  })
})

test('a name the channel does not know, and a required one that is missing', () => {
  const strange = mergeConfig(channel, {}, { given: { token: 't', __proto__x: '1' }, random })
  expect(strange).toMatchObject({ refusal: 'invalid', at: 'config.__proto__x' })
  expect(mergeConfig(channel, {}, { given: {}, random })).toMatchObject({ at: 'config.token' })
  const emptied = mergeConfig(channel, { token: 't' }, { given: { token: ' ' }, random })
  expect(isRefusal(emptied)).toBe(true)
})

test('attempts are counted by name, and a window later begin anew', () => {
  const attempts = new Attempts({ most: 2, withinMs: 1000 })
  expect([0, 1, 2].map((at) => attempts.allow('a', at))).toEqual([true, true, false])
  expect(attempts.allow('b', 3)).toBe(true)
  // What was refused has not lengthened the wait.
  expect(attempts.allow('a', 999)).toBe(false)
  expect(attempts.allow('a', 1000)).toBe(true)
})

test('a right attempt wipes the slate', () => {
  const attempts = new Attempts({ most: 1, withinMs: 1000 })
  attempts.allow('a', 0)
  attempts.clear('a')
  expect(attempts.allow('a', 1)).toBe(true)
})

test('names are forgotten, oldest first, before memory runs out', () => {
  const attempts = new Attempts({ most: 1, withinMs: 1e9 })
  for (let n = 0; n <= 10_000; n += 1) attempts.allow(`name ${n}`, n)
  expect(attempts.allow('name 0', 20_000)).toBe(true)
  expect(attempts.allow('name 10000', 20_000)).toBe(false)
})

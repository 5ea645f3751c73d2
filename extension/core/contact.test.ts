import { expect, it } from 'vitest'

import { newId } from '../../shared/new-id.ts'
import type { CustomerProfile, FieldValue } from '../../shared/customer.ts'
import { $contact, contactOf, openContact } from './contact.ts'
import { maria, noon, opened, settle, signedIn } from './fake-worker.ts'
import { go } from './route.ts'

const field = (name: string, value: string): FieldValue => ({
  field: name,
  title: name,
  value,
  verified: true,
  source: 'channel',
  at: noon,
  pinned: false,
})
const known: CustomerProfile = {
  ...maria,
  anonymous: false,
  createdAt: noon,
  lastCommunicationAt: noon,
  identities: [],
  suggestions: [],
  version: 1,
  participations: [],
  channels: [],
  communications: 1,
  active: 1,
  possibleDuplicates: [],
  fields: [field('name', 'Maria Silva'), field('telegram_id', '400'), field('linkedin', '')],
}

it('has all six fields, with a value or without', () => {
  const values = contactOf(known)?.map(([name, all]) => [name, ...all.map(({ value }) => value)])

  expect(values).toEqual([
    ['name', 'Maria Silva'],
    ['email'],
    ['phone'],
    ['telegram', '400'],
    ['whatsapp'],
    ['linkedIn'],
  ])
})

it('is nothing for a visitor who has shared nothing', () => {
  expect(contactOf({ ...known, anonymous: true })).toBeUndefined()
})

it('follows the record of whom the session is with, and forgets it when closed', async () => {
  let profile = known
  const { fake, stop } = await signedIn({
    'GET /api/customers/*': () => profile,
    'GET /api/sessions/*/facts': () => ({ facts: [opened] }),
  })
  fake.newest('/api/live').open()
  go({ name: 'session', sessionId: newId('ses') })
  await settle()
  const close = openContact()
  await settle()
  expect($contact.get().value).toEqual(known)

  profile = { ...known, fields: [field('email', 'maria@example.com')] }
  fake.newest('/api/live').hears({ type: 'customer', id: maria.id })
  await settle()
  expect($contact.get().value?.fields).toEqual(profile.fields)

  fake.newest('/api/live').hears({ type: 'removed', id: maria.id, sessions: [] })
  expect($contact.get()).toEqual({ state: 'missing' })
  close()
  expect($contact.get()).toEqual({ state: 'idle' })
  await stop()
})

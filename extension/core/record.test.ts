import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { CustomerProfile } from '../../shared/customer.ts'
import type { Field } from '../../shared/fields.ts'
import { newId } from '../../shared/new-id.ts'
import { $profile } from './customers.ts'
import type { Fake } from './fake-environment.ts'
import { maria, meAs, noon, settle, signedIn } from './fake-worker.ts'
import {
  $form,
  beginAdding,
  beginEditing,
  removeCustomer,
  settleConflict,
  submitForm,
  writeField,
} from './record.ts'
import { $place, go } from './route.ts'

const fields: readonly Field[] = (
  [
    ['name', 'text'],
    ['email', 'text'],
    ['plan', 'enum'],
    ['debt', 'number'],
    ['vip', 'boolean'],
  ] as const
).map(([name, type], position) => ({
  name,
  title: name,
  type,
  options: [],
  builtin: name === 'name' || name === 'email',
  hidden: false,
  column: true,
  position,
}))

function profileOf(over: Partial<CustomerProfile> = {}, plan = 'Basic'): CustomerProfile {
  const known = { verified: true, source: 'operator', at: noon, pinned: true } as const
  return {
    ...maria,
    anonymous: false,
    createdAt: noon,
    lastCommunicationAt: null,
    identities: [],
    fields: [
      { field: 'email', title: 'Email', value: 'maria@example.com', ...known },
      { field: 'plan', title: 'Plan', value: plan, ...known },
      {
        field: 'email',
        title: 'Email',
        value: 'said@example.com',
        ...known,
        verified: false,
        source: 'conversation',
      },
    ],
    suggestions: [],
    version: 3,
    participations: [],
    channels: [],
    communications: 0,
    active: 0,
    possibleDuplicates: [],
    ...over,
  }
}

let fake: Fake
let stop: () => Promise<void>

beforeEach(async () => {
  ;({ fake, stop } = await signedIn(
    {
      [`GET /api/customers/${maria.id}`]: () => profileOf(),
      'GET /api/fields': () => ({ fields }),
    },
    meAs('admin'),
  ))
  go({ name: 'customer', customerId: maria.id, tab: 'summary' })
  await settle()
})

afterEach(() => stop())

const written = (name: string) => fake.calls.findLast((call) => call.name.startsWith(name))?.body

describe('editing', () => {
  it('writes only what was changed, over the version it was made over', async () => {
    fake.answers({
      [`PATCH /api/customers/${maria.id}`]: () => profileOf({ version: 4 }, 'Premium'),
    })
    beginEditing()
    writeField('plan', ['Premium'])
    writeField('debt', ['12,5'])
    writeField('vip', ['true'])

    expect(await submitForm(fields)).toBe(true)

    expect(written('PATCH')).toEqual({
      version: 3,
      values: { plan: 'Premium', debt: 12.5, vip: true },
    })
    expect($profile.get().value?.version).toBe(4)
    expect($form.get()).toBeUndefined()
  })

  it('leaves unverified addresses out, and sends all the others of a kind', async () => {
    fake.answers({ [`PATCH /api/customers/${maria.id}`]: () => profileOf() })
    beginEditing()
    writeField('email', ['maria@example.com', ' second@example.com '])

    await submitForm(fields)

    expect(written('PATCH')).toMatchObject({
      values: { email: ['maria@example.com', 'second@example.com'] },
    })
  })

  it('clears a field with null', async () => {
    fake.answers({ [`PATCH /api/customers/${maria.id}`]: () => profileOf() })
    beginEditing()
    writeField('plan', [''])

    await submitForm(fields)

    expect(written('PATCH')).toMatchObject({ values: { plan: null } })
  })

  it('shows a colleague’s change beside mine, and writes what I choose over it', async () => {
    const current = profileOf({ version: 7 }, 'Enterprise')
    fake.answers({
      [`PATCH /api/customers/${maria.id}`]: () =>
        Response.json({ refusal: 'changed-meanwhile', current }, { status: 409 }),
    })
    beginEditing()
    writeField('plan', ['Premium'])
    expect(await submitForm(fields)).toBe(false)
    expect($form.get()?.theirs?.fields).toEqual(['plan'])

    fake.answers({ [`PATCH /api/customers/${maria.id}`]: () => profileOf({ version: 8 }) })
    settleConflict('plan', 'mine')
    await submitForm(fields)

    expect(written('PATCH')).toEqual({ version: 7, values: { plan: 'Premium' } })
  })

  it('takes over what only the colleague has changed', async () => {
    const current = profileOf({ version: 7, name: 'Maria L.' })
    fake.answers({
      [`PATCH /api/customers/${maria.id}`]: () =>
        Response.json({ refusal: 'changed-meanwhile', current }, { status: 409 }),
    })
    beginEditing()
    writeField('plan', ['Premium'])
    await submitForm(fields)

    expect($form.get()).toMatchObject({
      version: 7,
      values: { name: ['Maria L.'], plan: ['Premium'] },
    })
    expect($form.get()?.theirs).toBeUndefined()
  })

  it('puts an error at its field', async () => {
    fake.answers({
      [`PATCH /api/customers/${maria.id}`]: () =>
        Response.json(
          { refusal: 'invalid', at: 'values.email', detail: 'Not an email address' },
          { status: 400 },
        ),
    })
    beginEditing()
    writeField('email', ['nonsense'])
    await submitForm(fields)

    expect($form.get()?.errors).toEqual({ email: 'Not an email address' })
  })
})

describe('adding', () => {
  it('shows the record that has the address already', async () => {
    const customer = { id: newId('cus'), name: 'Ana' }
    fake.answers({
      'POST /api/customers': () =>
        Response.json({ refusal: 'already-exists', at: 'email', customer }, { status: 409 }),
    })
    beginAdding()
    writeField('email', ['ana@example.com'])

    expect(await submitForm(fields)).toBe(false)

    expect($form.get()?.clash).toEqual({ field: 'email', ...customer })
  })

  it('adds once, however often it is asked', async () => {
    fake.answers({ 'POST /api/customers': () => Response.json({}, { status: 503 }) })
    beginAdding()
    writeField('name', ['Ana'])
    await submitForm(fields)
    const first = written('POST /api/customers')

    fake.answers({ 'POST /api/customers': () => profileOf() })
    await submitForm(fields)

    expect(written('POST /api/customers')).toEqual(first)
  })

  it('wants something to be filled in', async () => {
    beginAdding()

    expect(await submitForm(fields)).toBe(false)
    expect(fake.calls.some(({ name }) => name === 'POST /api/customers')).toBe(false)
  })
})

it('a record that was merged away is shown where it lives now', async () => {
  const gone = newId('cus')
  fake.answers({ [`GET /api/customers/${gone}`]: () => profileOf() })
  go({ name: 'customer', customerId: gone, tab: 'communications' })
  await settle()

  expect($place.get()).toEqual({
    name: 'customer',
    customerId: maria.id,
    tab: 'communications',
  })
  expect($profile.get().value?.name).toBe(maria.name)
})

it('deleting goes to the list, and repeats the name where it has to', async () => {
  fake.answers({ [`DELETE /api/customers/${maria.id}`]: () => undefined })

  expect(await removeCustomer('Maria Lopes', { name: 'customers' })).toBeUndefined()

  expect(written('DELETE')).toEqual({ name: 'Maria Lopes' })
  expect($place.get().name).toBe('customers')
})

// How whoever the session in view is with can be reached, as the customer's record has it.

import { atom, computed } from 'nanostores'

import type { CustomerProfile, FieldValue } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import { call, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'
import { onNews, onReturn } from './news.ts'
import { $session } from './session.ts'

export const $contact = atom<Loadable<CustomerProfile>>(idle)

const $who = computed($session, ({ opened }) => opened?.customer.id)
let round = 0

personal(forget)

/** Shown from now on, until the given back is called. */
export function openContact(): () => void {
  const stops = [
    $who.subscribe((id) => {
      forget()
      if (id) void load(id)
    }),
    onNews((news) => {
      const id = $who.get()
      // The session keeps the id it began with; the record may be part of another since.
      const isTheirs = 'id' in news && (news.id === id || news.id === $contact.get().value?.id)
      if (!id || !isTheirs) return
      if (news.type === 'customer') void load(id)
      if (news.type === 'removed') forget({ state: 'missing' })
    }),
    onReturn(reloadContact),
  ]
  return () => {
    for (const stop of stops) stop()
    forget()
  }
}

export function reloadContact(): void {
  const id = $who.get()
  if (id) void load(id)
}

/** The six, and under which other Field Names their values may stand. */
const contactFields = {
  name: [],
  email: [],
  phone: [],
  telegram: ['telegram_username', 'telegram_id'],
  whatsapp: ['whatsapp_user'],
  linkedIn: ['linkedin'],
} as const
export type ContactField = keyof typeof contactFields

/** The values of the six contact fields, always all six. Without any there is nobody to tell of. */
export function contactOf(
  profile: CustomerProfile,
): readonly (readonly [ContactField, readonly FieldValue[]])[] | undefined {
  if (profile.anonymous) return undefined
  // Safe: the keys are those of the object above.
  return (Object.keys(contactFields) as ContactField[]).map((name) => {
    const found = [name, ...contactFields[name]].map((field) =>
      profile.fields.filter((one) => one.field === field && one.value !== ''),
    )
    return [name, found.find((values) => values.length > 0) ?? []]
  })
}

async function load(customerId: CustomerId): Promise<void> {
  round += 1
  const mine = round
  $contact.set(loading($contact.get()))
  const answer = await call('GET /api/customers/:customerId', { params: { customerId } })
  if (mine !== round) return
  if (answer.ok) $contact.set(ready(answer.answer))
  else if (answer.refusal.refusal === 'not-found') $contact.set({ state: 'missing' })
  else $contact.set(failed($contact.get(), sentenceOf(answer.refusal)))
}

function forget(to: Loadable<CustomerProfile> = idle): void {
  round += 1
  $contact.set(to)
}

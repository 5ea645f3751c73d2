// A company whose customers are all known: what is counted there is what was brought in here.

import { apiAt, type Api } from '../../scripts/seed/api.ts'
import { until } from './check.ts'
import { timeZone } from './world.ts'

export interface Contact {
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly tier: string
}

const tiers = ['gold', 'silver', 'bronze']
export const readers: readonly Contact[] = Array.from({ length: 240 }, (_, at) => {
  const number = String(at + 1).padStart(3, '0')
  return {
    name: `Reader ${number}`,
    email: `reader-${number}@harbour.example`,
    phone: `+46702000${number}`,
    tier: tiers[at % tiers.length] ?? '',
  }
})
/** Whom one looks for in the way one has them in the ear. */
export const guests: readonly Contact[] = [
  guest('Łukasz Żółkiewski', 'lukasz', '+48512345678'),
  guest('José Ñandú Muñoz', 'jose', '+4915123456789'),
  guest('山田 太郎', 'yamada', '+819012345678'),
]
export const contacts = [...readers, ...guests]
/** How one asks for them: in what way, with which words, and who is meant. */
export const searches = [
  ['two words, in any order', 'żółkiewski łukasz', 'Łukasz Żółkiewski'],
  ['without the marks', 'MUNOZ nandu', 'José Ñandú Muñoz'],
  ['a letter that has no plain one', 'lukasz zolk', 'Łukasz Żółkiewski'],
  ['a name and a piece of the address', 'jose harbour.example', 'José Ñandú Muñoz'],
  ['one sign of a name', '田', '山田 太郎'],
  ['a number as it is dialled', '00 48 512-345-678', 'Łukasz Żółkiewski'],
  ['a number with a zero in brackets', '+49 (0)151-2345 6789', 'José Ñandú Muñoz'],
  ['the end of a number', '90-1234 5678', '山田 太郎'],
] as const

function guest(name: string, address: string, phone: string): Contact {
  return { name, email: `${address}@harbour.example`, phone, tier: 'silver' }
}

export interface Bookshop {
  readonly url: string
  readonly lena: { readonly email: string; readonly password: string; readonly api: Api }
  readonly omar: { readonly email: string; readonly password: string; readonly api: Api }
}

export async function newBookshop(url: string): Promise<Bookshop> {
  const lena = { email: 'lena@harbour.example', password: 'lena-sells-many-books' }
  const company = { name: 'Lena Harbour', company: 'Harbour Books', timeZone }
  const { token } = await apiAt(url)('POST /api/sign-up', { body: { ...lena, ...company } })
  const api = apiAt(url, token)
  const omar = { email: 'omar@harbour.example', password: 'omar-reads-many-books' }
  await api('POST /api/members', { body: { ...omar, name: 'Omar Quay', role: 'operator' } })
  const signedIn = await apiAt(url)('POST /api/sign-in', { body: omar })
  await api('POST /api/fields', {
    body: { name: 'tier', title: 'Tier', type: 'enum', options: tiers, column: true },
  })
  const campaign = await api('POST /api/campaigns', { body: { name: 'Readers', stages: [] } })
  const lines = contacts.map(({ name, email, phone, tier }) => [name, email, phone, tier].join(','))
  const response = await fetch(`${url}/api/campaigns/${campaign.id}/uploads?name=readers.csv`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv', Authorization: `Bearer ${token}` },
    body: ['name,email,phone,tier', ...lines].join('\n'),
  })
  // Safe: the worker answers by its contract.
  const { upload } = (await response.json()) as { upload: { id: string } }
  const params = { uploadId: upload.id }
  const mapping = { 0: 'field:name', 1: 'field:email', 2: 'field:phone', 3: 'field:tier' }
  await api('POST /api/uploads/:uploadId/start', { params, body: { mapping } })
  await until('the contacts', async () => {
    return (await api('GET /api/uploads/:uploadId', { params })).state === 'done'
  })
  return { url, lena: { ...lena, api }, omar: { ...omar, api: apiAt(url, signedIn.token) } }
}

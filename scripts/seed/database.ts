// The demo's customer database: fields of the shop's own, two campaigns with their contacts and
// products, filters that everybody shares, and what is measured in conversations.

import type { NewMetric } from '../../shared/analysis.ts'
import type { Upload, UploadPreview } from '../../shared/campaign.ts'
import type { NewField } from '../../shared/fields.ts'
import type { NewSavedFilter } from '../../shared/saved-filters.ts'
import type { Api } from './api.ts'

const fields: readonly NewField[] = [
  { name: 'city', title: 'City', type: 'text', column: true },
  {
    name: 'rides',
    title: 'Rides',
    type: 'enum',
    options: ['City bike', 'Electric bike', 'Cargo bike', 'Road bike'],
  },
  { name: 'last_service', title: 'Last service', type: 'date' },
  { name: 'spent', title: 'Spent, €', type: 'number' },
  { name: 'club_member', title: 'Club member', type: 'boolean' },
  { name: 'basket', title: 'Basket', type: 'text' },
  { name: 'mood', title: 'Mood', type: 'enum', options: ['happy', 'unhappy'] },
]

const metric: NewMetric = {
  id: 'mood',
  title: 'Mood',
  prompt:
    'happy: thank, thanks, great, perfect, obrigada, muito obrigada, danke\nunhappy: complaint, refund, broken, reembolso, Beschwerde',
  type: 'enum',
  options: ['happy', 'unhappy'],
}

const filters: readonly NewSavedFilter[] = [
  {
    name: 'Club members who ride electric',
    shared: true,
    filter: {
      all: [
        { field: 'club_member', op: 'is', values: ['true'] },
        { field: 'rides', op: 'is', values: ['Electric bike'] },
      ],
    },
  },
  {
    name: 'Good customers by phone',
    shared: true,
    filter: {
      all: [
        { field: 'phone', op: 'not_empty', values: [] },
        {
          any: [
            { field: 'spent', op: 'gt', values: ['500'] },
            { field: 'club_member', op: 'is', values: ['true'] },
          ],
        },
      ],
    },
  },
]

interface DemoCampaign {
  readonly name: string
  readonly stages: readonly string[]
  readonly header: string
  readonly lines: readonly string[]
}

const campaigns: readonly DemoCampaign[] = [
  {
    name: 'Spring service',
    stages: ['Invited', 'Booked', 'Done'],
    header:
      'Customer ID,Name,Email,Phone,City,Rides,Last service,Spent,Club member,Product,Frame,Status,Stage',
    lines: [
      'LB-1001,Dana Whitfield,,+13125550142,Chicago,Electric bike,2026-04-11,1290,yes,Tern GSD,48 cm,active,Booked',
      'LB-1002,Inês Carvalho,ines@mail.example,+351912345601,Porto,City bike,2025-10-02,420,no,Órbita Classic,M,completed,Done',
      'LB-1003,Lukas Brandt,lukas.brandt@mail.example,+4915112345602,Köln,Road bike,2026-02-20,2150,yes,Canyon Endurace,56 cm,active,Invited',
      'LB-1004,Amara Nwosu,,+2348012345603,Lagos,City bike,,180,no,,,pending,Invited',
      'LB-1005,Carlos Medina,carlos.medina@mail.example,+34612345604,Vigo,Cargo bike,2026-05-30,3400,yes,Urban Arrow Family,One size,active,Booked',
      'LB-1006,Sofia Rossi,sofia.rossi@mail.example,+393312345608,Torino,Electric bike,2025-12-12,2790,yes,Bianchi e-Omnia,M,active,Invited',
      'LB-1007,Priya Raman,priya@mail.example,+919812345606,Pune,City bike,,260,no,,,pending,Invited',
      'LB-1008,Grace Mbeki,grace.mbeki@mail.example,+27821234612,Durban,Electric bike,2026-06-03,2050,yes,Gazelle Ultimate,53 cm,completed,Done',
      'LB-1009,Piotr Zieliński,piotr.z@mail.example,+48501234613,Kraków,Road bike,2026-01-15,990,no,Kross Esker,L,active,Invited',
      'LB-1010,Teresa Almeida,teresa.almeida@mail.example,+351912345640,Braga,Electric bike,2026-03-08,1850,yes,Órbita e-City,M,pending,Invited',
      'LB-1011,Henrik Dahl,henrik.dahl@mail.example,+4791234567,Bergen,Cargo bike,2026-07-19,4100,yes,Riese & Müller Load,One size,active,Booked',
      'LB-1012,王小明,xiaoming.wang@mail.example,+886912345678,臺北,City bike,,310,no,Giant Escape,M,pending,Invited',
    ],
  },
  {
    name: 'Winter tyres',
    stages: ['Offered', 'Ordered'],
    header: 'Customer ID,Name,Email,Tyre width,Offer until,Stage',
    lines: [
      'LB-1001,Dana Whitfield,,47 mm,2026-12-05,Ordered',
      'LB-1003,Lukas Brandt,lukas.brandt@mail.example,32 mm,2026-12-05,Offered',
      'LB-1011,Henrik Dahl,henrik.dahl@mail.example,60 mm,2026-12-05,Ordered',
      'LB-1013,Aino Mäkinen,aino.makinen@mail.example,42 mm,2026-12-05,Offered',
      'LB-1014,Jakub Novák,jakub.novak@mail.example,38 mm,2026-12-05,Offered',
    ],
  },
]

/** Where the demo's own product system answers, for «Get products». */
export function productSystemAt(url: string): string {
  return `${url}/sandbox/products/larkfield`
}

/** Tells the sandbox what that system knows. It forgets when it stops. */
export async function attendProducts(url: string): Promise<void> {
  const products = [
    {
      id: 'plan-1',
      name: 'Service plan',
      attributes: { Covers: 'two services a year', Until: '2027-03-31' },
    },
    { id: 'rent-1', name: 'Helmet on loan', attributes: { Size: 'M', Back: '2026-12-01' } },
  ]
  const response = await fetch(productSystemAt(url), {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ products }),
  })
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}`)
}

/** Lays out the fields, before the conversations that fill them. */
export async function layFields(api: Api): Promise<void> {
  for (const field of fields) await api('POST /api/fields', { body: field })
}

/** Loads the campaigns, saves the filters and measures the conversations that are there. */
export async function fillDatabase(url: string, token: string, api: Api): Promise<void> {
  for (const campaign of campaigns) await load(url, token, api, campaign)
  for (const filter of filters) await api('POST /api/filters', { body: filter })
  await api('POST /api/metrics', { body: metric })
  const [agent] = (await api('GET /api/agents')).agents
  if (!agent) return
  const body = { metrics: [metric.id], agentId: agent.id, filter: {}, dry: false }
  const run = await api('POST /api/analysis-runs', { body })
  await ended('the analysis', () =>
    api('GET /api/analysis-runs/:runId', { params: { runId: run.id } }),
  )
}

async function load(url: string, token: string, api: Api, demo: DemoCampaign): Promise<void> {
  const { name, stages } = demo
  const campaign = await api('POST /api/campaigns', { body: { name, stages } })
  const file = `${name.toLowerCase().replaceAll(' ', '-')}.csv`
  const response = await fetch(
    `${url}/api/campaigns/${campaign.id}/uploads?name=${encodeURIComponent(file)}`,
    {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'text/csv' },
      body: `${demo.header}\n${demo.lines.join('\n')}\n`,
    },
  )
  if (!response.ok) throw new Error(`${file} was not taken: ${await response.text()}`)
  // Safe: the worker answers by the contract that names the type.
  const { upload, mapping } = (await response.json()) as UploadPreview
  const products = Object.fromEntries(
    Object.entries(mapping).map(([column, target]) => [
      column,
      target === 'data:Frame' ? 'product:Frame' : target,
    ]),
  )
  const params = { uploadId: upload.id }
  await api('POST /api/uploads/:uploadId/start', { params, body: { mapping: products } })
  const done: Upload = await ended(file, () => api('GET /api/uploads/:uploadId', { params }))
  if (done.state !== 'done') throw new Error(`${file} ended as ${done.state}: ${done.error}`)
}

/** Waits for long work, and looks again a little later each time. */
async function ended<T extends { readonly state: string }>(
  what: string,
  look: () => Promise<T>,
): Promise<T> {
  for (let wait = 50; wait < 10_000; wait *= 1.3) {
    const seen = await look()
    if (seen.state !== 'running') return seen
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
  throw new Error(`${what} takes too long`)
}

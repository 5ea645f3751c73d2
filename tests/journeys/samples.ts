// A right call of every route, to be made wrong by the probe. A route without one does not compile.

import type { CallOf, RouteName } from '../../shared/api.ts'
import { newId } from '../../shared/new-id.ts'

/** Ids of one tenant's things, by the name they have in paths and bodies. */
export interface Ids {
  readonly operatorId: string
  readonly connectionId: string
  readonly agentId: string
  readonly customerId: string
  readonly sessionId: string
  readonly fileId: string
  /** A custom field's name. */
  readonly name: string
  readonly filterId: string
  readonly changeId: string
  /** Another customer of the same tenant. */
  readonly otherId: string
  readonly mergeId: string
  readonly campaignId: string
  readonly uploadId: string
  readonly metricId: string
  readonly runId: string
}

/** Ids that name nothing anywhere. */
export function missingIds(): Ids {
  return {
    operatorId: newId('opr'),
    connectionId: newId('con'),
    agentId: newId('agt'),
    customerId: newId('cus'),
    sessionId: newId('ses'),
    fileId: newId('fil'),
    name: `f${newId('fil').slice(4)}`,
    filterId: newId('flt'),
    changeId: newId('chg'),
    otherId: newId('cus'),
    mergeId: newId('mrg'),
    campaignId: newId('cmp'),
    uploadId: newId('upl'),
    metricId: `m${newId('fil').slice(4)}`,
    runId: newId('run'),
  }
}

type BodyOf<Name extends RouteName> = CallOf<Name> extends { body: infer Body } ? Body : undefined
type QueryOf<Name extends RouteName> =
  CallOf<Name> extends { query: infer Query } ? Query : undefined

const command = () => ({ id: newId('cmd') })
const none = () => undefined
let people = 0
const person = () => {
  people += 1
  return {
    name: 'Pia',
    email: `pia.${people}.${Date.now()}@example.com`,
    password: 'a long password',
  }
}

const named = { all: [{ field: 'name', op: 'contains', values: ['dana'] }] } as const

/** A body for each route that takes one. The ids in it are the given ones. */
export const bodies: { [Name in RouteName]: (ids: Ids) => BodyOf<Name> } = {
  'POST /api/sign-up': () => ({ ...person(), company: 'Acme', timeZone: 'Europe/Lisbon' }),
  'POST /api/sign-in': () => ({ email: 'nobody@example.com', password: 'a long password' }),
  'POST /api/sign-out': none,
  'GET /api/me': none,
  'GET /api/members': none,
  'POST /api/members': () => ({ ...person(), role: 'viewer' }),
  'PATCH /api/members/:operatorId': () => ({ role: 'viewer' }),
  'DELETE /api/members/:operatorId': none,
  'GET /api/settings': none,
  'PATCH /api/settings': () => ({ timeZone: 'Europe/Lisbon' }),
  'GET /api/audit': none,
  'GET /api/channels': none,
  'GET /api/connections': none,
  'POST /api/connections': () => ({
    name: 'Web',
    channel: 'web',
    config: { allowedOrigins: '*' },
    baseUrl: null,
  }),
  'PATCH /api/connections/:connectionId': () => ({ name: 'Another name' }),
  'GET /api/agents': none,
  'POST /api/agents': ({ connectionId }) => ({
    name: 'Ada',
    instructions: 'Be brief.',
    model: { kind: 'rules' },
    resultFields: [{ name: 'order', label: 'Order', type: 'text' }],
    handoff: { allowed: true, phrases: [], triggers: [], condition: '', afterFailures: 0 },
    copilot: true,
    connections: [connectionId],
  }),
  'PATCH /api/agents/:agentId': ({ connectionId }) => ({
    name: 'Ada',
    connections: [connectionId],
  }),
  'GET /api/customers': none,
  'GET /api/customers/:customerId': none,
  'GET /api/customers/:customerId/sessions': none,
  'GET /api/customers/count': none,
  'GET /api/customers/export': none,
  'GET /api/customers/:customerId/row': none,
  'GET /api/filters': none,
  'POST /api/filters': () => ({ name: 'Named Dana', filter: named, shared: false }),
  'PATCH /api/filters/:filterId': () => ({ name: 'Another name' }),
  'DELETE /api/filters/:filterId': none,
  'GET /api/fields': none,
  'POST /api/fields': () => ({ name: missingIds().name, title: 'Seats', type: 'number' }),
  'PATCH /api/fields/:name': () => ({ title: 'Seats' }),
  'GET /api/fields/:name/usage': none,
  'DELETE /api/fields/:name': none,
  'POST /api/customers': () => ({ id: newId('cus'), values: { name: 'Pia Brandt' } }),
  'PATCH /api/customers/:customerId': () => ({ version: 1, values: { name: 'Dana W' } }),
  'POST /api/customers/:customerId/confirmations': () => ({
    field: 'email',
    value: 'dana@example.com',
  }),
  'POST /api/customers/:customerId/suggestions': () => ({
    field: 'name',
    value: 'Dana',
    answer: 'dismiss',
  }),
  'GET /api/customers/:customerId/history': none,
  'POST /api/customers/:customerId/history/:changeId/revert': none,
  'GET /api/customers/:customerId/removal': none,
  'DELETE /api/customers/:customerId': () => ({ name: 'Dana' }),
  'GET /api/customers/:customerId/merge-preview': none,
  'POST /api/customers/:customerId/merges': ({ otherId }) => ({ with: otherId }),
  'GET /api/customers/:customerId/merges': none,
  'POST /api/merges/:mergeId/undo': none,
  'POST /api/customers/:customerId/duplicates/:otherId/dismissal': none,
  'GET /api/customers/:customerId/products': none,
  'POST /api/customers/:customerId/products/refresh': none,
  'GET /api/campaigns': none,
  'POST /api/campaigns': () => ({ name: `Spring ${Date.now()}`, stages: ['Called'] }),
  'PATCH /api/campaigns/:campaignId': () => ({ stages: ['Called', 'Paid'] }),
  'DELETE /api/campaigns/:campaignId': none,
  'GET /api/campaigns/:campaignId/participants': none,
  'PATCH /api/campaigns/:campaignId/participants/:customerId': () => ({ status: 'active' }),
  'POST /api/campaigns/:campaignId/uploads': none,
  'GET /api/campaigns/:campaignId/uploads': none,
  'GET /api/uploads/:uploadId': none,
  'GET /api/uploads/:uploadId/preview': none,
  'POST /api/uploads/:uploadId/start': () => ({ mapping: { '0': 'field:email' } }),
  'POST /api/uploads/:uploadId/cancel': none,
  'POST /api/uploads/:uploadId/resume': none,
  'GET /api/uploads/:uploadId/lines': none,
  'GET /api/uploads/:uploadId/report': none,
  'GET /api/metrics': none,
  'POST /api/metrics': ({ metricId }) => ({
    id: `${metricId}2`,
    title: 'Mood',
    prompt: 'good: thanks',
    type: 'text',
  }),
  'PATCH /api/metrics/:metricId': () => ({ title: 'Temper' }),
  'DELETE /api/metrics/:metricId': none,
  'GET /api/analysis-runs': none,
  'POST /api/analysis-runs': ({ metricId, agentId }) => ({
    metrics: [metricId],
    agentId,
    filter: {},
    dry: true,
  }),
  'GET /api/analysis-runs/:runId': none,
  'POST /api/analysis-runs/:runId/cancel': none,
  'GET /api/inbox': none,
  'GET /api/people': none,
  'GET /api/sessions/:sessionId': none,
  'GET /api/sessions/:sessionId/facts': none,
  'GET /api/sessions/:sessionId/logs': none,
  'POST /api/sessions/:sessionId/messages': ({ fileId }) => ({
    id: newId('msg'),
    text: 'Hello',
    attachments: [fileId],
    quickReplies: [{ title: 'Yes', payload: 'yes' }],
  }),
  'POST /api/sessions/:sessionId/notes': () => ({ id: newId('nte'), text: 'A note' }),
  'POST /api/sessions/:sessionId/handover': () => ({ ...command(), reason: 'Please' }),
  'POST /api/sessions/:sessionId/acceptance': command,
  'POST /api/sessions/:sessionId/takeover': command,
  'PUT /api/sessions/:sessionId/assignee': ({ operatorId }) => ({ ...command(), operatorId }),
  'PUT /api/sessions/:sessionId/mode': () => ({ ...command(), mode: 'human' }),
  'POST /api/sessions/:sessionId/resolution': () => ({ ...command(), status: 'resolved' }),
  'POST /api/tickets': none,
  'POST /api/files': none,
  'GET /api/files/:fileId': none,
} as { [Name in RouteName]: (ids: Ids) => BodyOf<Name> }

/** A query for each route that must have one. */
export const queries: { [Name in RouteName]?: (ids: Ids) => QueryOf<Name> } = {
  'GET /api/inbox': () => ({ view: 'open' }),
  'GET /api/customers/export': () => ({ format: 'csv' }),
  'GET /api/customers/:customerId/merge-preview': ({ otherId }) =>
    ({ with: otherId }) as QueryOf<'GET /api/customers/:customerId/merge-preview'>,
  'POST /api/campaigns/:campaignId/uploads': () => ({ name: 'contacts.csv' }),
  'POST /api/files': ({ sessionId }) =>
    ({ name: 'a.txt', session: sessionId }) as QueryOf<'POST /api/files'>,
}

/** What stands where something else belongs. */
export const wrongValues: readonly unknown[] = [
  null,
  true,
  7,
  -1.5,
  [],
  ['a'],
  [['a']],
  {},
  { $ne: null },
  { toString: 'x' },
  '',
  '\u0000',
  '\uD800',
  '__proto__',
  "' OR 1=1 --",
  'x'.repeat(20_000),
]

/** What stands where an id belongs, in a path. */
export const wrongIds: readonly string[] = [
  'x',
  '0',
  'null',
  'undefined',
  '[object Object]',
  'ses_',
  `ses_${'0'.repeat(25)}`,
  `ses_${'A'.repeat(26)}`,
  `ses_${'0'.repeat(26)}/../..`,
  `ses_${'0'.repeat(26)}\u0000`,
  "ses_' OR 1=1 --",
  'cus_00000000000000000000000000',
  'ünïcödé',
  '%00',
  '%',
  'x'.repeat(3000),
]

export const wrongQueries: readonly string[] = [
  'limit=0',
  'limit=-1',
  'limit=1e9',
  'limit=x',
  'limit[]=1',
  'limit=1&limit=2',
  'after=-1',
  'after=x',
  'after=1e400',
  'cursor=',
  'cursor=x',
  'cursor=1.x',
  `cursor=9007199254740993.ses_${'0'.repeat(26)}`,
  `cursor=${'x'.repeat(500)}`,
  'before=x',
  `before=1.aud_${'0'.repeat(26)}`,
  'view=all',
  'view[]=open',
  'q=%00',
  'q=%25_%27%22',
  'q=%F0%9F%91%8D',
  `q=${'9'.repeat(254)}`,
  'anonymous=1',
  'campaign=x',
  '__proto__=x',
  'session=ses_1&name=',
  '%',
]

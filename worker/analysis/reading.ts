// One session read: the values of its metrics, by rules or by the agent's model, as their fields
// write them.

import { builtInFields, isBuiltIn, type Field } from '../../shared/fields.ts'
import type { SessionId } from '../../shared/ids.ts'
import { isRefusal } from '../../shared/refusal.ts'
import { emptySession, evolve, type SessionState, type Value } from '../../shared/session.ts'
import { ModelTrouble } from '../agent/model.ts'
import type { AgentSettings } from '../agent/queries.ts'
import { readByModel } from '../agent/reading.ts'
import type { Db } from '../base/db.ts'
import { egress } from '../base/egress.ts'
import type { Env } from '../base/env.ts'
import { cleanName, normalise } from '../customer/rules.ts'
import { keptText, parseValue, type Kept } from '../customer/values/rules.ts'
import { sessionOf } from '../session/door.ts'
import type { MetricRow } from './queries.ts'
import {
  hasRules,
  isExpression,
  measureByRules,
  ordersFor,
  readMeasured,
  transcriptOf,
  type Measure,
} from './rules.ts'

/** How long the model may take for one session, with what it is asked again. */
const modelMs = 45_000
/** Waits before it is asked again: a limit of requests a second passes soon. */
const waitsMs = [1_000, 4_000]

/** What a run measures by, and where to. */
export interface Desk {
  readonly env: Env
  readonly db: Db
  readonly agent: AgentSettings
  readonly metrics: readonly MetricRow[]
  /** Those an analysis may write. */
  readonly fields: ReadonlyMap<string, Field>
  readonly timeZone: string
  readonly defaultCountry: string
}

/** What a session says. */
export interface Reading {
  readonly values: ReadonlyMap<string, Value>
  /** The metrics that only a language model could have read, and there is none. */
  readonly unread: readonly string[]
  /** Why the model has read nothing. */
  readonly trouble?: string
}

/** Nothing for a session that has gone. */
export async function readSession(
  desk: Desk,
  id: SessionId,
  metrics: readonly MetricRow[],
): Promise<Reading | undefined> {
  const state = await stateOf(desk, id)
  if (!state) return undefined
  const hasModel = desk.agent.model.kind !== 'rules'
  const measures = metrics.map((one) => measureOf(one, desk.fields.get(one.id)))
  const plain = measures.filter((one) => isExpression(one) || (!hasModel && hasRules(one)))
  const values = new Map<string, Value>()
  for (const measure of plain) {
    const value = measureByRules(measure, state)
    if (value !== undefined) values.set(measure.id, value)
  }
  const prose = measures.filter((one) => !plain.includes(one))
  if (prose.length === 0 || !hasModel) return { values, unread: prose.map((one) => one.id) }
  try {
    const answer = await askModel(desk, { orders: ordersFor(prose), text: transcriptOf(state) })
    const ids = prose.map((one) => one.id)
    for (const [metric, value] of Object.entries(readMeasured(answer, ids))) {
      values.set(metric, value)
    }
    return { values, unread: [] }
  } catch (error) {
    if (!(error instanceof ModelTrouble)) throw error
    return { values, unread: [], trouble: error.message }
  }
}

/** A metric is asked for in the form of the field it feeds: any other could not be written. */
function measureOf({ id, prompt, type, options }: MetricRow, field: Field | undefined): Measure {
  const own = { id, prompt, type, options }
  if (!field) return own
  const fits = field.type === type && (type !== 'enum' || options.length > 0)
  return fits ? own : { ...own, type: field.type, options: field.options }
}

/** Asks again what may go better the next time. */
async function askModel(
  { env, agent }: Desk,
  asked: { readonly orders: string; readonly text: string },
): Promise<string> {
  const signal = AbortSignal.timeout(modelMs)
  for (const wait of [...waitsMs, undefined]) {
    try {
      return (await readByModel(agent, { env, fetch: egress(env) }, { ...asked, signal })) ?? ''
    } catch (error) {
      const mayHelp = error instanceof ModelTrouble && error.again && !signal.aborted
      if (!mayHelp || wait === undefined) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return ''
}

/** The session as its object knows it; nothing when it has gone. */
async function stateOf({ env, db }: Desk, id: SessionId): Promise<SessionState | undefined> {
  const object = sessionOf(env, db.tenantId, id)
  let state = emptySession
  for (;;) {
    const facts = await object.factsAfter(state.seq)
    if (isRefusal(facts)) return undefined
    if (facts.length === 0) return state.opened ? state : undefined
    state = facts.reduce(evolve, state)
  }
}

/** A value as its field writes it. Addresses have one form; what is no address is nothing. */
export async function keptAs(field: Field, value: Value, desk: Desk): Promise<Kept | undefined> {
  const { name } = field
  if (name === 'name') {
    const clean = cleanName(String(value))
    return clean === '' ? undefined : keptText(clean)
  }
  const spec = isBuiltIn(name) ? builtInFields[name] : undefined
  if (!spec || !('identity' in spec)) return parseValue(field, value, desk.timeZone)
  const address = await normalise(spec.identity, String(value), desk.defaultCountry)
  return address ? keptText(address) : undefined
}

/** Whether an analysis may write a field: a custom one, or a built-in that is not computed. */
export function isFed(name: string): boolean {
  return !isBuiltIn(name) || builtInFields[name].editable
}

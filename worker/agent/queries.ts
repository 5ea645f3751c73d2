// The agents of a tenant in D1.

import { and, asc, eq, inArray, sql } from 'drizzle-orm'

import type { Agent, AgentChange, NewAgent } from '../../shared/agent.ts'
import type { AgentId, ConnectionId } from '../../shared/ids.ts'
import { newId } from '../../shared/new-id.ts'
import { refuse, type Refusal } from '../../shared/refusal.ts'
import { seal, unseal } from '../base/crypto.ts'
import { audited, type Actor, type Db } from '../base/db.ts'
import type { Env } from '../base/env.ts'
import { report } from '../base/report.ts'
import { agentConnections, agents, connections } from '../base/schema.ts'
import { recent } from './recent.ts'

/** An agent as it thinks: with the key of its model, which goes to the model's endpoint only. */
export interface AgentSettings extends Agent {
  readonly modelKey?: string
}
type Secrets = Pick<Env, 'SECRET_KEY'>
type AgentRow = typeof agents.$inferSelect

const settings = recent<AgentSettings | undefined>()

/** After a change, so that it bites here at once and elsewhere within seconds. */
export function forgetAgents(): void {
  settings.forget()
}

/** The running agent of a connection, the oldest if several are. From memory when D1 is down. */
export function agentFor(
  db: Db,
  env: Secrets,
  connectionId: ConnectionId,
): Promise<AgentSettings | undefined> {
  return settings.get(`${db.tenantId} ${connectionId}`, async () => {
    const row = await db.orm
      .select({ id: agents.id })
      .from(agentConnections)
      .innerJoin(
        agents,
        and(
          eq(agents.tenantId, agentConnections.tenantId),
          eq(agents.id, agentConnections.agentId),
        ),
      )
      .where(
        db.mine(
          agentConnections,
          eq(agentConnections.connectionId, connectionId),
          eq(agents.running, true),
        ),
      )
      .orderBy(asc(agents.createdAt), asc(agents.id))
      .limit(1)
      .get()
    return row && readSettings(db, env, row.id)
  })
}

/** An agent by its id, running or not. From memory when D1 is down. */
export function agentById(db: Db, env: Secrets, id: AgentId): Promise<AgentSettings | undefined> {
  return settings.get(`${db.tenantId} ${id}`, () => readSettings(db, env, id))
}

async function readSettings(db: Db, env: Secrets, id: AgentId): Promise<AgentSettings | undefined> {
  const row = await rowOf(db, id)
  if (!row) return undefined
  const agent = agentOf(row, await connectionsOf(db, id))
  const modelKey = await openKey(env, row)
  return modelKey ? { ...agent, modelKey } : agent
}

/** All agents, the oldest first. */
export async function listAgents(db: Db): Promise<Agent[]> {
  const [rows, links] = await db.orm.batch([
    db.orm
      .select()
      .from(agents)
      .where(db.mine(agents))
      .orderBy(asc(agents.createdAt), asc(agents.id)),
    db.orm.select().from(agentConnections).where(db.mine(agentConnections)),
  ])
  const byAgent = Map.groupBy(links, (link) => link.agentId)
  return rows.map((row) =>
    agentOf(
      row,
      (byAgent.get(row.id) ?? []).map((link) => link.connectionId),
    ),
  )
}

export async function addAgent(
  db: Db,
  env: Secrets,
  actor: Actor,
  { modelKey, connections, ...agent }: NewAgent,
  now: number,
): Promise<Agent | Refusal> {
  const attached = [...new Set(connections)]
  if (!(await areMine(db, attached))) return refuse('invalid', noSuchConnection)
  const id = newId('agt')
  const sealed = modelKey ? await seal(env.SECRET_KEY, id, modelKey) : null
  const row = {
    ...agent,
    tenantId: db.tenantId,
    id,
    running: true,
    modelKey: sealed,
    createdAt: now,
  }
  await db.orm.batch([
    db.orm.insert(agents).values(row),
    ...attachments(db, id, attached),
    audited(db, actor, 'agent.added', id, { name: agent.name }),
  ])
  forgetAgents()
  return agentOf(row, attached)
}

export async function changeAgent(
  db: Db,
  env: Secrets,
  actor: Actor,
  id: AgentId,
  change: AgentChange,
): Promise<Agent | Refusal> {
  const before = await rowOf(db, id)
  if (!before) return refuse('not-found')
  const { modelKey: _key, connections, ...rest } = change
  const attached = connections && [...new Set(connections)]
  if (attached && !(await areMine(db, attached))) return refuse('invalid', noSuchConnection)

  const row = { ...before, ...defined(rest), ...(await changedKey(env, before, change)) }
  const { tenantId: _tenant, id: _id, createdAt: _at, ...values } = row
  await db.orm.batch([
    db.orm
      .update(agents)
      .set(values)
      .where(db.mine(agents, eq(agents.id, id))),
    ...(attached
      ? [
          db.orm
            .delete(agentConnections)
            .where(db.mine(agentConnections, eq(agentConnections.agentId, id))),
          ...attachments(db, id, attached),
        ]
      : []),
    audited(db, actor, actionOf(change), id, { changed: Object.keys(defined(change)) }),
  ])
  forgetAgents()
  return agentOf(row, attached ?? (await connectionsOf(db, id)))
}

const noSuchConnection = { at: 'connections', detail: 'One of these connections does not exist' }

/**
 * The key after a change. It belongs to the endpoint it was given for: an agent turned to another
 * one loses it, or whoever may edit agents could have it sent to themselves.
 */
async function changedKey(
  env: Secrets,
  before: AgentRow,
  { modelKey, model }: AgentChange,
): Promise<Pick<AgentRow, 'modelKey'> | undefined> {
  if (modelKey !== undefined) {
    return { modelKey: modelKey ? await seal(env.SECRET_KEY, before.id, modelKey) : null }
  }
  return model && endpointOf(model) !== endpointOf(before.model) ? { modelKey: null } : undefined
}

function endpointOf(model: AgentRow['model']): string {
  return model.kind === 'openai' ? model.baseUrl : model.kind
}

function actionOf(change: AgentChange): string {
  const isSwitch = Object.keys(defined(change)).join() === 'running'
  if (!isSwitch) return 'agent.changed'
  return change.running ? 'agent.started' : 'agent.stopped'
}

async function rowOf(db: Db, id: AgentId): Promise<AgentRow | undefined> {
  return db.orm
    .select()
    .from(agents)
    .where(db.mine(agents, eq(agents.id, id)))
    .get()
}

async function connectionsOf(db: Db, id: AgentId): Promise<ConnectionId[]> {
  const links = await db.orm
    .select({ id: agentConnections.connectionId })
    .from(agentConnections)
    .where(db.mine(agentConnections, eq(agentConnections.agentId, id)))
  return links.map((link) => link.id)
}

async function areMine(db: Db, ids: readonly ConnectionId[]): Promise<boolean> {
  if (ids.length === 0) return true
  // One parameter for all of them: D1 takes a hundred, and so many there may be.
  const wanted = sql`(select value from json_each(${JSON.stringify(ids)}))`
  const found = await db.orm
    .select({ id: connections.id })
    .from(connections)
    .where(db.mine(connections, inArray(connections.id, wanted)))
  return found.length === ids.length
}

function attachments(db: Db, agentId: AgentId, attached: readonly ConnectionId[]) {
  const { tenantId } = db
  return attached.map((connectionId) =>
    db.orm.insert(agentConnections).values({ tenantId, connectionId, agentId }),
  )
}

function agentOf(row: AgentRow, attached: readonly ConnectionId[]): Agent {
  const { id, name, instructions, model, resultFields, handoff, copilot, running } = row
  return {
    id,
    name,
    instructions,
    model,
    resultFields,
    handoff,
    copilot,
    running,
    connections: [...attached],
    modelKeySet: row.modelKey !== null,
  }
}

async function openKey(env: Secrets, row: AgentRow): Promise<string | undefined> {
  if (row.modelKey === null) return undefined
  try {
    return await unseal(env.SECRET_KEY, row.id, row.modelKey)
  } catch (error) {
    // Sealed under another key. The agent goes on without: its endpoint will say no.
    report(error, `key of ${row.id}`)
    return undefined
  }
}

/** What is given of a change; a field left out is not touched. */
function defined<One extends object>(
  change: One,
): { [Key in keyof One]?: Exclude<One[Key], undefined> } {
  // Safe: what is undefined has been taken out.
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [Key in keyof One]?: Exclude<One[Key], undefined>
  }
}

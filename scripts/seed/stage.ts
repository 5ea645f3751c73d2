// Plays the stories: each customer on their own line, the operators over the API, many at once.

import { newId } from '../../shared/new-id.ts'
import type { SessionRow } from '../../shared/inbox.ts'
import type { Api } from './api.ts'
import type { Caller } from './caller.ts'
import type { OperatorKey } from './company.ts'
import type { Step, Story } from './steps.ts'

/** How many stories play at the same time. */
const atOnce = 10
const longestWaitMs = 20_000

export interface Stage {
  readonly operators: Readonly<Record<OperatorKey, { readonly id: string; readonly api: Api }>>
  /** Gives a story's customer something to write with. */
  readonly callerFor: (story: Story) => Promise<Caller>
  readonly connectionOf: (story: Story) => string
  readonly played: (done: number) => void
}

/** Plays all stories. Gives the steps that did not come out as told, in words. */
export async function play(stories: readonly Story[], stage: Stage): Promise<string[]> {
  const troubles: string[] = []
  const waiting = [...stories]
  const inbox = watchInbox(stage.operators.nora.api)
  let done = 0
  async function playNext(): Promise<void> {
    for (let story = waiting.shift(); story; story = waiting.shift()) {
      const { name } = story
      await playStory(story, stage, inbox).catch((error: unknown) => {
        troubles.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      })
      done += story.sessions.length
      stage.played(done)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, playNext))
  return troubles
}

async function playStory(story: Story, stage: Stage, inbox: Inbox): Promise<void> {
  const caller = await stage.callerFor(story)
  const scene: Scene = { stage, caller, inbox, connectionId: stage.connectionOf(story), mark: 0 }
  try {
    for (const steps of story.sessions) {
      scene.session = undefined
      for (const step of steps) await act(step, scene)
    }
  } finally {
    await caller.leave()
  }
}

interface Scene {
  readonly stage: Stage
  readonly caller: Caller
  readonly inbox: Inbox
  readonly connectionId: string
  /** How many messages the customer had when something was last done that calls for one. */
  mark: number
  session?: SessionRow | undefined
}

async function act(step: Step, scene: Scene): Promise<void> {
  const { caller, stage } = scene
  switch (step.does) {
    case 'says':
      return speak(scene, () => caller.says(step.text))
    case 'taps':
      return speak(scene, () => caller.taps(step.title))
    case 'picture':
      return speak(scene, () => caller.picture(step.text))
    case 'place':
      return speak(scene, () => caller.place(step.name, step.at))
    case 'card':
      return speak(scene, () => caller.card(step.name, step.phone))
    case 'reacts':
      return caller.reacts(step.emoji)
    case 'unreachable':
      return caller.unreachable()
    case 'hears':
      return hear(scene)
    case 'accepts':
      await sessionWhere(scene, ({ waitingSince }) => waitingSince !== null)
      return command(scene, step.who, 'POST /api/sessions/:sessionId/acceptance')
    case 'takes':
      return command(scene, step.who, 'POST /api/sessions/:sessionId/takeover')
    case 'assigns':
      return command(scene, step.who, 'PUT /api/sessions/:sessionId/assignee', {
        operatorId: stage.operators[step.to].id,
      })
    case 'resolves':
      return command(scene, step.who, 'POST /api/sessions/:sessionId/resolution')
    case 'notes':
      return write(scene, step.who, 'POST /api/sessions/:sessionId/notes', {
        id: newId('nte'),
        text: step.text,
      })
    case 'replies': {
      scene.mark = await caller.heardCount()
      await write(scene, step.who, 'POST /api/sessions/:sessionId/messages', {
        id: newId('msg'),
        text: step.text,
        ...(step.choices ? { quickReplies: step.choices.map((title) => ({ title })) } : {}),
      })
      // Where the provider refuses it, nothing arrives: the story goes on without.
      return scene.caller.isCutOff ? undefined : hear(scene)
    }
  }
}

async function speak(scene: Scene, say: () => Promise<void>): Promise<void> {
  scene.mark = await scene.caller.heardCount()
  await say()
}

async function hear({ caller, mark }: Scene): Promise<void> {
  await until('an answer', async () => (await caller.heardCount()) > mark || undefined)
}

type Command =
  | 'POST /api/sessions/:sessionId/acceptance'
  | 'POST /api/sessions/:sessionId/takeover'
  | 'POST /api/sessions/:sessionId/resolution'
  | 'PUT /api/sessions/:sessionId/assignee'

function command(scene: Scene, who: OperatorKey, name: Command, more = {}): Promise<void> {
  return write(scene, who, name, { id: newId('cmd'), ...more })
}

async function write(
  scene: Scene,
  who: OperatorKey,
  name: Command | 'POST /api/sessions/:sessionId/notes' | 'POST /api/sessions/:sessionId/messages',
  body: object,
): Promise<void> {
  const session = scene.session ?? (await sessionWhere(scene, () => true))
  await scene.stage.operators[who].api(name, { params: { sessionId: session.id }, body })
  if (name.endsWith('resolution')) scene.inbox.forget(session.id)
}

/** The customer's open session, once it is such. */
async function sessionWhere(scene: Scene, is: (row: SessionRow) => boolean): Promise<SessionRow> {
  const { connectionId, caller, inbox } = scene
  scene.session = await until('the session', async () =>
    (await inbox.rows()).find(
      (row) =>
        row.connectionId === connectionId && sameContact(row.contact, caller.contact) && is(row),
    ),
  )
  return scene.session
}

/** +1 312 555 0142 and 13125550142 are one. */
function sameContact(shown: string, address: string): boolean {
  return /^\+?[\d ()-]+$/.test(address)
    ? digits(shown) === digits(address)
    : shown.replace(/^@/, '') === address
}

function digits(text: string): string {
  return text.replace(/\D/g, '')
}

interface Inbox {
  rows(): Promise<readonly SessionRow[]>
  /** A session that has been resolved, wherever it is still listed. */
  forget(id: string): void
}

/** All open sessions, asked for once however many stories look. */
function watchInbox(api: Api): Inbox {
  const finished = new Set<string>()
  let asking: Promise<readonly SessionRow[]> | undefined
  return {
    async rows() {
      asking ??= api('GET /api/inbox', { query: { view: 'open', limit: '200' } })
        .then(({ rows }) => rows)
        .finally(() => (asking = undefined))
      return (await asking).filter(({ id }) => !finished.has(id))
    },
    forget: (id) => finished.add(id),
  }
}

/** Asks until there is something. What is waited for comes over the network, so it is asked for. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + longestWaitMs
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`${what} did not come in time`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

// The customer's side of the Web channel:
// <script src="https://…/widget.js" data-connection="con_…" data-key="…" async></script>
// Parameters of the session: data-param-plan="pro", or alongside('set', { plan: 'pro' }).

import { keepIn } from './keep.ts'
import { newLine } from './line.ts'
import { dress } from './style.ts'
import { newView } from './view.ts'
import type { Parameters } from './wire.ts'

type Command = readonly ['set', Parameters] | readonly ['open'] | readonly ['close']

declare global {
  interface Window {
    /** What a page says to the widget; calls made before it has loaded wait in `q`. */
    alongside?: ((...command: Command) => void) & { q?: ArrayLike<unknown>[] }
  }
}

const script = document.currentScript
const { connection, key } = script instanceof HTMLScriptElement ? script.dataset : {}
if (script instanceof HTMLScriptElement && connection && key) start(script, connection, key)
else console.error('Alongside: the script tag needs data-connection="con_…" and data-key="…"')

function start(script: HTMLScriptElement, connectionId: string, key: string): void {
  const keep = keepIn(() => localStorage, `alongside:${connectionId}:`)
  const line = newLine({
    base: new URL('.', script.src).href.replace(/\/$/, ''),
    connectionId,
    key,
    ports: {
      fetch: (url, init) => fetch(url, { ...init, credentials: 'omit' }),
      socket: (url, protocols) => new WebSocket(url, protocols),
      later: (work, ms) => setTimeout(work, ms),
      keep,
    },
    changed: () => view?.draw(),
  })
  line.set(parametersOf(script))

  const host = document.createElement('alongside-widget')
  const look = script.dataset['look']
  if (look) host.dataset['look'] = look
  const root = host.attachShadow({ mode: 'closed' })
  dress(root)
  let view: ReturnType<typeof newView> | undefined
  view = newView(root, line, keep)

  const obey = (...command: Command) => {
    if (command[0] === 'set') line.set(command[1])
    else if (command[0] === 'open') view.open()
    else view.close()
  }
  const waiting = window.alongside?.q ?? []
  window.alongside = obey
  // Safe: the page calls the stub as it would call the widget itself.
  for (const call of waiting) obey(...(Array.from(call) as unknown as Command))

  const attach = () => document.body.append(host)
  if (document.body) attach()
  else document.addEventListener('DOMContentLoaded', attach)
  window.addEventListener('online', () => line.hurry())
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) line.hurry()
  })
  // Somebody who has been here sees what came meanwhile; a new visitor costs nothing until they write.
  if (line.known()) line.open()
}

/** What the page says of the visitor with `data-param-…` on the script tag. */
function parametersOf(script: HTMLScriptElement): Parameters {
  const parameters: Record<string, string | boolean> = {}
  for (const { name, value } of script.attributes) {
    const key = /^data-param-(.+)$/.exec(name)?.[1]
    if (key) parameters[key.replaceAll('-', '_')] = value === 'true' ? true : value
  }
  return parameters
}

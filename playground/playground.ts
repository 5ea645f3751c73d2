// The Playground page: one device for each connection of the demo.

import { el } from '../widget/dom.ts'
import { newPhone } from './phone.ts'
import { readDemo, type DemoConnection } from './sandbox.ts'
import { newSite } from './site.ts'

const stage = document.getElementById('stage')
if (stage) void fill(stage)

async function fill(stage: HTMLElement): Promise<void> {
  const connections = await readDemo()
  stage.setAttribute('aria-busy', 'false')
  if (!connections) {
    return stage.replaceChildren(
      sentence(
        'The provider sandbox is not here. The Playground works where the product runs with npm start, on this machine.',
      ),
    )
  }
  if (connections.length === 0) {
    return stage.replaceChildren(
      sentence('Nothing is connected to the sandbox. Start with the demo: npm start -- --fresh'),
    )
  }
  stage.replaceChildren(...connections.map(deviceFor))
}

function deviceFor(connection: DemoConnection): HTMLElement {
  return connection.device === 'site' ? newSite(connection) : newPhone(connection)
}

function sentence(text: string): HTMLElement {
  return el('p', { class: 'empty', role: 'status' }, text)
}

// A website with the real widget, in a frame of its own.

import { el } from '../widget/dom.ts'
import type { DemoConnection } from './sandbox.ts'

export function newSite({ id, name, key }: DemoConnection): HTMLElement {
  const frame = el('iframe')
  frame.title = `A website with ${name}`
  const visit = (more: string) => {
    frame.src = `/playground-site?connection=${encodeURIComponent(id)}&key=${encodeURIComponent(key)}${more}`
  }
  visit('')
  const anew = el('button', { type: 'button', onClick: () => visit('&visitor=new') }, 'New visitor')
  return el(
    'section',
    { class: 'device', label: name },
    el('header', {}, el('h2', {}, name), el('div', {}, anew)),
    frame,
  )
}

// Where a phrase stands in a drawn conversation, and its marks: highlights of the platform, no markup.

import { hitsIn } from '../../core/found.ts'

/** More than anybody steps through. */
const mostMatches = 2000
const spoken = '.bubble'

/** The matches in what was said, in the order they are read. */
export function matchesIn(chat: HTMLElement, phrase: string): readonly Range[] {
  const found: Range[] = []
  for (const bubble of chat.querySelectorAll<HTMLElement>(spoken)) {
    found.push(...matchesOf(bubble, phrase))
    if (found.length > mostMatches) break
  }
  return found
}

export function mark(matches: readonly Range[], current: Range | undefined): void {
  if (!('highlights' in CSS)) return
  CSS.highlights.set('found', new Highlight(...matches))
  if (current) CSS.highlights.set('found-now', new Highlight(current))
  else CSS.highlights.delete('found-now')
}

export function unmark(): void {
  if (!('highlights' in CSS)) return
  CSS.highlights.delete('found')
  CSS.highlights.delete('found-now')
}

/** A phrase may run over several text nodes: through a bold word, a link. */
function matchesOf(bubble: HTMLElement, phrase: string): Range[] {
  const nodes: { readonly node: Text; readonly from: number }[] = []
  let text = ''
  const walker = document.createTreeWalker(bubble, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    // Safe: the walker shows texts only.
    nodes.push({ node: node as Text, from: text.length })
    text += node.textContent ?? ''
  }
  return hitsIn(text, phrase).flatMap(({ from, to }) => {
    const first = nodes.findLast((one) => one.from <= from)
    const last = nodes.findLast((one) => one.from < to)
    if (!first || !last) return []
    const range = new Range()
    range.setStart(first.node, from - first.from)
    range.setEnd(last.node, to - last.from)
    return [range]
  })
}
